"""Faults of the core are named at the line that caused them."""

from __future__ import annotations

from pathlib import Path

import pytest

from facet.state import MCU
from tests.strict.program import Run, needs_toolchain

pytestmark = [needs_toolchain, pytest.mark.usefixtures("each_engine")]


def test_a_null_function_call(tmp_path: Path) -> None:
    run = Run(
        """
        static void (*volatile callback)(void);
        void reset(void) {
          callback = 0;
          callback(); /* HERE */
          for (;;) {}
        }
        """,
        tmp_path,
    )
    run.blames("fault", "UsageFault", "jump to 0x00000000", "Thumb")


def test_a_call_through_uninitialized_memory(tmp_path: Path) -> None:
    """SRAM has random contents after power-on; here they are not an address of code."""
    run = Run(
        """
        static void (*volatile callback)(void);
        void reset(void) {
          callback(); /* HERE */
          for (;;) {}
        }
        """,
        tmp_path,
    )
    run.blames("fault", "MemManage", "code fetched from", "execute never")


def test_a_call_to_an_address_without_memory(tmp_path: Path) -> None:
    run = Run(
        """
        static volatile uint32_t callback;
        void reset(void) {
          callback = 0x30000001;
          ((void (*)(void))callback)(); /* HERE */
          for (;;) {}
        }
        """,
        tmp_path,
    )
    run.blames("fault", "BusFault", "code fetched from 0x30000000")


def test_a_write_to_flash(tmp_path: Path) -> None:
    run = Run(
        """
        void reset(void) {
          REG(0x08000400) = 1; /* HERE */
          for (;;) {}
        }
        """,
        tmp_path,
    )
    run.blames("fault", "BusFault", "0x08000400", "FLASH is read-only")


def test_a_stack_overflow(tmp_path: Path) -> None:
    run = Run(
        """
        __attribute__((noinline)) static int deeper(volatile int *above) {
          volatile int local[64];
          local[0] = *above + 1; /* HERE */
          return deeper(local) + local[1];
        }
        void reset(void) {
          volatile int first = 0;
          deeper(&first);
          for (;;) {}
        }
        """,
        tmp_path,
    )
    run.blames("fault", "stack overflow", "below its memory")


def test_an_interrupt_handler_that_calls_itself_without_end(tmp_path: Path) -> None:
    run = Run(
        """
        /* HERE */ __attribute__((noinline)) static int again(volatile int *above) {
          volatile int local = *above;
          return again(&local) + local;
        }
        void tick(void) { volatile int first = 0; again(&first); }
        void reset(void) {
          SYST_RVR = 3999; SYST_CVR = 0; SYST_CSR = 7;
          for (;;) {}
        }
        """,
        tmp_path,
    )
    run.blames("fault", "stack overflow")


def test_a_division_by_zero_with_the_trap_on(tmp_path: Path) -> None:
    run = Run(
        """
        static volatile int numerator, denominator;
        __attribute__((noinline)) static void divide(void) {
          out[0] = numerator / denominator; /* HERE */
          out[1] = 1;
        }
        void reset(void) {
          SCB_CCR |= 1 << 4;
          denominator = 0;
          divide();
          for (;;) {}
        }
        """,
        tmp_path,
    )
    run.blames("fault", "UsageFault", "division by zero")


def test_a_service_call_from_a_masked_priority(tmp_path: Path) -> None:
    run = Run(
        """
        void reset(void) {
          __asm volatile("cpsid i");
          __asm volatile("svc #0"); /* HERE */
          for (;;) {}
        }
        """,
        tmp_path,
    )
    run.blames("fault", "HardFault", "SVC")


def test_a_fault_without_a_handler_locks_the_core_up(tmp_path: Path) -> None:
    run = Run(
        """
        void hard(void) { REG(0x60000000) = 2; }
        void reset(void) {
          REG(0x60000000) = 1; /* HERE */
          for (;;) {}
        }
        """,
        tmp_path,
    )
    run.blames("fault", "BusFault", "0x60000000")
    assert run.rules[-1] == "lock-up"
    assert str(run.machine.trace.present(MCU)) == "locked up"


def test_a_program_linked_to_a_wrong_address(tmp_path: Path) -> None:
    """Its vector table is where a bootloader would look for it, and there is no bootloader."""
    run = Run("void reset(void) { for (;;) {} }", tmp_path, base=0x0801_0000)
    assert run.rules == ["lock-up"]
    assert "the vector table at 0x00000000 is erased flash" in str(
        run.machine.diagnostics.violations[0]
    )


def test_an_exception_return_with_a_wrong_code(tmp_path: Path) -> None:
    run = Run(
        """
        __attribute__((naked)) void tick(void) {
          __asm volatile("ldr r0, =0xFFFFFFFF \\n bx r0");
        }
        void reset(void) {
          SYST_RVR = 3999; SYST_CVR = 0; SYST_CSR = 7;
          for (;;) {}
        }
        """,
        tmp_path,
    )
    assert run.rules[0] == "fault"
    assert "illegal exception return 0xffffffff" in str(run.machine.diagnostics.violations[0])


def test_bit_banding_of_sram_and_peripherals(tmp_path: Path) -> None:
    """Bit-banding, which a program may use like any other access."""
    run = Run(
        """
        void reset(void) {
          out[0] = 0x100;
          uint32_t alias = 0x22000000 + ((uint32_t)out - 0x20000000) * 32;
          REG(alias + 4 * 3) = 1;
          out[1] = REG(alias + 4 * 8) * 10 + REG(alias + 4 * 9);
          REG(0x42000000 + 0x2104C * 32 + 4 * 0) = 1; /* RCC_AHB2ENR.GPIOAEN */
          out[2] = RCC_AHB2ENR;
          for (;;) {}
        }
        """,
        tmp_path,
    )
    assert run.rules == []
    assert [run.out(n) for n in range(3)] == [0x108, 10, 1]
