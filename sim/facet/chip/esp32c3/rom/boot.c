// From reset to the program: what the ROM prints, and where it goes on.
//
// FIDELITY:
//   model: The ROM prints on UART0 only, and never "Saved PC:" after a watchdog reset.
//   silicon: The chip prints on the USB Serial/JTAG controller too.
//   hides: A host program that reads from there or reads that line.
#include "rom.h"

#define UART0_CLK_CONF REG(UART0 + 0x78)
#define SCLK_DIV_NUM (0xFFu << 12)
#define UART_DIVIDER (347u << 4 | 3)  // 40 MHz / (347 + 3/16) = 115,211 baud

#define CPU_MHZ 20          // after a reset: XTAL_CLK halved
#define STRAP_SPI_BOOT 8u   // GPIO9 high at reset (datasheet, 3.1)
#define STRAP_UART_BOOT 4u  // GPIO8 high
#define SILENT 0x10001u     // rtc.h: RTC_DISABLE_ROM_LOG, of RTC_CNTL_STORE4

#define DIRECT_BOOT_MAGIC 0xAEDB041Du
#define FLASH_PAGES 64  // 4 MB

// FIDELITY:
//   model: A program that boots directly starts exactly 15 ms after the reset: the ROM waits until
//     then.
//   silicon: The time depends on the flash and on the kind of reset, and was not measured.
//   hides: The time of a start.
#define START_CYCLE (15000 * CPU_MHZ)

extern uint32_t rom_bss_start[], rom_bss_end[], rom_interface_start[], rom_interface_end[];

void start_program(uint32_t entry, uint32_t cycle);  // start.S
void boot_image(void);                               // image.c

static const char* reset_name(uint32_t reason) {
  static const char* const kNames[] = {
      [0x01] = "POWERON",
      [0x03] = "RTC_SW_SYS_RST",
      [0x05] = "DSLEEP",
      [0x07] = "TG0WDT_SYS_RST",
      [0x08] = "TG1WDT_SYS_RST",
      [0x09] = "RTCWDT_SYS_RST",
      [0x0A] = "INTRUSION_RST",
      [0x0B] = "TG0WDT_CPU_RST",
      [0x0C] = "RTC_SW_CPU_RST",
      [0x0D] = "RTCWDT_CPU_RST",
      [0x0F] = "BROWNOUT_RST",
      [0x10] = "RTCWDT_RTC_RST",
      [0x11] = "TG1WDT_CPU_RST",
      [0x12] = "SUPER_WDT_RST",
      [0x13] = "GLITCH_RTC_RST",
      [0x14] = "EFUSE_RST",
      [0x15] = "USB_UART_CHIP_RESET",
      [0x16] = "USB_JTAG_CHIP_RESET",
      [0x17] = "POWER_GLITCH_RESET",
  };
  const char* name = reason < sizeof kNames / sizeof *kNames ? kNames[reason] : NULL;
  return name ? name : "UNKNOWN";
}

static const char* boot_name(uint32_t strap) {
  if (strap & STRAP_SPI_BOOT) return "SPI_FAST_FLASH_BOOT";
  return strap & STRAP_UART_BOOT ? "DOWNLOAD(USB/UART0/1)" : "SPI_DOWNLOAD_BOOT";
}

static void clear(uint32_t* from, const uint32_t* to) {
  while (from != to) *from++ = 0;
}

// FIDELITY:
//   model: The ROM leaves UART0 at 115200 baud from XTAL_CLK, with these dividers.
//   silicon: The dividers that a chip's ROM writes have not been read back.
//   hides: A firmware that relies on the dividers instead of setting its own.
static void init_terminal(void) {
  UART0_CLK_CONF &= ~SCLK_DIV_NUM;
  uart_div_modify(0, UART_DIVIDER);
  if ((RTC_CNTL_STORE(4) & SILENT) != SILENT) ets_install_uart_printf();
}

// FIDELITY:
//   model: The ROM waits for a download and answers nothing.
//   silicon: The ROM speaks esptool's protocol.
//   hides: Nothing of a program, because no program runs then.
static void wait_for_download(uint32_t strap) {
  disable_default_watchdog();
  RTC_CNTL_SWD_WPROTECT = SWD_KEY;
  RTC_CNTL_SWD_CONF |= SWD_AUTO_FEED_EN;  // chips wait longer than the super watchdog would
  RTC_CNTL_SWD_WPROTECT = 0;
  ets_printf(strap & STRAP_UART_BOOT ? "waiting for download\n" : "wait spi download\n");
  for (;;) {
  }
}

static void map_flash(uint32_t pages) {
  Cache_Dbus_MMU_Set(0, DROM, 0, MMU_PAGE >> 10, pages, 0);
  Cache_Invalidate_ICache_All();
}

_Noreturn void boot(void) {
  uint32_t reason = rtc_get_reset_reason(0), strap = GPIO_STRAP & 0xF, stub;
  clear(rom_bss_start, rom_bss_end);
  clear(rom_interface_start, rom_interface_end);
  ets_update_cpu_frequency(CPU_MHZ);
  spiflash_init();
  init_terminal();
  ets_printf("ESP-ROM:esp32c3-api1-20210207\nBuild:Feb  7 2021\nrst:0x%x (%s),boot:0x%x (%s)\n",
             reason, reset_name(reason), strap, boot_name(strap));
  if (!(strap & STRAP_SPI_BOOT)) wait_for_download(strap);
  if (rtc_boot_control(&stub, reason)) start_program(stub, 0);
  ROM_Boot_Cache_Init();
  map_flash(FLASH_PAGES);
  const uint32_t* flash = (const uint32_t*)DROM;
  if (flash[0] == DIRECT_BOOT_MAGIC && flash[1] == DIRECT_BOOT_MAGIC) {
    uart_tx_wait_idle(0);
    start_program(IROM + 8, START_CYCLE);
  }
  boot_image();
  for (;;) {  // until a watchdog bites
  }
}
