#include "app/classifier.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <new>

#include "hal/arena.h"
#include "model_bundle.h"
#include "tensorflow/lite/core/api/error_reporter.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_string.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace app::classifier {
namespace {

/// Keeps the first error message of TFLite Micro; later ones follow from the first.
class FirstComplaint : public tflite::ErrorReporter {
 public:
  int Report(const char* format, std::va_list arguments) override {
    if (!listening_ || text_[0] != '\0') return 0;
    return MicroVsnprintf(text_, sizeof text_ - 1, format, arguments);
  }
  void Listen(bool on) { listening_ = on; }
  const char* Text() const { return text_; }

 private:
  bool listening_ = true;
  char text_[128] = {};
};

using Resolver = tflite::MicroMutableOpResolver<model_bundle::kOperatorCount>;
using Interpreter = tflite::MicroInterpreter;

// Built in place at start: neither has a default state, and there is no heap.
alignas(Resolver) unsigned char resolver_memory[sizeof(Resolver)];
alignas(Interpreter) unsigned char interpreter_memory[sizeof(Interpreter)];
FirstComplaint complaint;
Interpreter* interpreter;
ModelError error;

const ModelError* Fail(const char* code) {
  error = {code, complaint.Text()};
  return &error;
}

Quantization QuantizationOf(const TfLiteTensor& tensor) {
  return {tensor.params.scale, tensor.params.zero_point};
}

}  // namespace

const ModelError* Start() {
  auto* resolver = new (resolver_memory) Resolver(&complaint);
  model_bundle::AddOperators(resolver);
  auto* candidate =
      new (interpreter_memory) Interpreter(tflite::GetModel(model_bundle::kModel), *resolver,
                                           hal::ArenaStart(), hal::ArenaSizeBytes(), &complaint);
  if (candidate->initialization_status() != kTfLiteOk) return Fail("model_rejected");
  // The build has checked the model: only the size of the arena can make this fail.
  if (candidate->AllocateTensors() != kTfLiteOk) return Fail("arena_too_small");
  complaint.Listen(false);  // arena_used_bytes() reports its numbers as errors
  interpreter = candidate;
  return nullptr;
}

Quantization InputQuantization() {
  return interpreter != nullptr ? QuantizationOf(*interpreter->input(0)) : Quantization{1.0F, 0};
}

std::int8_t* Input() { return interpreter->input(0)->data.int8; }

const ModelError* Run(Decision* decision) {
  complaint.Listen(true);
  if (interpreter->Invoke() != kTfLiteOk) return Fail("inference_failed");
  complaint.Listen(false);

  const TfLiteTensor& output = *interpreter->output(0);
  const std::int8_t* scores = output.data.int8;
  const std::int8_t* top = std::max_element(scores, scores + model_bundle::kLabelCount);
  const Quantization quantization = QuantizationOf(output);
  decision->scores = scores;
  decision->label = static_cast<std::size_t>(top - scores);
  const float probability = quantization.scale * static_cast<float>(*top - quantization.zero_point);
  decision->confidence_percent = static_cast<int>(std::lround(100.0F * probability));
  return nullptr;
}

std::size_t ArenaUsedBytes() {
  return interpreter != nullptr ? interpreter->arena_used_bytes() : 0;
}

std::size_t ArenaSizeBytes() { return hal::ArenaSizeBytes(); }

}  // namespace app::classifier
