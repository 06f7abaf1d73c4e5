// Runs a model on the host with the firmware's interpreter and kernels.
//
//     program MODEL.tflite < inputs > outputs
//
// Inputs and outputs are int8 tensors one after the other, as many as there are.

#include <cstdint>
#include <cstdio>
#include <vector>

#include "operators.h"
#include "tensorflow/lite/core/api/error_reporter.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace {

class ToStderr : public tflite::ErrorReporter {
 public:
  int Report(const char* format, va_list arguments) override {
    std::vfprintf(stderr, format, arguments);
    return std::fputc('\n', stderr);
  }
};

std::vector<std::uint8_t> ReadFile(const char* path) {
  std::vector<std::uint8_t> content;
  std::FILE* file = std::fopen(path, "rb");
  if (file == nullptr) return content;
  for (int byte = std::fgetc(file); byte != EOF; byte = std::fgetc(file)) {
    content.push_back(static_cast<std::uint8_t>(byte));
  }
  std::fclose(file);
  return content;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s MODEL.tflite < inputs > outputs\n", argv[0]);
    return 2;
  }
  const std::vector<std::uint8_t> model = ReadFile(argv[1]);
  if (model.empty()) {
    std::fprintf(stderr, "%s: cannot be read\n", argv[1]);
    return 1;
  }
  ToStderr reporter;
  // All that the firmware can have; a model's own list is made at its build.
  tflite::MicroMutableOpResolver<model_bundle::kOperatorCount> resolver(&reporter);
  model_bundle::AddOperators(&resolver);
  alignas(16) static std::uint8_t arena[4 << 20];
  tflite::MicroInterpreter interpreter(tflite::GetModel(model.data()), resolver, arena,
                                       sizeof arena, &reporter);
  if (interpreter.AllocateTensors() != kTfLiteOk) return 1;
  TfLiteTensor* input = interpreter.input(0);
  TfLiteTensor* output = interpreter.output(0);
  while (std::fread(input->data.int8, 1, input->bytes, stdin) == input->bytes) {
    if (interpreter.Invoke() != kTfLiteOk) return 1;
    std::fwrite(output->data.int8, 1, output->bytes, stdout);
  }
  return 0;
}
