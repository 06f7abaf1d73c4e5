"""Handlers and threads have calls and stacks of their own."""

from __future__ import annotations

from facet.time import ms
from tests.engine.conftest import Runner
from tests.profile.bare import Profiled, calls_of, cycles_of

_HANDLERS = """
__attribute__((noinline)) void work(uint32_t n) { while (n--) out[2]++; }
void irq1(void) { volatile uint32_t room[16]; room[0] = 1; out[1] += room[0]; work(3); }
void irq0(void) { out[0]++; REG(0xE000E200) = 2; __asm volatile("dsb; isb"); work(5); }
void start(void) {
  REG(0xE000E400) = 0x40 | 0x20 << 8;  /* IRQ 1 preempts IRQ 0 */
  REG(0xE000E100) = 3;
  for (uint32_t n = 0; n < 4; n++) { REG(0xE000E200) = 1; __asm volatile("dsb; isb"); work(1); }
  for (;;) __asm volatile("wfi");
}
"""


def test_a_handler_that_preempts_another_has_cycles_of_its_own(program: Runner) -> None:
    profile = Profiled(program(_HANDLERS)).run(ms(2))
    interrupts = {i.name: i for i in profile.interrupts}
    assert {name: (i.handler, i.count) for name, i in interrupts.items()} == {
        "IRQ0": ("irq0", 4),
        "IRQ1": ("irq1", 4),
    }
    calls = calls_of(profile)
    assert calls["irq0", "work"] == calls["irq1", "work"] == calls["start", "work"] == 4
    threads = {t.name: t.cycles for t in profile.threads}
    assert threads == {
        "main": cycles_of(profile)["start"][1],
        "IRQ0": interrupts["IRQ0"].cycles,
        "IRQ1": interrupts["IRQ1"].cycles,
    }
    # Entry 12 and return 10 cycles (ARM 100166, 3.9.1), of eight exceptions.
    assert profile.causes["exception"] == 8 * 22


def test_each_handler_has_its_own_peak_stack(program: Runner) -> None:
    profile = Profiled(program(_HANDLERS)).run(ms(2))
    stacks = {stack.thread: stack.bytes for stack in profile.stacks}
    assert 64 <= stacks["IRQ1"] <= 96  # 16 words, and what the compiler saves
    # IRQ 0 saves two registers, and the frame of IRQ 1 lies on its stack (32 bytes, aligned to 8).
    assert stacks["IRQ0"] in (8 + 32, 16 + 32)
    assert stacks["main"] >= 32


def test_tail_chained_handlers_are_apart(program: Runner) -> None:
    profile = Profiled(
        program(
            """
            void irq0(void) { out[0]++; REG(0xE000E200) = 2; __asm volatile("dsb; isb"); }
            void irq1(void) { out[1]++; }
            void start(void) {
              REG(0xE000E400) = 0x40 | 0x40 << 8;  /* the same priority */
              REG(0xE000E100) = 3;
              REG(0xE000E200) = 1; __asm volatile("dsb; isb");
              for (;;) __asm volatile("wfi");
            }
            """
        )
    ).run(ms(1))
    assert [(i.handler, i.count) for i in profile.interrupts] == [("irq0", 1), ("irq1", 1)]
    assert profile.causes["exception"] == 12 + 6 + 10  # entry, tail-chaining, return


_THREADS = """
#define STACK 64
static uint32_t stacks[2][STACK];
static uint32_t *pointer[2];
static uint32_t running;
__attribute__((noinline)) void spend(uint32_t n) { while (n--) out[2]++; }
__attribute__((noinline)) void yield(void) { ICSR = 1 << 28; __asm volatile("dsb; isb"); }
void red(void) { for (;;) { spend(10); out[0]++; yield(); } }
void blue(void) { volatile uint32_t room[8]; for (;;) { room[1] = 1; spend(100); out[1]++;
  yield(); } }
static void prepare(uint32_t n, void (*entry)(void)) {
  uint32_t *top = &stacks[n][STACK];
  *--top = 1 << 24; *--top = (uint32_t)entry; *--top = 0xFFFFFFFF;
  pointer[n] = top - 5 - 8;  /* R12, R3 to R0; R11 to R4 by software */
}
uint32_t *next(uint32_t *now) {
  if (now) pointer[running] = now;
  running ^= 1;
  return pointer[running];
}
__attribute__((naked)) void pendsv(void) {
  __asm volatile(
      "mrs r0, psp; cbz r0, 1f; stmdb r0!, {r4-r11}; 1: bl next; ldmia r0!, {r4-r11};"
      "msr psp, r0; mvn lr, #2; bx lr");
}
void start(void) {
  REG(0xE000ED20) = 0xFF << 16;
  prepare(0, red); prepare(1, blue);
  __asm volatile("msr psp, %0" :: "r"(0));
  ICSR = 1 << 28; __asm volatile("dsb; isb");
  for (;;) {}
}
"""


def test_threads_of_an_operating_system_keep_their_calls_apart(program: Runner) -> None:
    profiled = Profiled(program(_THREADS))
    profile = profiled.run(ms(20))
    rounds = [profiled.board.word("out", n) for n in range(2)]
    assert min(rounds) > 5
    calls = calls_of(profile)
    assert abs(calls["red", "spend"] - rounds[0]) <= 1
    assert abs(calls["blue", "spend"] - rounds[1]) <= 1
    assert not any(caller == "spend" for caller, _ in calls)
    threads = {t.name: t.cycles for t in profile.threads}
    assert set(threads) == {"main", "PendSV", "thread red", "thread blue"}
    assert 5 < threads["thread blue"] / threads["thread red"] < 10
    assert [(i.name, i.handler) for i in profile.interrupts] == [("PendSV", "pendsv")]


def test_each_thread_has_its_own_peak_stack(program: Runner) -> None:
    profile = Profiled(program(_THREADS)).run(ms(20))
    stacks = {stack.thread: stack.bytes for stack in profile.stacks}
    assert 32 <= stacks["thread red"] < stacks["thread blue"] < 4 * 64
