// The ROM's functions as ESP-IDF's headers and the C library declare them.
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ets_sys.h, rtc.h, uart.h
int ets_printf(const char*, ...);
void ets_install_putc1(void (*)(char)), ets_install_putc2(void (*)(char));
void ets_install_uart_printf(void);
uint8_t ets_get_printf_channel(void);
void ets_delay_us(uint32_t), ets_update_cpu_frequency(uint32_t);
uint32_t ets_get_cpu_frequency(void), ets_get_xtal_freq(void), ets_get_apb_freq(void);
uint32_t ets_get_xtal_div(void);
void ets_set_xtal_div(uint32_t);
int rtc_get_reset_reason(int);
int rtc_get_wakeup_cause(void);
bool rtc_boot_control(uint32_t*, uint32_t);
void set_rtc_memory_crc(void);
uint32_t cacl_rtc_memory_crc(void);
void software_reset(void), software_reset_cpu(int), disable_default_watchdog(void);
void ets_apb_backup_init_lock_func(void (*)(void), void (*)(void));
int uart_tx_one_char(uint8_t), uart_rx_one_char(uint8_t*), UartRxString(uint8_t*, uint8_t);
char uart_rx_one_char_block(void);
void uart_tx_flush(uint8_t), uart_tx_wait_idle(uint8_t), uart_div_modify(uint8_t, uint32_t);
void uartAttach(void*), Uart_Init(uint8_t, uint32_t);
uint32_t* GetUartDevice(void);

