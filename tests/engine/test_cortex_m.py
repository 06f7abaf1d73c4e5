"""The core behaves as ARM DDI 0403E describes, tested with programs compiled for it."""

from __future__ import annotations

import pytest

from facet.time import ms, us
from tests.engine.conftest import Runner


def test_systick_interrupts_every_reload_plus_one_cycles(program: Runner) -> None:
    board = program(
        """
        void tick(void) { out[0]++; }
        void start(void) {
          SYST_RVR = 3999; SYST_CVR = 0; SYST_CSR = 7;   /* 1 ms at 4 MHz */
          for (;;) __asm volatile("wfi");
        }
        """
    )
    board.run(ms(10.5))
    assert board.word("out") == 10


def test_systick_counts_while_the_core_is_busy(program: Runner) -> None:
    board = program(
        """
        void tick(void) { out[0]++; }
        void start(void) {
          SYST_RVR = 3999; SYST_CVR = 0; SYST_CSR = 7;
          for (;;) out[1]++;
        }
        """
    )
    board.run(ms(10.5))
    assert board.word("out") == 10
    assert board.word("out", 1) > 1000


def test_a_higher_priority_interrupt_preempts_and_an_equal_one_waits(program: Runner) -> None:
    board = program(
        """
        static volatile uint32_t n;
        void irq0(void) { out[n++] = 0x10; REG(0xE000E200) = 2; __asm volatile("dsb; isb");
                          out[n++] = 0x11; }
        void irq1(void) { out[n++] = 0x20; }
        void start(void) {
          REG(0xE000E400) = 0x40 | 0x20 << 8;            /* irq1 above irq0 */
          REG(0xE000E100) = 3;
          REG(0xE000E200) = 1; __asm volatile("dsb; isb");
          out[n++] = 0xFF;
          REG(0xE000E400) = 0x40 | 0x40 << 8;            /* equal now */
          REG(0xE000E200) = 1; __asm volatile("dsb; isb");
          out[n++] = 0xFF;
          for (;;) __asm volatile("wfi");
        }
        """
    )
    board.run(ms(1))
    assert [board.word("out", i) for i in range(8)] == [
        *(0x10, 0x20, 0x11, 0xFF),
        *(0x10, 0x11, 0x20, 0xFF),
    ]


def test_masked_interrupts_are_taken_when_primask_is_cleared(program: Runner) -> None:
    board = program(
        """
        void irq0(void) { out[0] = out[1]; }
        void start(void) {
          REG(0xE000E100) = 1;
          __asm volatile("cpsid i");
          REG(0xE000E200) = 1; __asm volatile("dsb; isb");
          out[1] = 7;
          __asm volatile("cpsie i");
          out[1] = 8;
          for (;;) {}
        }
        """
    )
    board.run(ms(1))
    assert board.word("out") == 7


def test_wfi_wakes_with_interrupts_masked(program: Runner) -> None:
    board = program(
        """
        void tick(void) { out[1] = 1; }
        void start(void) {
          SYST_RVR = 3999; SYST_CVR = 0; SYST_CSR = 7;
          __asm volatile("cpsid i; wfi");
          out[0] = 1;
          for (;;) {}
        }
        """
    )
    board.run(ms(2))
    assert (board.word("out", 0), board.word("out", 1)) == (1, 0)


def test_a_floating_point_context_survives_an_interrupt_that_computes(program: Runner) -> None:
    board = program(
        """
        static volatile float x = 0;
        void tick(void) { x = x * 1.5f + 1.0f; out[0]++; }
        void start(void) {
          CPACR |= 0xF << 20; __asm volatile("dsb; isb");
          SYST_RVR = 399; SYST_CVR = 0; SYST_CSR = 7;
          float sum = 0;
          for (int i = 0; i < 2000; i++) sum += 0.5f;
          out[1] = (uint32_t)sum;
          for (;;) {}
        }
        """
    )
    board.run(ms(8))
    assert board.word("out", 0) > 10
    assert board.word("out", 1) == 1000


def test_floating_point_without_access_is_a_usage_fault(program: Runner) -> None:
    board = program(
        """
        void hard(void) { out[0] = CFSR; out[1] = HFSR; for (;;) {} }
        void start(void) { __asm volatile("vadd.f32 s0, s1, s2"); for (;;) {} }
        """
    )
    board.run(ms(1))
    assert board.word("out", 0) == 1 << 19  # NOCP
    assert board.word("out", 1) == 1 << 30  # FORCED
    assert "SCB_CPACR denies the FPU, in start" in board.faults[0]


