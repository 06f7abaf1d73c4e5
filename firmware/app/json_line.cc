#include "app/json_line.h"

#include <charconv>

namespace app {

JsonLine::JsonLine(std::string_view event) {
  Put('{');
  Text("event", event);
}

JsonLine& JsonLine::Text(std::string_view key, std::string_view value) {
  Key(key);
  PutQuoted(value);
  return *this;
}

JsonLine& JsonLine::Number(std::string_view key, std::int64_t value) {
  Key(key);
  PutNumber(value);
  return *this;
}

JsonLine& JsonLine::Flag(std::string_view key, bool value) {
  Key(key);
  Put(value ? std::string_view("true") : std::string_view("false"));
  return *this;
}

JsonLine& JsonLine::Scores(std::string_view key, const std::int8_t* values, std::size_t count) {
  Key(key);
  Put('[');
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) Put(',');
    PutNumber(values[i]);
  }
  Put(']');
  return *this;
}

JsonLine& JsonLine::Begin(std::string_view key) {
  Key(key);
  Put('{');
  ++depth_;
  first_ = true;
  return *this;
}

JsonLine& JsonLine::End() {
  Put('}');
  --depth_;
  first_ = false;
  return *this;
}

std::string_view JsonLine::Finish() {
  for (++depth_; depth_ > 0; --depth_) text_[size_++] = '}';
  text_[size_++] = '\r';
  text_[size_++] = '\n';
  return {text_.data(), size_};
}

void JsonLine::Key(std::string_view key) {
  if (!first_) Put(',');
  first_ = false;
  PutQuoted(key);
  Put(':');
}

void JsonLine::Put(char byte) {
  if (size_ + kReserved < text_.size()) text_[size_++] = byte;
}

void JsonLine::Put(std::string_view text) {
  for (const char byte : text) Put(byte);
}

void JsonLine::PutNumber(std::int64_t value) {
  char digits[20];  // -9223372036854775808
  const auto result = std::to_chars(digits, digits + sizeof digits, value);
  Put({digits, static_cast<std::size_t>(result.ptr - digits)});
}

void JsonLine::PutQuoted(std::string_view text) {
  Put('"');
  for (const char byte : text) {
    if (byte == '"' || byte == '\\') Put('\\');
    // UTF-8 is allowed: a label may be in any language. UTF-8 text has no byte 0xFF.
    const auto code = static_cast<unsigned char>(byte);
    Put(code >= ' ' && code < 0xFF ? byte : '?');
  }
  Put('"');
}

}  // namespace app
