#include "kernel/fully_connected.h"

#include <algorithm>

#include "tensorflow/lite/c/builtin_op_data.h"
#include "tensorflow/lite/kernels/internal/common.h"
#include "tensorflow/lite/kernels/internal/quantization_util.h"
#include "tensorflow/lite/kernels/internal/tensor_ctypes.h"
#include "tensorflow/lite/kernels/kernel_util.h"

namespace kernel {

void FullyConnectedInt8(const FullyConnectedShape& shape, const std::int8_t* input,
                        const std::int8_t* weights, const std::int32_t* bias,
                        const FixedPoint* scale, std::int8_t* output) {
  for (int batch = 0; batch < shape.batches; ++batch, input += shape.inputs) {
    const std::int8_t* weight = weights;
    for (int channel = 0; channel < shape.outputs; ++channel) {
      std::int32_t sum = bias != nullptr ? bias[channel] : 0;
      for (int i = 0; i < shape.inputs; ++i) sum += *weight++ * (input[i] - shape.input_zero_point);
      const std::int32_t scaled = tflite::MultiplyByQuantizedMultiplier(
          sum, scale[channel].significand, scale[channel].shift);
      *output++ = static_cast<std::int8_t>(
          std::clamp(scaled + shape.output_zero_point, shape.activation_min, shape.activation_max));
    }
  }
}

namespace {

constexpr int kInput = 0;
constexpr int kWeights = 1;
constexpr int kBias = 2;
constexpr int kOutput = 0;

struct OpData {
  FullyConnectedShape shape;
  FixedPoint* scale;
};

void* Init(TfLiteContext* context, const char*, std::size_t) {
  void* data = nullptr;
  return context->AllocatePersistentBuffer(context, sizeof(OpData), &data) == kTfLiteOk ? data
                                                                                        : nullptr;
}

// The real multiplier of a channel. A single scale is multiplied as the reference does it for
// per-tensor weights: in float, then widened; with one for each channel, in double.
double RealMultiplier(const TfLiteTensor* input, float weight_scale, bool per_channel,
                      const TfLiteTensor* output) {
  const double product =
      per_channel ? static_cast<double>(input->params.scale) * static_cast<double>(weight_scale)
                  : static_cast<double>(input->params.scale * weight_scale);
  return product / static_cast<double>(output->params.scale);
}

TfLiteStatus Prepare(TfLiteContext* context, TfLiteNode* node) {
  auto* data = static_cast<OpData*>(node->user_data);
  TF_LITE_ENSURE(context, data != nullptr);
  const auto& params = *static_cast<const TfLiteFullyConnectedParams*>(node->builtin_data);
  const TfLiteTensor* input = tflite::GetInput(context, node, kInput);
  const TfLiteTensor* weights = tflite::GetInput(context, node, kWeights);
  TfLiteTensor* output = tflite::GetOutput(context, node, kOutput);
  TF_LITE_ENSURE_EQ(context, input->type, kTfLiteInt8);
  TF_LITE_ENSURE_EQ(context, weights->type, kTfLiteInt8);
  TF_LITE_ENSURE_EQ(context, output->type, kTfLiteInt8);
  TF_LITE_ENSURE_EQ(context, weights->dims->size, 2);
  TF_LITE_ENSURE_EQ(context, weights->quantization.type, kTfLiteAffineQuantization);

  FullyConnectedShape& shape = data->shape;
  shape.outputs = weights->dims->data[0];
  shape.inputs = weights->dims->data[1];
  shape.batches = static_cast<int>(tflite::NumElements(output)) / shape.outputs;
  TF_LITE_ENSURE_EQ(context, tflite::NumElements(input), shape.batches * shape.inputs);
  shape.input_zero_point = input->params.zero_point;
  shape.output_zero_point = output->params.zero_point;
  TF_LITE_ENSURE_STATUS(tflite::CalculateActivationRangeQuantized(
      context, params.activation, output, &shape.activation_min, &shape.activation_max));

  const auto& quantization =
      *static_cast<const TfLiteAffineQuantization*>(weights->quantization.params);
  const bool per_channel = quantization.scale->size > 1;
  TF_LITE_ENSURE(context, !per_channel || quantization.scale->size == shape.outputs);
  void* scale = nullptr;
  TF_LITE_ENSURE_STATUS(context->AllocatePersistentBuffer(
      context, static_cast<std::size_t>(shape.outputs) * sizeof(FixedPoint), &scale));
  data->scale = static_cast<FixedPoint*>(scale);
  for (int channel = 0; channel < shape.outputs; ++channel) {
    const float weight_scale = quantization.scale->data[per_channel ? channel : 0];
    tflite::QuantizeMultiplier(RealMultiplier(input, weight_scale, per_channel, output),
                               &data->scale[channel].significand, &data->scale[channel].shift);
  }
  return kTfLiteOk;
}

TfLiteStatus Invoke(TfLiteContext* context, TfLiteNode* node) {
  const auto& data = *static_cast<const OpData*>(node->user_data);
  const TfLiteTensor* bias = tflite::GetOptionalInputTensor(context, node, kBias);
  FullyConnectedInt8(
      data.shape, tflite::GetTensorData<std::int8_t>(tflite::GetInput(context, node, kInput)),
      tflite::GetTensorData<std::int8_t>(tflite::GetInput(context, node, kWeights)),
      bias != nullptr ? tflite::GetTensorData<std::int32_t>(bias) : nullptr, data.scale,
      tflite::GetTensorData<std::int8_t>(tflite::GetOutput(context, node, kOutput)));
  return kTfLiteOk;
}

}  // namespace

TfLiteRegistration* RegisterFullyConnected() {
  static TfLiteRegistration registration = {Init, nullptr, Prepare, Invoke, nullptr, 0, nullptr, 0};
  return &registration;
}

}  // namespace kernel
