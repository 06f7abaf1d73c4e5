// The messages of the device: one JSON object per line.
#pragma once

#include <cstdint>

#include "app/decision.h"
#include "app/settings.h"

namespace app {

/// Counters since reset.
struct Stats {
  std::uint32_t decisions = 0;
  std::uint32_t errors = 0;
};

namespace report {

void Boot();
void Result(const Decision& decision, const DecisionCost& cost, const Settings& settings);
void Sleep(const char* mode, std::uint32_t duration_ms);
void Error(const char* code, const char* detail);
void Accepted(const char* command, const char* key, std::uint32_t value);
void Accepted(const char* command, const char* key, const char* value);
void Version();
void Statistics(const Stats& stats, const Settings& settings);
void Help();

}  // namespace report
}  // namespace app
