// Makes an operator for TFLite Micro from a kernel: CONV_2D and DEPTHWISE_CONV_2D.
#pragma once

#include "kernel/convolution.h"
#include "tensorflow/lite/c/common.h"

namespace kernel {

/// Computes a convolution.
using ConvolutionKernel = void (*)(const ConvolutionShape& shape, const ConvolutionTensors& tensors,
                                   const ChannelScales& scale);

/// An operator around a kernel, `kConvolve`.
///
/// `Params` is the operator's structure in builtin_op_data.h, `kChannelDimension` the dimension of
/// the weights that has the output channels.
template <class Params, int kChannelDimension, ConvolutionKernel kConvolve>
class ConvolutionOperator {
 public:
  /// The registration for TFLite Micro's resolver.
  static TfLiteRegistration* Registration() {
    static TfLiteRegistration registration = {InitConvolution, nullptr, Prepare, Invoke,
                                              nullptr,         0,       nullptr, 0};
    return &registration;
  }

 private:
  static const Params& ParamsOf(const TfLiteNode* node) {
    return *static_cast<const Params*>(node->builtin_data);
  }

  static Step HeightOf(const Params& params) {
    return {params.stride_height, params.dilation_height_factor};
  }

  static Step WidthOf(const Params& params) {
    return {params.stride_width, params.dilation_width_factor};
  }

  static TfLiteStatus Prepare(TfLiteContext* context, TfLiteNode* node) {
    const Params& params = ParamsOf(node);
    return PrepareConvolution(context, node, kChannelDimension, params.padding, params.activation,
                              HeightOf(params), WidthOf(params));
  }

  static TfLiteStatus Invoke(TfLiteContext* context, TfLiteNode* node) {
    const Params& params = ParamsOf(node);
    kConvolve(ShapeOf(context, node, HeightOf(params), WidthOf(params)), TensorsOf(context, node),
              ScalesOf(node));
    return kTfLiteOk;
  }
};

}  // namespace kernel
