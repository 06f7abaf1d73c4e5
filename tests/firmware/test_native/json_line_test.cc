#include "app/json_line.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

namespace app {
namespace {

TEST(JsonLine, MembersInTheOrderOfTheirCalls) {
  const std::int8_t scores[] = {-128, 0, 127};
  JsonLine line("result");
  line.Number("n", 1).Text("emotion", "happy").Flag("uncertain", false);
  line.Scores("scores", scores, 3);
  line.Begin("cycles").Number("capture", 10).Number("inference", 20).End();
  line.Begin("us").End().Number("last", -5);
  EXPECT_EQ(line.Finish(),
            "{\"event\":\"result\",\"n\":1,\"emotion\":\"happy\",\"uncertain\":false,"
            "\"scores\":[-128,0,127],\"cycles\":{\"capture\":10,\"inference\":20},\"us\":{},"
            "\"last\":-5}\r\n");
}

TEST(JsonLine, WidestNumbers) {
  JsonLine line("x");
  line.Number("least", std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(line.Finish(), "{\"event\":\"x\",\"least\":-9223372036854775808}\r\n");
}

TEST(JsonLine, QuotesWhatJsonWantsQuoted) {
  JsonLine line("error");
  line.Text("detail", "a \"b\" \\ \n \xFF");
  EXPECT_EQ(line.Finish(), "{\"event\":\"error\",\"detail\":\"a \\\"b\\\" \\\\ ? ?\"}\r\n");
}

TEST(JsonLine, LeavesUtf8AsItIs) {
  JsonLine line("result");
  line.Text("emotion",
            "gl\xC3\xBC"
            "cklich \xE7\xAC\x91");
  EXPECT_EQ(line.Finish(),
            "{\"event\":\"result\",\"emotion\":\"gl\xC3\xBC"
            "cklich \xE7\xAC\x91\"}\r\n");
}

TEST(JsonLine, ALineThatIsTooLongStillEnds) {
  JsonLine line("error");
  line.Begin("inner").Text("detail", std::string(2000, 'x'));
  const std::string_view text = line.Finish();
  EXPECT_LE(text.size(), 512U);
  EXPECT_EQ(text.substr(text.size() - 4), "}}\r\n");
}

}  // namespace
}  // namespace app
