// The device: it takes an image, classifies it, reports, executes commands and sleeps.
#pragma once

#include <cstdint>
#include <string_view>

#include "app/classifier.h"
#include "app/decision.h"
#include "app/line_reader.h"
#include "app/preprocess.h"
#include "app/report.h"
#include "app/settings.h"

namespace app {

class Device {
 public:
  /// Prepares the model and reports the boot.
  Device();

  /// Takes one image into the model's input: camera on, capture, read out and preprocess, off.
  bool Capture();

  /// Runs the model on the image.
  bool Classify();

  /// Reports the decision and its cost.
  void Report();

  /// Executes the host's commands until none has come for a while.
  void Listen();

  /// Sleeps until the next decision is due; executes commands when the host wakes it.
  void SleepUntilDue();

 private:
  void Obey(std::string_view line);
  void ChooseSleepMode(std::string_view name);
  bool Fail(const char* code, const char* detail);

  const ModelError* model_error_;
  QuantizationTable table_;
  Settings settings_;
  Stats stats_;
  Decision decision_;
  DecisionCost cost_;

  LineReader reader_;
  std::uint64_t noise_until_us_ = 0;
  bool due_now_ = false;           ///< the host asked for a decision
  bool interval_changed_ = false;  ///< the present sleep has a new length
};

}  // namespace app
