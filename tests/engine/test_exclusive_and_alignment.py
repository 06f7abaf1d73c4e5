"""The exclusive monitor (ARM DDI 0403E, A3.4) and aligned accesses (A3.2.1)."""

from __future__ import annotations

import pytest

from facet.time import ms
from tests.engine.conftest import Runner

UNALIGNED = 1 << 24  # CFSR

USAGE = "void usage(void) { out[1] = CFSR; for (;;) {} }"


def test_an_exclusive_pair_succeeds_and_a_lone_store_fails(program: Runner) -> None:
    board = program(
        """
        static volatile uint32_t lock;
        void start(void) {
          uint32_t failed, value;
          __asm volatile("ldrex %0, [%2]\\n strex %1, %3, [%2]"
                         : "=&r"(value), "=&r"(failed) : "r"(&lock), "r"(7) : "memory");
          out[0] = failed; out[1] = lock;
          __asm volatile("strex %0, %2, [%1]" : "=&r"(failed) : "r"(&lock), "r"(9) : "memory");
          out[2] = failed; out[3] = lock;
          for (;;) {}
        }
        """
    )
    board.run(ms(1))
    assert [board.word("out", n) for n in range(4)] == [0, 7, 1, 7]


def test_an_exception_between_the_pair_makes_the_store_fail(program: Runner) -> None:
    board = program(
        """
        static volatile uint32_t lock;
        void irq0(void) { out[2]++; }
        void start(void) {
          uint32_t failed, value;
          REG(0xE000E100) = 1;
          __asm volatile("ldrex %0, [%2]\\n str %4, [%3]\\n nop\\n nop\\n strex %1, %4, [%2]"
                         : "=&r"(value), "=&r"(failed)
                         : "r"(&lock), "r"(0xE000E200), "r"(1) : "memory");
          out[0] = failed; out[1] = lock;
          for (;;) {}
        }
        """
    )
    board.run(ms(1))
    assert [board.word("out", n) for n in range(3)] == [1, 0, 1]


@pytest.mark.parametrize(
    "instruction",
    [
        "ldrex r2, [%0]",
        "ldrexh r2, [%0]",
        "ldrd r2, r3, [%0]",
        "strd r2, r3, [%0]",
        "ldm %0, {r2, r3}",
        "stm %0, {r2, r3}",
        "ldmdb %0, {r2, r3}",
        "vldr s0, [%0]",
        "vstr d0, [%0]",
        "vldm %0, {s0-s1}",
    ],
)
def test_an_unaligned_access_of_several_words_is_a_usage_fault(
    program: Runner, instruction: str
) -> None:
    board = program(
        f"""
        {USAGE}
        static volatile uint32_t data[4];
        void start(void) {{
          SHCSR = 7 << 16; CPACR = 0xF << 20;
          __asm volatile("dsb\\n isb");
          __asm volatile("{instruction}" :: "r"((uint32_t)&data[1] + 1)
                         : "r2", "r3", "s0", "s1", "memory");
          out[0] = 1;
          for (;;) {{}}
        }}
        """
    )
    board.run(ms(1))
    assert board.word("out") == 0
    assert board.word("out", 1) == UNALIGNED
    assert "unaligned access" in board.faults[0]
    assert "in start" in board.faults[0]


def test_an_address_that_the_block_computes_is_checked_too(program: Runner) -> None:
    board = program(
        f"""
        {USAGE}
        static volatile uint32_t data[4];
        static volatile uint32_t offset = 2;
        void start(void) {{
          SHCSR = 7 << 16;
          __asm volatile("ldr r2, [%1]\\n add r2, r2, %0\\n ldrd r4, r5, [r2]"
                         :: "r"(data), "r"(&offset) : "r2", "r4", "r5");
          out[0] = 1;
          for (;;) {{}}
        }}
        """
    )
    board.core.write_memory(board.firmware.symbols["offset"].address, b"\x02\0\0\0")
    board.run(ms(1))
    assert (board.word("out"), board.word("out", 1)) == (0, UNALIGNED)


def test_aligned_accesses_of_several_words_and_unaligned_words_are_carried_out(
    program: Runner,
) -> None:
    board = program(
        """
        static volatile uint8_t data[16];
        void start(void) {
          uint32_t low, high;
          for (int n = 0; n < 16; n++) data[n] = n;
          const volatile uint8_t *at = data;
          __asm volatile("ldrd %0, %1, [%2], #8"
                         : "=&r"(low), "=&r"(high), "+r"(at) :: "memory");
          out[0] = low; out[1] = high;
          out[2] = *(volatile uint32_t *)(data + 1);
          out[3] = *(volatile uint16_t *)(data + 3);
          for (;;) {}
        }
        """
    )
    board.run(ms(1))
    assert [board.word("out", n) for n in range(4)] == [
        *(0x0302_0100, 0x0706_0504, 0x0403_0201, 0x0403),
    ]
    assert board.faults == []


@pytest.mark.parametrize(
    ("instruction", "misplaced"),
    [("ldr r2, [%0]", 2), ("str r2, [%0]", 1), ("ldrh r2, [%0]", 1), ("strh r2, [%0]", 1)],
)
def test_with_unalign_trp_every_unaligned_access_traps(
    program: Runner, instruction: str, misplaced: int
) -> None:
    board = program(
        f"""
        {USAGE}
        static volatile uint32_t data[4];
        void start(void) {{
          SHCSR = 7 << 16; REG(0xE000ED14) |= 1 << 3;
          __asm volatile("{instruction}" :: "r"((uint32_t)data + {misplaced}) : "r2", "memory");
          out[0] = 1;
          for (;;) {{}}
        }}
        """
    )
    board.run(ms(1))
    assert (board.word("out"), board.word("out", 1)) == (0, UNALIGNED)
