// A few bytes that outlive a sleep which ends in a reset.
#pragma once

#include <cstddef>
#include <type_traits>

namespace hal {

inline constexpr std::size_t kRetainedBytes = 64;

/// Keeps `size` bytes, at most kRetainedBytes, over the next such sleep.
void RetainBytes(const void* data, std::size_t size);

/// Restores them; false if this start is not that sleep's end, or they are damaged.
bool RecallBytes(void* data, std::size_t size);

template <typename T>
void Retain(const T& value) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= kRetainedBytes);
  RetainBytes(&value, sizeof value);
}

template <typename T>
bool Recall(T* value) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= kRetainedBytes);
  return RecallBytes(value, sizeof *value);
}

}  // namespace hal
