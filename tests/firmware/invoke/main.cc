// Runs a model on the host with the firmware's interpreter and kernels.
//
//     program MODEL.tflite < inputs > outputs
//
// Inputs and outputs are int8 tensors one after the other, as many as there are.

#include <cstdint>
#include <cstdio>
#include <vector>

#include "kernel/conv_2d.h"
#include "kernel/depthwise_conv_2d.h"
#include "kernel/fully_connected.h"
#include "kernel/leaky_relu.h"
#include "kernel/mean.h"
#include "tensorflow/lite/core/api/error_reporter.h"
#include "tensorflow/lite/micro/kernels/micro_ops.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace {

class ToStderr : public tflite::ErrorReporter {
 public:
  int Report(const char* format, va_list arguments) override {
    std::vfprintf(stderr, format, arguments);
    return std::fputc('\n', stderr);
  }
};

// As many as the firmware can have; a model's own list is made at its build.
tflite::MicroMutableOpResolver<10> AllOperators() {
  using namespace tflite::ops::micro;
  tflite::MicroMutableOpResolver<10> resolver;
  resolver.AddBuiltin(tflite::BuiltinOperator_ADD, Register_ADD(), 0);
  resolver.AddBuiltin(tflite::BuiltinOperator_AVERAGE_POOL_2D, Register_AVERAGE_POOL_2D(), 0);
  resolver.AddBuiltin(tflite::BuiltinOperator_CONV_2D, kernel::RegisterConv2D(), 0);
  resolver.AddBuiltin(tflite::BuiltinOperator_DEPTHWISE_CONV_2D, kernel::RegisterDepthwiseConv2D(),
                      0);
  resolver.AddBuiltin(tflite::BuiltinOperator_FULLY_CONNECTED, kernel::RegisterFullyConnected(), 0);
  resolver.AddBuiltin(tflite::BuiltinOperator_LEAKY_RELU, kernel::RegisterLeakyRelu(), 0);
  resolver.AddBuiltin(tflite::BuiltinOperator_MAX_POOL_2D, Register_MAX_POOL_2D(), 0);
  resolver.AddBuiltin(tflite::BuiltinOperator_MEAN, kernel::RegisterMean(), 0);
  resolver.AddBuiltin(tflite::BuiltinOperator_RESHAPE, Register_RESHAPE(), 0);
  resolver.AddBuiltin(tflite::BuiltinOperator_SOFTMAX, Register_SOFTMAX(), 0);
  return resolver;
}

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
  const auto resolver = AllOperators();
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
