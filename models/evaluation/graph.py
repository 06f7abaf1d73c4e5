"""Figures of a .tflite file: multiply-accumulates, parameters, memory."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Final

from facet.model.arena import peak_activation_bytes
from facet.model.operators import OPERATORS
from facet.model.tflite import Operator, parse_model

FIRMWARE_OPERATORS: Final = frozenset(OPERATORS)
"""Operators that the firmware has; the conversion and the firmware's build refuse all others."""

_WITH_PARAMETERS_AS_INPUT: Final = ("RESHAPE", "MEAN")
"""Operators whose second input is a shape or axes, not weights."""


class Graph:
    """The first subgraph of a .tflite; the firmware runs models with one only.

    Args:
        data: the file's bytes.

    Raises:
        ModelError: the file is not a TensorFlow Lite model, or is damaged.
    """

    def __init__(self, data: bytes) -> None:
        self._model = parse_model(data)
        self.operators = self._model.operators
        """All operators in execution order."""

    @property
    def operator_names(self) -> set[str]:
        """The kinds of operators."""
        return {op.name for op in self.operators}

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(map(macs, self.operators))

    @property
    def parameters(self) -> int:
        """Number of weights and biases, without shapes and axes."""
        not_weights = {
            tensor.index
            for op in self.operators
            if op.name in _WITH_PARAMETERS_AS_INPUT
            for tensor in op.inputs[1:]
            if tensor is not None
        }
        return sum(
            tensor.count
            for tensor in self._model.tensors
            if tensor.is_constant and tensor.index not in not_weights
        )

    @cached_property
    def peak_activation_bytes(self) -> int:
        """Most bytes of activations alive at once: a lower bound of TFLM's tensor arena."""
        return peak_activation_bytes(self._model)


def macs(op: Operator) -> int:
    """Multiply-accumulates of one operator; 0 for operators without any (ADD, pooling, RESHAPE)."""
    if op.name not in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
        return 0
    weights = op.inputs[1]
    assert weights is not None  # these operators always have weights
    if op.name == "DEPTHWISE_CONV_2D":  # weights [1, height, width, out]
        return op.outputs[0].count * math.prod(weights.shape[1:3])
    return op.outputs[0].count * math.prod(weights.shape[1:])  # weights [out, ..., in]
