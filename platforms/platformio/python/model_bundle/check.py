"""What a model may hold so that the firmware computes it as today's TFLite Micro does.

The firmware's kernels are those of TensorFlow of July 2020 (the crate tfmicro 0.1.0), but for
CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, LEAKY_RELU and MEAN, which are its own. They were
compared with the `tflite-micro` wheel for what this file lets through; the rest is refused, because
most of it would be wrong without a word.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from model_bundle.error import ModelError
from model_bundle.flatbuffer import Table
from model_bundle.model import Model, Operator, Tensor

INPUT_SHAPE = (1, 48, 48, 1)

# Fused activations by number in the schema; the kernels know these four.
_ACTIVATIONS = {0: "NONE", 1: "RELU", 2: "RELU_N1_TO_1", 3: "RELU6"}


def check_model(model: Model) -> None:
    """Raise ModelError at the first thing that the firmware would not compute right."""
    if model.subgraph_count != 1:
        raise ModelError("it has control flow (more than one subgraph); the firmware has none")
    _check_ends(model)
    for tensor in model.tensors:
        _check_tensor(tensor)
    for operator in model.operators:
        check = _OPERATORS.get(operator.name)
        if check is None:
            raise ModelError(
                f"operator {operator.name} is not in the firmware; it has {', '.join(_OPERATORS)}"
            )
        _check_wiring(operator)
        check(operator)
    _check_lifetimes(model)


def operator_names(model: Model) -> list[str]:
    """The operators that the model needs, each once, in the order of their first use."""
    return list(dict.fromkeys(operator.name for operator in model.operators))


def _check_ends(model: Model) -> None:
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ModelError(
            f"it has {len(model.inputs)} inputs and {len(model.outputs)} outputs;"
            " the firmware feeds one and reads one"
        )
    source, result = model.inputs[0], model.outputs[0]
    for role, tensor in (("input", source), ("output", result)):
        if tensor.type != "int8":
            raise ModelError(
                f"its {role} is {tensor.type}; the firmware works in int8: convert with"
                f" inference_{role}_type = tf.int8"
            )
        if not tensor.scales:
            raise ModelError(f"its {role} has no quantization; convert with full int8 quantization")
    if source.shape != INPUT_SHAPE:
        raise ModelError(f"its input is {_by(source.shape)}; the firmware makes {_by(INPUT_SHAPE)}")
    if len(result.shape) != 2 or result.shape[0] != 1:
        raise ModelError(f"its output is {_by(result.shape)}; the firmware reads 1 x labels")
    last = model.operators[-1] if model.operators else None
    if last is None or last.name != "SOFTMAX" or last.outputs != (result,):
        raise ModelError("it does not end in SOFTMAX; the firmware's confidence is a probability")


def _check_tensor(tensor: Tensor) -> None:
    name = f"tensor {tensor.index} ({tensor.name})"
    if tensor.is_variable:
        raise ModelError(f"{name} keeps state between runs; the firmware keeps none")
    if tensor.is_sparse:
        raise ModelError(f"{name} is sparse; the firmware's kernels take dense weights only")
    if any(side < 1 for side in tensor.shape) or any(s < 0 for s in tensor.shape_signature[1:]):
        raise ModelError(f"{name} has a dynamic shape; fix every dimension when converting")
    if len(tensor.scales) != len(tensor.zero_points):
        raise ModelError(f"{name} has {len(tensor.scales)} scales, {len(tensor.zero_points)} zeros")
    if any(not math.isfinite(scale) or scale <= 0 for scale in tensor.scales):
        raise ModelError(f"{name} has a quantization scale that is not positive")
    if tensor.is_constant and len(tensor.data) != tensor.size_bytes:
        raise ModelError(
            f"{name} has {len(tensor.data)} bytes where its shape needs {tensor.size_bytes}"
        )


def _check_wiring(operator: Operator) -> None:
    if None in operator.inputs and operator.name != "FULLY_CONNECTED":
        raise ModelError(
            f"{_name(operator)} leaves out an optional input (a bias?); the firmware needs it:"
            " convert the layer with use_bias=True"
        )
    if len(operator.outputs) != 1:
        raise ModelError(f"{_name(operator)} has {len(operator.outputs)} outputs instead of one")


def _check_lifetimes(model: Model) -> None:
    """TFLM of 2020 stops at a tensor that is made and never read."""
    read = {t.index for o in model.operators for t in o.inputs if t} | {model.outputs[0].index}
    for operator in model.operators:
        for tensor in operator.outputs:
            if tensor.index not in read:
                raise ModelError(f"{_name(operator)}: nobody reads its output {tensor.index}")


def _conv(operator: Operator) -> None:
    source, weights, bias, result = _weighted(operator, channel_dimension=0)
    _version(operator, 3, 6)
    if weights.shape[3] != source.shape[3]:
        raise ModelError(f"{_name(operator)} is grouped; the firmware's takes all channels at once")
    _check_weights(operator, weights, bias, outputs=weights.shape[0])
    _activation(operator, field=3)
    _same_outputs(operator, result, weights.shape[0])


def _depthwise_conv(operator: Operator) -> None:
    source, weights, bias, result = _weighted(operator, channel_dimension=3)
    _version(operator, 3, 6)
    if weights.shape[3] != source.shape[3] * _options(operator).integer(3, "i"):
        raise ModelError(f"{_name(operator)}: weights and depth multiplier do not agree")
    _check_weights(operator, weights, bias, outputs=weights.shape[3])
    _activation(operator, field=4)
    _same_outputs(operator, result, weights.shape[3])


def _fully_connected(operator: Operator) -> None:
    # The bias may be missing, its index -1. TFLM of 2020 notes that tensor's lifetime all the same,
    # before the start of its list: in the arena's free part, where nobody reads it.
    source, weights, bias, result = _weighted(operator, channel_dimension=0, rank=2)
    _version(operator, 12)
    if source.size_bytes % weights.shape[1]:
        raise ModelError(f"{_name(operator)}: input and weights do not agree")
    _check_weights(operator, weights, bias, outputs=weights.shape[0])
    options = _options(operator)
    if options.integer(1, "b") != 0:
        raise ModelError(f"{_name(operator)} has shuffled weights; the firmware's takes plain ones")
    _activation(operator, field=0)
    _same_outputs(operator, result, weights.shape[0])


def _pool(operator: Operator) -> None:
    (source,), result = _activations(operator, 1), operator.outputs[0]
    _version(operator, 3)
    if (source.scales, source.zero_points) != (result.scales, result.zero_points):
        raise ModelError(f"{_name(operator)} changes the quantization; pooling only copies values")
    _activation(operator, field=5)


def _add(operator: Operator) -> None:
    first, second = _activations(operator, 2)
    _version(operator, 3)
    if first.shape != second.shape or first.is_constant or second.is_constant:
        raise ModelError(f"{_name(operator)} broadcasts or adds a constant; only equal shapes are")
    _activation(operator, field=0)


def _leaky_relu(operator: Operator) -> None:
    (source,), result = _activations(operator, 1), operator.outputs[0]
    _version(operator, 2)
    if source.shape != result.shape:
        raise ModelError(f"{_name(operator)} changes the shape; it works on each value alone")
    alpha = _options(operator).real(0)
    if not 0 <= alpha <= 1:
        raise ModelError(f"{_name(operator)} has a slope of {alpha:g}; the firmware's is 0 to 1")


def _reshape(operator: Operator) -> None:
    source, result = operator.inputs[0], operator.outputs[0]
    assert source is not None  # by _check_wiring
    _version(operator, 1)
    if source.type != "int8" or result.type != "int8":
        raise ModelError(f"{_name(operator)} is {source.type}; only int8")
    if source.size_bytes != result.size_bytes:
        raise ModelError(f"{_name(operator)} changes the number of values")


def _softmax(operator: Operator) -> None:
    (_source,), result = _activations(operator, 1), operator.outputs[0]
    _version(operator, 3)
    if result.scales[0] != 1 / 256 or result.zero_points[0] != -128:
        raise ModelError(f"{_name(operator)}: output scale must be 1/256, zero point -128")


def _mean(operator: Operator) -> None:
    source, axes, result = operator.inputs[0], operator.inputs[1], operator.outputs[0]
    assert source is not None  # by _check_wiring
    assert axes is not None
    _version(operator, 3)
    _int8(operator, (source, result))
    values = [int.from_bytes(axes.data[i : i + 4], "little", signed=True) for i in (0, 4)]
    if (
        len(source.shape) != 4
        or axes.type != "int32"
        or len(axes.data) != 8
        or {v % 4 for v in values} != {1, 2}
    ):
        raise ModelError(f"{_name(operator)} must average height and width of four dimensions")


_OPERATORS: dict[str, Callable[[Operator], None]] = {
    "ADD": _add,
    "AVERAGE_POOL_2D": _pool,
    "CONV_2D": _conv,
    "DEPTHWISE_CONV_2D": _depthwise_conv,
    "FULLY_CONNECTED": _fully_connected,
    "LEAKY_RELU": _leaky_relu,
    "MAX_POOL_2D": _pool,
    "MEAN": _mean,
    "RESHAPE": _reshape,
    "SOFTMAX": _softmax,
}


def _name(operator: Operator) -> str:
    return f"{operator.name} (operator {operator.index})"


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(str(side) for side in shape)


def _options(operator: Operator) -> Table:
    if operator.options is None:
        raise ModelError(f"{_name(operator)} has no options; the file is damaged")
    return operator.options


def _version(operator: Operator, *known: int) -> None:
    """Versions above the last known one may mean something that the kernels do not know."""
    if operator.version > max(known):
        raise ModelError(
            f"{_name(operator)} is of version {operator.version}; the firmware knows up to"
            f" {max(known)}"
        )


def _activation(operator: Operator, field: int) -> None:
    number = _options(operator).integer(field, "b")
    if number not in _ACTIVATIONS:
        raise ModelError(f"{_name(operator)} has a fused activation other than RELU and RELU6")


def _int8(operator: Operator, tensors: tuple[Tensor, ...]) -> None:
    for tensor in tensors:
        if tensor.type != "int8":
            raise ModelError(
                f"{_name(operator)} works on {tensor.type}; the firmware's works on int8:"
                " convert with full int8 quantization"
            )
        if len(tensor.scales) != 1:
            raise ModelError(f"{_name(operator)}: tensor {tensor.index} is not quantized as one")


def _activations(operator: Operator, count: int) -> tuple[Tensor, ...]:
    """The operator's inputs, `count` of them, all int8, as is its output."""
    tensors = tuple(t for t in operator.inputs if t is not None)
    if len(tensors) != count:
        raise ModelError(f"{_name(operator)} has {len(tensors)} inputs instead of {count}")
    _int8(operator, (*tensors, operator.outputs[0]))
    return tensors


