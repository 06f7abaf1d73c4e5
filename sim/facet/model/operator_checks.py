"""Checks the demands of each of the firmware's operators: shapes, types, quantization, options.

The firmware's kernels trust a model: a wrong shape makes them read beyond a tensor, a wrong scale
ends in an integer that overflows or in a check of TFLite Micro that stops the program. Everything
that they rely on is checked here. Each function raises RefusedError at the first thing that is
wrong with one operator.

Sources: the kernels in `firmware/kernel`, and those of TFLite Micro of July 2020 (the crate tfmicro
0.1.0) under tensorflow/lite/micro/kernels and tensorflow/lite/kernels/internal/reference.
"""

from __future__ import annotations

import math

from facet.model.layer_checks import (
    LARGEST_DEVIATION,
    QUANTIZE,
    activations,
    check_activation,
    check_bias,
    check_bias_scale,
    check_channels,
    check_int8,
    check_rank,
    check_same_quantization,
    check_same_shape,
    check_sums,
    check_weights,
    check_windows,
    coarse,
    int32_values,
    options_of,
    refusal,
    weighted,
)
from facet.model.multiplier import float32, overflows, shift_of
from facet.model.problem import by
from facet.model.tflite import Operator


def check_conv(operator: Operator) -> None:
    """CONV_2D: weights [out, height, width, in]."""
    source, weights, bias, result = weighted(operator, rank=4)
    channels = weights.shape[0]
    if weights.shape[3] != source.shape[3]:
        raise refusal(
            operator,
            f"the input has {source.shape[3]} channels and the weights take {weights.shape[3]}",
            "grouped convolutions are not in the firmware: use groups=1",
        )
    options = options_of(operator)
    check_windows(operator, (source, result), weights.shape[1:3], options, dilations=(4, 5))
    check_channels(operator, result, channels)
    check_weights(operator, weights, channels, dimension=0)
    taps = math.prod(weights.shape[1:])
    runs = [slice(channel * taps, (channel + 1) * taps) for channel in range(channels)]
    check_bias(operator, bias, channels)
    check_sums(operator, runs, per_tensor_in_float=False)
    check_activation(operator, field=3)


def check_depthwise_conv(operator: Operator) -> None:
    """DEPTHWISE_CONV_2D: weights [1, height, width, out]."""
    source, weights, bias, result = weighted(operator, rank=4)
    options = options_of(operator)
    channels, multiplier = weights.shape[3], options.integer(3, "i")
    if weights.shape[0] != 1 or channels != source.shape[3] * multiplier:
        raise refusal(
            operator,
            f"weights of {by(weights.shape)} do not go with {source.shape[3]} input channels and a"
            f" depth multiplier of {multiplier}",
        )
    check_windows(operator, (source, result), weights.shape[1:3], options, dilations=(5, 6))
    check_channels(operator, result, channels)
    check_weights(operator, weights, channels, dimension=3)
    check_bias(operator, bias, channels)
    runs = [slice(channel, None, channels) for channel in range(channels)]
    check_sums(operator, runs, per_tensor_in_float=False)
    check_activation(operator, field=4)


def check_fully_connected(operator: Operator) -> None:
    """FULLY_CONNECTED: weights [out, in]; the bias may be left out."""
    source, weights, bias, result = weighted(operator, rank=2)
    options = options_of(operator)
    if options.integer(1, "b") != 0:
        raise refusal(operator, "its weights are shuffled; the kernel takes plain ones")
    channels, inputs = weights.shape
    check_channels(operator, result, channels)
    if source.count != result.count // channels * inputs:
        raise refusal(
            operator,
            f"{source.count} inputs and weights of {by(weights.shape)} do not make"
            f" {result.count} outputs",
        )
    check_weights(operator, weights, channels, dimension=0)
    if bias is not None:
        check_bias(operator, bias, channels)
        check_bias_scale(operator, source, weights, bias, result)
    runs = [slice(channel * inputs, (channel + 1) * inputs) for channel in range(channels)]
    check_sums(operator, runs, per_tensor_in_float=True)
    check_activation(operator, field=0)


def check_pool(operator: Operator) -> None:
    """AVERAGE_POOL_2D and MAX_POOL_2D."""
    (source,), result = activations(operator, 1), operator.outputs[0]
    check_rank(operator, source, 4)
    check_rank(operator, result, 4)
    check_same_quantization(operator, source, result)
    options = options_of(operator)
    filter_size = (options.integer(4, "i"), options.integer(3, "i"))
    check_windows(operator, (source, result), filter_size, options, dilations=None)
    check_channels(operator, result, source.shape[3])
    check_activation(operator, field=5)


