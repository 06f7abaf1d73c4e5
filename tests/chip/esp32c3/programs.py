"""Small direct-boot programs for the ESP32-C3, compiled on the spot."""

from __future__ import annotations

import subprocess
from pathlib import Path

_HEAD = """
#include <stdint.h>
#define REG(address) (*(volatile uint32_t *)(address))
#define UART0_FIFO REG(0x60000000)
#define UART0_FSM_STATUS REG(0x6000006C)
#define RTC_TIMER0 REG(0x60008004)
#define RTC_TIMER1 REG(0x60008008)
#define RTC_TIME_UPDATE REG(0x6000800C)
#define RTC_TIME_LOW REG(0x60008010)
#define RTC_STATE0 REG(0x60008018)
#define RTC_RESET_STATE REG(0x60008038)
#define RTC_WAKEUP_STATE REG(0x6000803C)
#define RTC_INT_RAW REG(0x60008044)
#define RTC_INT_CLR REG(0x6000804C)
#define RTC_DIG_PWC REG(0x60008088)
void program(void);
__attribute__((section(".start"), naked)) void start(void) {
  __asm volatile("la sp, _stack\\n j program");
}
static inline void stop_watchdogs(void) {
  REG(0x600080A8) = 0x50D83AA1, REG(0x60008090) = 0;
  REG(0x600080B0) = 0x8F1D312A, REG(0x600080AC) |= 1u << 31;
  REG(0x6001F048) = 0;
}
static inline void say(const char *text) {
  for (; *text; text++) UART0_FIFO = *text;
  while (UART0_FSM_STATUS >> 4 & 15) {}
}
static inline void sleep(uint32_t slow_clocks, int deep) {
  RTC_TIME_UPDATE = 1u << 31;
  RTC_TIMER0 = RTC_TIME_LOW + slow_clocks;
  RTC_INT_CLR = 1 << 10;
  RTC_TIMER1 = 1 << 16;
  RTC_WAKEUP_STATE = 1 << 18;
  RTC_DIG_PWC = deep ? 1u << 31 : 0;
  RTC_STATE0 = 1u << 31;
  while (!(RTC_INT_RAW & 3)) {}
}
"""

_LINKER_SCRIPT = """
_stack = 0x3FCE0000;
SECTIONS {
  .text 0x42000000 : AT(0) { LONG(MAGIC) LONG(MAGIC) KEEP(*(.start)) *(.text*) }
  .rodata 0x3C000000 + SIZEOF(.text) : AT(SIZEOF(.text)) { *(.rodata*) *(.srodata*) }
}
"""

HELLO = """
void program(void) {
  stop_watchdogs();
  say("hello\\r\\n");
  for (;;) {}
}
"""

COUNTS_ITS_DEEP_SLEEPS = """
void program(void) {
  volatile uint32_t *kept = (void *)0x50000000, *lost = (void *)0x3FC80000;
  stop_watchdogs();
  if ((RTC_RESET_STATE & 63) == 1) *kept = 0;
  else ++*kept;
  char text[] = "woken 0, SRAM lost\\r\\n";
  text[6] += *kept;
  if (*lost == 0x1234) text[9] = 0;
  *lost = 0x1234;
  say(text);
  sleep(13600, 1);
}
"""

SLEEPS_LIGHTLY = """
void program(void) {
  stop_watchdogs();
  for (;;) {
    say("awake\\r\\n");
    sleep(136000, 0);
    RTC_INT_CLR = 3;
  }
}
"""

CALLS_THE_ROM = """
void program(void) {
  stop_watchdogs();
  ((void (*)(char))0x40000068)('x'); /* uart_tx_one_char */
}
"""


def build(source: str, folder: Path, *, magic: int = 0xAEDB_041D) -> Path:
    """Compiles `source`; gives the ELF file."""
    (folder / "program.c").write_text(_HEAD + source)
    (folder / "program.ld").write_text(_LINKER_SCRIPT.replace("MAGIC", hex(magic)))
    elf = folder / "program.elf"
    subprocess.run(
        [
            *("riscv64-unknown-elf-gcc", "-g", "-O1", "-march=rv32imc", "-mabi=ilp32"),
            *("-ffreestanding", "-nostdlib", "-Wl,--build-id=none", "-Wl,--no-warn-rwx-segments"),
            *("-T", str(folder / "program.ld"), "-o", str(elf), str(folder / "program.c")),
        ],
        check=True,
    )
    return elf