def _weighted(
    operator: Operator, channel_dimension: int, rank: int = 4
) -> tuple[Tensor, Tensor, Tensor | None, Tensor]:
    """Input, weights, bias (None if left out) and output of a layer with weights."""
    source, weights, bias = (*operator.inputs, None, None, None)[:3]
    if source is None or weights is None or len(operator.inputs) > 3:
        raise ModelError(f"{_name(operator)} must have an input, weights and a bias")
    result = operator.outputs[0]
    _int8(operator, (source, result))
    if weights.type != "int8" or not weights.is_constant or len(weights.shape) != rank:
        raise ModelError(f"{_name(operator)}: weights must be constant int8, not {weights.type}")
    if len(weights.scales) > 1 and weights.quantized_dimension != channel_dimension:
        raise ModelError(f"{_name(operator)}: weights are quantized along the wrong dimension")
    return source, weights, bias, result


def _check_weights(operator: Operator, weights: Tensor, bias: Tensor | None, outputs: int) -> None:
    if len(weights.scales) not in (1, outputs):
        raise ModelError(f"{_name(operator)}: {len(weights.scales)} scales for {outputs} channels")
    if any(weights.zero_points):
        raise ModelError(f"{_name(operator)} has asymmetric weights; convert with symmetric ones")
    if bias is None:
        return
    if bias.type != "int32" or not bias.is_constant or bias.size_bytes != 4 * outputs:
        raise ModelError(f"{_name(operator)}: the bias must be {outputs} constant int32 values")


def _same_outputs(operator: Operator, result: Tensor, outputs: int) -> None:
    if result.shape[-1] != outputs:
        raise ModelError(f"{_name(operator)}: output and weights do not agree")