def check_add(operator: Operator) -> None:
    """ADD of two activations of the same shape, except for leading dimensions of 1."""
    first, second = activations(operator, 2)
    result = operator.outputs[0]
    if first.is_constant or second.is_constant:
        raise refusal(
            operator,
            "it adds a constant",
            "the firmware adds activations only: where the constant comes from a Rescaling or"
            " Normalization layer, leave that layer out and give its range in the card",
        )
    for tensor in (second, result):
        if _four(tensor.shape) != _four(first.shape):
            raise refusal(
                operator,
                f"shapes {by(first.shape)} and {by(tensor.shape)} differ",
                "the firmware adds equal shapes only: make them equal, without broadcasting",
            )
    for tensor in (first, second, result):
        if len(tensor.shape) > 4:
            raise refusal(operator, f"{len(tensor.shape)} dimensions; the kernel takes up to 4")
    largest = max(first.scales[0], second.scales[0])
    real = 2 * largest / ((1 << 20) * result.scales[0])
    if not real < 1 or shift_of(real) > 0:
        raise refusal(
            operator,
            f"an input's scale of {largest:g} is too coarse for the output's, {result.scales[0]:g}",
            QUANTIZE,
        )
    check_activation(operator, field=0)


def _four(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape with ones in front up to 4 dimensions, as the kernel compares them."""
    return (1,) * (4 - len(shape)) + shape


def check_leaky_relu(operator: Operator) -> None:
    """LEAKY_RELU with a slope from 0 to 1."""
    (source,), result = activations(operator, 1), operator.outputs[0]
    check_same_shape(operator, source, result)
    alpha = options_of(operator).real(0)
    if not 0 <= alpha <= 1:
        raise refusal(operator, f"it has a slope of {alpha:g}", "the firmware's goes from 0 to 1")
    if overflows(LARGEST_DEVIATION, float32(source.scales[0] / result.scales[0])):
        raise coarse(operator, source, result)


def check_reshape(operator: Operator) -> None:
    """Checks a RESHAPE to a shape that the file has."""
    source = operator.inputs[0] if operator.inputs else None
    result = operator.outputs[0]
    if source is None or len(operator.inputs) > 2:
        raise refusal(operator, f"{len(operator.inputs)} inputs instead of 1 or 2")
    for shape in operator.inputs[1:]:
        if shape is None or shape.type != "int32" or not shape.is_constant:
            raise refusal(
                operator,
                "its new shape is computed at run time",
                "fix the batch at 1, then the converter writes the shape into the file",
            )
    check_int8(operator, (source, result))
    if source.count != result.count:
        raise refusal(
            operator, f"{by(source.shape)} has another number of values than {by(result.shape)}"
        )
    check_same_quantization(operator, source, result)
    options = operator.options
    if options is None or not operator.options_type:
        return
    new_shape = options.vector(0)
    if new_shape is not None and new_shape[1] > 8:
        raise refusal(operator, f"its new shape has {new_shape[1]} dimensions")


def check_softmax(operator: Operator) -> None:
    """SOFTMAX over the last dimension."""
    (source,), result = activations(operator, 1), operator.outputs[0]
    check_same_shape(operator, source, result)
    if not 1 <= len(source.shape) <= 4:
        raise refusal(operator, f"{len(source.shape)} dimensions; the kernel takes 1 to 4")
    if source.shape[-1] >= 1 << 12:
        raise refusal(operator, f"{source.shape[-1]:,} classes; the kernel takes fewer than 4,096")
    if result.scales[0] != 1 / 256 or result.zero_points[0] != -128:
        raise refusal(
            operator,
            f"its output has scale {result.scales[0]:g} and zero point {result.zero_points[0]}, not"
            " 1/256 and -128",
            QUANTIZE,
        )
    # PreprocessSoftmaxScaling: the input in steps of 2^-26.
    beta = options_of(operator).real(0)
    real = beta * source.scales[0] * (1 << 26)
    if not 1 < real < 1 << 30:
        raise refusal(
            operator, f"beta {beta:g} and an input scale of {source.scales[0]:g} leave its range"
        )


def check_mean(operator: Operator) -> None:
    """MEAN over height and width."""
    if len(operator.inputs) != 2:
        raise refusal(operator, f"{len(operator.inputs)} inputs instead of 2")
    source, axes = operator.inputs
    result = operator.outputs[0]
    if source is None or axes is None:
        raise refusal(operator, "an input is left out")
    check_int8(operator, (source, result))
    options_of(operator)
    values = int32_values(axes)
    if len(source.shape) != 4 or sorted(v + 4 if v < 0 else v for v in values) != [1, 2]:
        raise refusal(
            operator,
            f"it averages the axes {', '.join(map(str, values)) or 'none'} of {by(source.shape)}",
            "the firmware averages height and width of four dimensions: use GlobalAveragePooling2D",
        )
    batches, height, width, channels = source.shape
    if result.shape not in ((batches, channels), (batches, 1, 1, channels)):
        raise refusal(operator, f"{by(source.shape)} does not become {by(result.shape)}")
    real = source.scales[0] / result.scales[0]
    if overflows(LARGEST_DEVIATION * height * width, real):
        raise coarse(operator, source, result)
