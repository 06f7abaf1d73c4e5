// The flash by SPI1, and how the cache reads it by SPI0; spi_flash.h of ESP-IDF says what each
// function does. Results: 0 done, 1 refused.
#include "rom.h"

#define CMD(spi) REG((spi) + 0x00)
#define ADDR(spi) REG((spi) + 0x04)
#define CTRL(spi) REG((spi) + 0x08)
#define CLOCK(spi) REG((spi) + 0x14)
#define USER(spi) REG((spi) + 0x18)
#define USER1(spi) REG((spi) + 0x1C)
#define USER2(spi) REG((spi) + 0x20)
#define MISO_DLEN(spi) REG((spi) + 0x28)
#define RD_STATUS(spi) REG((spi) + 0x2C)
#define W(spi, n) REG((spi) + 0x58 + 4 * (n))

#define FLASH_READ (1u << 31)  // of CMD
#define FLASH_WREN (1u << 30)
#define FLASH_WRDI (1u << 29)
#define FLASH_RDSR (1u << 27)
#define FLASH_WRSR (1u << 26)
#define FLASH_PP (1u << 25)
#define FLASH_SE (1u << 24)
#define FLASH_BE (1u << 23)
#define FLASH_CE (1u << 22)
#define USR (1u << 18)
#define ADDR_LENGTH_SHIFT 24    // of ADDR: bytes of a FLASH_READ or FLASH_PP
#define FASTRD_MODE (1u << 13)  // of CTRL
#define FREAD_DUAL (1u << 14)
#define FREAD_QUAD (1u << 20)
#define WRSR_2B (1u << 22)
#define FREAD_DIO (1u << 23)
#define FREAD_QIO (1u << 24)
#define CLK_EQU_SYSCLK (1u << 31)  // of CLOCK
#define USR_MISO (1u << 28)        // of USER
#define USR_COMMAND (1u << 31)
#define COMMAND_BITS_SHIFT 28  // of USER2

#define BUSY 1u  // of the flash's status
#define QE (1u << 9)
#define RDSR2 0x35
#define BUFFER_BYTES 64
#define WRITE_BYTES 32

enum { RESULT_OK, RESULT_ERR };
enum { QIO, QOUT, DIO, DOUT, FASTRD, SLOWRD };

static spiflash_legacy_data_t data;

#define CHIP (&rom_spiflash_legacy_data->chip)

uint32_t esp_rom_spiflash_config_param(uint32_t id, uint32_t chip_size, uint32_t block_size,
                                       uint32_t sector_size, uint32_t page_size,
                                       uint32_t status_mask) {
  *CHIP = (spiflash_chip_t){id, chip_size, block_size, sector_size, page_size, status_mask};
  return RESULT_OK;
}

void spiflash_init(void) {
  rom_spiflash_legacy_data = &data;
  esp_rom_spiflash_config_param(0, 4u << 20, 64u << 10, 4u << 10, 256, 0xFFFF);
}

// -- one command at a time
static void command(uint32_t bit) {
  CMD(SPI1) = bit;
  while (CMD(SPI1)) {
  }
}

static uint32_t status(void) {
  command(FLASH_RDSR);
  return RD_STATUS(SPI1) & CHIP->status_mask;
}

// A command of the flash's own that answers with a byte.
uint32_t esp_rom_spiflash_read_user_cmd(uint32_t* answer, uint8_t code) {
  uint32_t user = USER(SPI1), user2 = USER2(SPI1);
  USER(SPI1) = USR_COMMAND | USR_MISO;
  USER2(SPI1) = 7u << COMMAND_BITS_SHIFT | code;
  MISO_DLEN(SPI1) = 7;
  command(USR);
  *answer = W(SPI1, 0) & 0xFF;
  USER(SPI1) = user, USER2(SPI1) = user2;
  return RESULT_OK;
}

