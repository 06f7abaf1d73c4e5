#include "app/report.h"

#include "app/classifier.h"
#include "app/json_line.h"
#include "app/version.h"
#include "hal/board.h"
#include "hal/console.h"
#include "hal/sleep.h"
#include "hal/time.h"
#include "model_bundle.h"

namespace app::report {
namespace {

void Say(JsonLine& line) { hal::ConsoleWrite(line.Finish()); }

// The first 16 of 64 digits identify a model.
std::string_view ModelHash() { return std::string_view(model_bundle::kSha256).substr(0, 16); }

void AddIdentity(JsonLine& line) {
  line.Text("firmware", kFirmwareVersion)
      .Text("board", hal::BoardName())
      .Text("model", model_bundle::kName)
      .Text("model_sha256", ModelHash());
}

template <typename Value>
void AddPhases(JsonLine& line, const char* key, const DecisionCost& cost, Value value) {
  line.Begin(key)
      .Number("capture", value(cost.capture))
      .Number("readout", value(cost.readout))
      .Number("preprocess", value(cost.preprocess))
      .Number("inference", value(cost.inference))
      .End();
}

}  // namespace

void Boot() {
  JsonLine line("boot");
  AddIdentity(line);
  line.Text("reset", hal::ResetCause())
      .Number("arena", static_cast<std::int64_t>(classifier::ArenaUsedBytes()))
      .Number("arena_size", static_cast<std::int64_t>(classifier::ArenaSizeBytes()))
      .Number("sysclk_hz", hal::SysclkHz());
  Say(line);
}

void Result(const Decision& decision, const DecisionCost& cost, const Settings& settings) {
  const bool uncertain = decision.confidence_percent < static_cast<int>(settings.threshold_percent);
  JsonLine line("result");
  line.Number("n", decision.number)
      .Text("emotion", model_bundle::kLabels[decision.label])
      .Number("confidence", decision.confidence_percent)
      .Flag("uncertain", uncertain)
      .Scores("scores", decision.scores, model_bundle::kLabelCount);
  AddPhases(line, "cycles", cost, [](const PhaseCost& phase) { return phase.cycles; });
  AddPhases(line, "us", cost, [](const PhaseCost& phase) { return phase.us; });
  Say(line);
}

void Sleep(const char* mode, std::uint32_t duration_ms) {
  JsonLine line("sleep");
  line.Text("mode", mode).Number("ms", duration_ms);
  Say(line);
}

void Error(const char* code, const char* detail) {
  JsonLine line("error");
  line.Text("code", code).Text("detail", detail);
  Say(line);
}

void Accepted(const char* command, const char* key, std::uint32_t value) {
  JsonLine line("ok");
  line.Text("command", command).Number(key, value);
  Say(line);
}

void Accepted(const char* command, const char* key, const char* value) {
  JsonLine line("ok");
  line.Text("command", command).Text(key, value);
  Say(line);
}

void Version() {
  JsonLine line("version");
  AddIdentity(line);
  Say(line);
}

void Statistics(const Stats& stats, const Settings& settings) {
  JsonLine line("stats");
  line.Number("decisions", stats.decisions)
      .Number("errors", stats.errors)
      .Number("uptime_ms", static_cast<std::int64_t>(hal::UptimeUs() / 1000))
      .Number("interval_ms", settings.interval_ms)
      .Number("threshold", settings.threshold_percent)
      .Text("sleep_mode", hal::SleepModeAt(settings.sleep_mode).name)
      .Text("sleep_clock", hal::SleepTimerClock())
      .Number("stack", hal::StackUsedBytes())
      .Number("stack_size", hal::StackSizeBytes());
  Say(line);
}

void Help() {
  JsonLine line("help");
  line.Text("commands",
            "once | interval <ms, 500..3600000, 0 = only on command> | threshold <percent, 0..100>"
            " | sleep <mode> | version | stats | help")
      .Begin("sleep_modes");
  for (std::size_t mode = 0; mode < hal::SleepModeCount(); ++mode) {
    line.Text(hal::SleepModeAt(mode).name, hal::SleepModeAt(mode).description);
  }
  Say(line);
}

}  // namespace app::report
