// Checksums; esp_rom_crc.h of ESP-IDF says what each function does: the register is inverted before
// and after, so that a result is where the next piece goes on.
#include "rom.h"

#define CRC32 0x04C11DB7u
#define CRC32_REFLECTED 0xEDB88320u
#define CRC16 0x1021u
#define CRC16_REFLECTED 0x8408u
#define CRC8 0x07u
#define CRC8_REFLECTED 0xE0u
#define CRC8_MAXIM_REFLECTED 0x8Cu

static uint32_t from_low_bit(uint32_t crc, const uint8_t* data, uint32_t size,
                             uint32_t polynomial) {
  while (size--) {
    crc ^= *data++;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? polynomial : 0);
  }
  return crc;
}

// `crc` and `polynomial` in the upper bits.
static uint32_t from_high_bit(uint32_t crc, const uint8_t* data, uint32_t size,
                              uint32_t polynomial) {
  while (size--) {
    crc ^= (uint32_t)*data++ << 24;
    for (int bit = 0; bit < 8; bit++) crc = crc << 1 ^ (crc >> 31 ? polynomial : 0);
  }
  return crc;
}

uint32_t crc32_le(uint32_t crc, const uint8_t* data, uint32_t size) {
  return ~from_low_bit(~crc, data, size, CRC32_REFLECTED);
}

uint32_t crc32_be(uint32_t crc, const uint8_t* data, uint32_t size) {
  return ~from_high_bit(~crc, data, size, CRC32);
}

uint16_t crc16_le(uint16_t crc, const uint8_t* data, uint32_t size) {
  return (uint16_t)~from_low_bit((uint16_t)~crc, data, size, CRC16_REFLECTED);
}

uint16_t crc16_be(uint16_t crc, const uint8_t* data, uint32_t size) {
  uint32_t register_ = (uint32_t)(uint16_t)~crc << 16;
  return (uint16_t) ~(from_high_bit(register_, data, size, CRC16 << 16) >> 16);
}

uint8_t crc8_le(uint8_t crc, const uint8_t* data, uint32_t size) {
  return (uint8_t)~from_low_bit((uint8_t)~crc, data, size, CRC8_REFLECTED);
}

uint8_t crc8_be(uint8_t crc, const uint8_t* data, uint32_t size) {
  uint32_t register_ = (uint32_t)(uint8_t)~crc << 24;
  return (uint8_t) ~(from_high_bit(register_, data, size, CRC8 << 24) >> 24);
}

// The checksum of the MAC address in the eFuses.
uint8_t esp_crc8(const uint8_t* data, uint32_t size) {
  return (uint8_t)from_low_bit(0, data, size, CRC8_MAXIM_REFLECTED);
}

// As zlib's crc32 and adler32; no data: what to begin with.
uint32_t mz_crc32(uint32_t crc, const uint8_t* data, size_t size) {
  return data ? crc32_le(crc, data, size) : 0;
}

uint32_t mz_adler32(uint32_t adler, const uint8_t* data, size_t size) {
  if (!data) return 1;
  uint32_t low = adler & 0xFFFF, high = adler >> 16;
  while (size--) {
    low = (low + *data++) % 65521;
    high = (high + low) % 65521;
  }
  return high << 16 | low;
}
