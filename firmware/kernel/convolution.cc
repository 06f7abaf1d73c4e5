#include "kernel/convolution.h"

#include "tensorflow/lite/kernels/internal/tensor_ctypes.h"
#include "tensorflow/lite/kernels/kernel_util.h"
#include "tensorflow/lite/kernels/padding.h"

namespace kernel {

namespace {

constexpr int kInput = 0;
constexpr int kWeights = 1;
constexpr int kBias = 2;
constexpr int kOutput = 0;

// Of the dimensions of input, weights and output.
constexpr int kBatch = 0;
constexpr int kHeight = 1;
constexpr int kWidth = 2;
constexpr int kChannels = 3;

// Allocates one 32-bit value for each channel in the arena.
TfLiteStatus AllocateChannels(TfLiteContext* context, int channels, std::int32_t** values) {
  void* buffer = nullptr;
  TF_LITE_ENSURE_STATUS(context->AllocatePersistentBuffer(
      context, static_cast<std::size_t>(channels) * sizeof(std::int32_t), &buffer));
  *values = static_cast<std::int32_t*>(buffer);
  return kTfLiteOk;
}

}  // namespace

void* InitConvolution(TfLiteContext* context, const char*, std::size_t) {
  void* data = nullptr;
  return context->AllocatePersistentBuffer(context, sizeof(ConvolutionData), &data) == kTfLiteOk
             ? data
             : nullptr;
}

TfLiteStatus PrepareConvolution(TfLiteContext* context, TfLiteNode* node, int channel_dimension,
                                TfLitePadding padding, TfLiteFusedActivation activation,
                                Step height, Step width) {
  auto* data = static_cast<ConvolutionData*>(node->user_data);
  TF_LITE_ENSURE(context, data != nullptr);
  const TfLiteTensor* input = tflite::GetInput(context, node, kInput);
  const TfLiteTensor* weights = tflite::GetInput(context, node, kWeights);
  const TfLiteTensor* bias = tflite::GetOptionalInputTensor(context, node, kBias);
  TfLiteTensor* output = tflite::GetOutput(context, node, kOutput);
  TF_LITE_ENSURE_EQ(context, input->type, kTfLiteInt8);
  TF_LITE_ENSURE_EQ(context, weights->type, kTfLiteInt8);
  TF_LITE_ENSURE_EQ(context, output->type, kTfLiteInt8);
  TF_LITE_ENSURE_EQ(context, input->dims->size, 4);
  TF_LITE_ENSURE_EQ(context, weights->dims->size, 4);
  TF_LITE_ENSURE_EQ(context, output->dims->size, 4);
  const int channels = weights->dims->data[channel_dimension];
  TF_LITE_ENSURE_EQ(context, output->dims->data[kChannels], channels);

  int output_height = 0;
  int output_width = 0;
  data->padding = tflite::ComputePaddingHeightWidth(
      height.stride, width.stride, height.dilation, width.dilation, input->dims->data[kHeight],
      input->dims->data[kWidth], weights->dims->data[kHeight], weights->dims->data[kWidth], padding,
      &output_height, &output_width);
  TF_LITE_ENSURE_EQ(context, output->dims->data[kHeight], output_height);
  TF_LITE_ENSURE_EQ(context, output->dims->data[kWidth], output_width);
  data->input_zero_point = input->params.zero_point;
  data->output_zero_point = output->params.zero_point;

  TF_LITE_ENSURE_STATUS(AllocateChannels(context, channels, &data->significand));
  TF_LITE_ENSURE_STATUS(AllocateChannels(context, channels, &data->shift));
  static_assert(sizeof(int) == sizeof(std::int32_t));
  std::int32_t unused_multiplier = 0;  // those of uint8
  int unused_shift = 0;
  return tflite::PopulateConvolutionQuantizationParams(
      context, input, weights, bias, output, activation, &unused_multiplier, &unused_shift,
      &data->activation_min, &data->activation_max, data->significand,
      reinterpret_cast<int*>(data->shift), channels);
}

ConvolutionShape ShapeOf(TfLiteContext* context, const TfLiteNode* node, Step height, Step width) {
  const auto& data = *static_cast<const ConvolutionData*>(node->user_data);
  const int* input = tflite::GetInput(context, node, kInput)->dims->data;
  const int* weights = tflite::GetInput(context, node, kWeights)->dims->data;
  const int* output = tflite::GetOutput(context, node, kOutput)->dims->data;
  return {output[kBatch],
          {input[kHeight], weights[kHeight], height.stride, height.dilation, data.padding.height,
           output[kHeight]},
          {input[kWidth], weights[kWidth], width.stride, width.dilation, data.padding.width,
           output[kWidth]},
          input[kChannels],
          output[kChannels],
          data.input_zero_point,
          data.output_zero_point,
          data.activation_min,
          data.activation_max};
}

ChannelScales ScalesOf(const TfLiteNode* node) {
  const auto& data = *static_cast<const ConvolutionData*>(node->user_data);
  return {data.significand, data.shift};
}

ConvolutionTensors TensorsOf(TfLiteContext* context, const TfLiteNode* node) {
  const TfLiteTensor* bias = tflite::GetOptionalInputTensor(context, node, kBias);
  return {tflite::GetTensorData<std::int8_t>(tflite::GetInput(context, node, kInput)),
          tflite::GetTensorData<std::int8_t>(tflite::GetInput(context, node, kWeights)),
          bias != nullptr ? tflite::GetTensorData<std::int32_t>(bias) : nullptr,
          tflite::GetTensorData<std::int8_t>(tflite::GetOutput(context, node, kOutput))};
}

}  // namespace kernel
