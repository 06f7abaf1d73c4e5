// A second-stage bootloader for one application at 0x10000: what ESP-IDF's does, without updates,
// encryption or signatures.
//
// Source: ESP-IDF Programming Guide, "Bootloader" and "App Image Format"; esptool's documentation.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REG(address) (*(volatile uint32_t*)(address))

#define RTC_CNTL_WDTCONFIG0 REG(0x60008090)
#define RTC_CNTL_WDTCONFIG1 REG(0x60008094)
#define RTC_CNTL_WDTFEED REG(0x600080A4)
#define RTC_CNTL_WDTWPROTECT REG(0x600080A8)
#define RTC_CNTL_SWD_CONF REG(0x600080AC)
#define RTC_CNTL_SWD_WPROTECT REG(0x600080B0)
#define TIMG0_WDTCONFIG0 REG(0x6001F048)
#define TIMG0_WDTWPROTECT REG(0x6001F064)
#define SYSTEM_CPU_PER_CONF REG(0x600C0008)
#define SYSTEM_SYSCLK_CONF REG(0x600C0058)

#define WDT_KEY 0x50D83AA1
#define SWD_KEY 0x8F1D312A
#define SWD_AUTO_FEED_EN (1u << 31)
#define WDT_EN (1u << 31)
#define WDT_STG0_RESET_SYSTEM (4u << 28)
#define SYS_RESET_LENGTH_3_2_US (7u << 13)
#define WDT_TICKS 612000  // half of 9 s at 136 kHz: the counter of stage 0 runs twice
#define SOC_CLK_SEL_PLL (1u << 10)
#define CPU_MHZ 80

#define APPLICATION 0x10000u
#define MAGIC 0xE9
#define CHECKSUM_SEED 0xEF
#define IROM 0x42000000u
#define DROM 0x3C000000u
#define WINDOW (8u << 20)
#define PAGE 0x10000u
#define FLASH_BYTES (4u << 20)

typedef struct {
  uint8_t magic, segments, spi_mode, spi_speed;
  uint32_t entry;
  uint8_t others[16];
} ImageHeader;

typedef struct {
  uint32_t address, size;
} SegmentHeader;

// Functions of the ROM.
int ets_printf(const char* format, ...);
void ets_update_cpu_frequency(uint32_t ticks_per_us);
void uart_tx_wait_idle(uint8_t uart);
void Cache_MMU_Init(void);
int Cache_Dbus_MMU_Set(uint32_t target, uint32_t address, uint32_t physical, uint32_t page_kb,
                       uint32_t count, uint32_t fixed);
int Cache_Ibus_MMU_Set(uint32_t target, uint32_t address, uint32_t physical, uint32_t page_kb,
                       uint32_t count, uint32_t fixed);
void Cache_Invalidate_ICache_All(void);
void* memcpy(void* to, const void* from, size_t size);

static bool is_code(uint32_t address) { return address - IROM < WINDOW; }
static bool is_constants(uint32_t address) { return address - DROM < WINDOW; }

// The ROM's watchdogs make room for one of 9 s, which the application is to stop.
static void set_up_watchdogs(void) {
  TIMG0_WDTWPROTECT = WDT_KEY;
  TIMG0_WDTCONFIG0 = 0;
  TIMG0_WDTWPROTECT = 0;
  RTC_CNTL_WDTWPROTECT = WDT_KEY;
  RTC_CNTL_WDTCONFIG0 = 0;
  RTC_CNTL_WDTCONFIG1 = WDT_TICKS;
  RTC_CNTL_WDTCONFIG0 = WDT_EN | WDT_STG0_RESET_SYSTEM | SYS_RESET_LENGTH_3_2_US;
  RTC_CNTL_WDTFEED = 1u << 31;
  RTC_CNTL_WDTWPROTECT = 0;
  RTC_CNTL_SWD_WPROTECT = SWD_KEY;
  RTC_CNTL_SWD_CONF |= SWD_AUTO_FEED_EN;
  RTC_CNTL_SWD_WPROTECT = 0;
}

static void run_at_80_mhz(void) {
  uart_tx_wait_idle(0);
  SYSTEM_CPU_PER_CONF = (SYSTEM_CPU_PER_CONF & ~3u);
  SYSTEM_SYSCLK_CONF = (SYSTEM_SYSCLK_CONF & ~(3u << 10)) | SOC_CLK_SEL_PLL;
  ets_update_cpu_frequency(CPU_MHZ);
}

static void fail(const char* why) {
  ets_printf("bootloader: no application at 0x%x: %s\n", APPLICATION, why);
  for (;;) {  // until the watchdog bites
  }
}

static void load(uint32_t address, const uint8_t* from, uint32_t size, uint8_t* checksum) {
  for (uint32_t n = 0; n < size; n++) *checksum ^= from[n];
  if (address && !is_code(address) && !is_constants(address)) {
    memcpy((void*)address, from, size);
  }
}

static void map(uint32_t address, uint32_t offset, uint32_t size) {
  if (!is_code(address) && !is_constants(address)) return;
  uint32_t within = address % PAGE, pages = (within + size + PAGE - 1) / PAGE;
  if (offset % PAGE != within) fail("a segment is not aligned to its page");
  if (is_code(address)) Cache_Ibus_MMU_Set(0, address - within, offset - within, 64, pages, 0);
  if (is_constants(address)) Cache_Dbus_MMU_Set(0, address - within, offset - within, 64, pages, 0);
}

// RAM is filled while the whole flash is to be seen at DROM; what is to be mapped is mapped then.
_Noreturn void bootloader(void) {
  set_up_watchdogs();
  run_at_80_mhz();
  Cache_Dbus_MMU_Set(0, DROM, 0, 64, FLASH_BYTES / PAGE, 0);
  Cache_Invalidate_ICache_All();
  const uint8_t* flash = (const uint8_t*)DROM;
  ImageHeader header;
  memcpy(&header, flash + APPLICATION, sizeof header);
  if (header.magic != MAGIC) fail("its header is wrong");
  SegmentHeader segments[16];
  uint32_t offsets[16], at = APPLICATION + sizeof header;
  uint8_t checksum = CHECKSUM_SEED;
  if (header.segments > 16) fail("it has more than 16 segments");
  for (uint32_t n = 0; n < header.segments; n++) {
    memcpy(&segments[n], flash + at, sizeof *segments);
    at += sizeof *segments;
    if (segments[n].size > FLASH_BYTES - at - 16) fail("it is cut short");
    load(segments[n].address, flash + at, segments[n].size, &checksum);
    offsets[n] = at;
    at += segments[n].size;
  }
  if (flash[at | 15] != checksum) fail("its checksum is wrong");
  Cache_MMU_Init();
  for (uint32_t n = 0; n < header.segments; n++) {
    map(segments[n].address, offsets[n], segments[n].size);
  }
  Cache_Invalidate_ICache_All();
  ((void (*)(void))header.entry)();
  for (;;) {
  }
}
