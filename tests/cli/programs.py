"""Small programs for the NUCLEO-L476RG, compiled on the spot: firmware that is not Facet's."""

from __future__ import annotations

import subprocess
from pathlib import Path

_HEAD = """
#include <stdint.h>
#define REG(address) (*(volatile uint32_t *)(address))
#define RCC_AHB2ENR REG(0x4002104C)
#define RCC_APB1ENR1 REG(0x40021058)
#define GPIOA_MODER REG(0x48000000)
#define GPIOA_ODR REG(0x48000014)
#define GPIOA_AFRL REG(0x48000020)
#define GPIOC_MODER REG(0x48000800)
#define GPIOC_IDR REG(0x48000810)
#define USART2_CR1 REG(0x40004400)
#define USART2_BRR REG(0x4000440C)
#define USART2_ISR REG(0x4000441C)
#define USART2_RDR REG(0x40004424)
#define USART2_TDR REG(0x40004428)
extern uint32_t _stack;
void reset(void);
__attribute__((section(".vectors"), used)) static void *const vectors[4] = {&_stack, reset, 0, 0};

static inline void serial_on(void) { /* 115200 baud from MSI, 4 MHz */
  RCC_AHB2ENR |= 1;
  RCC_APB1ENR1 |= 1 << 17;
  GPIOA_MODER = (GPIOA_MODER & ~0xF0u) | 0xA0;
  GPIOA_AFRL = 0x7700;
  USART2_BRR = 35;
  USART2_CR1 = 0xD; /* UE, RE, TE */
}
static inline void say(const char *text) {
  for (; *text; text++) {
    while (!(USART2_ISR & 1 << 7)) {}
    USART2_TDR = *text;
  }
}
"""

_LINKER_SCRIPT = """
ENTRY(reset)
_stack = 0x20008000;
SECTIONS {
  .text base : { KEEP(*(.vectors)) *(.text*) *(.rodata*) }
  .bss 0x20000000 (NOLOAD) : { *(.data*) *(.bss*) *(COMMON) }
  .filled 0x20004000 : { *(.filled*) }
}
"""

HELLO = """
void reset(void) {
  serial_on();
  say("hello\\r\\n");
  for (;;) {
    while (!(USART2_ISR & 1 << 5)) {}
    USART2_TDR = USART2_RDR + 1; /* a becomes b */
  }
}
"""

COUNTS_ITS_CYCLES = """
static const uint32_t table[256] = {1};
void reset(void) { /* says how many cycles it takes to add up a table in flash */
  serial_on();
  REG(0x40022000) = 4; /* four wait states, no cache, no prefetch */
  REG(0xE000EDFC) = 1 << 24;
  REG(0xE0001000) = 1;
  uint32_t sum = 0, begin = REG(0xE0001004);
  for (int i = 0; i < 256; i++) sum += *(const volatile uint32_t *)&table[i];
  uint32_t cycles = REG(0xE0001004) - begin;
  char digits[] = "cycles: 00000\\r\\n";
  for (int i = 12; i > 7; i--, cycles /= 10) digits[i] += cycles % 10;
  say(sum ? digits : "");
  for (;;) {}
}
"""

COUNTS_REGISTER_ACCESSES = """
#define CYCLES(access) ({ uint32_t begin = REG(0xE0001004); \\
    for (int i = 0; i < 100; i++) access; REG(0xE0001004) - begin; })
static void number(uint32_t n) {
  char digits[] = "0000 ";
  for (int i = 3; i >= 0; i--, n /= 10) digits[i] += n % 10;
  say(digits);
}
void reset(void) { /* cycles of 100 accesses on AHB2, APB1 at HCLK and APB1 at a quarter of it */
  serial_on();
  REG(0xE000EDFC) = 1 << 24;
  REG(0xE0001000) = 1;
  uint32_t ahb = CYCLES(GPIOA_ODR), apb = CYCLES(USART2_CR1), write = CYCLES(USART2_BRR = 35);
  REG(0x40021008) = 5 << 8;
  uint32_t slow = CYCLES(USART2_CR1);
  REG(0x40021008) = 0;
  number(ahb); number(apb); number(write); number(slow);
  for (;;) {}
}
"""

