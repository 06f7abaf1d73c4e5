"""`facet run` with firmware that is not Facet's."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from facet.chip.stm32l4.usart import Usart
from facet.cli import INTERNAL
from tests.cli import programs

Facet = Callable[..., Result]
Built = Callable[[str], Path]


def test_shows_the_output_of_the_board_and_exits_with_0(facet: Facet, built: Built) -> None:
    result = facet("run", built(programs.HELLO), "--for", "5ms")
    assert "hello\n" in result.output
    assert "0.005 s of virtual time" in result.output
    assert result.exit_code == 0


def test_each_part_of_the_cycles_can_be_left_out(facet: Facet, built: Built) -> None:
    counted = {}
    for parts in ("core", "flash", "full"):
        run = ("run", built(programs.COUNTS_ITS_CYCLES), "--for", "20ms", "--cycles", parts)
        found = re.search(r"cycles: (\d+)", facet(*run).output)
        assert found is not None
        counted[parts] = int(found[1])
    assert counted["core"] < 256 * 10
    assert counted["flash"] > counted["core"] + 256 * 4  # each round is read from flash again
    assert counted["full"] == pytest.approx(counted["flash"] + 256 * 4, rel=0.02)


def test_an_access_waits_for_its_bus(facet: Facet, built: Built) -> None:
    result = facet("run", built(programs.COUNTS_REGISTER_ACCESSES), "--for", "20ms")
    ahb, apb, write, slow = map(int, re.findall(r"\d{4}", result.output)[:4])
    # A transfer takes two cycles of PCLK1, of which one counts for any access.
    assert apb - ahb == pytest.approx(100, abs=2)
    assert slow - ahb == pytest.approx(700, abs=2)
    assert write == pytest.approx(apb, abs=200)


def test_an_unknown_part_of_the_cycles_is_refused(facet: Facet, built: Built) -> None:
    result = facet("run", built(programs.HELLO), "--cycles", "half")
    assert result.exit_code == 2
    assert "'half' is not one of core, flash, full" in result.output


def test_a_run_that_ends_before_the_program_starts_is_explained(facet: Facet, built: Built) -> None:
    output = facet("run", built(programs.HELLO), "--for", "100us").output
    assert "note: the program starts 0.400 ms after power-on, and --for is 0.100 ms" in output
    assert "0.000400 s of virtual time" in output  # as the table of states
    assert "100.0 %" in output
    longer = facet("run", built(programs.HELLO), "--for", "1500us").output
    assert "0.002 s of virtual time" in longer
    assert "note:" not in longer


def test_a_flat_image_runs_as_its_elf_does(facet: Facet, built: Built, tmp_path: Path) -> None:
    flat = tmp_path / "firmware.bin"
    for source in (programs.HELLO, programs.FORGOT_A_CLOCK):
        objcopy = ["arm-none-eabi-objcopy", "-O", "binary", str(built(source)), str(flat)]
        subprocess.run(objcopy, check=True)
        result = facet("run", flat, "--for", "5ms")
        if source == programs.HELLO:
            assert "hello\n" in result.output
            assert result.exit_code == 0
    assert "at 0x080000" in result.output  # in place of the line that broke the rule
    assert result.exit_code == 1


def test_types_text_at_a_time(facet: Facet, built: Built, tmp_path: Path) -> None:
    log = tmp_path / "uart.bin"
    result = facet(
        *("run", built(programs.HELLO), "--for", "20ms", "--uart-out", log),
        *("--send", r"HAL@5ms", "--send", r"\x40@10ms"),
    )
    assert result.exit_code == 0
    assert log.read_bytes() == b"hello\r\nIBMA"


def test_a_pressed_button_shows_on_the_pins(facet: Facet, built: Built) -> None:
    result = facet(
        *("run", built(programs.LAMP), "--for", "200ms", "--press", "B1@50ms", "--show-pins"),
        *("--without", "camera"),  # its clock line is LD2's
    )
    assert result.exit_code == 0
    lines = [line for line in result.output.splitlines() if line.startswith("[")]
    pressed = next(i for i, line in enumerate(lines) if "PC13 = 0 (B1 pressed)" in line)
    assert lines[pressed].startswith("[      50.0")
    assert "PA5 = 1 (LD2 lit)" in lines[pressed + 1]
    assert "PC13 = 1 (B1 released)" in lines[pressed + 2]
    assert lines[pressed + 2].startswith("[     150.0")
    assert "PA5 = 0 (LD2 dark)" in lines[pressed + 3]


def test_names_a_mistake_with_its_line_and_fails(facet: Facet, built: Built) -> None:
    result = facet("run", built(programs.FORGOT_A_CLOCK), "--for", "1ms")
    assert result.exit_code == 1
    assert "USART2" in result.output
    assert "USART2EN" in result.output
    assert "program.c:" in result.output
    assert "in reset" in result.output


def test_names_the_page_of_the_rule(facet: Facet, built: Built) -> None:
    result = facet("run", built(programs.FORGOT_A_CLOCK), "--for", "1ms")
    assert "would not work on the real board:" in result.output
    assert "see docs/rules.md#unclocked-peripheral" in result.output


def test_what_the_hardware_ignores_is_named_and_fails_only_if_strict(
    facet: Facet, built: Built
) -> None:
    elf = built(programs.DEINITIALIZES)
    result = facet("run", elf, "--for", "1ms")
    assert result.exit_code == 0
    _, _, listed = result.output.partition("ignored by the hardware (warnings):")
    reads, timer2, timer6 = [line for line in listed.splitlines() if ": " in line]
    assert "unclocked-access: GPIOA_MODER read while RCC_AHB2ENR.GPIOAEN=0" in reads
    assert reads.endswith(
        "(8 times; also GPIOB_MODER, GPIOC_MODER, GPIOD_MODER, GPIOE_MODER, GPIOF_MODER, "
        "GPIOG_MODER and 1 more)"
    )
    assert "no-such-register: TIM2+0x44 written: the offset is reserved" in timer2
    assert "no-such-register: TIM6+0x30 written: the offset is reserved" in timer6
    assert facet("run", elf, "--for", "1ms", "--strict").exit_code == 1


def test_a_watchdog_reset_can_be_allowed(facet: Facet, built: Built) -> None:
    elf = built(programs.IS_BITTEN)
    result = facet("run", elf, "--for", "15ms", "--strict")
    assert result.exit_code == 1
    assert "see docs/rules.md#watchdog" in result.output
    assert facet("run", elf, "--for", "15ms").exit_code == 0
    allowed = facet("run", elf, "--for", "15ms", "--strict", "--allow", "watchdog")
    assert allowed.exit_code == 0
    assert "docs/rules.md" not in allowed.output


def test_a_rule_that_does_not_exist_cannot_be_allowed(facet: Facet, built: Built) -> None:
    result = facet("run", built(programs.HELLO), "--allow", "watchdogs")
    assert result.exit_code != 0
    assert "no rule 'watchdogs' to allow" in result.output


def test_a_lock_up_is_reported_and_fails(facet: Facet, built: Built) -> None:
    result = facet("run", built(programs.LOCKS_UP), "--for", "1ms")
    assert result.exit_code == 1
    assert "locked up" in result.output


def test_firmware_without_output_is_not_wrong_input(facet: Facet, built: Built) -> None:
    result = facet("sim", "--firmware", built(programs.LAMP), "--limit", "1")
    assert result.exit_code == 1
    assert "the device sent no output" in result.output


def test_a_fault_of_facet_is_not_blamed_on_the_firmware(
    built: Built, monkeypatch: pytest.MonkeyPatch, facet: Facet
) -> None:
    def write_BRR(_usart: Usart, _value: int, _old: int) -> None:
        raise KeyError("baud")

    monkeypatch.setattr(Usart, "write_BRR", write_BRR)
    result = facet("run", built(programs.HELLO), "--for", "1ms")
    assert result.exit_code == INTERNAL
    assert "internal error: USART2_BRR, 0x23 written: the model failed" in result.output
    assert "not of the firmware" in result.output
    assert "would not work on the real board" not in result.output
