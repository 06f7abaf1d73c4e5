"""Checks that the firmware can run a model and computes what today's TFLite Micro computes.

The firmware's kernels are those of TensorFlow of July 2020 (the crate tfmicro 0.1.0) and its own
(`operators.py`). Neither verifies a model. So everything that they rely on is checked here, once,
before a firmware is built: what passes runs without a fault and gives, bit for bit, the outputs of
the `tflite-micro` wheel.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from facet.model.card_file import MOST_LABELS
from facet.model.operators import OPERATORS, cure_of
from facet.model.problem import (
    CONVERT_AGAIN,
    Problem,
    RefusedError,
    by,
    operator_title,
    tensor_title,
)
from facet.model.tflite import TYPE_BYTES, Model, ModelError, Operator, Tensor

INPUT_SHAPE: Final = (1, 48, 48, 1)
"""Of the picture that the firmware makes: batch, height, width, channels."""

_LARGEST_TENSOR: Final = 1 << 24
"""Values of a tensor; more do not fit into any of the memories."""

_ZERO_POINT_RANGES: Final = {"int8": (-128, 127), "uint8": (0, 255)}
"""Of the types that may have a zero point other than 0."""

_DYNAMIC_BATCH: Final = frozenset({"SHAPE", "STRIDED_SLICE", "PACK"})
"""Operators that the converter emits for a Flatten or Reshape whose batch is not fixed."""

_CONTROL_FLOW: Final = frozenset({"IF", "WHILE", "CALL_ONCE"})
"""Operators that run another graph."""

_CONVERSIONS: Final = frozenset({"QUANTIZE", "DEQUANTIZE"})
"""Operators that convert the type of a tensor."""

_REPRESENTATIVE: Final = (
    "convert it with full int8 quantization: converter.optimizations = [tf.lite.Optimize.DEFAULT],"
    " converter.representative_dataset = a function that yields some hundred of your pictures,"
    " converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8],"
    " converter.inference_input_type = converter.inference_output_type = tf.int8"
)


def check_model(model: Model) -> None:
    """Makes sure that the firmware computes the model right.

    Raises:
        ModelError: it does not; the first problem, and how many more there are.
    """
    problems = problems_of(model)
    if problems:
        raise ModelError(in_one_line(problems))


def in_one_line(problems: list[Problem]) -> str:
    """The first problem, and how many more there are."""
    more = len(problems) - 1
    return f"{problems[0]}{f' (and {more} more: facet check lists them)' if more else ''}"


def problems_of(model: Model) -> list[Problem]:
    """All that is wrong with a model; empty where the firmware computes it right.

    What is wrong with single tensors and operators is looked for only where the model as a whole
    is of the kind that the firmware runs: of a model in float it would be all of them.
    """
    problems = [
        *_control_flow(model),
        *_number_format(model),
        *_batch(model),
        *_ends(model),
        *_absent_operators(model),
    ]
    for look in (_tensors, _graph, _operators):
        problems = problems or list(look(model))
    return problems


def _control_flow(model: Model) -> Iterator[Problem]:
    if model.subgraph_count != 1:
        yield Problem(
            f"it has control flow ({model.subgraph_count} graphs)",
            "leave out tf.cond, tf.while_loop and recurrent layers",
        )


def _batch(model: Model) -> Iterator[Problem]:
    names = sorted({operator.name for operator in model.operators} & _DYNAMIC_BATCH)
    if names:
        yield Problem(
            f"its batch is dynamic, which leaves {', '.join(names)} in it",
            "fix it at 1: keras.Input((48, 48, 1), batch_size=1), or convert the concrete function"
            " of model.call with tf.TensorSpec([1, 48, 48, 1])",
        )


# ---- The kind of numbers -------------------------------------------------------------------------


def _number_format(model: Model) -> Iterator[Problem]:
    """One problem for a model that is not int8 from end to end."""
    computed = [t for o in model.operators for t in o.outputs]
    ends = [*model.inputs, *model.outputs]
    types = {tensor.type for tensor in (*computed, *ends)}
    weights = {t.type for o in model.operators for t in o.inputs[1:2] if t and t.is_constant}
    names = {operator.name for operator in model.operators}
    if "int16" in types:
        yield Problem(
            "its activations are int16 (16x8 quantization)",
            f"the firmware works in int8: {_REPRESENTATIVE}",
        )
    elif "uint8" in types and "int8" not in {t.type for t in computed[:-1]}:
        yield Problem(
            "it is quantized to uint8, as TensorFlow 1 did", f"convert it again: {_REPRESENTATIVE}"
        )
    elif "float32" in types or "float16" in types:
        yield _float_problem(model, types, weights, names)
    else:
        for role, end in (("input", model.inputs[:1]), ("output", model.outputs[:1])):
            if end and end[0].type != "int8":
                yield Problem(
                    f"its {role} is {end[0].type}",
                    f"the firmware works in int8: convert with inference_{role}_type = tf.int8",
                )


def _float_problem(model: Model, types: set[str], weights: set[str], names: set[str]) -> Problem:
    if names & _CONVERSIONS and "int8" in types:
        ends = [
            role
            for role, tensors in (("input", model.inputs), ("output", model.outputs))
            if any(tensor.type.startswith("float") for tensor in tensors)
        ]
        if ends:
            return Problem(
                f"its {' and '.join(ends)} {'are' if len(ends) > 1 else 'is'} float32, though it"
                " computes in int8",
                "convert with " + " and ".join(f"inference_{role}_type = tf.int8" for role in ends),
            )
        return Problem("parts of it compute in float", _REPRESENTATIVE)
    if "int8" in weights:
        return Problem(
            "its weights are int8, but it computes in float (dynamic-range quantization)",
            f"it needs a representative data set: {_REPRESENTATIVE}",
        )
    return Problem("it computes in float", f"it needs a representative data set: {_REPRESENTATIVE}")


# ---- Input and output ----------------------------------------------------------------------------


def _ends(model: Model) -> Iterator[Problem]:
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        yield Problem(
            f"it has {len(model.inputs)} inputs and {len(model.outputs)} outputs",
            "the firmware feeds one picture and reads one list of scores: build the Keras model"
            " with one of each",
        )
        return
    source, result = model.inputs[0], model.outputs[0]
    for role, tensor in (("input", source), ("output", result)):
        if tensor.type == "int8" and len(tensor.scales) != 1:
            yield Problem(
                f"its {role} has {len(tensor.scales)} scales instead of one", _REPRESENTATIVE
            )
    if source.shape != INPUT_SHAPE:
        yield Problem(
            f"its input is {by(source.shape)}; the firmware makes {by(INPUT_SHAPE)}",
            _shape_cure(source.shape),
        )
    if len(result.shape) != 2 or result.shape[0] != 1:
        yield Problem(
            f"its output is {by(result.shape)}; the firmware reads 1 x labels",
            "end with Dense(labels, activation='softmax'), and fix the batch at 1",
        )
        return
    labels = result.shape[1]
    last, scores = _last_computing(model)
    if last is not None and (last.name != "SOFTMAX" or last.outputs != (scores,)):
        yield Problem(
            f"it ends in {last.name} instead of SOFTMAX; the firmware's confidence is a"
            " probability",
            "end with Dense(2, activation='softmax') and two labels"
            if labels == 1
            else f"end with Dense({labels}, activation='softmax')",
        )
    if not 2 <= labels <= MOST_LABELS:
        yield Problem(
            f"it has {labels} output{'' if labels == 1 else 's'}",
            f"the firmware takes 2 to {MOST_LABELS} classes; for yes or no, give it two outputs",
        )


def _last_computing(model: Model) -> tuple[Operator | None, Tensor]:
    """The last operator and the output of the model, as they are before its type is converted.

    A QUANTIZE or DEQUANTIZE at the end comes from the converter's inference_output_type.
    """
    operators, result = list(model.operators), model.outputs[0]
    while operators and operators[-1].name in _CONVERSIONS and len(operators[-1].inputs) == 1:
        source = operators[-1].inputs[0]
        if operators[-1].outputs != (result,) or source is None:
            break
        operators.pop()
        result = source
    return (operators[-1] if operators else None), result


def _shape_cure(shape: tuple[int, ...]) -> str:
    """The advice for changing an input's shape to the firmware's."""
    height, width = INPUT_SHAPE[1:3]
    build = f"build it with keras.Input(({height}, {width}, 1), batch_size=1)"
    if len(shape) != 4:
        return f"the firmware gives batch, height, width and channels: {build}"
    if shape[1:] == (1, height, width):
        return f"its channels come first, as in PyTorch: {build}, channels last"
    if shape[0] != 1 and shape[1:] == INPUT_SHAPE[1:]:
        return f"it takes {shape[0]} pictures at once: {build}"
    if shape[3] != 1:
        return f"the picture is gray, not of {shape[3]} channels: {build}, and train on gray"
    return f"train it on pictures of that size: {build}"


# ---- Tensors -------------------------------------------------------------------------------------


def _tensors(model: Model) -> Iterator[Problem]:
    for tensor in model.tensors:
        try:
            _check_tensor(tensor)
        except RefusedError as refused:
            yield refused.problem


def _check_tensor(tensor: Tensor) -> None:
    title = tensor_title(tensor)
    if tensor.is_variable:
        raise RefusedError(
            f"{title} keeps state between runs", "leave out recurrent layers and resource variables"
        )
    if tensor.is_sparse:
        raise RefusedError(f"{title} is sparse", "convert without Optimize.EXPERIMENTAL_SPARSITY")
    if tensor.type not in TYPE_BYTES:
        raise RefusedError(f"{title} is {tensor.type}", "the firmware works in int8")
    signature = tensor.shape_signature
    if any(side < 1 for side in tensor.shape) or any(side < 0 for side in signature[1:]):
        raise RefusedError(
            f"{title} has the shape {by(signature or tensor.shape)}, which is not fixed",
            "fix every side: keras.Input((48, 48, 1), batch_size=1)",
        )
    if tensor.count > _LARGEST_TENSOR:
        raise RefusedError(f"{title} has {tensor.count:,} values, more than any board can hold")
    if tensor.is_constant and len(tensor.data) != tensor.size_bytes:
        raise RefusedError(
            f"{title} has {len(tensor.data)} bytes where {by(tensor.shape)} {tensor.type} takes"
            f" {tensor.size_bytes}"
        )
    if tensor.is_constant and tensor.data_offset % TYPE_BYTES[tensor.type]:
        raise RefusedError(f"{title} is {tensor.type} at an address that is not aligned")
    _check_quantization(tensor)


def _check_quantization(tensor: Tensor) -> None:
    title = tensor_title(tensor)
    if not tensor.scales:
        return
    if len(tensor.scales) != len(tensor.zero_points):
        raise RefusedError(
            f"{title} has {len(tensor.scales)} scales and {len(tensor.zero_points)} zero points"
        )
    for scale in tensor.scales:
        if not math.isfinite(scale) or scale <= 0:
            raise RefusedError(f"{title} has the quantization scale {scale:g}")
    lowest, highest = _ZERO_POINT_RANGES.get(tensor.type, (0, 0))
    for zero_point in tensor.zero_points:
        if not lowest <= zero_point <= highest:
            raise RefusedError(
                f"{title} has the zero point {zero_point}, and {tensor.type} takes {lowest} to"
                f" {highest}"
            )


# ---- The graph -----------------------------------------------------------------------------------


def _graph(model: Model) -> Iterator[Problem]:
    """Every tensor is written once, before it is read, by one operator; and none for nothing."""
    if not model.operators:
        yield Problem("it has no operators", CONVERT_AGAIN)
        return
    written = {tensor.index for tensor in model.inputs}
    if len(written) != len(model.inputs) or any(t.is_constant for t in model.inputs):
        yield Problem("an input of it is a constant, or stands there twice", CONVERT_AGAIN)
    for operator in model.operators:
        yield from _wiring(operator, written)
    read = {t.index for o in model.operators for t in o.inputs if t is not None}
    outputs = {tensor.index for tensor in model.outputs}
    for tensor in model.outputs:
        if tensor.index not in written or tensor in model.inputs:
            yield Problem(f"no operator writes its output, {tensor_title(tensor)}", CONVERT_AGAIN)
    for tensor in model.tensors:
        if not tensor.is_constant and tensor.index not in read | outputs:
            yield Problem(f"no operator reads {tensor_title(tensor)}", CONVERT_AGAIN)


def _wiring(operator: Operator, written: set[int]) -> Iterator[Problem]:
    """One operator's inputs are there, its output is new; adds the output to `written`."""
    title = operator_title(operator)
    for tensor in operator.inputs:
        if tensor is not None and not tensor.is_constant and tensor.index not in written:
            yield Problem(
                f"{title} reads {tensor_title(tensor)} before anything has written it",
                CONVERT_AGAIN,
            )
    for tensor in operator.outputs:
        if tensor.is_constant or tensor.index in written:
            what = "is a constant" if tensor.is_constant else "has a value already"
            yield Problem(f"{title} writes {tensor_title(tensor)}, which {what}", CONVERT_AGAIN)
        written.add(tensor.index)