// The status once the flash is no longer busy; asked for every 20 us.
uint32_t esp_rom_spiflash_read_status(spiflash_chip_t* chip, uint32_t* answer) {
  (void)chip;
  while ((*answer = status()) & BUSY) ets_delay_us(20);
  return RESULT_OK;
}

uint32_t esp_rom_spiflash_wait_idle(spiflash_chip_t* chip) {
  uint32_t answer;
  return esp_rom_spiflash_read_status(chip, &answer);
}

// Bits 15 to 8 of the status, in their place.
uint32_t esp_rom_spiflash_read_statushigh(spiflash_chip_t* chip, uint32_t* answer) {
  (void)chip;
  esp_rom_spiflash_read_user_cmd(answer, RDSR2);
  *answer <<= 8;
  return RESULT_OK;
}

uint32_t esp_rom_spiflash_write_status(spiflash_chip_t* chip, uint32_t value) {
  esp_rom_spiflash_wait_idle(chip);
  RD_STATUS(SPI1) = value;
  command(FLASH_WRSR);
  return esp_rom_spiflash_wait_idle(chip);
}

// esp_rom_spiflash_write_enable
uint32_t SPI_write_enable(spiflash_chip_t* chip) {
  esp_rom_spiflash_wait_idle(chip);
  command(FLASH_WREN);
  return RESULT_OK;
}

uint32_t esp_rom_spiflash_write_disable(void) {
  esp_rom_spiflash_wait_idle(CHIP);
  command(FLASH_WRDI);
  return RESULT_OK;
}

// Clears the block protection and leaves QE as it is.
uint32_t esp_rom_spiflash_unlock(void) {
  uint32_t high;
  esp_rom_spiflash_read_statushigh(CHIP, &high);
  SPI_write_enable(CHIP);
  CTRL(SPI1) |= WRSR_2B;
  esp_rom_spiflash_write_status(CHIP, high & QE);
  CTRL(SPI1) &= ~WRSR_2B;
  return esp_rom_spiflash_write_disable();
}

// -- reading, erasing, programming
uint32_t esp_rom_spiflash_read(uint32_t from, uint32_t* to, int32_t size) {
  if (size < 0 || (from | (uint32_t)size) & 3) return RESULT_ERR;
  if (from > CHIP->chip_size || (uint32_t)size > CHIP->chip_size - from) return RESULT_ERR;
  esp_rom_spiflash_wait_idle(CHIP);
  for (uint32_t left = (uint32_t)size, part; left; left -= part, from += part) {
    part = left < BUFFER_BYTES ? left : BUFFER_BYTES;
    ADDR(SPI1) = part << ADDR_LENGTH_SHIFT | from;
    command(FLASH_READ);
    for (uint32_t n = 0; n < part / 4; n++) *to++ = W(SPI1, n);
  }
  return RESULT_OK;
}

static uint32_t erase(uint32_t address, uint32_t bit) {
  if (address >= CHIP->chip_size) return RESULT_ERR;
  SPI_write_enable(CHIP);
  ADDR(SPI1) = address;
  command(bit);
  return esp_rom_spiflash_wait_idle(CHIP);
}

uint32_t esp_rom_spiflash_erase_chip(void) { return erase(0, FLASH_CE); }

uint32_t esp_rom_spiflash_erase_block(uint32_t block) {
  return erase(block * CHIP->block_size, FLASH_BE);
}

uint32_t esp_rom_spiflash_erase_sector(uint32_t sector) {
  return erase(sector * CHIP->sector_size, FLASH_SE);
}

// esp_rom_spiflash_erase_area
uint32_t SPIEraseArea(uint32_t start, uint32_t size) {
  if (start % CHIP->sector_size || size % CHIP->sector_size) return RESULT_ERR;
  if (start > CHIP->chip_size || size > CHIP->chip_size - start) return RESULT_ERR;
  uint32_t result = RESULT_OK;
  for (uint32_t at = start; at != start + size && result == RESULT_OK;) {
    bool block = at % CHIP->block_size == 0 && start + size - at >= CHIP->block_size;
    result = erase(at, block ? FLASH_BE : FLASH_SE);
    at += block ? CHIP->block_size : CHIP->sector_size;
  }
  return result;
}

