#include "kernel/leaky_relu.h"

#include <algorithm>
#include <limits>

#include "tensorflow/lite/c/builtin_op_data.h"
#include "tensorflow/lite/kernels/internal/common.h"
#include "tensorflow/lite/kernels/internal/quantization_util.h"
#include "tensorflow/lite/kernels/internal/tensor_ctypes.h"
#include "tensorflow/lite/kernels/kernel_util.h"

namespace kernel {

void LeakyReluInt8(const LeakyReluShape& shape, const std::int8_t* input, std::int8_t* output) {
  for (int i = 0; i < shape.values; ++i) {
    const std::int32_t value = input[i] - shape.input_zero_point;
    const FixedPoint& multiplier = value >= 0 ? shape.positive : shape.negative;
    const std::int32_t scaled =
        tflite::MultiplyByQuantizedMultiplier(value, multiplier.significand, multiplier.shift) +
        shape.output_zero_point;
    output[i] = static_cast<std::int8_t>(std::clamp<std::int32_t>(
        scaled, std::numeric_limits<std::int8_t>::min(), std::numeric_limits<std::int8_t>::max()));
  }
}

namespace {

constexpr int kInput = 0;
constexpr int kOutput = 0;

void* Init(TfLiteContext* context, const char*, std::size_t) {
  void* data = nullptr;
  return context->AllocatePersistentBuffer(context, sizeof(LeakyReluShape), &data) == kTfLiteOk
             ? data
             : nullptr;
}

TfLiteStatus Prepare(TfLiteContext* context, TfLiteNode* node) {
  auto* shape = static_cast<LeakyReluShape*>(node->user_data);
  TF_LITE_ENSURE(context, shape != nullptr);
  const auto& params = *static_cast<const TfLiteLeakyReluParams*>(node->builtin_data);
  const TfLiteTensor* input = tflite::GetInput(context, node, kInput);
  const TfLiteTensor* output = tflite::GetOutput(context, node, kOutput);
  TF_LITE_ENSURE_EQ(context, input->type, kTfLiteInt8);
  TF_LITE_ENSURE_EQ(context, output->type, kTfLiteInt8);
  TF_LITE_ENSURE_EQ(context, tflite::NumElements(input), tflite::NumElements(output));

  shape->values = static_cast<int>(tflite::NumElements(input));
  shape->input_zero_point = input->params.zero_point;
  shape->output_zero_point = output->params.zero_point;
  // In float and then widened, in this order, as the reference does it: it decides the last bits.
  const float positive = input->params.scale / output->params.scale;
  const float negative = input->params.scale * params.alpha / output->params.scale;
  tflite::QuantizeMultiplier(static_cast<double>(positive), &shape->positive.significand,
                             &shape->positive.shift);
  tflite::QuantizeMultiplier(static_cast<double>(negative), &shape->negative.significand,
                             &shape->negative.shift);
  return kTfLiteOk;
}

TfLiteStatus Invoke(TfLiteContext* context, TfLiteNode* node) {
  LeakyReluInt8(*static_cast<const LeakyReluShape*>(node->user_data),
                tflite::GetTensorData<std::int8_t>(tflite::GetInput(context, node, kInput)),
                tflite::GetTensorData<std::int8_t>(tflite::GetOutput(context, node, kOutput)));
  return kTfLiteOk;
}

}  // namespace

TfLiteRegistration* RegisterLeakyRelu() {
  static TfLiteRegistration registration = {Init, nullptr, Prepare, Invoke, nullptr, 0, nullptr, 0};
  return &registration;
}

}  // namespace kernel
