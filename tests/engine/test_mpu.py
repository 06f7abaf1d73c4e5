"""The memory protection unit (ARM DDI 0403E, B3.5): regions, faults, MemManage."""

from __future__ import annotations

import pytest

from facet.time import ms
from tests.engine.conftest import Runner

HEAD = """
#define MPU_CTRL REG(0xE000ED94)
#define MPU_RBAR REG(0xE000ED9C)
#define MPU_RASR REG(0xE000EDA0)
#define MMFAR REG(0xE000ED34)
#define SIZE(bits) (((bits) - 1) << 1 | 1)
#define AP(n) ((n) << 24)
#define XN (1 << 28)
static volatile uint32_t guarded[64] __attribute__((aligned(256)));
static void region(uint32_t n, uint32_t base, uint32_t attributes) {
  MPU_RBAR = base | 1 << 4 | n;
  MPU_RASR = attributes;
}
static void protect(void) { MPU_CTRL = 5; __asm volatile("dsb\\n isb"); }
void mem(void) { out[0] = CFSR; out[1] = MMFAR; out[2]++; for (;;) {} }
"""

IACCVIOL, DACCVIOL, MSTKERR, MMARVALID = 1, 2, 1 << 4, 1 << 7


def run(program: Runner, body: str):  # type: ignore[no-untyped-def]
    board = program(HEAD + "void start(void) { SHCSR = 7 << 16;" + body + "for (;;) {} }")
    board.run(ms(1))
    return board


def test_a_denied_store_faults_and_stores_nothing(program: Runner) -> None:
    board = run(
        program,
        """
        guarded[3] = 7;
        region(0, (uint32_t)guarded, SIZE(8) | AP(6));   /* read-only */
        protect();
        out[4] = guarded[3];
        guarded[3] = 9;
        out[5] = 1;
        """,
    )
    address = board.firmware.symbols["guarded"].address + 12
    assert board.word("out") == DACCVIOL | MMARVALID
    assert board.word("out", 1) == address
    assert [board.word("out", n) for n in (4, 5)] == [7, 0]
    assert board.word("guarded", 3) == 7
    assert f"write to {address:#010x}, which the MPU does not allow: region 0" in board.faults[0]
    assert "in start" in board.faults[0]


def test_a_denied_load_faults(program: Runner) -> None:
    board = run(
        program,
        """
        region(2, (uint32_t)guarded, SIZE(5));   /* 32 bytes, no access */
        protect();
        out[4] = guarded[8];                     /* behind the region */
        out[5] = guarded[7];
        out[6] = 1;
        """,
    )
    assert board.word("out") == DACCVIOL | MMARVALID
    assert board.word("out", 1) == board.firmware.symbols["guarded"].address + 28
    assert board.word("out", 6) == 0


def test_the_region_of_the_highest_number_counts_and_subregions_can_be_left_out(
    program: Runner,
) -> None:
    board = run(
        program,
        """
        region(0, (uint32_t)guarded, SIZE(8));                       /* no access */
        region(3, (uint32_t)guarded, SIZE(8) | AP(3) | 0x80 << 8);   /* all but the last eighth */
        protect();
        guarded[0] = 1; guarded[55] = 1;
        out[4] = 1;
        guarded[56] = 1;
        out[5] = 1;
        """,
    )
    assert [board.word("out", n) for n in (0, 4, 5)] == [DACCVIOL | MMARVALID, 1, 0]


def test_code_in_an_execute_never_region_does_not_run(program: Runner) -> None:
    board = run(
        program,
        """
        static uint16_t code[16] __attribute__((aligned(32)));
        code[0] = 0x4770;                                /* BX LR */
        void (*call)(void) = (void (*)(void))((uint32_t)code | 1);
        call();
        out[4] = 1;
        region(0, (uint32_t)code, SIZE(5) | AP(3) | XN);
        protect();
        call();
        out[5] = 1;
        """,
    )
    assert [board.word("out", n) for n in (0, 4, 5)] == [IACCVIOL, 1, 0]
    assert "which the MPU does not let run" in board.faults[0]


def test_privileged_code_uses_the_default_map_and_unprivileged_code_does_not(
    program: Runner,
) -> None:
    board = run(
        program,
        """
        region(0, 0x08000000, SIZE(16) | AP(6));         /* flash: to read and run */
        region(1, 0, SIZE(16) | AP(6));
        region(2, 0x20000000, SIZE(12) | AP(3));         /* the stack's half of SRAM */
        protect();
        out[4] = 1;
        __asm volatile("msr control, %0\\n isb" :: "r"(1));
        out[5] = 1;                                      /* out lies in no region */
        """,
    )
    assert [board.word("out", n) for n in (0, 4, 5)] == [DACCVIOL | MMARVALID, 1, 0]
    assert "no region covers it" in board.faults[0]


def test_a_stack_that_reaches_its_guard_is_reported_on_stacking(program: Runner) -> None:
    board = run(
        program,
        """
        extern void irq0(void);
        region(0, (uint32_t)guarded, SIZE(8));
        REG(0xE000E100) = 1;
        __asm volatile("msr psp, %0\\n msr control, %1\\n isb"
                       :: "r"((uint32_t)guarded + 256 + 16), "r"(2));
        protect();
        REG(0xE000E200) = 1;
        """
        + "for (;;) {} } void irq0(void) { out[3]++; } void unused(void) {",
    )
    assert board.word("out") & MSTKERR
    assert "the MPU does not allow IRQ 0's frame" in board.faults[0]


def test_an_mpu_that_is_off_protects_nothing(program: Runner) -> None:
    board = run(
        program,
        """
        region(0, (uint32_t)guarded, SIZE(8));
        protect();
        MPU_CTRL = 0; __asm volatile("dsb\\n isb");
        guarded[0] = 5;
        out[4] = guarded[0];
        """,
    )
    assert board.word("out", 4) == 5
    assert board.faults == []


@pytest.mark.parametrize(("control", "faults"), [(5, False), (7, True)])
def test_a_hard_fault_handler_is_protected_if_hfnmiena_is_set(
    program: Runner, control: int, faults: bool
) -> None:
    board = program(
        HEAD
        + f"""
        void hard(void) {{ guarded[0] = 5; out[4] = 1; for (;;) {{}} }}
        void start(void) {{
          region(0, (uint32_t)guarded, SIZE(8));
          MPU_CTRL = {control}; __asm volatile("dsb\\n isb");
          guarded[1] = 1;      /* MemManage is disabled: HardFault */
          for (;;) {{}}
        }}
        """
    )
    board.run(ms(1))
    assert board.word("out", 4) == (0 if faults else 1)
    assert any("locked up" in fault for fault in board.faults) is faults


def test_registers_read_back_what_is_implemented(program: Runner) -> None:
    board = run(
        program,
        """
        region(5, 0x20000100, SIZE(8) | AP(3));
        REG(0xE000ED98) = 5;
        out[4] = MPU_RBAR; out[5] = MPU_RASR; out[6] = REG(0xE000ED98); out[7] = MPU_CTRL;
        """,
    )
    assert [board.word("out", n) for n in (4, 5, 6, 7)] == [
        *(0x2000_0105, 0x0300_000F, 5, 0),
    ]
