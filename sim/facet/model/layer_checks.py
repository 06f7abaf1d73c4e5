"""Checks that several operators share: types, quantization, windows, sums that must not overflow.

Each function raises RefusedError, with the operator's name in the message.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from facet.model.flatbuffer import Table
from facet.model.multiplier import LARGEST_INT32, float32, overflows
from facet.model.problem import RefusedError, by, operator_title, tensor_title
from facet.model.tflite import Operator, Tensor

_ACTIVATIONS: Final = {0: "NONE", 1: "RELU", 2: "RELU_N1_TO_1", 3: "RELU6"}
"""The fused activations that the kernels have, by number in the schema."""

_ACTIVATION_ENDS: Final = {2: 1.0, 3: 6.0}
"""The real number at which a fused activation ends, by its number."""

_SAME, _VALID = 0, 1
"""`Padding` in the schema."""

_LARGEST_STEP: Final = 32_767
"""Of strides, dilations and filter sizes: the kernels hold them in 16 bits."""

LARGEST_DEVIATION: Final = 255
"""The largest difference of an int8 value from its zero point."""

QUANTIZE: Final = "convert with full int8 quantization"


def refusal(operator: Operator, wrong: str, *cure: str) -> RefusedError:
    """The refusal of an operator; the cure is `CONVERT_AGAIN` unless given."""
    return RefusedError(f"{operator_title(operator)}: {wrong}", *cure)


def coarse(operator: Operator, source: Tensor, result: Tensor) -> RefusedError:
    """The refusal of an operator whose multiplier would overflow."""
    return refusal(
        operator,
        f"the input's scale {source.scales[0]:g} is too coarse for the output's,"
        f" {result.scales[0]:g}",
        QUANTIZE,
    )


def options_of(operator: Operator) -> Table:
    """The operator's options, which must be there."""
    if operator.options is None:
        raise refusal(operator, "it has no options")
    return operator.options


def check_rank(operator: Operator, tensor: Tensor, rank: int) -> None:
    """Checks the number of dimensions of a tensor."""
    if len(tensor.shape) != rank:
        raise refusal(
            operator,
            f"{tensor_title(tensor)} has the shape {by(tensor.shape)}, not {rank} dimensions",
        )


def check_same_shape(operator: Operator, source: Tensor, result: Tensor) -> None:
    """Checks that input and output have the same shape."""
    if source.shape != result.shape:
        raise refusal(operator, f"{by(source.shape)} does not become {by(result.shape)}")


def check_same_quantization(operator: Operator, source: Tensor, result: Tensor) -> None:
    """Checks that input and output have the same scale and zero point."""
    if (source.scales, source.zero_points) != (result.scales, result.zero_points):
        raise refusal(operator, "it changes the quantization, but only copies values", QUANTIZE)


def check_channels(operator: Operator, result: Tensor, channels: int) -> None:
    """Checks that the output's last dimension is the number of channels."""
    if not result.shape or result.shape[-1] != channels:
        raise refusal(operator, f"its output of {by(result.shape)} has not {channels} channels")


def check_int8(operator: Operator, tensors: Sequence[Tensor]) -> None:
    """Checks that tensors are int8 with one scale each."""
    for tensor in tensors:
        if tensor.type != "int8":
            raise refusal(operator, f"{tensor_title(tensor)} is {tensor.type}, not int8", QUANTIZE)
        if len(tensor.scales) != 1:
            raise refusal(
                operator,
                f"{tensor_title(tensor)} has {len(tensor.scales)} scales instead of one",
                QUANTIZE,
            )


def activations(operator: Operator, count: int) -> tuple[Tensor, ...]:
    """The operator's inputs, `count` of them, int8 as is its output."""
    tensors = tuple(t for t in operator.inputs if t is not None)
    if len(tensors) != count or len(operator.inputs) != count:
        raise refusal(operator, f"{len(tensors)} inputs instead of {count}")
    check_int8(operator, (*tensors, operator.outputs[0]))
    return tensors


def weighted(operator: Operator, rank: int) -> tuple[Tensor, Tensor, Tensor | None, Tensor]:
    """Input, weights, bias (None if left out) and output of a layer with weights.

    Args:
        rank: dimensions of the weights; a convolution has as many in its input and output.
    """
    if not 2 <= len(operator.inputs) <= 3:
        raise refusal(operator, f"{len(operator.inputs)} inputs: not an input, weights and a bias")
    source, weights, bias = (*operator.inputs, None)[:3]
    if source is None or weights is None:
        raise refusal(operator, "its input or its weights are left out")
    result = operator.outputs[0]
    check_int8(operator, (source, result))
    if weights.type != "int8" or not weights.is_constant:
        kind = "constant" if weights.is_constant else "computed"
        raise refusal(
            operator, f"its weights are {kind} {weights.type}, not constant int8", QUANTIZE
        )
    for tensor in (weights, source, result) if rank == 4 else (weights,):
        check_rank(operator, tensor, rank)
    return source, weights, bias, result


def check_weights(operator: Operator, weights: Tensor, channels: int, dimension: int) -> None:
    """Checks that weights are symmetric, with one scale or one for each output channel."""
    title = tensor_title(weights)
    if len(weights.scales) not in (1, channels):
        raise refusal(operator, f"{title} has {len(weights.scales)} scales for {channels} channels")
    if len(weights.scales) > 1 and weights.quantized_dimension != dimension:
        raise refusal(
            operator,
            f"{title} is quantized along dimension {weights.quantized_dimension}, not {dimension}",
        )
    if any(weights.zero_points):
        raise refusal(
            operator, f"{title} has zero points other than 0", "convert with symmetric weights"
        )


