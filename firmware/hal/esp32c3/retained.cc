// Bytes in the RTC's fast memory, which deep sleep keeps.

#include "hal/retained.h"

#include <cstdint>
#include <cstring>

#include "hal/esp32c3/reset.h"

namespace esp32c3 {
namespace {

struct Block {
  std::uint32_t size;
  std::uint32_t checksum;
  std::uint8_t bytes[hal::kRetainedBytes];
};

__attribute__((section(".retained"))) Block block;  // garbage after power-on

// FNV-1a, 32 bits: distinguishes a written block from the random bits after power-on.
std::uint32_t Checksum(const Block& of) {
  std::uint32_t hash = 2166136261U ^ of.size;
  for (std::uint32_t i = 0; i < of.size; ++i) hash = (hash ^ of.bytes[i]) * 16777619U;
  return hash;
}

}  // namespace
}  // namespace esp32c3

namespace hal {

void RetainBytes(const void* data, std::size_t size) {
  auto& block = esp32c3::block;
  block.size = size;
  std::memcpy(block.bytes, data, size);
  block.checksum = esp32c3::Checksum(block);
}

bool RecallBytes(void* data, std::size_t size) {
  const auto& block = esp32c3::block;
  if (!esp32c3::WokeFromDeepSleep() || block.size != size ||
      block.checksum != esp32c3::Checksum(block)) {
    return false;
  }
  std::memcpy(data, block.bytes, size);
  return true;
}

}  // namespace hal
