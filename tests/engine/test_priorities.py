"""Priority registers keep the four bits that the STM32L4 implements (PM0214, 4.3 and 2.1.3)."""

from __future__ import annotations

from facet.time import ms
from tests.engine.conftest import Runner

IPR = "((volatile uint8_t *)0xE000E400)"
SHPR = "((volatile uint8_t *)0xE000ED18)"


def test_basepri_of_5_reads_0_and_masks_nothing(program: Runner) -> None:
    board = program(
        f"""
        void irq0(void) {{ out[1]++; }}
        void start(void) {{
          uint32_t basepri;
          {IPR}[0] = 0x50; REG(0xE000E100) = 1;
          __asm volatile("msr basepri, %1\\n mrs %0, basepri" : "=r"(basepri) : "r"(5));
          out[0] = basepri;
          REG(0xE000E200) = 1;
          for (;;) {{}}
        }}
        """
    )
    board.run(ms(1))
    assert (board.word("out"), board.word("out", 1)) == (0, 1)


def test_basepri_masks_its_own_level_and_those_below(program: Runner) -> None:
    board = program(
        f"""
        void irq0(void) {{ out[1]++; }}
        void irq1(void) {{ out[2]++; }}
        void start(void) {{
          uint32_t basepri;
          {IPR}[0] = 0x40; {IPR}[1] = 0x50; REG(0xE000E100) = 3;
          __asm volatile("msr basepri, %1\\n mrs %0, basepri" : "=r"(basepri) : "r"(0x5F));
          out[0] = basepri;
          REG(0xE000E200) = 3;
          __asm volatile("dsb\\n isb");
          out[3] = out[2];
          __asm volatile("msr basepri, %0" :: "r"(0));
          for (;;) {{}}
        }}
        """
    )
    board.run(ms(1))
    assert [board.word("out", n) for n in range(4)] == [0x50, 1, 1, 0]


def test_basepri_max_only_raises_and_ignores_bits_that_are_not_there(program: Runner) -> None:
    board = program(
        """
        static uint32_t raise_to(uint32_t value) {
          uint32_t now;
          __asm volatile("msr basepri_max, %1\\n mrs %0, basepri" : "=r"(now) : "r"(value));
          return now;
        }
        void start(void) {
          out[0] = raise_to(0x83);   /* from 0 */
          out[1] = raise_to(0x05);   /* no bit of it is implemented */
          out[2] = raise_to(0xA0);   /* lower than what is masked */
          out[3] = raise_to(0x40);
          out[4] = raise_to(0);
          for (;;) {}
        }
        """
    )
    board.run(ms(1))
    assert [board.word("out", n) for n in range(5)] == [0x80, 0x80, 0x80, 0x40, 0x40]


def test_the_masks_and_priority_bytes_keep_what_the_chip_implements(program: Runner) -> None:
    board = program(
        f"""
        void start(void) {{
          uint32_t value;
          __asm volatile("msr primask, %1\\n mrs %0, primask\\n cpsie i"
                         : "=r"(value) : "r"(0xFFFFFFFE));
          out[0] = value;
          __asm volatile("msr faultmask, %1\\n mrs %0, faultmask\\n cpsie f"
                         : "=r"(value) : "r"(0xFF));
          out[1] = value;
          {IPR}[7] = 0xFF; out[2] = {IPR}[7];
          {SHPR}[0] = 0xFF; out[3] = {SHPR}[0];          /* MemManage */
          REG(0xE000ED18) = 0xFFFFFFFF; out[4] = REG(0xE000ED18);
          REG(0xE000ED1C) = 0xFFFFFFFF; out[5] = REG(0xE000ED1C);   /* SVCall alone */
          REG(0xE000ED20) = 0xFFFFFFFF; out[6] = REG(0xE000ED20);   /* no exception is 13 */
          for (;;) {{}}
        }}
        """
    )
    board.run(ms(1))
    assert [board.word("out", n) for n in range(7)] == [
        *(0, 1, 0xF0, 0xF0),
        *(0x00F0_F0F0, 0xF000_0000, 0xF0F0_00F0),
    ]


def test_a_store_that_pends_an_interrupt_is_followed_by_its_handler(program: Runner) -> None:
    board = program(
        """
        void irq0(void) { out[0] = out[1]; }
        void start(void) {
          REG(0xE000E100) = 1;
          __asm volatile(
            "str %1, [%0]\\n"      /* ISPR: pends */
            "str %1, [%2]\\n"      /* silicon: not before the handler */
            "str %1, [%2]\\n"
            :: "r"(0xE000E200), "r"(1), "r"(&out[1]) : "memory");
          for (;;) {}
        }
        """
    )
    board.run(ms(1))
    assert (board.word("out"), board.word("out", 1)) == (0, 1)


def test_an_interrupt_that_cpsie_unmasks_comes_before_the_next_block(program: Runner) -> None:
    board = program(
        """
        void irq0(void) { out[0] = out[1]; }
        void start(void) {
          REG(0xE000E100) = 1;
          __asm volatile("cpsid i");
          REG(0xE000E200) = 1;
          out[1] = 1;
          __asm volatile("cpsie i\\n isb");
          out[1] = 2;
          for (;;) {}
        }
        """
    )
    board.run(ms(1))
    assert board.word("out") == 1
