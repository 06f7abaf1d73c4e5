"""Evaluates C expressions on the simulated ESP32-C3: what its ROM's functions answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from facet.board.board import load
from facet.machine import Machine
from facet.time import Time, ms
from tests.chip.esp32c3 import programs

BOARD = replace(load("esp32c3_devkitm"), parts=())

_RESULTS = 0x3FC9_0000
_DONE = 0x600D_0000
_SPAN = ms(40)


def program(prelude: str, body: str) -> str:
    """The source of a program that runs `body` once and then stands still."""
    return f"""
{programs.USES_THE_ROM}
extern char _bss[], _bss_end[];
{prelude}
void program(void) {{
  stop_watchdogs();
  memset(_bss, 0, _bss_end - _bss);
{body}
  for (;;) {{}}
}}
"""


def run(prelude: str, body: str, folder: Path, span: Time = _SPAN) -> Machine:
    """Runs a program for `span` after its start."""
    machine = Machine(BOARD, programs.build(program(prelude, body), folder))
    machine.run(span)
    return machine


def evaluate(
    expressions: Sequence[str], folder: Path, *, prelude: str = "", span: Time = _SPAN
) -> dict[str, int]:
    """The value of each expression, as 64 bits without a sign.

    Args:
        expressions: in C; they are evaluated in order.
        folder: where to build.
        prelude: C in front of the program.
        span: how long after the reset the last result is there.
    """
    stores = [f"  results[{n}] = (uint64_t)({text});" for n, text in enumerate(expressions)]
    body = "\n".join(
        (
            f"  volatile uint64_t *results = (void *){_RESULTS:#x};",
            *stores,
            f"  results[{len(stores)}] = {_DONE:#x};",
        )
    )
    machine = run(prelude, body, folder, span)
    assert machine.diagnostics.violations == []
    data = machine.read_memory(_RESULTS, 8 * len(stores) + 8)
    values = [int.from_bytes(data[at : at + 8], "little") for at in range(0, len(data), 8)]
    assert values.pop() == _DONE, "the program did not come to its end"
    return dict(zip(expressions, values, strict=True))


def check(expected: dict[str, int], folder: Path, *, prelude: str = "", span: Time = _SPAN) -> None:
    """Holds the value of each expression against what it is to be, as 64 bits."""
    got = evaluate(list(expected), folder, prelude=prelude, span=span)
    wrong = {
        text: (hex(got[text]), hex(value))
        for text, value in expected.items()
        if got[text] != value & (1 << 64) - 1
    }
    assert not wrong, f"got and expected: {wrong}"