uint32_t esp_rom_spiflash_write(uint32_t to, const uint32_t* from, int32_t size) {
  if (size < 0 || (to | (uint32_t)size) & 3) return RESULT_ERR;
  if (to > CHIP->chip_size || (uint32_t)size > CHIP->chip_size - to) return RESULT_ERR;
  for (uint32_t left = (uint32_t)size, part; left; left -= part, to += part) {
    uint32_t page_left = CHIP->page_size - to % CHIP->page_size;
    part = left < WRITE_BYTES ? left : WRITE_BYTES;
    if (part > page_left) part = page_left;
    SPI_write_enable(CHIP);
    ADDR(SPI1) = part << ADDR_LENGTH_SHIFT | to;
    for (uint32_t n = 0; n < part / 4; n++) W(SPI1, n) = *from++;
    command(FLASH_PP);
    esp_rom_spiflash_wait_idle(CHIP);
  }
  return RESULT_OK;
}

// -- how the flash is read
static const uint32_t kReadModes[] = {
    [QIO] = FREAD_QIO | FREAD_QUAD | FASTRD_MODE,
    [QOUT] = FREAD_QUAD | FASTRD_MODE,
    [DIO] = FREAD_DIO | FREAD_DUAL | FASTRD_MODE,
    [DOUT] = FREAD_DUAL | FASTRD_MODE,
    [FASTRD] = FASTRD_MODE,
    [SLOWRD] = 0,
};

uint32_t esp_rom_spiflash_config_readmode(uint32_t mode) {
  if (mode > SLOWRD) return RESULT_ERR;
  uint32_t all = FREAD_QIO | FREAD_QUAD | FREAD_DIO | FREAD_DUAL | FASTRD_MODE;
  CTRL(SPI0) = (CTRL(SPI0) & ~all) | kReadModes[mode];
  CTRL(SPI1) = (CTRL(SPI1) & ~all) | kReadModes[mode];
  return RESULT_OK;
}

// spi: 0 how the cache reads, 1 commands
uint32_t esp_rom_spiflash_config_clk(uint8_t divider, uint8_t spi) {
  if (!divider || spi > 1) return RESULT_ERR;
  uint32_t n = divider - 1u, high = divider / 2u - 1;
  CLOCK(spi ? SPI1 : SPI0) = divider == 1 ? CLK_EQU_SYSCLK : n << 16 | high << 8 | n;
  return RESULT_OK;
}

// One line, slow, the clock divided by four.
void esp_rom_spiflash_attach(uint32_t pins, bool legacy) {
  (void)pins, (void)legacy;
  esp_rom_spiflash_config_readmode(SLOWRD);
  esp_rom_spiflash_config_clk(4, 0);
  esp_rom_spiflash_config_clk(4, 1);
}

// Dummy cycles that a fast clock needs besides, which a flash without delays does not.
void spi_dummy_len_fix(uint8_t spi, uint8_t divider) {
  if (spi < 2) rom_spiflash_legacy_data->dummy_len_plus[spi] = 0;
  (void)divider;
}

// FIDELITY:
//   model: SelectSpiFunction, SetSpiDrvs and esp_rom_spiflash_select_qio_pins do nothing, because
//     the pads of the flash in the package have no model.
//   silicon: The functions set function and strength of the pads; a wrong function loses the flash.
//   hides: That mistake.
void SelectSpiFunction(uint32_t pins) { (void)pins; }

void SetSpiDrvs(uint8_t wp_pin, uint32_t pins, uint8_t* strengths) {
  (void)wp_pin, (void)pins, (void)strengths;
}

void esp_rom_spiflash_select_qio_pins(uint8_t wp_pin, uint32_t pins) { (void)wp_pin, (void)pins; }
