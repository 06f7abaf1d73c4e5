"""Loops that only wait are skipped, and nothing that can be seen is different."""

from __future__ import annotations

from pathlib import Path

import pytest

from facet.board.board import load
from facet.machine import Machine
from facet.time import ms, s
from tests.engine.bare_core import BareCore
from tests.engine.conftest import Runner, runner
from tests.engines_under_test import EngineUnderTest
from tests.firmware_under_test import BOARD, firmware

LOOPS = {
    "a flag in memory": "while (!out[0]) {}",
    "a flag, polled by a function": "while (!flag_is_set()) {}",
    "a register of the NVIC": "while (!out[0] && !(REG(0xE000E200) & 2)) {}",
    "an outer loop around an inner one": """
      do { for (volatile int n = 0; n < 3; n++) {} } while (!out[0]);""",
    "a counted time-out": "for (uint32_t n = 0; !out[0] && n < 100000; n++) out[3] = n;",
    "the cycle counter": "while (!out[0]) out[4] = REG(0xE0001004);",
}

SOURCE = """
__attribute__((noinline)) static int flag_is_set(void) { return out[0]; }
void irq0(void) { out[0] = 1; }
void start(void) {
  (void)flag_is_set;
  REG(0xE000EDFC) = 1 << 24; REG(0xE0001000) = 1;
  REG(0xE000E100) = 1;
  LOOP
  out[1] = REG(0xE0001004);
  for (;;) __asm volatile("wfi");
}
"""


@pytest.fixture
def skipping_program(tmp_path: Path) -> Runner:
    """Compiles C and puts it into a core of Unicorn, the engine that skips waiting loops."""
    return runner(EngineUnderTest("unicorn"), tmp_path)


def _run(program: Runner, loop: str, skip: bool) -> BareCore:
    board = program(SOURCE.replace("LOOP", loop))
    board.core.skip_waiting_loops(skip)
    board.pulse(0, ms(7.3))
    board.run(ms(20))
    return board


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_skipping_changes_nothing(skipping_program: Runner, loop: str) -> None:
    skipped, run = (_run(skipping_program, loop, skip) for skip in (True, False))
    assert skipped.core.cycles == run.core.cycles
    assert skipped.core.instructions == run.core.instructions
    assert [skipped.word("out", n) for n in range(16)] == [run.word("out", n) for n in range(16)]
    assert skipped.word("out", 1) > 7 * 4000


@pytest.mark.parametrize(
    ("loop", "fast"),
    [
        ("a flag in memory", True),
        ("a flag, polled by a function", True),
        ("the cycle counter", False),
    ],
)
def test_only_loops_that_nothing_changes_are_skipped(
    skipping_program: Runner, loop: str, fast: bool
) -> None:
    board = _run(skipping_program, LOOPS[loop], skip=True)
    assert (board.core.skipped_instructions > 5000) is fast


def test_the_firmware_says_the_same_with_skipping_off() -> None:
    machines = []
    for skip in (True, False):
        machine = Machine(load(BOARD), firmware())
        machine.skip_waiting_loops(skip)
        machine.run(s(4))
        machines.append(machine)
    skipped, run = machines
    assert skipped.terminal.data == run.terminal.data
    assert b'"event":"boot"' in run.terminal.data
    assert skipped.cycles == run.cycles
    assert skipped.instructions == run.instructions
    assert list(skipped.trace.changes()) == list(run.trace.changes())


def test_an_event_within_a_long_block_is_not_late(program: Runner) -> None:
    board = program(
        """
        void irq0(void) { out[1] = out[0]; REG(0xE000E180) = 1; }
        void start(void) {
          REG(0xE000E100) = 1;
          __asm volatile(
            ".rept 200\\n add %0, %0, #1\\n str %0, [%1]\\n .endr"
            :: "r"(0), "r"(&out[0]) : "memory");
          for (;;) {}
        }
        """
    )
    board.pulse(0, ms(0.05))
    board.run(ms(1))
    # 200 cycles at 4 MHz, less the start and the frame: about 2 to 3 cycles for each store.
    assert 30 < board.word("out", 1) < 100
    assert board.word("out") == 200


def test_firmware_that_polls_a_register_costs_the_host_little(skipping_program: Runner) -> None:
    """A second of polling at 4 MHz passes in no time; without skipping it is 2 million turns."""
    source = 'void start(void) { while (!out[0]) {} for (;;) __asm volatile("wfi"); }'
    board = skipping_program(source)
    board.run(ms(1000))
    assert board.core.skipped_instructions > 0.99 * board.core.instructions
