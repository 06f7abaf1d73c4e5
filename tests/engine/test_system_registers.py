"""Each register of the system control space is right, or named (ARM DDI 0403E, B3.2)."""

from __future__ import annotations

import pytest

from facet.time import ms
from tests.engine.conftest import Runner

FORCED = 1 << 30  # HFSR
PRECISERR_BFARVALID = 1 << 9 | 1 << 15  # CFSR


@pytest.mark.parametrize(
    ("address", "value"),
    [
        (0xE000_E004, 2),  # ICTR: 82 inputs, groups of 32
        (0xE000_ED00, 0x410F_C241),  # CPUID
        (0xE000_ED0C, 0xFA05_0000),  # AIRCR: VECTKEYSTAT
        (0xE000_ED14, 0x200),  # CCR: STKALIGN
        (0xE000_ED90, 0x800),  # MPU_TYPE: eight regions
        (0xE000_EDF0, 0x0101_0000),  # DHCSR: no debugger
        (0xE000_EF34, 0xC000_0000),  # FPCCR
        (0xE000_EF40, 0x1011_0021),  # MVFR0
        (0xE000_1000, 0x4000_0000),  # DWT_CTRL: four comparators
    ],
)
def test_registers_read_what_the_architecture_says(
    program: Runner, address: int, value: int
) -> None:
    board = program(f"void start(void) {{ out[0] = REG({address:#x}); for (;;) {{}} }}")
    board.run(ms(1))
    assert board.word("out") == value
    assert board.faults == []


def test_a_register_that_is_not_modelled_is_named_once(program: Runner) -> None:
    board = program("void start(void) { for (;;) out[0] = REG(0xE0002000) + REG(0xE000E9F0); }")
    board.run(ms(1))
    assert [fault.split(":")[0] for fault in board.faults] == ["not-modelled"] * 2
    assert "FPB" in board.faults[0]


def test_a_byte_written_to_cfsr_clears_its_lane_only(program: Runner) -> None:
    board = program(
        """
        void usage(void) {
          out[0] = CFSR;
          *(volatile uint8_t *)0xE000ED28 = 0xFF;          /* MMFSR */
          out[1] = CFSR;
          *(volatile uint16_t *)0xE000ED2A = 0xFFFF;       /* UFSR */
          out[2] = CFSR;
          for (;;) {}
        }
        void start(void) { SHCSR = 7 << 16; __asm volatile("udf #0"); }
        """
    )
    board.run(ms(1))
    assert [board.word("out", n) for n in range(3)] == [1 << 16, 1 << 16, 0]


def test_a_supervisor_call_that_escalates_is_forced(program: Runner) -> None:
    board = program(
        """
        void hard(void) { out[0] = HFSR; for (;;) {} }
        void start(void) { __asm volatile("cpsid i\\n svc #0"); for (;;) {} }
        """
    )
    board.run(ms(1))
    assert board.word("out") == FORCED


def test_unprivileged_code_must_not_touch_the_system_control_space(program: Runner) -> None:
    board = program(
        """
        void bus(void) { out[0] = CFSR; out[1] = BFAR; for (;;) {} }
        void start(void) {
          SHCSR = 7 << 16;
          __asm volatile("msr control, %0\\n isb" :: "r"(1));
          REG(0xE000E100) = 1;
          out[2] = 1;
          for (;;) {}
        }
        """
    )
    board.run(ms(1))
    assert board.word("out") == PRECISERR_BFARVALID
    assert board.word("out", 1) == 0xE000_E100
    assert board.word("out", 2) == 0
    assert "unprivileged write to 0xe000e100" in board.faults[0]


def test_unprivileged_code_may_write_stir_if_usersetmpend_is_set(program: Runner) -> None:
    board = program(
        """
        void irq1(void) { out[0]++; }
        void start(void) {
          REG(0xE000E100) = 2; REG(0xE000ED14) |= 2;
          __asm volatile("msr control, %0\\n isb" :: "r"(1));
          REG(0xE000EF00) = 1;
          for (;;) {}
        }
        """
    )
    board.run(ms(1))
    assert board.word("out") == 1


def test_system_exceptions_can_be_pended_by_shcsr(program: Runner) -> None:
    board = program(
        """
        void usage(void) { out[0]++; }
        void start(void) { SHCSR = 1 << 18 | 1 << 12; for (;;) {} }
        """
    )
    board.run(ms(1))
    assert board.word("out") == 1
