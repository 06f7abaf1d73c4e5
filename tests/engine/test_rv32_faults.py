"""The RV32 core's exceptions, buses and protection, tested with programs compiled for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from facet.time import ms
from facet.timeline import Stop
from tests.engine.bare_rv32 import BareRv32, build
from tests.engine.rv32_source import HEAD, SKIP, Runner, needs_compiler
from tests.engines_under_test import EngineUnderTest

pytestmark = needs_compiler


@pytest.fixture
def program(engine: EngineUnderTest, tmp_path: Path) -> Runner:
    return lambda source: BareRv32(build(HEAD + source, tmp_path), engine)


@pytest.mark.parametrize("register", ["mcycle", "mie", "0xC00"])
def test_a_register_that_the_chip_lacks_is_an_illegal_instruction(
    program: Runner, register: str
) -> None:
    board = program(
        f"""
        void exception(void) {{
          out[0] = CSR_READ(mcause); out[1] = CSR_READ(mtval); {SKIP}
        }}
        void start(void) {{ out[2] = CSR_READ({register}); out[3] = 1; }}
        """
    )
    board.run(ms(0.1))
    assert board.word("out", 0) == 2
    assert board.word("out", 1) & 0x7F == 0x73  # the instruction
    assert board.word("out", 3) == 1
    assert len(board.faults) == 1
    assert "does not exist on the ESP32-C3" in board.faults[0]


@pytest.mark.parametrize(
    ("instruction", "cause", "fault"),
    [
        (".4byte 0xFFFFFFFF", 2, "fault: illegal instruction: 0xffffffff is not of RV32IMC"),
        (".2byte 0; nop", 2, "fault: illegal instruction: 0x0000 is not of RV32IMC"),
        (".4byte 0x0055202F", 2, "fault: illegal instruction: 0x0055202f is not of RV32IMC"),
        (".4byte 0x003100D3", 2, "fault: illegal instruction: 0x003100d3 is not of RV32IMC"),
        ("ebreak; nop", 3, "fault: breakpoint: EBREAK with no debugger connected"),
        (".option push; .option norvc; ebreak; .option pop", 3, "fault: breakpoint"),
        ("ecall", 11, None),
    ],
)
def test_exceptions_reach_the_handler_with_their_cause_and_place(
    program: Runner, instruction: str, cause: int, fault: str | None
) -> None:
    board = program(
        f"""
        extern char trapping[];
        void exception(void) {{
          out[0] = CSR_READ(mcause); out[1] = CSR_READ(mepc) == (uint32_t)trapping; {SKIP}
        }}
        void start(void) {{
          __asm volatile("nop; trapping: {instruction}" ::: "memory");
          out[2] = 1;
        }}
        """
    )
    board.run(ms(0.1))
    assert [board.word("out", i) for i in range(3)] == [cause, 1, 1]
    if fault is None:
        assert board.faults == []
    else:
        assert board.faults[0].startswith(fault)
        assert board.faults[0].endswith("in start")


def test_accesses_to_nothing_are_access_faults_with_their_address(program: Runner) -> None:
    board = program(
        f"""
        static volatile uint32_t n;
        void exception(void) {{
          out[n++] = CSR_READ(mcause); out[n++] = CSR_READ(mtval);
          {SKIP}
        }}
        void start(void) {{
          uint32_t nowhere = 0x10000000, flash = 0x3C000000;
          __asm volatile(".option push; .option norvc; lw t1, 0(%0); sw t1, 4(%0); sb t1, 8(%1);"
                         ".option pop" :: "r"(nowhere), "r"(flash) : "t1");
          out[15] = 1;
        }}
        """
    )
    board.run(ms(0.1))
    assert [board.word("out", i) for i in range(6)] == [
        *(5, 0x1000_0000),
        *(7, 0x1000_0004),
        *(7, 0x3C00_0008),
    ]
    assert board.word("out", 15) == 1
    assert board.faults == [
        "fault: load access fault: read of 0x10000000, where there is nothing, in start",
        "fault: store access fault: write to 0x10000004, where there is nothing, in start",
        "fault: store access fault: write to 0x3c000008, where flash (DROM) is read-only, in start",
    ]


def test_a_call_of_nothing_is_reported_at_the_call(program: Runner) -> None:
    board = program(
        """
        void (*volatile nothing)(void);
        void exception(void) { out[0] = CSR_READ(mcause); out[1] = CSR_READ(mepc); for (;;) {} }
        void start(void) { out[1] = 1; nothing(); out[2] = 1; }
        """
    )
    board.run(ms(0.1))
    assert [board.word("out", i) for i in range(3)] == [1, 0, 0]
    assert board.faults == [
        "fault: instruction access fault: code fetched from 0x00000000, where there is nothing, "
        "in start"
    ]


def test_the_chip_gives_the_rule_and_the_reason_for_missing_memory(program: Runner) -> None:
    board = program("void start(void) { ((void (*)(void))0x40000010)(); }")
    board.core.why_unmapped = lambda _address: ("cache-off", "the flash cache is off")
    board.run(ms(0.1))
    assert board.faults[0] == (
        "cache-off: instruction access fault: code fetched from 0x40000010, where the flash cache "
        "is off, in start"
    )


def test_no_code_runs_from_the_data_bus(program: Runner) -> None:
    board = program(
        """
        static volatile uint32_t code[1];
        void exception(void) { out[0] = CSR_READ(mcause); for (;;) {} }
        void start(void) {
          code[0] = 0x00008067;  /* ret */
          out[1] = code[0];
          ((void (*)(void))code)();
          out[2] = 1;
        }
        """
    )
    board.run(ms(0.1))
    assert board.word("out") == 1
    assert "where only data is (SRAM1)" in board.faults[0]


def test_sram_is_one_memory_on_both_buses_and_code_is_copied_into_it(program: Runner) -> None:
    board = program(
        """
        static uint32_t room[4];
        void start(void) {
          volatile uint32_t *data = room;
          volatile uint32_t *code = (uint32_t *)((uint32_t)room - 0x3FC80000 + 0x40380000);
          data[0] = 0x02A00513; data[1] = 0x00008067;                     /* return 42 */
          out[0] = ((uint32_t (*)(void))code)();
          code[0] = 0x02B00513;                                           /* return 43 */
          __asm volatile(".option push; .option arch, +zifencei; fence.i; .option pop");
          out[1] = ((uint32_t (*)(void))code)();
          out[2] = data[0];
          out[3] = code[1];
        }
        """
    )
    board.run(ms(0.1))
    assert [board.word("out", i) for i in range(4)] == [42, 43, 0x02B0_0513, 0x8067]
    assert board.faults == []


def test_the_instruction_bus_moves_data_in_aligned_words_only(program: Runner) -> None:
    board = program(
        f"""
        void exception(void) {{ out[0] = CSR_READ(mcause); out[1] = CSR_READ(mtval); {SKIP} }}
        void start(void) {{
          uint32_t iram = 0x40380100;
          __asm volatile(".option push; .option norvc; lbu t1, 1(%0); .option pop"
                         :: "r"(iram) : "t1");
          out[2] = 1;
        }}
        """
    )
    board.run(ms(0.1))
    assert [board.word("out", i) for i in range(3)] == [5, 0x4038_0101, 1]
    assert board.faults == [
        "fault: load access fault: 1-byte read of 0x40380101 in SRAM1 (IRAM): the instruction bus "
        "moves data in aligned words only; use its address on the data bus, in start"
    ]


def test_the_data_bus_takes_any_alignment(program: Runner) -> None:
    board = program(
        """
        static uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
        void start(void) {
          for (int n = 0; n < 8; n++) ((volatile uint8_t *)bytes)[n] = n + 1;
          uint32_t word;
          __asm volatile("lw %0, 1(%1)" : "=r"(word) : "r"(bytes) : "memory");
          out[0] = word;
        }
        """
    )
    board.run(ms(0.1))
    assert board.word("out") == 0x0504_0302
    assert board.faults == []


def test_a_stack_overflow_is_named_and_ends_in_a_lock_up(program: Runner) -> None:
    board = program(
        """
        int deeper(volatile int n) {
          volatile int a[100]; a[n & 63] = n; return deeper(n + 1) + a[3];
        }
        void start(void) { out[0] = deeper(1); }
        """
    )
    assert board.run(ms(10)) is Stop.LOCKUP
    assert board.faults[0].startswith("fault: store access fault: stack overflow: SP is 0x3fc7f"), (
        board.faults[0]
    )
    assert board.faults[0].endswith("in deeper")
    assert board.faults[-1].startswith("lock-up: the trap handler at 0x42000")


def test_user_mode_calls_the_machine_and_cannot_have_its_registers(program: Runner) -> None:
    board = program(
        f"""
        static volatile uint32_t n;
        void exception(void) {{
          out[n++] = CSR_READ(mcause); out[n++] = CSR_READ(mstatus) & 0x1800;
          {SKIP}
        }}
        static void user(void) {{
          __asm volatile("ecall" ::: "memory");
          out[8] = CSR_READ(mtvec);
          out[9] = CSR_READ(mscratch);
          out[10] = 1;
          for (;;) {{}}
        }}
        void start(void) {{
          CSR_WRITE(mepc, user); CSR_WRITE(mstatus, 0); __asm volatile("mret");
        }}
        """
    )
    board.run(ms(0.1))
    assert [board.word("out", i) for i in range(6)] == [8, 0, 2, 0, 2, 0]
    assert board.word("out", 10) == 1


def test_protection_that_is_not_modelled_is_named_once(program: Runner) -> None:
    board = program(
        "void start(void) { CSR_WRITE(pmpaddr0, 1); CSR_WRITE(pmpaddr1, 2); "
        "out[0] = CSR_READ(pmpaddr1); }"
    )
    board.run(ms(0.1))
    assert board.word("out") == 2
    assert board.faults == [
        "not-modelled: pmpaddr0 written: Facet has no PMP model, memory is not protected, in start"
    ]
