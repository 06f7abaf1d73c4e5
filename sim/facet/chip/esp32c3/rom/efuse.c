// What is burnt into the chip (TRM, chapter 4); efuse.h of ESP-IDF says what each function does.
#include "rom.h"

#define RD_WR_DIS 0x2C
#define RD_REPEAT_DATA(n) REG(EFUSE + 0x30 + 4 * (n))
#define RD_MAC_SPI_SYS(n) REG(EFUSE + 0x44 + 4 * (n))
#define RD_MAC_SPI_SYS_0 0x44
#define RD_SYS_PART1_DATA0 0x5C
#define BLOCK_BYTES 0x20

enum { BLOCK0, BLOCK1, BLOCK2, KEY0 = 4, KEY5 = 9, BLOCK10, BLOCK_MAX };

static uint32_t field(uint32_t word, int low, int width) {
  return RD_REPEAT_DATA(word) >> low & ((1u << width) - 1);
}

uint32_t ets_efuse_get_read_register_address(uint32_t block) {
  if (block == BLOCK0) return EFUSE + RD_WR_DIS;
  if (block == BLOCK1) return EFUSE + RD_MAC_SPI_SYS_0;
  if (block >= BLOCK_MAX) return 0;
  return EFUSE + RD_SYS_PART1_DATA0 + (block - BLOCK2) * BLOCK_BYTES;
}

uint32_t ets_efuse_get_key_purpose(uint32_t block) {
  uint32_t key = block - KEY0;
  return key < 2 ? field(1, 24 + 4 * (int)key, 4) : field(2, 4 * (int)key - 8, 4);
}

bool ets_efuse_find_purpose(uint32_t purpose, uint32_t* found) {
  for (uint32_t block = KEY0; block <= KEY5; block++) {
    if (ets_efuse_get_key_purpose(block) != purpose) continue;
    if (found) *found = block;
    return true;
  }
  return false;
}

// Unused: all zero, and of no purpose.
bool ets_efuse_key_block_unused(uint32_t block) {
  if (block < KEY0 || block > KEY5 || ets_efuse_get_key_purpose(block)) return false;
  for (uint32_t n = 0; n < BLOCK_BYTES; n += 4) {
    if (REG(ets_efuse_get_read_register_address(block) + n)) return false;
  }
  return true;
}

uint32_t ets_efuse_find_unused_key_block(void) {
  for (uint32_t block = KEY0; block <= KEY5; block++) {
    if (ets_efuse_key_block_unused(block)) return block;
  }
  return BLOCK_MAX;
}

uint32_t ets_efuse_count_unused_key_blocks(void) {
  uint32_t count = 0;
  for (uint32_t block = KEY0; block <= KEY5; block++) count += ets_efuse_key_block_unused(block);
  return count;
}

// Pads of the flash, six bits each: CLK, Q, D, CS, HD; 0: the usual ones.
uint32_t ets_efuse_get_spiconfig(void) {
  return (RD_MAC_SPI_SYS(1) >> 16 | RD_MAC_SPI_SYS(2) << 16) & 0x3FFFFFFF;
}

uint32_t ets_efuse_get_wp_pad(void) {
  uint32_t pad = (RD_MAC_SPI_SYS(2) >> 14 | RD_MAC_SPI_SYS(3) << 18) & 0x3F;
  return pad ? pad : 0x3F;
}

bool ets_efuse_download_modes_disabled(void) { return field(3, 0, 1); }

bool ets_efuse_legacy_spi_boot_mode_disabled(void) { return field(3, 1, 1); }

uint32_t ets_efuse_usb_serial_jtag_print_is_disabled(void) { return field(3, 2, 1); }

bool ets_efuse_usb_download_mode_disabled(void) { return field(3, 4, 1) | field(3, 5, 1); }

bool ets_efuse_security_download_modes_enabled(void) { return field(3, 5, 1); }

uint32_t ets_efuse_get_uart_print_control(void) { return field(3, 6, 2); }

bool ets_efuse_force_send_resume(void) { return field(3, 13, 1); }

bool ets_efuse_secure_boot_enabled(void) { return field(2, 20, 1); }

bool ets_efuse_secure_boot_aggressive_revoke_enabled(void) { return field(2, 21, 1); }

// Encrypted where an odd number of the three bits is set.
bool ets_efuse_cache_encryption_enabled(void) {
  uint32_t count = field(1, 18, 3);
  return (count ^ count >> 1 ^ count >> 2) & 1;
}

// FLASH_TPUW: milliseconds; 15 stands for 30.
uint32_t ets_efuse_get_flash_delay_us(void) {
  uint32_t ms = field(2, 28, 4);
  return (ms < 15 ? ms : 30) * 1000;
}