// cache.h
struct cache_mode {
  uint32_t cache_size;
  uint16_t cache_line_size;
  uint8_t cache_ways, ibus;
};
uint32_t Cache_Get_ICache_Line_Size(void), Cache_Address_Through_IBus(uint32_t);
uint32_t Cache_Address_Through_DBus(uint32_t);
void Cache_Get_Mode(struct cache_mode*), ROM_Boot_Cache_Init(void);
void Cache_Invalidate_ICache_Items(uint32_t, uint32_t), Cache_Invalidate_ICache_All(void);
int Cache_Invalidate_Addr(uint32_t, uint32_t);
void Cache_Mask_All(void), Cache_UnMask_Dram0(void);
uint32_t Cache_Suspend_ICache_Autoload(void);
void Cache_Resume_ICache_Autoload(uint32_t);
uint32_t Cache_Start_ICache_Preload(uint32_t, uint32_t, uint32_t);
uint32_t Cache_ICache_Preload_Done(void);
void Cache_End_ICache_Preload(uint32_t), Cache_Enable_ICache_Autoload(void);
void Cache_Disable_ICache_Autoload(void);
void Cache_Lock_ICache_Items(uint32_t, uint32_t), Cache_Unlock_ICache_Items(uint32_t, uint32_t);
int Cache_Lock_Addr(uint32_t, uint32_t), Cache_Unlock_Addr(uint32_t, uint32_t);
uint32_t Cache_Disable_ICache(void), Cache_Suspend_ICache(void);
void Cache_Enable_ICache(uint32_t), Cache_Resume_ICache(uint32_t);
void Cache_Freeze_ICache_Enable(uint32_t), Cache_Freeze_ICache_Disable(void);
void Cache_Set_IDROM_MMU_Size(uint32_t, uint32_t), Cache_MMU_Init(void);
uint32_t Cache_Get_IROM_MMU_End(void), Cache_Get_DROM_MMU_End(void);
int Cache_Ibus_MMU_Set(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
int Cache_Dbus_MMU_Set(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);

// esp_rom_spiflash.h
typedef struct {
  uint32_t device_id, chip_size, block_size, sector_size, page_size, status_mask;
} flash_chip_t;
#define FLASH_CHIP (*(flash_chip_t**)0x3FCDFFF0)
int esp_rom_spiflash_wait_idle(flash_chip_t*), esp_rom_spiflash_erase_chip(void);
int esp_rom_spiflash_erase_block(uint32_t), esp_rom_spiflash_erase_sector(uint32_t);
int esp_rom_spiflash_write(uint32_t, const uint32_t*, int32_t);
int esp_rom_spiflash_read(uint32_t, uint32_t*, int32_t);
int esp_rom_spiflash_config_param(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t);
int esp_rom_spiflash_read_user_cmd(uint32_t*, uint8_t), esp_rom_spiflash_unlock(void);
void esp_rom_spiflash_select_qio_pins(uint8_t, uint32_t);
int esp_rom_spiflash_config_clk(uint8_t, uint8_t), esp_rom_spiflash_config_readmode(uint32_t);
int esp_rom_spiflash_read_status(flash_chip_t*, uint32_t*);
int esp_rom_spiflash_read_statushigh(flash_chip_t*, uint32_t*);
int esp_rom_spiflash_write_status(flash_chip_t*, uint32_t);
void esp_rom_spiflash_attach(uint32_t, bool);
int SPIEraseArea(uint32_t, uint32_t), SPI_write_enable(flash_chip_t*);
int esp_rom_spiflash_write_disable(void);
void SelectSpiFunction(uint32_t), SetSpiDrvs(uint8_t, uint32_t, uint8_t*);
void spi_dummy_len_fix(uint8_t, uint8_t);

// gpio.h, interrupts, regi2c
uint32_t rom_gpio_input_get(void);
void rom_gpio_matrix_in(uint32_t, uint32_t, bool);
void rom_gpio_matrix_out(uint32_t, uint32_t, bool, bool);
void rom_gpio_output_disable(uint32_t), rom_gpio_output_enable(uint32_t);
void rom_gpio_output_set(uint32_t, uint32_t, uint32_t, uint32_t);
void rom_gpio_pad_hold(uint32_t), rom_gpio_pad_unhold(uint32_t);
void rom_gpio_pad_input_disable(uint32_t), rom_gpio_pad_input_enable(uint32_t);
void rom_gpio_pad_pulldown(uint32_t), rom_gpio_pad_pullup(uint32_t);
void rom_gpio_pad_select_gpio(uint32_t), rom_gpio_pad_set_drv(uint32_t, uint32_t);
void rom_gpio_pin_wakeup_disable(void), rom_gpio_pin_wakeup_enable(uint32_t, uint32_t);
void esprv_intc_int_set_priority(int, int), esprv_intc_int_set_threshold(int);
void esprv_intc_int_enable(uint32_t), esprv_intc_int_disable(uint32_t);
void esprv_intc_int_set_type(int, int), intr_matrix_set(int, uint32_t, uint32_t);
void ets_intr_lock(void), ets_intr_unlock(void), ets_isr_mask(uint32_t), ets_isr_unmask(uint32_t);
uint8_t rom_i2c_readReg(uint8_t, uint8_t, uint8_t);
uint8_t rom_i2c_readReg_Mask(uint8_t, uint8_t, uint8_t, uint8_t, uint8_t);
void rom_i2c_writeReg(uint8_t, uint8_t, uint8_t, uint8_t);
void rom_i2c_writeReg_Mask(uint8_t, uint8_t, uint8_t, uint8_t, uint8_t, uint8_t);

// crc.h, md5_hash.h, sha.h, miniz.h
uint32_t crc32_le(uint32_t, const uint8_t*, uint32_t), crc32_be(uint32_t, const uint8_t*, uint32_t);
uint16_t crc16_le(uint16_t, const uint8_t*, uint32_t), crc16_be(uint16_t, const uint8_t*, uint32_t);
uint8_t crc8_le(uint8_t, const uint8_t*, uint32_t), crc8_be(uint8_t, const uint8_t*, uint32_t);
uint8_t esp_crc8(const uint8_t*, uint32_t);
uint32_t mz_crc32(uint32_t, const uint8_t*, size_t), mz_adler32(uint32_t, const uint8_t*, size_t);
typedef struct {
  uint32_t buf[4], bits[2];
  uint8_t in[64];
} md5_t;
void MD5Init(md5_t*), MD5Update(md5_t*, const uint8_t*, unsigned), MD5Final(uint8_t*, md5_t*);
int md5_vector(size_t, const uint8_t*[], const size_t*, uint8_t*);
typedef struct {
  bool start, in_hardware;
  uint32_t type, state[16];
  uint8_t buffer[128];
  uint32_t total_bits[4];
} sha_t;
void ets_sha_enable(void), ets_sha_disable(void);
int ets_sha_init(sha_t*, uint32_t), ets_sha_finish(sha_t*, uint8_t*);
void ets_sha_update(sha_t*, const uint8_t*, uint32_t, bool);

// efuse.h
uint32_t ets_efuse_get_read_register_address(uint32_t), ets_efuse_get_key_purpose(uint32_t);
bool ets_efuse_key_block_unused(uint32_t);
uint32_t ets_efuse_find_unused_key_block(void), ets_efuse_count_unused_key_blocks(void);
bool ets_efuse_secure_boot_enabled(void), ets_efuse_secure_boot_aggressive_revoke_enabled(void);
bool ets_efuse_cache_encryption_enabled(void), ets_efuse_download_modes_disabled(void);
bool ets_efuse_find_purpose(uint32_t, uint32_t*), ets_efuse_force_send_resume(void);
uint32_t ets_efuse_get_flash_delay_us(void), ets_efuse_get_spiconfig(void);
uint32_t ets_efuse_usb_serial_jtag_print_is_disabled(void);
uint32_t ets_efuse_get_uart_print_control(void), ets_efuse_get_wp_pad(void);
bool ets_efuse_legacy_spi_boot_mode_disabled(void), ets_efuse_usb_download_mode_disabled(void);
bool ets_efuse_security_download_modes_enabled(void);

// The C library.
void esp_rom_newlib_init_common_mutexes(void*, void*);
void *memset(void*, int, size_t), *memcpy(void*, const void*, size_t);
void *memmove(void*, const void*, size_t), *memchr(const void*, int, size_t);
void *memrchr(const void*, int, size_t), *memccpy(void*, const void*, int, size_t);
int memcmp(const void*, const void*, size_t);
void bzero(void*, size_t);
char *strcpy(char*, const char*), *strncpy(char*, const char*, size_t);
char *strcat(char*, const char*), *strncat(char*, const char*, size_t);
int strcmp(const char*, const char*), strncmp(const char*, const char*, size_t);
int strcasecmp(const char*, const char*), strncasecmp(const char*, const char*, size_t);
int strcoll(const char*, const char*);
size_t strlen(const char*), strnlen(const char*, size_t), strcspn(const char*, const char*);
size_t strspn(const char*, const char*), strlcat(char*, const char*, size_t);
size_t strlcpy(char*, const char*, size_t);
char *strstr(const char*, const char*), *strcasestr(const char*, const char*);
char *strchr(const char*, int), *strrchr(const char*, int), *strsep(char**, const char*);
char *strtok_r(char*, const char*, char**), *strlwr(char*), *strupr(char*);
int isalnum(int), isalpha(int), isascii(int), isblank(int), iscntrl(int), isdigit(int);
int isgraph(int), islower(int), isprint(int), ispunct(int), isspace(int), isupper(int);
int toupper(int), tolower(int), toascii(int), abs(int), atoi(const char*);
long labs(long), atol(const char*), strtol(const char*, char**, int);
unsigned long strtoul(const char*, char**, int);
typedef struct {
  int quot, rem;
} div_t;
div_t div(int, int), ldiv(long, long);
void qsort(void*, size_t, size_t, int (*)(const void*, const void*));
int rand_r(unsigned*);
char *itoa(int, char*, int), *utoa(unsigned, char*, int);
int setjmp(uint32_t*) __attribute__((returns_twice));
void longjmp(uint32_t*, int) __attribute__((noreturn));

// libgcc
int64_t __absvdi2(int64_t), __addvdi3(int64_t, int64_t), __subvdi3(int64_t, int64_t);
int64_t __mulvdi3(int64_t, int64_t), __negvdi2(int64_t), __negdi2(int64_t);
int64_t __ashldi3(int64_t, int), __ashrdi3(int64_t, int), __divdi3(int64_t, int64_t);
int64_t __moddi3(int64_t, int64_t), __muldi3(int64_t, int64_t);
uint64_t __lshrdi3(uint64_t, int), __bswapdi2(uint64_t), __udivdi3(uint64_t, uint64_t);
uint64_t __umoddi3(uint64_t, uint64_t), __udivmoddi4(uint64_t, uint64_t, uint64_t*);
int __absvsi2(int), __addvsi3(int, int), __subvsi3(int, int), __mulvsi3(int, int), __negvsi2(int);
int __clrsbdi2(int64_t), __clrsbsi2(int), __clzdi2(uint64_t), __clzsi2(unsigned);
int __ctzdi2(uint64_t), __ctzsi2(unsigned), __ffsdi2(int64_t), __ffssi2(int);
int __cmpdi2(int64_t, int64_t), __ucmpdi2(uint64_t, uint64_t), __paritysi2(unsigned);
int __popcountdi2(uint64_t), __popcountsi2(unsigned), __divsi3(int, int), __modsi3(int, int);
unsigned __bswapsi2(unsigned), __udivsi3(unsigned, unsigned), __umodsi3(unsigned, unsigned);
unsigned __udiv_w_sdiv(unsigned*, unsigned, unsigned, unsigned);
int __mulsi3(int, int), __gcc_bcmp(const void*, const void*, size_t);
void __clear_cache(void*, void*);
double __adddf3(double, double), __subdf3(double, double), __muldf3(double, double);
double __divdf3(double, double), __negdf2(double), __powidf2(double, int);
double __extendsfdf2(float), __floatdidf(int64_t), __floatsidf(int), __floatundidf(uint64_t);
double __floatunsidf(unsigned);
float __addsf3(float, float), __subsf3(float, float), __mulsf3(float, float);
float __divsf3(float, float), __negsf2(float), __powisf2(float, int), __truncdfsf2(double);
float __floatdisf(int64_t), __floatsisf(int), __floatundisf(uint64_t), __floatunsisf(unsigned);
int64_t __fixdfdi(double), __fixsfdi(float);
uint64_t __fixunssfdi(float);
int __fixdfsi(double), __fixsfsi(float);
unsigned __fixunsdfsi(double), __fixunssfsi(float);
int __eqdf2(double, double), __nedf2(double, double), __gedf2(double, double);
int __gtdf2(double, double), __ledf2(double, double), __ltdf2(double, double);
int __unorddf2(double, double);
int __eqsf2(float, float), __nesf2(float, float), __gesf2(float, float), __gtsf2(float, float);
int __lesf2(float, float), __ltsf2(float, float), __unordsf2(float, float);
_Complex double __divdc3(double, double, double, double), __muldc3(double, double, double, double);
_Complex float __divsc3(float, float, float, float), __mulsc3(float, float, float, float);
