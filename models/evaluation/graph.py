"""Contents of a .tflite file: operators, multiply-accumulates, memory."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

FIRMWARE_OPERATORS: Final = frozenset(
    {
        "CONV_2D",
        "DEPTHWISE_CONV_2D",
        "MAX_POOL_2D",
        "AVERAGE_POOL_2D",
        "ADD",
        "RESHAPE",
        "MEAN",
        "FULLY_CONNECTED",
        "LEAKY_RELU",
        "SOFTMAX",
    }
)
"""Operators that the firmware has; the conversion and the firmware's build refuse all others."""

_BYTES_BY_TYPE: Final = {0: 4, 2: 4, 3: 1, 4: 8, 9: 1}
"""FLOAT32, INT32, UINT8, INT64, INT8 (``TensorType`` in TFLite's schema)."""

_WITH_PARAMETERS_AS_INPUT: Final = ("RESHAPE", "MEAN")
"""Operators whose second input is a shape or axes, not weights."""


@dataclass(frozen=True)
class Operator:
    """One operator of the graph.

    Args:
        name: as in TFLite's schema ("CONV_2D").
        inputs, outputs: numbers of its tensors.
        output_shape: of its first output.
        macs: multiply-accumulates; 0 for operators without any (ADD, pooling, RESHAPE).
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    output_shape: tuple[int, ...]
    macs: int


class Graph:
    """The first subgraph of a .tflite; the firmware runs models with one only.

    Args:
        data: the file's bytes.
    """

    def __init__(self, data: bytes) -> None:
        from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

        self._model: Any = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))
        self._graph: Any = self._model.subgraphs[0]
        self._names = {
            value: name for name, value in vars(schema.BuiltinOperator).items() if name.isupper()
        }

    @cached_property
    def operators(self) -> list[Operator]:
        """All operators in execution order."""
        return [
            Operator(
                self._name(op),
                tuple(int(i) for i in op.inputs if i >= 0),
                tuple(int(i) for i in op.outputs),
                self._shape(op.outputs[0]),
                self._macs(op),
            )
            for op in self._graph.operators
        ]

    @property
    def operator_names(self) -> set[str]:
        """The kinds of operators."""
        return {op.name for op in self.operators}

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(op.macs for op in self.operators)

    @property
    def parameters(self) -> int:
        """Number of weights and biases, without shapes and axes."""
        return sum(
            math.prod(self._shape(i))
            for i in self._constants
            if not any(
                op.name in _WITH_PARAMETERS_AS_INPUT and i in op.inputs[1:] for op in self.operators
            )
        )

    @cached_property
    def peak_activation_bytes(self) -> int:
        """Most bytes of activations alive at once: a lower bound of TFLM's tensor arena.

        A tensor is alive from the operator that writes it to the last one that reads it; the inputs
        and outputs of an operator are alive together. RESHAPE's copy counts too: TFLM makes one.
        """
        first: dict[int, int] = {int(i): 0 for i in self._graph.inputs}
        last: dict[int, int] = {}
        for step, op in enumerate(self.operators):
            for i in (*op.inputs, *op.outputs):
                first.setdefault(i, step)
                last[i] = step
        last.update({int(i): len(self.operators) - 1 for i in self._graph.outputs})
        return max(
            sum(
                self._bytes(i)
                for i in first
                if first[i] <= step <= last[i] and i not in self._constants
            )
            for step in range(len(self.operators))
        )

    @cached_property
    def _constants(self) -> set[int]:
        buffers = self._model.buffers
        return {
            i
            for i, tensor in enumerate(self._graph.tensors)
            if buffers[tensor.buffer].data is not None and len(buffers[tensor.buffer].data)
        }

    def _name(self, op: Any) -> str:
        code = self._model.operatorCodes[op.opcodeIndex]
        value = max(code.builtinCode, code.deprecatedBuiltinCode)
        return str(self._names.get(value, f"operator {value}"))

    def _shape(self, tensor: int) -> tuple[int, ...]:
        return tuple(int(n) for n in self._graph.tensors[tensor].shape)

    def _bytes(self, tensor: int) -> int:
        return math.prod(self._shape(tensor)) * _BYTES_BY_TYPE[self._graph.tensors[tensor].type]

    def _macs(self, op: Any) -> int:
        name = self._name(op)
        if name not in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
            return 0
        outputs = math.prod(self._shape(op.outputs[0]))
        weights = self._shape(op.inputs[1])
        if name == "CONV_2D":  # weights [out, height, width, in]
            return outputs * math.prod(weights[1:])
        if name == "DEPTHWISE_CONV_2D":  # weights [1, height, width, out]
            return outputs * weights[1] * weights[2]
        return outputs * weights[1]  # weights [out, in]