LAMP = """
void reset(void) { /* LD2 is lit while B1 is pressed */
  RCC_AHB2ENR |= 5;
  GPIOC_MODER &= ~(3u << 26);
  GPIOA_MODER = (GPIOA_MODER & ~(3u << 10)) | 1 << 10;
  for (;;) GPIOA_ODR = GPIOC_IDR & 1 << 13 ? 0 : 1 << 5;
}
"""

GREETS_AND_SWITCHES = """
void reset(void) { /* B1 switches LD2 on, for good */
  RCC_AHB2ENR |= 5;
  GPIOC_MODER &= ~(3u << 26);
  GPIOA_MODER = (GPIOA_MODER & ~(3u << 10)) | 1 << 10;
  serial_on();
  say("hello\\r\\n");
  while (GPIOC_IDR & 1 << 13) {}
  GPIOA_ODR = 1 << 5;
  say("LED on\\r\\n");
  for (;;) {}
}
"""

FORGOT_A_CLOCK = """
void reset(void) {
  USART2_BRR = 35;
  for (;;) {}
}
"""

DEINITIALIZES = """
void reset(void) { /* as a vendor's DeInit does: no clock is on */
  for (uint32_t port = 0; port < 8; port++)
    if (REG(0x48000000 + 0x400 * port)) for (;;) {}
  RCC_APB1ENR1 |= 1 | 1 << 4; /* TIM2EN, TIM6EN */
  REG(0x40000044) = 0x8000; /* TIM2 has no BDTR */
  REG(0x40001030) = 1; /* TIM6 has no RCR */
  for (;;) {}
}
"""

IS_BITTEN = """
void reset(void) { /* a test of the watchdog: 10 ms */
  REG(0x40003000) = 0x5555;
  REG(0x40003008) = 79;
  REG(0x40003000) = 0xCCCC;
  for (;;) {}
}
"""

COUNTS = """
void reset(void) { /* sends a line for each step, and calculates in between without any access */
  serial_on();
  for (uint32_t step = 0;; step++) {
    say("step\\r\\n");
    for (volatile uint32_t n = 0; n < 100000; n++) {}
  }
}
"""

WORKS_FOR_EVER = """
void reset(void) { /* after a line, never leaves the core again */
  serial_on();
  say("working\\r\\n");
  for (volatile uint32_t n = 0;; n++) {}
}
"""

USES_WHAT_HAS_NO_MODEL = """
void reset(void) {
  serial_on();
  say("before\\r\\n");
  while (!(USART2_ISR & 1 << 6)) {}
  RCC_AHB2ENR |= 1 << 13; /* ADCEN */
  (void)REG(0x50040008);
  say("after\\r\\n");
  for (;;) {}
}
"""

LOCKS_UP = """
void reset(void) { /* a fault whose handler's address is 0 */
  REG(0x60000000) = 1;
  for (;;) {}
}
"""


def build(source: str, folder: Path, base: int = 0x0800_0000) -> Path:
    """Compiles a C program that begins at ``reset``; gives its ELF.

    Args:
        source: the program.
        folder: where to build.
        base: address of its vector table.
    """
    (folder / "program.c").write_text(_HEAD + source)
    (folder / "program.ld").write_text(_LINKER_SCRIPT)
    elf = folder / "program.elf"
    subprocess.run(
        [
            *("arm-none-eabi-gcc", "-g", "-O1", "-mcpu=cortex-m4", "-mthumb", "-ffreestanding"),
            *("-nostdlib", "-Wl,--build-id=none", f"-Wl,--defsym=base={base:#x}"),
            *("-Wl,--no-warn-rwx-segments", "-T", str(folder / "program.ld")),
            *("-o", str(elf), str(folder / "program.c")),
        ],
        check=True,
    )
    return elf
