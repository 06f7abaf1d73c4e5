"""A counter that is read twice within one block shows what lies between."""

from __future__ import annotations

import pytest

from facet.time import ms
from tests.engine.conftest import Runner

START = "REG(0xE000EDFC) = 1 << 24; REG(0xE0001000) = 1;"


def muls(count: int) -> str:
    return "mul r2, r2, r2\\n" * count


@pytest.mark.parametrize("count", [0, 1, 40])
def test_cyccnt_shows_the_cycles_between_two_reads(counted_program: Runner, count: int) -> None:
    board = counted_program(
        f"""
        void start(void) {{
          uint32_t first, second;
          {START}
          __asm volatile("ldr %0, [%2]\\n {muls(count)} ldr %1, [%2]\\n"
                         : "=&r"(first), "=&r"(second) : "r"(0xE0001004) : "r2");
          out[0] = second - first;
          for (;;) {{}}
        }}
        """
    )
    board.run(ms(1))
    assert count + 1 <= board.word("out") <= count + 3  # a load is 1 or 2


def test_systick_shows_the_cycles_between_two_reads(counted_program: Runner) -> None:
    board = counted_program(
        f"""
        void start(void) {{
          uint32_t first, second;
          SYST_RVR = 0xFFFFFF; SYST_CVR = 0; SYST_CSR = 5;
          __asm volatile(".p2align 2\\n nop\\n ldr %0, [%2]\\n {muls(40)} ldr %1, [%2]\\n"
                         : "=&r"(first), "=&r"(second) : "r"(0xE000E018) : "r2");
          out[0] = first - second;
          for (;;) {{}}
        }}
        """
    )
    board.run(ms(1))
    assert 41 <= board.word("out") <= 45  # the loads, and where the code lies


def test_systick_counts_the_time_asleep(program: Runner) -> None:
    board = program(
        """
        void irq0(void) { REG(0xE000E180) = 1; }
        void start(void) {
          SYST_RVR = 0xFFFFFF; SYST_CVR = 0; SYST_CSR = 5;
          REG(0xE000E100) = 1;
          uint32_t before = SYST_CVR;
          __asm volatile("wfi");
          out[0] = before - SYST_CVR;
          for (;;) {}
        }
        """
    )
    board.timeline.schedule(ms(5), lambda: board.core.set_interrupt(0, True), "irq0")
    board.run(ms(10))
    assert 19_900 <= board.word("out") <= 20_100  # 5 ms at 4 MHz, less the start-up


@pytest.mark.parametrize("wait", ["", "wfi"])
def test_cyccnt_stands_still_while_the_core_sleeps(counted_program: Runner, wait: str) -> None:
    # WFI itself, and the load behind it
    assert _between_two_reads(counted_program, wait) == (3 if wait else 1)


def test_cyccnt_without_a_cycle_model_stands_still_in_sleep_too(program: Runner) -> None:
    assert 1 <= _between_two_reads(program, "wfi") <= 3  # 20,000 cycles pass meanwhile


def _between_two_reads(program: Runner, wait: str) -> int:
    board = program(
        f"""
        void start(void) {{
          uint32_t first, second;
          {START}
          REG(0xE000E100) = 1;
          __asm volatile("cpsid i\\n isb\\n ldr %0, [%2]\\n {wait}\\n ldr %1, [%2]\\n"
                         : "=&r"(first), "=&r"(second) : "r"(0xE0001004));
          out[0] = second - first;
          for (;;) {{}}
        }}
        """
    )
    board.timeline.schedule(ms(5), lambda: board.core.set_interrupt(0, True), "irq0")
    board.run(ms(10))
    return board.word("out")


def test_the_systick_divided_by_eight_is_read_right(program: Runner) -> None:
    board = program(
        """
        void start(void) {
          SYST_RVR = 9; SYST_CVR = 0; SYST_CSR = 1;
          uint32_t seen = 0;
          for (int n = 0; n < 400; n++) seen |= 1u << SYST_CVR;
          out[0] = seen;
          for (;;) {}
        }
        """
    )
    board.run(ms(10))
    assert board.word("out") == 0x3FF  # every value from 0 to 9, and no other


def test_an_interrupt_costs_its_entry_its_handler_and_its_return(counted_program: Runner) -> None:
    board = counted_program(
        f"""
        __attribute__((naked)) void irq0(void) {{ __asm volatile("bx lr"); }}
        void start(void) {{
          uint32_t first, second, third;
          {START}
          REG(0xE000E100) = 1;
          __asm volatile(
            "ldr %0, [%3]\\n ldr %1, [%3]\\n"
            "str %5, [%4]\\n"                 /* ISPR: the handler runs here */
            "ldr %2, [%3]\\n"
            : "=&r"(first), "=&r"(second), "=&r"(third)
            : "r"(0xE0001004), "r"(0xE000E200), "r"(1));
          out[0] = third - second;
          for (;;) {{}}
        }}
        """
    )
    board.run(ms(1))
    # 12 to enter, 2 for BX LR's own issue and refill, 10 to return, and the loads and the store.
    assert 12 + 10 + 2 <= board.word("out") <= 12 + 10 + 2 + 6
