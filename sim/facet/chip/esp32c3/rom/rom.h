// What the files of the ROM share: registers, results, the ROM's data, functions of each other.
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REG(address) (*(volatile uint32_t*)(address))

// Peripherals (ESP32-C3 Technical Reference Manual, table 3.3-3).
#define UART0 0x60000000
#define UART_STRIDE 0x10000  // from UART0 to UART1
#define SPI1 0x60002000
#define SPI0 0x60003000
#define GPIO 0x60004000
#define RTC_CNTL 0x60008000
#define EFUSE 0x60008800
#define IO_MUX 0x60009000
#define I2C_ANA_MST 0x6000E000
#define TIMG0 0x6001F000
#define SYSTEM 0x600C0000
#define INTERRUPT_CORE0 0x600C2000
#define EXTMEM 0x600C4000
#define MMU_TABLE 0x600C5000

#define RTC_CNTL_OPTIONS0 REG(RTC_CNTL + 0x00)
#define RTC_CNTL_RESET_STATE REG(RTC_CNTL + 0x38)
#define RTC_CNTL_STORE(n) REG(RTC_CNTL + ((n) < 4 ? 0x50 : 0xA8) + 4 * (n))
#define RTC_CNTL_WDTCONFIG0 REG(RTC_CNTL + 0x90)
#define RTC_CNTL_WDTWPROTECT REG(RTC_CNTL + 0xA8)
#define RTC_CNTL_SWD_CONF REG(RTC_CNTL + 0xAC)
#define RTC_CNTL_SWD_WPROTECT REG(RTC_CNTL + 0xB0)
#define TIMG0_WDTCONFIG0 REG(TIMG0 + 0x48)
#define TIMG0_WDTWPROTECT REG(TIMG0 + 0x64)
#define GPIO_STRAP REG(GPIO + 0x38)

#define WDT_KEY 0x50D83AA1
#define SWD_KEY 0x8F1D312A
#define SWD_AUTO_FEED_EN (1u << 31)          // of RTC_CNTL_SWD_CONF
#define WDT_FLASHBOOT_MOD_EN_RTC (1u << 12)  // of RTC_CNTL_WDTCONFIG0
#define WDT_FLASHBOOT_MOD_EN_TIMG (1u << 14)

#define DEEPSLEEP_RESET 5  // of RESET_STATE, as rtc.h names them

// Memories.
#define IROM 0x42000000u  // the flash through the cache, for code
#define DROM 0x3C000000u  // and for data
#define FLASH_WINDOW (8u << 20)
#define MMU_PAGE 0x10000u
#define MMU_ENTRIES 128
#define MMU_INVALID 0x100u

typedef enum { ETS_OK, ETS_FAILED } ETS_STATUS;

typedef struct {
  uint32_t device_id, chip_size, block_size, sector_size, page_size, status_mask;
} spiflash_chip_t;

typedef struct {
  spiflash_chip_t chip;
  uint8_t dummy_len_plus[3];
  uint8_t sig_matrix;
} spiflash_legacy_data_t;

typedef struct {
  bool start, in_hardware;
  uint32_t type;
  uint32_t state[16];
  uint8_t buffer[128];
  uint32_t total_bits[4];
} SHA_CTX;

// Variables at published addresses (rom.ld).
extern spiflash_legacy_data_t* rom_spiflash_legacy_data;

extern void* memset(void* to, int byte, size_t size);
extern void* memcpy(void* to, const void* from, size_t size);

int ets_printf(const char* format, ...);
void ets_install_uart_printf(void);
void ets_delay_us(uint32_t us);
void ets_update_cpu_frequency(uint32_t ticks_per_us);
ETS_STATUS uart_tx_one_char(uint8_t byte);
void uart_tx_wait_idle(uint8_t uart);
void uart_div_modify(uint8_t uart, uint32_t divider);
uint32_t rtc_get_reset_reason(int cpu);
bool rtc_boot_control(uint32_t* entry, uint32_t reset_reason);
void disable_default_watchdog(void);
uint32_t crc32_le(uint32_t crc, const uint8_t* data, uint32_t size);
void ROM_Boot_Cache_Init(void);
void Cache_MMU_Init(void);
int Cache_Dbus_MMU_Set(uint32_t target, uint32_t address, uint32_t physical, uint32_t page_kb,
                       uint32_t count, uint32_t fixed);
void Cache_Invalidate_ICache_All(void);
ETS_STATUS ets_sha_init(SHA_CTX* sha, uint32_t type);
void ets_sha_update(SHA_CTX* sha, const uint8_t* data, uint32_t size, bool update);
ETS_STATUS ets_sha_finish(SHA_CTX* sha, uint8_t* digest);
uint32_t esp_rom_spiflash_config_readmode(uint32_t mode);
uint32_t esp_rom_spiflash_config_clk(uint8_t divider, uint8_t spi);
void spiflash_init(void);