def test_an_access_to_nothing_is_a_bus_fault_with_its_address(program: Runner) -> None:
    board = program(
        """
        void bus(void) { out[0] = CFSR; out[1] = BFAR; for (;;) {} }
        void start(void) { SHCSR |= 1 << 17; out[2] = REG(0x60000010); for (;;) {} }
        """
    )
    board.run(ms(1))
    assert board.word("out", 0) == 0x8200  # BFARVALID, PRECISERR
    assert board.word("out", 1) == 0x60000010
    assert board.faults == ["fault: BusFault: read of 0x60000010, where there is nothing, in start"]


def test_a_write_to_flash_is_a_fault(program: Runner) -> None:
    board = program(
        """
        void hard(void) { out[0] = 1; for (;;) {} }
        void start(void) { REG(0x08000000) = 0; for (;;) {} }
        """
    )
    board.run(ms(1))
    assert board.word("out", 0) == 1
    assert "flash is read-only" in board.faults[0]


def test_a_stack_overflow_is_named(program: Runner) -> None:
    board = program(
        """
        __attribute__((noinline)) uint32_t deep(volatile uint32_t n) {
          volatile uint32_t a[64]; a[n & 63] = n; return deep(n + 1) + a[0];
        }
        void start(void) { out[0] = deep(1); for (;;) {} }
        """
    )
    board.run(ms(50))
    assert board.word("out", 15) == 3  # HardFault is entered though its frame found no memory
    assert "stack overflow" in board.faults[0]
    assert "in deep" in board.faults[0]


def test_an_undefined_instruction_returns_to_the_handler_with_its_address(program: Runner) -> None:
    board = program(
        """
        void start(void);
        void hard(void) {
          uint32_t *frame; __asm volatile("mov %0, sp" : "=r"(frame));
          out[0] = CFSR; for (;;) {}
        }
        void start(void) { __asm volatile("udf #0"); for (;;) {} }
        """
    )
    board.run(ms(1))
    assert board.word("out", 0) == 1 << 16


def test_supervisor_calls_and_pendsv_run_in_priority_order(program: Runner) -> None:
    board = program(
        """
        static volatile uint32_t n;
        void svc(void) { ICSR = 1 << 28; out[n++] = 11; }
        void pendsv(void) { out[n++] = 14; }
        void start(void) {
          REG(0xE000ED20) = 0xFF << 16;
          __asm volatile("svc 0");
          out[n++] = 1;
          for (;;) {}
        }
        """
    )
    board.run(ms(1))
    assert [board.word("out", i) for i in range(3)] == [11, 14, 1]


def test_threads_may_use_the_process_stack(program: Runner) -> None:
    board = program(
        """
        uint32_t stack[64] __attribute__((aligned(8)));
        void tick(void) { uint32_t sp; __asm volatile("mrs %0, psp" : "=r"(sp));
                          out[0]++; out[1] = sp; }
        void start(void) {
          __asm volatile("msr psp, %0; movs r3, #2; msr control, r3; isb"
                         :: "r"(stack + 64) : "r3");
          SYST_RVR = 399; SYST_CVR = 0; SYST_CSR = 7;
          for (;;) __asm volatile("wfi");
        }
        """
    )
    board.run(ms(1))
    stack = board.firmware.symbols["stack"].address
    assert board.word("out", 0) >= 9
    assert stack < board.word("out", 1) < stack + 256


def test_the_cycle_counter_stands_still_in_sleep_and_needs_trcena(program: Runner) -> None:
    board = program(
        """
        void tick(void) { SYST_CSR = 0; }
        void start(void) {
          REG(0xE0001000) = 1; out[0] = REG(0xE0001004);
          REG(0xE000EDFC) = 1 << 24; REG(0xE0001004) = 0;
          SYST_RVR = 39999; SYST_CVR = 0; SYST_CSR = 7;
          __asm volatile("wfi");
          out[1] = REG(0xE0001004);
          for (;;) {}
        }
        """
    )
    board.run(ms(20))
    assert board.word("out", 0) == 0
    assert 10 < board.word("out", 1) < 200  # of 40,000 that went by


def test_a_reset_request_reaches_the_chip(program: Runner) -> None:
    board = program("void start(void) { REG(0xE000ED0C) = 0x05FA0004; for (;;) {} }")
    board.run(us(100))
    assert board.resets == 1


