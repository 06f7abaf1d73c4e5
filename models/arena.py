"""How much of the tensor arena a model takes in the firmware, computed from its file.

TFLite Micro of July 2020 (the crate tfmicro 0.1.0) keeps more in the arena than activations: a
structure for each tensor and operator, the scales of each channel twice. This follows its
micro_allocator.cc allocation by allocation; the firmware's build measures the same by running it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from models.graph import Graph, Operator

# sizeof() with gcc 12 for the Cortex-M4 and TF_LITE_STATIC_MEMORY; pointers have 4 bytes.
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
    "FULLY_CONNECTED": 4,
    "SOFTMAX": 4,
    "LEAKY_RELU": 4,
}
"""TfLiteConvParams and so on, rounded up to the alignment of what follows."""

_OPERATOR_DATA: Final = {
    "CONV_2D": _CONV_DATA,
    "DEPTHWISE_CONV_2D": _CONV_DATA,
    "FULLY_CONNECTED": 32,  # firmware/kernel/fully_connected.cc, OpData
    "MEAN": 28,  # firmware/kernel/mean.h, MeanShape
    "LEAKY_RELU": 28,  # firmware/kernel/leaky_relu.h, LeakyReluShape
}
"""What an operator's Init asks for."""


def arena_bytes(graph: Graph) -> int:
    """Bytes of the arena in use after the start: planned activations and what stays beside them.

    The memory plan itself is made in what is still free and leaves no trace.
    """
    return _planned(graph) + _persistent(graph)


def _persistent(graph: Graph) -> int:
    """What grows from the arena's end downwards, each piece at an aligned address."""
    used = 0
    for size, alignment in _persistent_pieces(graph):
        used = -(-(used + size) // alignment) * alignment
    return used


def _persistent_pieces(graph: Graph) -> Iterator[tuple[int, int]]:
    """Size and alignment of each piece, in the order of their allocation."""
    yield _ALLOCATOR, 4
    yield _TENSOR * len(graph.tensors), 4
    for tensor in graph.tensors:
        if tensor.scales:
            yield _QUANTIZATION, 4
            yield 4 + 4 * tensor.scales, 4  # zero points behind their count
            yield 4 + 4 * tensor.scales, 4  # scales, likewise
    yield _NODE * len(graph.operators), 4
    for op in graph.operators:
        yield _PARAMETERS.get(op.name, 0), 4
    for op in graph.operators:  # Init of each
        yield _OPERATOR_DATA.get(op.name, 0), _ALIGNMENT if op.name in _OPERATOR_DATA else 1
    for op in graph.operators:  # Prepare of each
        yield from _prepared(op)


def _prepared(op: Operator) -> Iterator[tuple[int, int]]:
    channels = op.output_shape[-1]
    if op.name in ("CONV_2D", "DEPTHWISE_CONV_2D"):
        yield 4 * channels, _ALIGNMENT  # significands
        yield 4 * channels, _ALIGNMENT  # shifts
    elif op.name == "FULLY_CONNECTED":
        yield 8 * channels, _ALIGNMENT  # FixedPoint


@dataclass(frozen=True)
class _Buffer:
    """An activation that was given its place."""

    offset: int
    size: int
    first: int
    last: int


def _planned(graph: Graph) -> int:
    """Bytes of the plan of greedy_memory_planner.cc: the largest first, each in the first gap."""
    first, last = graph.lifetimes
    wanted = [
        (-(-tensor.bytes // _ALIGNMENT) * _ALIGNMENT, first[i], last[i])
        for i, tensor in enumerate(graph.tensors)
        if i in first and not tensor.is_constant
    ]
    placed: list[_Buffer] = []
    for size, begins, ends in sorted(wanted, key=lambda buffer: -buffer[0]):
        offset = 0
        for other in sorted(placed, key=lambda buffer: buffer.offset):
            if other.first > ends or begins > other.last:
                continue
            if other.offset - offset >= size:
                break
            offset = max(offset, other.offset + other.size)
        placed.append(_Buffer(offset, size, begins, ends))
    return max((buffer.offset + buffer.size for buffer in placed), default=0)
