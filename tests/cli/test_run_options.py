"""Options of `facet run` on the serial line, and runs that end early."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from facet.chip.stm32l4.usart import Usart
from facet.cli import INTERNAL
from tests.cli import programs

Facet = Callable[..., Result]
Built = Callable[[str], Path]

FAST = programs.HELLO.replace(
    "serial_on();", "serial_on(); USART2_CR1 = 0; USART2_BRR = 17; USART2_CR1 = 0xD;"
)
"""The greeting at 4 MHz / 17 = 235,294 baud."""


def test_the_terminal_takes_another_baud_rate(facet: Facet, built: Built) -> None:
    elf = built(FAST)
    result = facet("run", elf, "--for", "5ms", "--baud", "235294")
    assert "hello\n" in result.output
    assert result.exit_code == 0
    at_the_boards = facet("run", elf, "--for", "5ms")
    assert "hello\n" not in at_the_boards.output
    assert "baud-rate: " in at_the_boards.output
    assert at_the_boards.exit_code == 1


@pytest.mark.parametrize("baud", ["0", "-9600", "10000001", "fast"])
def test_a_wrong_baud_rate_is_refused(baud: str, facet: Facet, built: Built) -> None:
    result = facet("run", built(programs.HELLO), "--baud", baud)
    assert result.exit_code == 2
    assert "--baud" in result.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("source", [programs.COUNTS, programs.WORKS_FOR_EVER])
def test_a_run_that_is_interrupted_keeps_the_received_bytes(
    number: signal.Signals, source: str, built: Built, tmp_path: Path
) -> None:
    log = tmp_path / "uart.bin"
    command = [sys.executable, "-m", "facet", "run", str(built(source)), "--for", "20h"]
    process = subprocess.Popen(
        [*command, "--uart-out", str(log)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 128 + number
    received = log.read_bytes()
    assert received.startswith(first.strip())
    assert b"s of virtual time in" in output
    assert errors.decode().startswith("facet: interrupted at ")
    assert len(errors.splitlines()) == 1


def test_bytes_received_before_an_internal_error_are_kept(
    facet: Facet, built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "uart.bin"
    sent = []
    before = Usart.write_TDR

    def write_TDR(usart: Usart, value: int, old: int) -> None:
        sent.append(value)
        if len(sent) > 4:
            raise KeyError("fault")
        before(usart, value, old)

    monkeypatch.setattr(Usart, "write_TDR", write_TDR)
    result = facet("run", built(programs.HELLO), "--for", "5ms", "--uart-out", log)
    assert result.exit_code == INTERNAL
    assert log.read_bytes() == b"hel"


def test_a_run_stops_where_the_firmware_uses_what_has_no_model(facet: Facet, built: Built) -> None:
    elf = built(programs.USES_WHAT_HAS_NO_MODEL)
    whole = facet("run", elf, "--for", "20ms")
    assert "after" in whole.output
    assert "0.020 s of virtual time" in whole.output
    assert whole.exit_code == 0
    stopped = facet("run", elf, "--for", "20ms", "--stop-at-first-unmodelled")
    assert "before\n" in stopped.output
    assert "after" not in stopped.output
    assert "0.001 s of virtual time" in stopped.output
    assert "not modelled by Facet:" in stopped.output
    assert "program.c:" in stopped.output
    assert stopped.exit_code == 1


def test_a_run_does_not_stop_where_everything_is_modelled_or_allowed(
    facet: Facet, built: Built
) -> None:
    option = "--stop-at-first-unmodelled"
    assert facet("run", built(programs.HELLO), "--for", "5ms", option).exit_code == 0
    allowed = facet(
        *("run", built(programs.USES_WHAT_HAS_NO_MODEL), "--for", "20ms", option),
        *("--allow", "not-modelled"),
    )
    assert "after" in allowed.output
    assert allowed.exit_code == 0
