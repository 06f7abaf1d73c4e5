#include "app/line_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace app {
namespace {

// Every line that ends in `bytes`; "!" for a bad one.
std::vector<std::string> LinesOf(const std::string& bytes) {
  LineReader reader;
  std::vector<std::string> lines;
  for (const char byte : bytes) {
    const auto result = reader.Add(byte);
    if (result == LineReader::Result::kLine) lines.emplace_back(reader.Line());
    if (result == LineReader::Result::kBadLine) lines.emplace_back("!");
  }
  return lines;
}

using Lines = std::vector<std::string>;

TEST(LineReader, EndsLinesAtEitherEnd) {
  EXPECT_EQ(LinesOf("once\nstats\r\nhelp\r"), (Lines{"once", "stats", "", "help"}));
}

TEST(LineReader, AnUnfinishedLineIsNoLine) { EXPECT_EQ(LinesOf("once"), Lines{}); }

TEST(LineReader, ALineOf64BytesIsTheLongest) {
  EXPECT_EQ(LinesOf(std::string(64, 'x') + "\n"), Lines{std::string(64, 'x')});
  EXPECT_EQ(LinesOf(std::string(65, 'x') + "\nok\n"), (Lines{"!", "ok"}));
}

TEST(LineReader, UnprintableBytesSpoilTheirLineOnly) {
  EXPECT_EQ(LinesOf("on\x80"
                    "ce\nonce\n"),
            (Lines{"!", "once"}));
  EXPECT_EQ(LinesOf(std::string("\0\n", 2)), Lines{"!"});
}

TEST(LineReader, ClearForgetsTheStartOfALine) {
  LineReader reader;
  for (const char byte : {'x', '\xFF'}) reader.Add(byte);
  reader.Clear();
  reader.Add('y');
  EXPECT_EQ(reader.Add('\n'), LineReader::Result::kLine);
  EXPECT_EQ(reader.Line(), "y");
}

}  // namespace
}  // namespace app
