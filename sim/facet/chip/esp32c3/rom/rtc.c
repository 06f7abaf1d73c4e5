// Resets, watchdogs and the wake-up from deep sleep; rtc.h of ESP-IDF says what each function does.
#include "rom.h"

#define SW_SYS_RST (1u << 31)  // of RTC_CNTL_OPTIONS0
#define SW_PROCPU_RST (1u << 5)
#define RTC_CNTL_SLP_WAKEUP_CAUSE REG(RTC_CNTL + 0xF8)
#define SYSTEM_RTC_FASTMEM_CONFIG REG(SYSTEM + 0x48)
#define SYSTEM_RTC_FASTMEM_CRC REG(SYSTEM + 0x4C)
#define CRC_START (1u << 8)  // of SYSTEM_RTC_FASTMEM_CONFIG
#define CRC_FINISH (1u << 31)
#define CRC_LEN_SHIFT 20
#define CRC_WORDS 0x7FFu  // less one: 8 KB

uint32_t rtc_get_reset_reason(int cpu) {
  (void)cpu;  // there is one
  return RTC_CNTL_RESET_STATE & 0x3F;
}

uint32_t rtc_get_wakeup_cause(void) { return RTC_CNTL_SLP_WAKEUP_CAUSE & 0x1FFFF; }

static void reset_by(uint32_t bit) {
  RTC_CNTL_OPTIONS0 |= bit;
  for (;;) {
  }
}

void software_reset(void) { reset_by(SW_SYS_RST); }

void software_reset_cpu(int cpu) {
  (void)cpu;
  reset_by(SW_PROCPU_RST);
}

// The watchdogs that guard a boot from flash.
void disable_default_watchdog(void) {
  RTC_CNTL_WDTWPROTECT = WDT_KEY;
  RTC_CNTL_WDTCONFIG0 &= ~WDT_FLASHBOOT_MOD_EN_RTC;
  RTC_CNTL_WDTWPROTECT = 0;
  TIMG0_WDTWPROTECT = WDT_KEY;
  TIMG0_WDTCONFIG0 &= ~WDT_FLASHBOOT_MOD_EN_TIMG;
  TIMG0_WDTWPROTECT = 0;
}

// Of RTC memory, by the unit of SYSTEM.
uint32_t cacl_rtc_memory_crc(void) {
  SYSTEM_RTC_FASTMEM_CONFIG = CRC_WORDS << CRC_LEN_SHIFT;
  SYSTEM_RTC_FASTMEM_CONFIG |= CRC_START;
  while (!(SYSTEM_RTC_FASTMEM_CONFIG & CRC_FINISH)) {
  }
  SYSTEM_RTC_FASTMEM_CONFIG &= ~CRC_START;
  return SYSTEM_RTC_FASTMEM_CRC;
}

void set_rtc_memory_crc(void) { RTC_CNTL_STORE(7) = cacl_rtc_memory_crc(); }

// Where a wake-up from deep sleep goes on: false where memory does not hold what STORE7 says.
bool rtc_boot_control(uint32_t* entry, uint32_t reset_reason) {
  *entry = 0;
  if (reset_reason != DEEPSLEEP_RESET || !RTC_CNTL_STORE(6)) return false;
  if (RTC_CNTL_STORE(7) != cacl_rtc_memory_crc()) return false;
  *entry = RTC_CNTL_STORE(6);
  return true;
}

// Locks around copies of registers that the ROM makes for the radio, which Facet's never makes.
void ets_apb_backup_init_lock_func(void (*lock)(void), void (*unlock)(void)) {
  (void)lock, (void)unlock;
}
