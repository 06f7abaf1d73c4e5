// Four at a time: sums of four output channels, and four int8 values of one 32-bit word.
#pragma once

#include <cstdint>
#include <cstring>

#include "kernel/convolution.h"

namespace kernel {

/// The sums of four neighbouring output channels, each in a register.
struct Four {
  std::int32_t a;
  std::int32_t b;
  std::int32_t c;
  std::int32_t d;
};

/// The initial sums of four channels from `channel` on.
template <class Sums>
Sums BiasOf(const std::int32_t* bias, int channel);

template <>
inline std::int32_t BiasOf(const std::int32_t* bias, int channel) {
  return bias != nullptr ? bias[channel] : 0;
}

template <>
inline Four BiasOf(const std::int32_t* bias, int channel) {
  if (bias == nullptr) return {};
  return {bias[channel], bias[channel + 1], bias[channel + 2], bias[channel + 3]};
}

/// The outputs of four channels, or of one, from their sums.
inline void Store(const ConvolutionShape& shape, const ChannelScales& scale, int channel,
                  const Four& sum, std::int8_t* output) {
  output[0] = OutputOf(shape, scale, channel, sum.a);
  output[1] = OutputOf(shape, scale, channel + 1, sum.b);
  output[2] = OutputOf(shape, scale, channel + 2, sum.c);
  output[3] = OutputOf(shape, scale, channel + 3, sum.d);
}

inline void Store(const ConvolutionShape& shape, const ChannelScales& scale, int channel,
                  std::int32_t sum, std::int8_t* output) {
  *output = OutputOf(shape, scale, channel, sum);
}

#ifdef __ARM_FEATURE_DSP

// By the dual 16-bit instructions of the Armv7E-M DSP extension (Armv7-M Architecture Reference
// Manual, A7.7: SXTB16, SXTAB16, SMLAD). Bytes 0 and 2 of a word lie in the halves of `even`,
// bytes 1 and 3 in those of `odd`. In assembly, because arm_acle.h has no rotated forms.

/// The offset that is added to each of four values.
class Offsets {
 public:
  explicit Offsets(std::int32_t offset)
      : pair_((static_cast<std::uint32_t>(offset) & 0xFFFF) * 0x1'0001) {}

 private:
  friend class FourBytes;
  std::uint32_t pair_;
};

/// Four neighbouring int8 values, widened.
class FourBytes {
 public:
  explicit FourBytes(const std::int8_t* from) : FourBytes(Widen(Load(from))) {}
  FourBytes(const std::int8_t* from, Offsets offsets)
      : FourBytes(Widen(Load(from), offsets.pair_)) {}

  /// sum plus the four products.
  std::int32_t Dot(const FourBytes& other, std::int32_t sum) const {
    asm("smlad %0, %1, %2, %0" : "+r"(sum) : "r"(even_), "r"(other.even_));
    asm("smlad %0, %1, %2, %0" : "+r"(sum) : "r"(odd_), "r"(other.odd_));
    return sum;
  }

  /// Adds each product to a sum of its own.
  void MultiplyAdd(const FourBytes& other, Four* sum) const {
    sum->a = MultiplyAddLow(even_, other.even_, sum->a);
    sum->b = MultiplyAddLow(odd_, other.odd_, sum->b);
    sum->c = MultiplyAddHigh(even_, other.even_, sum->c);
    sum->d = MultiplyAddHigh(odd_, other.odd_, sum->d);
  }

 private:
  struct Pairs {
    std::uint32_t even;
    std::uint32_t odd;
  };

  explicit FourBytes(Pairs pairs) : even_(pairs.even), odd_(pairs.odd) {}

  // A word from any address: the Cortex-M4's LDR takes them.
  static std::uint32_t Load(const std::int8_t* from) {
    std::uint32_t word;
    std::memcpy(&word, from, sizeof word);
    return word;
  }

  static Pairs Widen(std::uint32_t word) {
    std::uint32_t even, odd;
    asm("sxtb16 %0, %1" : "=r"(even) : "r"(word));
    asm("sxtb16 %0, %1, ror #8" : "=r"(odd) : "r"(word));
    return {even, odd};
  }

  static Pairs Widen(std::uint32_t word, std::uint32_t offsets) {
    std::uint32_t even, odd;
    asm("sxtab16 %0, %1, %2" : "=r"(even) : "r"(offsets), "r"(word));
    asm("sxtab16 %0, %1, %2, ror #8" : "=r"(odd) : "r"(offsets), "r"(word));
    return {even, odd};
  }

  static std::int32_t MultiplyAddLow(std::uint32_t x, std::uint32_t w, std::int32_t sum) {
    asm("smlabb %0, %1, %2, %0" : "+r"(sum) : "r"(x), "r"(w));
    return sum;
  }

  static std::int32_t MultiplyAddHigh(std::uint32_t x, std::uint32_t w, std::int32_t sum) {
    asm("smlatt %0, %1, %2, %0" : "+r"(sum) : "r"(x), "r"(w));
    return sum;
  }

  std::uint32_t even_;
  std::uint32_t odd_;
};

#else

/// The offset that is added to each of four values.
using Offsets = std::int32_t;

/// Four neighbouring int8 values, widened.
class FourBytes {
 public:
  explicit FourBytes(const std::int8_t* from, Offsets offset = 0)
      : a_(from[0] + offset), b_(from[1] + offset), c_(from[2] + offset), d_(from[3] + offset) {}

  /// sum plus the four products.
  std::int32_t Dot(const FourBytes& other, std::int32_t sum) const {
    return sum + a_ * other.a_ + b_ * other.b_ + c_ * other.c_ + d_ * other.d_;
  }

  /// Adds each product to a sum of its own.
  void MultiplyAdd(const FourBytes& other, Four* sum) const {
    sum->a += a_ * other.a_;
    sum->b += b_ * other.b_;
    sum->c += c_ * other.c_;
    sum->d += d_ * other.d_;
  }

 private:
  std::int32_t a_;
  std::int32_t b_;
  std::int32_t c_;
  std::int32_t d_;
};

#endif

}  // namespace kernel
