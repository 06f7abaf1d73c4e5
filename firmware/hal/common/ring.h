// A byte queue between an interrupt and the main program.
#pragma once

#include <array>
#include <cstddef>

namespace hal {

/// Holds up to `kCapacity` - 1 bytes. One side only pushes, the other only pops.
template <std::size_t kCapacity>
class Ring {
 public:
  bool IsEmpty() const { return head_ == tail_; }
  bool IsFull() const { return Next(head_) == tail_; }

  /// Returns false, and drops the byte, if there is no room.
  bool Push(char byte) {
    if (IsFull()) return false;
    bytes_[head_] = byte;
    head_ = Next(head_);
    return true;
  }

  /// Returns false if there is nothing.
  bool Pop(char* byte) {
    if (IsEmpty()) return false;
    *byte = bytes_[tail_];
    tail_ = Next(tail_);
    return true;
  }

 private:
  static_assert((kCapacity & (kCapacity - 1)) == 0, "a power of two wraps by a mask");
  static std::size_t Next(std::size_t index) { return (index + 1) & (kCapacity - 1); }

  std::array<char, kCapacity> bytes_{};
  volatile std::size_t head_ = 0;
  volatile std::size_t tail_ = 0;
};

}  // namespace hal