# ---- Operators -----------------------------------------------------------------------------------


def _absent_operators(model: Model) -> Iterator[Problem]:
    """Each kind of operator that the firmware does not have, and that nothing else explains."""
    explained = set(_DYNAMIC_BATCH)
    if model.subgraph_count != 1:
        explained |= _CONTROL_FLOW
    if any(_number_format(model)):
        explained |= _CONVERSIONS
    for operator in model.operators:
        if operator.is_custom or operator.name not in OPERATORS:
            if operator.name in explained:
                continue
            explained.add(operator.name)
            kind = "custom operator" if operator.is_custom else "operator"
            yield Problem(
                f"{kind} {operator.name} (operator {operator.index}) is not in the firmware",
                cure_of(operator.name),
            )


def _operators(model: Model) -> Iterator[Problem]:
    for operator in model.operators:
        try:
            _check_operator(operator)
        except RefusedError as refused:
            yield refused.problem


def _check_operator(operator: Operator) -> None:
    known = OPERATORS[operator.name]
    title = operator_title(operator)
    if operator.old_name != operator.name:
        raise RefusedError(
            f"{title}: the old field of its code has {operator.old_name}, which TFLite Micro of"
            " 2020 reads"
        )
    if not 1 <= operator.version <= known.newest_version:
        raise RefusedError(
            f"{title} is of version {operator.version}, and the firmware implements 1 to"
            f" {known.newest_version}",
            "convert with TensorFlow 2.21 or before",
        )
    if operator.has_custom_options:
        raise RefusedError(f"{title} has options of a custom operator")
    if operator.options_type != known.options_type and (
        known.needs_options or operator.options_type
    ):
        raise RefusedError(f"{title} has options of another operator ({operator.options_type})")
    if len(operator.outputs) != 1:
        raise RefusedError(f"{title} has {len(operator.outputs)} outputs instead of one")
    known.check(operator)
