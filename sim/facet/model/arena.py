"""The bytes of the tensor arena that a model takes in the firmware, computed from its file.

TFLite Micro of July 2020 (the crate tfmicro 0.1.0) keeps more in the arena than activations: a
structure for each tensor and operator, the scales of each channel twice. This follows its
micro_allocator.cc allocation by allocation; the firmware's build measures the same by running it,
and a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from facet.model.tflite import Model, Operator, Tensor

# sizeof() with gcc 12 and TF_LITE_STATIC_MEMORY; pointers have 4 bytes. An enumeration has one byte
# in the Arm ABI of bare metal (-fshort-enums, the default of arm-none-eabi-gcc), and 4 in that of
# RISC-V. Padding hides the difference in every structure but one.
_ALIGNMENT: Final = 16  # kBufferAlignment
_ALLOCATOR: Final = 20  # SimpleMemoryAllocator
_TENSOR: Final = 64  # TfLiteTensor
_QUANTIZATION: Final = 12  # TfLiteAffineQuantization
_NODE: Final = 40  # NodeAndRegistration
_CONV_DATA: Final = 40  # firmware/kernel/convolution.h, ConvolutionData
_PARAMETERS: Final = {
    "CONV_2D": 24,
    "DEPTHWISE_CONV_2D": 28,
    "MAX_POOL_2D": 40,
    "AVERAGE_POOL_2D": 40,
    "ADD": 4,
    "RESHAPE": 36,
    "MEAN": 4,
    "FULLY_CONNECTED": 4,  # two enumerations and two bools
    "SOFTMAX": 4,
    "LEAKY_RELU": 4,
}
"""TfLiteConvParams and so on, rounded up to the alignment of what follows, with short enums."""

_LONG_ENUMS: Final = {"FULLY_CONNECTED": 8}
"""By how much that grows with enumerations of 4 bytes."""

_OPERATOR_DATA: Final = {
    "CONV_2D": _CONV_DATA,
    "DEPTHWISE_CONV_2D": _CONV_DATA,
    "FULLY_CONNECTED": 32,  # firmware/kernel/fully_connected.cc, OpData
    "MEAN": 28,  # firmware/kernel/mean.h, MeanShape
    "LEAKY_RELU": 28,  # firmware/kernel/leaky_relu.h, LeakyReluShape
}
"""What an operator's Init asks for."""


def arena_bytes(model: Model, short_enums: bool = True) -> int:
    """Bytes of the arena in use once the classifier has started.

    That is the activations, as they are planned, and the records beside them. While it plans them
    TFLite Micro takes a little more; see `planning_bytes`.

    Args:
        model: the model, which the firmware must be able to run.
        short_enums: enumerations have one byte, as with the Arm compiler, instead of four.
    """
    return _planned(model) + _persistent(model, short_enums)


def planning_bytes(model: Model, short_enums: bool = True) -> int:
    """Bytes of the smallest arena in which the classifier can start.

    While the tensors are planned, their lifetimes and the plan itself lie in what is still free.
    Arguments as of `arena_bytes`.
    """
    wanted = sum(1 for _ in _activations(model))
    info = -(-_ALLOCATION_INFO * len(model.tensors) // 4) * 4
    return _persistent(model, short_enums) + max(_planned(model), info + _PLAN_ENTRY * wanted)


_ALLOCATION_INFO: Final = 20  # AllocationInfo
_PLAN_ENTRY: Final = 36  # GreedyMemoryPlanner::per_buffer_size()


def peak_activation_bytes(model: Model) -> int:
    """Most bytes of activations that are alive at once: a lower bound of the arena."""
    first, last = _lifetimes(model)
    sizes = {t.index: _aligned(t.size_bytes) for t in _activations(model)}
    return max(
        sum(size for index, size in sizes.items() if first[index] <= step <= last[index])
        for step in range(len(model.operators))
    )


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _lifetimes(model: Model) -> tuple[dict[int, int], dict[int, int]]:
    """First and last operator at which each tensor is needed."""
    first = {tensor.index: 0 for tensor in model.inputs}
    last: dict[int, int] = {}
    for operator in model.operators:
        for tensor in (*operator.inputs, *operator.outputs):
            if tensor is not None:
                first.setdefault(tensor.index, operator.index)
                last[tensor.index] = operator.index
    last.update({tensor.index: len(model.operators) - 1 for tensor in model.outputs})
    return first, last


def _activations(model: Model) -> Iterator[Tensor]:
    return (tensor for tensor in model.tensors if not tensor.is_constant)


def _persistent(model: Model, short_enums: bool) -> int:
    """The objects that grow from the arena's end downwards, each at an aligned address."""
    used = 0
    for size, alignment in _persistent_pieces(model, short_enums):
        used = -(-(used + size) // alignment) * alignment
    return used


def _persistent_pieces(model: Model, short_enums: bool) -> Iterator[tuple[int, int]]:
    """Size and alignment of each piece, in the order of their allocation."""
    yield _ALLOCATOR, 4
    yield _TENSOR * len(model.tensors), 4
    for tensor in model.tensors:
        if tensor.scales:
            yield _QUANTIZATION, 4
            yield 4 + 4 * len(tensor.scales), 4  # zero points behind their count
            yield 4 + 4 * len(tensor.scales), 4  # scales, likewise
    yield _NODE * len(model.operators), 4
    for operator in model.operators:
        longer = 0 if short_enums else _LONG_ENUMS.get(operator.name, 0)
        yield _PARAMETERS.get(operator.name, 0) + longer, 4
    for operator in model.operators:  # Init of each
        size = _OPERATOR_DATA.get(operator.name)
        yield size or 0, 1 if size is None else _ALIGNMENT
    for operator in model.operators:  # Prepare of each
        yield from _prepared(operator)


def _prepared(operator: Operator) -> Iterator[tuple[int, int]]:
    channels = operator.outputs[0].shape[-1]
    if operator.name in ("CONV_2D", "DEPTHWISE_CONV_2D"):
        yield 4 * channels, _ALIGNMENT  # significands
        yield 4 * channels, _ALIGNMENT  # shifts
    elif operator.name == "FULLY_CONNECTED":
        yield 8 * channels, _ALIGNMENT  # FixedPoint


@dataclass(frozen=True)
class PlannedTensor:
    """An activation at its place in the arena.

    Attributes:
        tensor: the activation.
        offset, size: its bytes, from the arena's start; the size is aligned.
        first, last: the operators between which it is needed.
    """

    tensor: Tensor
    offset: int
    size: int
    first: int
    last: int


def planned_activations(model: Model) -> list[PlannedTensor]:
    """The plan of greedy_memory_planner.cc: the largest first, each in the first gap."""
    first, last = _lifetimes(model)
    placed: list[PlannedTensor] = []
    for tensor in sorted(_activations(model), key=lambda tensor: -_aligned(tensor.size_bytes)):
        size, begins, ends = _aligned(tensor.size_bytes), first[tensor.index], last[tensor.index]
        offset = 0
        for other in sorted(placed, key=lambda place: place.offset):
            if other.first > ends or begins > other.last:
                continue
            if other.offset - offset >= size:
                break
            offset = max(offset, other.offset + other.size)
        placed.append(PlannedTensor(tensor, offset, size, begins, ends))
    return placed


def _planned(model: Model) -> int:
    """Bytes of the arena that the activations take."""
    return max((place.offset + place.size for place in planned_activations(model)), default=0)
