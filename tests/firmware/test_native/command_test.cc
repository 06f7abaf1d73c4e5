#include "app/command.h"

#include <gtest/gtest.h>

namespace app {
namespace {

TEST(Command, WordsWithoutArgument) {
  EXPECT_EQ(ParseCommand("once").kind, CommandKind::kOnce);
  EXPECT_EQ(ParseCommand("version").kind, CommandKind::kVersion);
  EXPECT_EQ(ParseCommand("stats").kind, CommandKind::kStats);
  EXPECT_EQ(ParseCommand("help").kind, CommandKind::kHelp);
}

TEST(Command, EmptyLineIsNothing) {
  EXPECT_EQ(ParseCommand("").kind, CommandKind::kNothing);
  EXPECT_EQ(ParseCommand(" \t ").kind, CommandKind::kNothing);
}

TEST(Command, SpaceAroundWordsDoesNotMatter) {
  const Command command = ParseCommand("  interval \t 2500 ");
  EXPECT_EQ(command.kind, CommandKind::kInterval);
  EXPECT_EQ(command.value, 2500U);
}

TEST(Command, IntervalTakesItsLimitsAndZero) {
  for (const char* line : {"interval 500", "interval 3600000", "interval 0"}) {
    EXPECT_EQ(ParseCommand(line).kind, CommandKind::kInterval) << line;
  }
  for (const char* line : {"interval 499", "interval 3600001", "interval -1", "interval",
                           "interval 1e3", "interval 4294967796", "interval 500ms"}) {
    EXPECT_EQ(ParseCommand(line).kind, CommandKind::kBad) << line;
  }
}

TEST(Command, ThresholdIsAPercentage) {
  EXPECT_EQ(ParseCommand("threshold 0").value, 0U);
  EXPECT_EQ(ParseCommand("threshold 100").value, 100U);
  EXPECT_EQ(ParseCommand("threshold 101").kind, CommandKind::kBad);
  EXPECT_EQ(ParseCommand("threshold half").kind, CommandKind::kBad);
}

TEST(Command, SleepTakesTheNameOfAMode) {
  const Command command = ParseCommand("sleep deep");
  EXPECT_EQ(command.kind, CommandKind::kSleep);
  EXPECT_EQ(command.text, "deep");
  EXPECT_EQ(ParseCommand("sleep").kind, CommandKind::kBad);
}

TEST(Command, WhatIsNoCommandIsBadAndSaysWhy) {
  for (const char* line : {"nce", "ONCE", "once now", "stats 3", "interval 500 600", "{}"}) {
    const Command command = ParseCommand(line);
    EXPECT_EQ(command.kind, CommandKind::kBad) << line;
    ASSERT_NE(command.problem, nullptr) << line;
    EXPECT_STRNE(command.problem, "") << line;
  }
}

}  // namespace
}  // namespace app
