// Images of esptool's making: a header, segments for RAM, a checksum, a digest.
//
// Format: esptool's documentation, "Firmware Image Format". What is printed: boot logs of chips.
//
// FIDELITY:
//   model: The CPU copies the segments and computes the digest, through the cache at the flash's
//     reset speed.
//   silicon: The chip uses its SHA unit.
//   hides: The time of a start.
#include "rom.h"

#define MAGIC 0xE9
#define CHIP_ID 5
#define SEGMENTS_MAX 16
#define CHECKSUM_SEED 0xEF
#define DIGEST_BYTES 32
#define FLASH_BYTES (4u << 20)
#define SPI_PADS 0xEE  // what chips print with the flash's usual pads

typedef struct {
  uint8_t magic, segments, spi_mode, spi_speed;
  uint32_t entry;
  uint8_t wp_pin, spi_pin_drv[3];
  uint16_t chip_id;
  uint8_t min_revision, min_revision_full[2], max_revision_full[2], reserved[4];
  uint8_t hash_appended;
} ImageHeader;

typedef struct {
  uint32_t address, size;
} SegmentHeader;

void start_program(uint32_t entry, uint32_t cycle);  // start.S

static const uint8_t* flash_at(uint32_t offset) { return (const uint8_t*)DROM + offset; }

static bool within(uint32_t address, uint32_t size, uint32_t base, uint32_t length) {
  return address >= base && size <= length && address - base <= length - size;
}

static bool is_ram(uint32_t address, uint32_t size) {
  return within(address, size, 0x3FC80000, 0x60000) || within(address, size, 0x40380000, 0x60000) ||
         within(address, size, 0x50000000, 0x2000);
}

static void set_up_flash(const ImageHeader* header) {
  static const char* const kModes[] = {"QIO", "QOUT", "DIO", "DOUT", "FAST READ", "SLOW READ"};
  uint32_t mode = header->spi_mode <= 5 ? header->spi_mode : 2, speed = header->spi_speed & 0xF;
  uint8_t divider = speed == 0xF ? 1 : (uint8_t)(speed + 2);
  ets_printf("SPIWP:0x%02x\nmode:%s, clock div:%d\n", SPI_PADS, kModes[mode], divider);
  esp_rom_spiflash_config_readmode(mode);
  esp_rom_spiflash_config_clk(divider, 0);
  esp_rom_spiflash_config_clk(divider, 1);
}

static void print_digest(const char* name, const uint8_t* digest) {
  ets_printf("%s: ", name);
  for (int n = 0; n < DIGEST_BYTES; n++) ets_printf("%02x", digest[n]);
  ets_printf("\n");
}

static void check_digest(uint32_t size) {
  SHA_CTX sha;
  uint8_t digest[DIGEST_BYTES];
  const uint8_t* expected = flash_at(size);
  ets_sha_init(&sha, 2);
  ets_sha_update(&sha, flash_at(0), size, true);
  ets_sha_finish(&sha, digest);
  for (int n = 0; n < DIGEST_BYTES; n++) {
    if (digest[n] == expected[n]) continue;
    ets_printf("SHA-256 comparison failed:\n");
    print_digest("Calculated", digest);
    print_digest("Expected", expected);
    ets_printf("Attempting to boot anyway...\n");
    return;
  }
}

// Copies a segment where it is for RAM; gives the checksum over it.
static uint32_t load(const SegmentHeader* segment, const uint32_t* from, uint32_t checksum) {
  uint32_t words = 0;
  bool kept = is_ram(segment->address, segment->size);
  uint32_t* to = (uint32_t*)segment->address;
  for (uint32_t n = 0; n < segment->size / 4; n++) {
    words ^= from[n];
    if (kept) to[n] = from[n];
  }
  words ^= words >> 16;
  return (checksum ^ words ^ words >> 8) & 0xFF;
}

static void fail(void) {
  ets_printf("ets_main.c 333 \n");
  for (;;) {  // until a watchdog bites
  }
}

void boot_image(void) {
  const ImageHeader* header = (const ImageHeader*)flash_at(0);
  if (header->magic != MAGIC) {
    for (;;) ets_printf("invalid header: 0x%08x\n", *(const uint32_t*)header);
  }
  set_up_flash(header);
  if (header->segments > SEGMENTS_MAX) {
    ets_printf("Invalid image block count: %d (max %d)\n", header->segments, SEGMENTS_MAX);
    fail();
  }
  if (header->chip_id != CHIP_ID) {
    ets_printf("Invalid chip id. Expected %u read %u. Bootloader for wrong chip?\n", CHIP_ID,
               header->chip_id);
    fail();
  }
  uint32_t at = sizeof *header, checksum = CHECKSUM_SEED;
  for (int n = 0; n < header->segments; n++) {
    const SegmentHeader* segment = (const SegmentHeader*)flash_at(at);
    at += sizeof *segment;
    ets_printf("load:0x%08x,len:0x%x\n", segment->address, segment->size);
    if (segment->size > FLASH_BYTES - at - 16 || segment->size % 4) {
      ets_printf("Invalid image block, can't boot.\n");
      fail();
    }
    checksum = load(segment, (const uint32_t*)flash_at(at), checksum);
    at += segment->size;
  }
  at |= 15;  // the checksum ends a line of 16 bytes
  uint32_t stored = *flash_at(at);
  if (stored != checksum) {
    ets_printf("Checksum failure. Calculated 0x%02x stored 0x%02x\n", checksum, stored);
    fail();
  }
  if (header->hash_appended) check_digest(at + 1);
  ets_printf("entry 0x%08x\n", header->entry);
  uint32_t entry = header->entry;
  uart_tx_wait_idle(0);
  Cache_MMU_Init();
  Cache_Invalidate_ICache_All();
  start_program(entry, 0);
}
