"""WFE, SEV and the event register (ARM DDI 0403E, B1.5.18), WFI, YIELD and sleep-on-exit."""

from __future__ import annotations

import pytest

from facet.time import ms
from tests.engine.conftest import Runner

ENABLE_IRQ0 = "REG(0xE000E100) = 1;"
PEND_IRQ0 = "REG(0xE000E200) = 1;"
SCR = "REG(0xE000ED10)"


@pytest.mark.parametrize("width", ["", ".w"])
def test_wfe_after_sev_falls_through(program: Runner, width: str) -> None:
    board = program(
        f"""
        void start(void) {{
          __asm volatile("sev{width}\\n wfe{width}");
          out[0] = 1;
          __asm volatile("wfe{width}");   /* the event is used up: sleeps */
          out[1] = 1;
          for (;;) {{}}
        }}
        """
    )
    board.run(ms(1))
    assert (board.word("out"), board.word("out", 1)) == (1, 0)
    assert board.faults == []


def test_wfe_sleeps_until_an_event_comes(program: Runner) -> None:
    board = program('void start(void) { __asm volatile("wfe"); out[0] = 1; for (;;) {} }')
    board.timeline.schedule(ms(1), board.core.send_event, "EXTI line in event mode")
    board.run(ms(0.9))
    assert board.word("out") == 0
    board.run(ms(2))
    assert board.word("out") == 1


def test_an_exception_sets_the_event_register(program: Runner) -> None:
    board = program(
        f"""
        void irq0(void) {{ out[0]++; }}
        void start(void) {{
          {ENABLE_IRQ0} {PEND_IRQ0}
          __asm volatile("dsb\\n isb\\n wfe");
          out[1] = 1;
          for (;;) {{}}
        }}
        """
    )
    board.run(ms(1))
    assert (board.word("out"), board.word("out", 1)) == (1, 1)


def test_a_pending_interrupt_wakes_wfe_only_with_sevonpend(program: Runner) -> None:
    source = """
        void start(void) {{
          {scr}
          __asm volatile("wfe");
          out[0] = 1;
          for (;;) {{}}
        }}
        """
    for scr, woken in (("", 0), (f"{SCR} = 1 << 4;", 1)):
        board = program(source.format(scr=scr))
        # Not enabled in the NVIC: it becomes pending and nothing more.
        board.pulse(0, ms(1))
        board.run(ms(2))
        assert board.word("out") == woken


def test_primask_keeps_an_interrupt_from_waking_wfe_but_not_wfi(program: Runner) -> None:
    source = """
        void irq0(void) {{}}
        void start(void) {{
          {enable}
          __asm volatile("cpsid i");
          __asm volatile("{wait}");
          out[0] = 1;
          for (;;) {{}}
        }}
        """
    for wait, woken in (("wfe", 0), ("wfi", 1)):
        board = program(source.format(enable=ENABLE_IRQ0, wait=wait))
        board.pulse(0, ms(1))
        board.run(ms(2))
        assert board.word("out") == woken, wait


@pytest.mark.parametrize("hint", ["yield", "yield.w", "nop", "nop.w", "sev.w"])
def test_hints_do_nothing_else(program: Runner, hint: str) -> None:
    board = program(
        f"""
        void start(void) {{
          for (out[0] = 0; out[0] < 10; out[0]++) __asm volatile("{hint}");
          for (;;) __asm volatile("wfi");
        }}
        """
    )
    board.run(ms(1))
    assert board.word("out") == 10
    assert board.faults == []


def test_sleep_on_exit_sleeps_when_the_last_handler_returns(program: Runner) -> None:
    board = program(
        f"""
        void irq0(void) {{ out[0]++; if (out[0] == 3) {SCR} = 0; }}
        void start(void) {{
          {ENABLE_IRQ0} {SCR} = 2;
          __asm volatile("wfi");
          out[1] = out[0];
          for (;;) __asm volatile("wfi");
        }}
        """
    )
    for n in range(1, 5):
        board.pulse(0, ms(n))
    board.run(ms(10))
    assert board.word("out", 1) == 3  # the thread went on after the third interrupt only
