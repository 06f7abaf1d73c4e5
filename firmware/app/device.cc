#include "app/device.h"

#include "app/camera.h"
#include "app/command.h"
#include "hal/console.h"
#include "hal/retained.h"
#include "hal/sleep.h"
#include "hal/time.h"
#include "hal/watchdog.h"

namespace app {
namespace {

// The device stays awake this long after the host's last byte.
constexpr std::uint64_t kListenUs = 500'000;

// The byte that wakes the device is lost, and its tail can look like another byte. One takes
// 87 µs; a host that keeps to the protocol sends nothing more for 20 ms.
constexpr std::uint64_t kWakeNoiseUs = 5'000;

// State that is kept during a sleep that ends in a reset.
struct Retained {
  Settings settings;
  Stats stats;
};

bool HostIsActive() {
  const std::uint64_t last_us = hal::ConsoleLastActivityUs();
  return hal::ConsoleHasInput() || (last_us != 0 && hal::UptimeUs() < last_us + kListenUs);
}

}  // namespace

Device::Device() : model_error_(classifier::Start()), table_(classifier::InputQuantization()) {
  Retained retained;
  if (hal::Recall(&retained)) {
    settings_ = retained.settings;
    stats_ = retained.stats;
  }
  report::Boot();
}

bool Device::Capture() {
  hal::WatchdogRefresh();
  decision_ = {};
  cost_ = {};
  if (model_error_ != nullptr) return Fail(model_error_->code, model_error_->detail);

  auto error = driver::CameraError::kNone;
  PoweredCamera camera(&cost_.capture);
  {
    const Stopwatch capture(&cost_.capture);
    error = camera.Capture();
  }
  if (error == driver::CameraError::kNone) {
    error = camera.ReadOut(table_, classifier::Input(), &cost_);
  }
  return error == driver::CameraError::kNone || Fail(CodeOf(error), MeaningOf(error));
}

bool Device::Classify() {
  hal::WatchdogRefresh();
  const Stopwatch inference(&cost_.inference);
  const ModelError* error = classifier::Run(&decision_);
  return error == nullptr || Fail(error->code, error->detail);
}

void Device::Report() {
  decision_.number = ++stats_.decisions;
  report::Result(decision_, cost_, settings_);
}

void Device::Listen() {
  while (HostIsActive() && !due_now_) {
    hal::WatchdogRefresh();
    hal::SleepUntil(hal::ConsoleHasInput, 100);
    char byte;
    while (!due_now_ && hal::ConsoleRead(&byte)) {
      const auto result = reader_.Add(byte);
      if (hal::UptimeUs() < noise_until_us_) {
        reader_.Clear();
      } else if (result == LineReader::Result::kLine) {
        Obey(reader_.Line());
      } else if (result == LineReader::Result::kBadLine) {
        Fail("bad_command", "line too long, or not plain text");
      }
    }
  }
}

void Device::SleepUntilDue() {
  std::uint32_t left_ms = settings_.interval_ms;
  while (!due_now_) {
    const bool forever = left_ms == 0;
    // Only the host ends this sleep, so use the first mode, from which the host can wake the chip.
    const std::size_t mode_number = forever ? 0 : settings_.sleep_mode;
    const hal::SleepMode& mode = hal::SleepModeAt(mode_number);
    report::Sleep(mode.name, left_ms);
    hal::ConsoleFlush();
    if (mode.restarts) hal::Retain(Retained{settings_, stats_});
    const std::uint64_t due_us = hal::UptimeUs() + left_ms * 1000ULL;

    hal::WakeReason reason;
    do {
      reason = hal::DeepSleep(mode_number, forever ? kMaxIntervalMs : left_ms);
    } while (forever && reason == hal::WakeReason::kTimer);
    if (reason == hal::WakeReason::kTimer) return;

    if (reason == hal::WakeReason::kConsole) {
      noise_until_us_ = hal::UptimeUs() + kWakeNoiseUs;
      reader_.Clear();
    }
    interval_changed_ = false;
    Listen();

    if (interval_changed_ || forever) {
      left_ms = settings_.interval_ms;
    } else {
      const std::uint64_t now_us = hal::UptimeUs();
      if (now_us >= due_us) return;
      left_ms = static_cast<std::uint32_t>((due_us - now_us + 999) / 1000);
    }
  }
  due_now_ = false;
}

void Device::Obey(std::string_view line) {
  const Command command = ParseCommand(line);
  switch (command.kind) {
    case CommandKind::kNothing:
      return;
    case CommandKind::kOnce:
      due_now_ = true;
      return;
    case CommandKind::kInterval:
      settings_.interval_ms = command.value;
      interval_changed_ = true;
      return report::Accepted("interval", "interval_ms", command.value);
    case CommandKind::kThreshold:
      settings_.threshold_percent = command.value;
      return report::Accepted("threshold", "threshold", command.value);
    case CommandKind::kSleep:
      return ChooseSleepMode(command.text);
    case CommandKind::kVersion:
      return report::Version();
    case CommandKind::kStats:
      return report::Statistics(stats_, settings_);
    case CommandKind::kHelp:
      return report::Help();
    case CommandKind::kBad:
      Fail("bad_command", command.problem);
      return;
  }
}

void Device::ChooseSleepMode(std::string_view name) {
  for (std::size_t mode = 0; mode < hal::SleepModeCount(); ++mode) {
    if (name == hal::SleepModeAt(mode).name) {
      settings_.sleep_mode = mode;
      return report::Accepted("sleep", "mode", hal::SleepModeAt(mode).name);
    }
  }
  Fail("bad_command", "no such sleep mode; help names them");
}

bool Device::Fail(const char* code, const char* detail) {
  ++stats_.errors;
  report::Error(code, detail);
  return false;
}

}  // namespace app
