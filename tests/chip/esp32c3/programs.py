"""Small programs for the ESP32-C3, compiled on the spot."""

from __future__ import annotations

import subprocess
from pathlib import Path

from facet.chip.esp32c3.rom import functions

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
  __asm volatile("la sp, _stack\\n tail program");
}
static inline void stop_watchdogs(void) {
  REG(0x600080A8) = 0x50D83AA1, REG(0x60008090) = 0;
  REG(0x600080B0) = 0x8F1D312A, REG(0x600080AC) |= 1u << 31;
  REG(0x6001F064) = 0x50D83AA1, REG(0x6001F048) = 0;
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
_stack = 0x3FCD0000; /* above it the ROM keeps its data */
SECTIONS {
  .text 0x42000000 : AT(0) { LONG(MAGIC) LONG(MAGIC) KEEP(*(.start)) *(.text*) }
  .rodata 0x3C000000 + SIZEOF(.text) : AT(SIZEOF(.text)) { *(.rodata*) *(.srodata*) }
  .sram 0x403B0000 : AT(ALIGN(LOADADDR(.rodata) + SIZEOF(.rodata), 4)) { *(.sram*) }
  _sram_load = 0x3C000000 + LOADADDR(.sram);
  _sram_size = SIZEOF(.sram);
  .bss 0x3FCA0000 (NOLOAD) : { _bss = .; *(.bss*) *(.sbss*) _bss_end = .; }
  ASSERT(SIZEOF(.data) + SIZEOF(.sdata) == 0, "no start-up code fills variables")
  .data : { *(.data*) } .sdata : { *(.sdata*) }
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

USES_THE_ROM = (Path(__file__).parent / "rom" / "prototypes.h").read_text()
"""Declares the ROM's functions, whose addresses `build` gives to the linker."""

PRINTS = (
    USES_THE_ROM
    + """
void program(void) {
  stop_watchdogs();
  uart_tx_one_char('!');
  int printed = ets_printf("%d|%5u|%-4d|%04x|%08X|%p|%c|%s|%-6s|%5s|%%|%ld\\n", -12, 34u, 56, 0xAB,
                           0xBEEF12u, 0x3FC80000, 'c', "text", "left", "right", -2147483647 - 1);
  ets_printf("%d characters, %03d %-3d<", printed, -5, -5);
  for (;;) {}
}
"""
)

COPIES = (
    USES_THE_ROM
    + """
static int aligned(char *a, char *b) { /* word loops */
  memset(a, 0x5A, 64), memcpy(b, a, 64), b[63] = 0;
  return memcmp(a, b, 63) == 0 && memcmp(a, b, 64) > 0 && memcmp(b, a, 64) < 0;
}
static int unaligned(char *a) {
  memset(a, 'x', 16), memcpy(a + 1, "abcdefg", 7), memset(a + 8, 'y', 3);
  memmove(a + 2, a + 1, 7);  /* up, over itself */
  if (memcmp(a, "xaabcdefgyyxxxxx", 16)) return 0;
  memmove(a, a + 2, 7);  /* and down */
  return memcmp(a, "abcdefgfgyyxxxxx", 16) == 0 && memchr(a, 'g', 16) == a + 6 &&
         !memchr(a, 'z', 16);
}
static int strings(char *a) {
  strncpy(strcpy(a, "face") + 8, "tsx", 5), strcat(a, a + 8);
  return strlen(a) == 7 && !strcmp(a, "facetsx") && strcmp(a, "faces") > 0 && a[12] == 0 &&
         !strncmp(a, "facet", 5) && strncmp("a", "b", 1) < 0 && strchr(a, 't') == a + 5 - 1 &&
         strchr(a, 0) == a + 7 && strrchr("abca", 'a')[1] == 0 && !strrchr(a, 'q') &&
         atoi(" \\t-120x") == -120 && atoi("+7") == 7 && abs(-3) == 3;
}
static int numbers(volatile int64_t *n) { /* by __divdi3 and its like */
  n[0] = -1234567890123456789ll, n[1] = 9876543210ll;
  uint64_t u = n[0];
  return n[0] / n[1] == -124999998 && n[0] % n[1] == -8626543209ll &&
         n[0] * n[1] == 3466813685673505998ll &&
         u / (uint64_t)n[1] == 1742732838 && u % (uint64_t)n[1] == 5593164847ull &&
         __ashldi3(u, 4) == u << 4 && __ashldi3(u, 36) == u << 36 && __lshrdi3(u, 4) == u >> 4 &&
         __lshrdi3(u, 36) == u >> 36 && __ashrdi3(n[0], 4) == -77160493132716050ll &&
         __ashrdi3(n[0], 36) == -17965328 && __clzsi2(0xFFFF) == 16 && __ctzsi2(0x500) == 8 &&
         __popcountsi2(0xF0F1) == 9 && __bswapsi2(0x12345678) == 0x78563412;
}
void program(void) {
  char *a = (char *)0x3FC90000, *b = (char *)0x3FC91000;
  stop_watchdogs();
  ets_printf("%d %d %d %d", aligned(a, b), unaligned(a), strings(a), numbers((void *)a));
  memcpy((void *)0x403A0000, (void *)0x42000008, 8); /* code, by words */
  for (;;) {}
}
"""
)

WAITS_1_MS = (
    USES_THE_ROM
    + """
void program(void) {
  stop_watchdogs();
  if (rtc_get_reset_reason(0) == 1) {
    uart_tx_one_char('<'), uart_tx_wait_idle(0);
    ets_delay_us(1000);
    uart_tx_one_char('>'), uart_tx_wait_idle(0);
    software_reset();
  }
  uart_tx_one_char('.');
  for (;;) {}
}
"""
)

ECHOES = (
    USES_THE_ROM
    + """
void program(void) {
  uint8_t byte;
  stop_watchdogs();
  while (uart_rx_one_char(&byte)) {}
  uart_tx_one_char(byte + 1), uart_tx_one_char(uart_rx_one_char_block() + 1);
  for (;;) {}
}
"""
)

ROUTES_AN_INTERRUPT = (
    USES_THE_ROM
    + """
void program(void) {
  stop_watchdogs();
  intr_matrix_set(0, 21, 7), esprv_intc_int_set_priority(7, 3), esprv_intc_int_set_threshold(2);
  ets_isr_unmask(0xF0), ets_isr_mask(0x50), rom_gpio_pad_select_gpio(6);
  for (;;) {}
}
"""
)

CALLS_WHAT_THE_ROM_LACKS = """
void program(void) {
  stop_watchdogs();
  ((void (*)(void))0x400000ac)(); /* recv_packet */
}
"""


def build(
    source: str, folder: Path, *, magic: int = 0xAEDB_041D, layout: str = _LINKER_SCRIPT
) -> Path:
    """Compiles a program that begins at `start`, in the section `.start`.

    Args:
        source: the C of its function `program`.
        folder: where to build.
        magic: both words of the direct-boot header.
        layout: the linker script; the ROM's functions are added to it.

    Returns:
        The ELF file.
    """
    (folder / "program.c").write_text(_HEAD + source)
    rom = "".join(f"{name} = {address:#x};" for name, address in functions().items())
    (folder / "program.ld").write_text(layout.replace("MAGIC", hex(magic)) + rom)
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