def check_bias(operator: Operator, bias: Tensor | None, channels: int) -> None:
    """Checks that the bias has one constant int32 value for each output channel."""
    if bias is None:
        raise refusal(operator, "it has no bias", "build the layer with use_bias=True")
    if bias.type != "int32" or not bias.is_constant or bias.count != channels:
        raise refusal(
            operator,
            f"its bias, {tensor_title(bias)}, is {by(bias.shape)} {bias.type}, not {channels}"
            " constant int32 values",
        )


def check_bias_scale(
    operator: Operator, source: Tensor, weights: Tensor, bias: Tensor, result: Tensor
) -> None:
    """Checks TFLite Micro's demand on weights with one scale (GetQuantizedConvolutionMultipler)."""
    if len(weights.scales) > 1:
        return
    bias_scale = bias.scales[0] if bias.scales else 0.0
    difference = abs(source.scales[0] * weights.scales[0] - bias_scale)
    if difference / result.scales[0] > 0.02:
        raise refusal(
            operator,
            f"the bias's scale {bias_scale:g} is not the product of the input's and the weights'",
        )


def check_sums(operator: Operator, runs: Sequence[slice], per_tensor_in_float: bool) -> None:
    """Checks that sums of products, and their products with the multiplier, cannot overflow.

    Args:
        operator: the layer with weights.
        runs: of the weights, those of each output channel.
        per_tensor_in_float: a single scale is multiplied in 32 bits, as TFLite does it in
            FULLY_CONNECTED.
    """
    source, weights, *rest = operator.inputs
    assert source is not None  # by _weighted
    assert weights is not None
    bias = rest[0] if rest else None
    result = operator.outputs[0]
    deviation = _largest_deviation(source)
    values = memoryview(weights.data).cast("b")
    biases = int32_values(bias) if bias is not None else [0] * len(runs)
    per_channel = len(weights.scales) > 1
    for channel, (run, offset) in enumerate(zip(runs, biases, strict=True)):
        product = source.scales[0] * weights.scales[channel if per_channel else 0]
        if per_tensor_in_float and not per_channel:
            product = float32(product)
        largest = abs(offset) + deviation * sum(map(abs, values[run]))
        if overflows(largest, product / result.scales[0]):
            raise refusal(
                operator,
                f"channel {channel}: its sums reach {largest:,}, times"
                f" {product / result.scales[0]:g}, and overflow 32 bits",
            )


def _largest_deviation(tensor: Tensor) -> int:
    zero_point = tensor.zero_points[0]
    return max(127 - zero_point, zero_point + 128)


def check_windows(
    operator: Operator,
    ends: tuple[Tensor, Tensor],
    filter_size: tuple[int, ...],
    options: Table,
    dilations: tuple[int, int] | None,
) -> None:
    """Checks the output's size by the input's size, filter, stride, dilation and padding.

    Args:
        operator: a convolution or a pooling; the first three fields of its options are padding and
            the strides along width and height.
        ends: input and output, [batch, height, width, channels].
        filter_size: height and width.
        options: its options.
        dilations: the fields of the dilation along width and height; None if it has none.
    """
    source, result = ends
    if source.shape[0] != result.shape[0]:
        raise refusal(operator, f"a batch of {source.shape[0]} becomes one of {result.shape[0]}")
    padding = options.integer(0, "b")
    if padding not in (_SAME, _VALID):
        raise refusal(operator, f"its padding {padding} is neither SAME nor VALID")
    strides = (options.integer(2, "i"), options.integer(1, "i"))
    dilated = (1, 1)
    if dilations is not None:
        dilated = (options.integer(dilations[1], "i", 1), options.integer(dilations[0], "i", 1))
    for axis, name in enumerate(("height", "width")):
        size, stride, dilation = filter_size[axis], strides[axis], dilated[axis]
        for what, value in (("filter", size), ("stride", stride), ("dilation", dilation)):
            if not 1 <= value <= _LARGEST_STEP:
                raise refusal(operator, f"a {what} of {value} along the {name}")
        before, after = source.shape[axis + 1], result.shape[axis + 1]
        reach = (size - 1) * dilation + 1
        made = -(-before // stride) if padding == _SAME else (before + stride - reach) // stride
        if after != made or (after - 1) * stride + reach - before > 2 * _LARGEST_STEP:
            raise refusal(
                operator,
                f"a {name} of {before}, filter {size}, stride {stride}, dilation {dilation} and"
                f" padding {'SAME' if padding == _SAME else 'VALID'} make {made}, not {after}",
            )


def check_activation(operator: Operator, field: int) -> None:
    """Checks that the kernels have the fused activation, and that its ends fit into 32 bits."""
    number = options_of(operator).integer(field, "b")
    if number not in _ACTIVATIONS:
        raise refusal(
            operator,
            f"it has the fused activation {number}",
            f"the firmware has {', '.join(_ACTIVATIONS.values())}",
        )
    scale = operator.outputs[0].scales[0]
    if _ACTIVATION_ENDS.get(number, 0.0) / scale > LARGEST_INT32 - 256:
        raise refusal(operator, f"its output's scale {scale:g} is too fine for its activation")


def int32_values(tensor: Tensor) -> list[int]:
    """The values of a constant int32 tensor; empty if it is not one."""
    if tensor.type != "int32" or len(tensor.data) != tensor.size_bytes:
        return []
    return [
        int.from_bytes(tensor.data[i : i + 4], "little", signed=True)
        for i in range(0, len(tensor.data), 4)
    ]
