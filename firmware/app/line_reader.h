// Splits the received bytes into lines.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace app {

/// Collects bytes until "\n" or "\r".
class LineReader {
 public:
  enum class Result {
    kMore,     ///< no whole line yet
    kLine,     ///< Line() holds one
    kBadLine,  ///< a line has ended that was too long or had an unprintable character
  };

  Result Add(char byte) {
    if (byte == '\n' || byte == '\r') {
      line_ = {text_.data(), size_};
      const bool bad = bad_;
      Clear();
      return bad ? Result::kBadLine : Result::kLine;
    }
    const bool printable = (byte >= ' ' && byte <= '~') || byte == '\t';
    if (!printable || size_ == text_.size()) {
      bad_ = true;
    } else {
      text_[size_++] = byte;
    }
    return Result::kMore;
  }

  /// The line that ended last; valid until the next Add().
  std::string_view Line() const { return line_; }

  /// Discards the part of a line that has been received.
  void Clear() {
    size_ = 0;
    bad_ = false;
  }

 private:
  std::array<char, 64> text_{};
  std::size_t size_ = 0;
  bool bad_ = false;
  std::string_view line_;
};

}  // namespace app
