// The memory that the linker left over for the model's tensors.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hal {

std::uint8_t* ArenaStart();
std::size_t ArenaSizeBytes();

}  // namespace hal
