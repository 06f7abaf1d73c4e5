// One JSON object on one line, in a buffer of fixed size.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace app {

/// Builds `{"event":"...", ...}\r\n` member by member.
///
///     JsonLine line("sleep");
///     line.Text("mode", "stop2").Number("ms", 5000);
///     hal::ConsoleWrite(line.Finish());
///
/// Members that do not fit are left out; the object is always closed.
class JsonLine {
 public:
  explicit JsonLine(std::string_view event);

  JsonLine& Text(std::string_view key, std::string_view value);
  JsonLine& Number(std::string_view key, std::int64_t value);
  JsonLine& Flag(std::string_view key, bool value);
  JsonLine& Scores(std::string_view key, const std::int8_t* values, std::size_t count);

  /// An object inside: `{"key":{ ... }}`; members go into it until End().
  JsonLine& Begin(std::string_view key);
  JsonLine& End();

  /// The whole line, "\r\n" included; valid as long as the object.
  std::string_view Finish();

 private:
  void Key(std::string_view key);
  void Put(char byte);
  void Put(std::string_view text);
  void PutNumber(std::int64_t value);
  void PutQuoted(std::string_view text);

  static constexpr std::size_t kReserved = 8;  // closing braces, line end
  std::array<char, 512> text_{};
  std::size_t size_ = 0;
  std::size_t depth_ = 0;
  bool first_ = true;
};

}  // namespace app