def test_cycles_of_a_loop_follow_the_rule_set(counted_program: Runner) -> None:
    board = counted_program(
        """
        void start(void) {
          REG(0xE000EDFC) = 1 << 24; REG(0xE0001000) = 1;
          uint32_t t0 = REG(0xE0001004);
          __asm volatile(".p2align 2\\n mov r0, #1000\\n 1: subs r0, #1\\n bne 1b" ::: "r0", "cc");
          out[0] = REG(0xE0001004) - t0;
          for (;;) {}
        }
        """
    )
    board.run(ms(5))
    assert board.word("out") == pytest.approx(1000 * (1 + 2), rel=0.01)  # a decode-time branch


def test_unprivileged_thread_code_on_its_own_stack_calls_the_system(program: Runner) -> None:
    board = program(
        """
        static uint32_t process_stack[64];
        static uint32_t control(void) {
          uint32_t value; __asm volatile("mrs %0, control" : "=r"(value)); return value;
        }
        static void set_control(uint32_t value) {
          __asm volatile("msr control, %0 \\n isb" :: "r"(value) : "memory");
        }
        void svc(void) { out[3] = control(); set_control(control() & ~1u); }
        void tick(void) { out[5]++; }
        __attribute__((noinline)) static void process(void) {
          set_control(3);             /* unprivileged */
          out[0] = control();
          set_control(2);             /* which cannot take that back by itself */
          out[1] = control();
          for (volatile int n = 0; n < 3000; n++) {}   /* interrupted on its stack */
          __asm volatile("svc #0" ::: "memory");
          out[4] = control();
          for (;;) {}
        }
        void start(void) {
          SYST_RVR = 3999; SYST_CVR = 0; SYST_CSR = 7;
          __asm volatile("msr psp, %0" :: "r"(process_stack + 64));
          set_control(2);
          process();
        }
        """
    )
    board.run(ms(20))
    assert board.faults == []
    assert [board.word("out", n) for n in (0, 1, 3, 4)] == [3, 3, 1, 2]
    assert board.word("out", 5) == 19


def test_a_division_by_zero_traps_only_where_the_program_asks_for_it(program: Runner) -> None:
    board = program(
        """
        __attribute__((noinline)) static int divide(volatile int a, int b) { return a / b; }
        __attribute__((noinline)) static int divide_unless(int a, int b) {
          int quotient = 7;
          __asm volatile("cmp %2, #0 \\n it ne \\n sdivne %0, %1, %2"
                         : "+r"(quotient) : "r"(a), "r"(b) : "cc");
          return quotient;
        }
        void usage(void) { out[2] = CFSR; out[3]++; REG(0xE000ED14) &= ~(1 << 4); }
        void start(void) {
          SHCSR |= 1 << 18;
          out[0] = divide(7, 0) + 100;
          REG(0xE000ED14) |= 1 << 4;     /* CCR.DIV_0_TRP */
          out[1] = divide(84, 2) + divide_unless(9, 0);
          out[4] = divide(7, 0) + 200;   /* the handler clears the trap and returns here */
          for (;;) {}
        }
        """
    )
    board.run(ms(1))
    assert [board.word("out", n) for n in range(5)] == [100, 49, 1 << 25, 1, 200]
    assert board.faults == [
        "fault: UsageFault: division by zero while SCB_CCR.DIV_0_TRP=1, in divide"
    ]


def test_a_call_of_a_null_function_is_told_at_the_call(program: Runner) -> None:
    board = program(
        """
        static void (*volatile callback)(void);
        void hard(void) { out[0] = CFSR; for (;;) {} }
        __attribute__((noinline)) static void notify(void) { callback(); out[1] = 1; }
        void start(void) { notify(); for (;;) {} }
        """
    )
    board.run(ms(1))
    assert board.word("out") == 1 << 17  # UFSR.INVSTATE
    assert "UsageFault: jump to 0x00000000" in board.faults[0]
    assert board.faults[0].endswith("in notify")


def test_an_event_planned_in_a_block_that_traps_is_not_late(program: Runner) -> None:
    board = program(
        """
        void svc(void) {}
        void tick(void) { if (!out[0]) out[0] = REG(0xE0001004); }
        void start(void) {
          REG(0xE000EDFC) = 1 << 24; REG(0xE0001000) = 1;
          SYST_RVR = 499; SYST_CVR = 0;
          __asm volatile("b 1f; 1: str %0, [%1]; svc 0" :: "r"(7), "r"(&SYST_CSR) : "memory");
          for (;;) {}
        }
        """
    )
    board.run(ms(1))
    assert 500 <= board.word("out") < 700
