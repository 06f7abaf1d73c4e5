#include "kernel/mean.h"

#include <algorithm>
#include <limits>

#include "tensorflow/lite/kernels/internal/common.h"
#include "tensorflow/lite/kernels/internal/quantization_util.h"
#include "tensorflow/lite/kernels/internal/tensor_ctypes.h"
#include "tensorflow/lite/kernels/kernel_util.h"

namespace kernel {

void DivideMultiplier(std::int64_t pixels, std::int32_t* significand, int* shift) {
  // Shifts the significand left by floor(log2(pixels)), so the quotient keeps its precision. The
  // shift of the result stays >= -31.
  int bits = 0;
  while ((pixels >> (bits + 1)) != 0) ++bits;
  bits = std::min({bits, 32, 31 + *shift});
  *significand =
      static_cast<std::int32_t>((static_cast<std::int64_t>(*significand) << bits) / pixels);
  *shift -= bits;
}

void MeanInt8(const MeanShape& shape, const std::int8_t* input, std::int8_t* output) {
  for (int batch = 0; batch < shape.batches; ++batch) {
    for (int channel = 0; channel < shape.channels; ++channel) {
      std::int32_t sum = -shape.input_zero_point * shape.pixels;
      const std::int8_t* pixel = input + channel;
      for (int i = 0; i < shape.pixels; ++i, pixel += shape.channels) sum += *pixel;
      const std::int32_t mean =
          tflite::MultiplyByQuantizedMultiplier(sum, shape.significand, shape.shift) +
          shape.output_zero_point;
      *output++ = static_cast<std::int8_t>(std::clamp<std::int32_t>(
          mean, std::numeric_limits<std::int8_t>::min(), std::numeric_limits<std::int8_t>::max()));
    }
    input += shape.pixels * shape.channels;
  }
}

namespace {

constexpr int kInput = 0;
constexpr int kAxes = 1;
constexpr int kOutput = 0;

void* Init(TfLiteContext* context, const char*, std::size_t) {
  void* data = nullptr;
  return context->AllocatePersistentBuffer(context, sizeof(MeanShape), &data) == kTfLiteOk
             ? data
             : nullptr;
}

constexpr int kRank = 4;  // batch, height, width, channels

// Axes -4 to -1 count from the end.
int FromTheStart(std::int32_t axis) { return axis < 0 ? axis + kRank : axis; }

// True if the axes are height and width, in either order.
bool AreHeightAndWidth(const TfLiteTensor* axes) {
  if (axes->type != kTfLiteInt32 || tflite::NumElements(axes) != 2) return false;
  const std::int32_t* axis = tflite::GetTensorData<std::int32_t>(axes);
  const int first = FromTheStart(axis[0]);
  const int second = FromTheStart(axis[1]);
  return (first == 1 && second == 2) || (first == 2 && second == 1);
}

TfLiteStatus Prepare(TfLiteContext* context, TfLiteNode* node) {
  auto* shape = static_cast<MeanShape*>(node->user_data);
  TF_LITE_ENSURE(context, shape != nullptr);
  const TfLiteTensor* input = tflite::GetInput(context, node, kInput);
  const TfLiteTensor* axes = tflite::GetInput(context, node, kAxes);
  const TfLiteTensor* output = tflite::GetOutput(context, node, kOutput);
  TF_LITE_ENSURE_EQ(context, input->type, kTfLiteInt8);
  TF_LITE_ENSURE_EQ(context, output->type, kTfLiteInt8);
  TF_LITE_ENSURE_EQ(context, input->dims->size, kRank);
  TF_LITE_ENSURE(context, AreHeightAndWidth(axes));

  shape->batches = input->dims->data[0];
  shape->pixels = input->dims->data[1] * input->dims->data[2];
  shape->channels = input->dims->data[3];
  TF_LITE_ENSURE_EQ(context, tflite::NumElements(output), shape->batches * shape->channels);
  shape->input_zero_point = input->params.zero_point;
  shape->output_zero_point = output->params.zero_point;
  tflite::QuantizeMultiplier(
      static_cast<double>(input->params.scale) / static_cast<double>(output->params.scale),
      &shape->significand, &shape->shift);
  DivideMultiplier(shape->pixels, &shape->significand, &shape->shift);
  return kTfLiteOk;
}

TfLiteStatus Invoke(TfLiteContext* context, TfLiteNode* node) {
  MeanInt8(*static_cast<const MeanShape*>(node->user_data),
           tflite::GetTensorData<std::int8_t>(tflite::GetInput(context, node, kInput)),
           tflite::GetTensorData<std::int8_t>(tflite::GetOutput(context, node, kOutput)));
  return kTfLiteOk;
}

}  // namespace

TfLiteRegistration* RegisterMean() {
  static TfLiteRegistration registration = {Init, nullptr, Prepare, Invoke, nullptr, 0, nullptr, 0};
  return &registration;
}

}  // namespace kernel
