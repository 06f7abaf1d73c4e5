"""What stands in a .tflite: operators, multiply-accumulates, memory."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_INT8: Final = 9
"""``TensorType.INT8`` in TFLite's schema."""

_BYTES_BY_TYPE: Final = {0: 4, 2: 4, 3: 1, 4: 8, _INT8: 1}
"""FLOAT32, INT32, UINT8, INT64, INT8."""

_NUMPY_TYPE_BY_TYPE: Final = {0: "<f4", 2: "<i4", 3: "u1", 4: "<i8", _INT8: "i1"}
"""The same types for NumPy; a .tflite is little-endian."""

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
"""What the firmware computes right; anything else is refused by
the quantization and by the firmware's build."""

_SHAPED: Final = ("RESHAPE", "MEAN")
"""Operators whose second input says how to compute: a shape, axes."""


@dataclass(frozen=True)
class Operator:
    """One operator of the graph, in execution order.

    Args:
        name: as in TFLite's schema ("CONV_2D").
        inputs, outputs: numbers of its tensors.
        output_shape: of its first output.
        macs: multiply-accumulates; 0 for operators that are none (ADD, pooling, RESHAPE).
    """

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    output_shape: tuple[int, ...]
    macs: int


@dataclass(frozen=True)
class Tensor:
    """One tensor of the graph.

    Args:
        bytes: of its values.
        is_constant: weights, biases, shapes: what the file holds.
        scales: how many scales with zero points it has: 1, one for each channel, or none.
    """

    bytes: int
    is_constant: bool
    scales: int


class Graph:
    """The one subgraph of a .tflite.

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

    @cached_property
    def tensors(self) -> list[Tensor]:
        """All tensors by their numbers."""
        return [
            Tensor(self._bytes(i), i in self._constants, self._scales(i))
            for i in range(len(self._graph.tensors))
        ]

    @property
    def operator_names(self) -> set[str]:
        """Each kind of operator once."""
        return {op.name for op in self.operators}

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(op.macs for op in self.operators)

    @property
    def parameters(self) -> int:
        """Numbers in constant tensors: weights and biases, not shapes and axes."""
        return sum(
            math.prod(self._shape(i))
            for i in self._constants
            if not any(op.name in _SHAPED and i in op.inputs[1:] for op in self.operators)
        )

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of the first input, batch included."""
        return self._shape(self._graph.inputs[0])

    @property
    def inputs(self) -> tuple[int, ...]:
        """Numbers of the tensors that are given."""
        return tuple(int(i) for i in self._graph.inputs)

    @property
    def outputs(self) -> tuple[int, ...]:
        """Numbers of the tensors that result."""
        return tuple(int(i) for i in self._graph.outputs)

    def shape(self, tensor: int) -> tuple[int, ...]:
        """Of a tensor by its number, batch included."""
        return self._shape(tensor)

    def values(self, tensor: int) -> npt.NDArray[Any]:
        """What a constant tensor holds."""
        data = self._model.buffers[self._graph.tensors[tensor].buffer].data
        kind = _NUMPY_TYPE_BY_TYPE[self._graph.tensors[tensor].type]
        return np.frombuffer(bytes(data), kind).reshape(self._shape(tensor))

    def scales(self, tensor: int) -> tuple[float, ...]:
        """What a step of a quantized tensor is worth: one for all, or one for each channel."""
        return tuple(float(scale) for scale in self._graph.tensors[tensor].quantization.scale)

    def zero_point(self, tensor: int) -> int:
        """The value of a tensor quantized by one scale that stands for 0."""
        return int(self._graph.tensors[tensor].quantization.zeroPoint[0])

    def options(self, step: int) -> Any:
        """Of an operator by its step: the table that TFLite's schema has for its kind."""
        return self._graph.operators[step].builtinOptions

    @cached_property
    def peak_activation_bytes(self) -> int:
        """Most bytes of activations that live at once: a lower bound for TFLM's tensor arena.

        A tensor lives from the operator that writes it to the last that reads it; an operator's
        inputs and outputs live together. RESHAPE's copy counts too, since TFLM makes it.
        """
        first, last = self.lifetimes
        return max(
            sum(
                self._bytes(i)
                for i in first
                if first[i] <= step <= last[i] and i not in self._constants
            )
            for step in range(len(self.operators))
        )

    @cached_property
    def lifetimes(self) -> tuple[dict[int, int], dict[int, int]]:
        """First and last step at which each tensor is needed."""
        first: dict[int, int] = {int(i): 0 for i in self._graph.inputs}
        last: dict[int, int] = {}
        for step, op in enumerate(self.operators):
            for i in (*op.inputs, *op.outputs):
                first.setdefault(i, step)
                last[i] = step
        end = len(self.operators) - 1
        last.update({int(i): end for i in self._graph.outputs})
        return first, last

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
        kind = self._graph.tensors[tensor].type
        return math.prod(self._shape(tensor)) * _BYTES_BY_TYPE[kind]

    def _scales(self, tensor: int) -> int:
        quantization = self._graph.tensors[tensor].quantization
        if quantization is None or quantization.scale is None or quantization.zeroPoint is None:
            return 0
        return len(quantization.scale)

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
