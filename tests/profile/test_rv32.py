"""The profiler on an RV32 core."""

from __future__ import annotations

from pathlib import Path

import pytest

from facet.time import ms
from tests.engine.bare_rv32 import BareRv32, build
from tests.engine.rv32_source import HEAD
from tests.engine.test_rv32 import pytestmark
from tests.profile.bare import Profiled, calls_of, cycles_of

__all__ = ["pytestmark"]

_PROGRAM = """
__attribute__((noinline)) void work(uint32_t n) { while (n--) out[2]++; }
void irq7(void) { PENDING = 0; out[0]++; work(4); }
__attribute__((noinline)) uint32_t divide(uint32_t a, uint32_t b) { work(1); return a / b; }
void start(void) {
  ENABLE = 1 << 7;
  for (uint32_t n = 0; n < 5; n++) {
    PULSE_AFTER = 200;
    INTERRUPTS_ON();
    while (out[0] == n) {}
    out[1] += divide(1000, n + 1);
  }
  for (;;) WFI();
}
"""


@pytest.fixture
def profiled(tmp_path: Path) -> Profiled:
    return Profiled(BareRv32(build(HEAD + _PROGRAM, tmp_path)))


def test_calls_and_interrupts_of_an_rv32_core_add_up(profiled: Profiled) -> None:
    profile = profiled.run(ms(5))
    calls = calls_of(profile)
    assert (calls["start", "divide"], calls["divide", "work"], calls["irq7", "work"]) == (5, 5, 5)
    assert [(i.name, i.handler, i.count) for i in profile.interrupts] == [
        ("interrupt 7", "irq7", 5)
    ]
    assert profile.causes["exception"] == 5 * 4  # entry into a trap
    cycles = cycles_of(profile)
    assert cycles["divide"][1] > cycles["divide"][0] >= 5 * 34


def test_a_division_of_an_rv32_core_waits_33_cycles_more(profiled: Profiled) -> None:
    profile = profiled.run(ms(5))
    divide = next(f for f in profile.functions if f.name == "divide")
    assert divide.causes["divide"] == 5 * 33


def test_the_stack_of_an_rv32_core_is_measured(profiled: Profiled) -> None:
    stacks = {s.thread: s.bytes for s in profiled.run(ms(5)).stacks}
    assert 16 <= stacks["main"] < 200
    assert 16 <= stacks["interrupt 7"] < 200
