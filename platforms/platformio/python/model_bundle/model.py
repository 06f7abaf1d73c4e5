"""A .tflite file as plain data: the part of TensorFlow Lite's schema that matters here.

Field numbers and enumerations: tensorflow/lite/schema/schema.fbs, version 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from model_bundle.error import ModelError
from model_bundle.flatbuffer import Buffer, FlatbufferError, Table

_IDENTIFIER = b"TFL3"

OPERATOR_NAMES = {
    0: "ADD",
    1: "AVERAGE_POOL_2D",
    2: "CONCATENATION",
    3: "CONV_2D",
    4: "DEPTHWISE_CONV_2D",
    6: "DEQUANTIZE",
    9: "FULLY_CONNECTED",
    14: "LOGISTIC",
    17: "MAX_POOL_2D",
    18: "MUL",
    19: "RELU",
    21: "RELU6",
    22: "RESHAPE",
    25: "SOFTMAX",
    28: "TANH",
    34: "PAD",
    36: "GATHER",
    39: "TRANSPOSE",
    40: "MEAN",
    41: "SUB",
    45: "STRIDED_SLICE",
    53: "CAST",
    67: "TRANSPOSE_CONV",
    74: "SUM",
    77: "SHAPE",
    82: "REDUCE_MAX",
    83: "PACK",
    97: "RESIZE_NEAREST_NEIGHBOR",
    98: "LEAKY_RELU",
    99: "SQUARED_DIFFERENCE",
    114: "QUANTIZE",
    117: "HARD_SWISH",
}

TYPE_NAMES = {
    0: "float32",
    1: "float16",
    2: "int32",
    3: "uint8",
    4: "int64",
    5: "string",
    6: "bool",
    7: "int16",
    9: "int8",
    10: "float64",
    17: "int4",
}
TYPE_BYTES = {"float32": 4, "int32": 4, "uint8": 1, "int64": 8, "bool": 1, "int16": 2, "int8": 1}


@dataclass(frozen=True)
class Tensor:
    """One tensor; `data` is empty unless it is a constant."""

    index: int
    name: str
    type: str
    shape: tuple[int, ...]
    shape_signature: tuple[int, ...]
    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    quantized_dimension: int
    is_variable: bool
    is_sparse: bool
    data: bytes

    @property
    def is_constant(self) -> bool:
        """Whether its values stand in the file."""
        return bool(self.data)

    @property
    def size_bytes(self) -> int:
        """Bytes of its values."""
        count = 1
        for side in self.shape:
            count *= side
        return count * TYPE_BYTES.get(self.type, 1)


@dataclass(frozen=True)
class Operator:
    """One operator; `inputs` and `outputs` are tensors, an input left out is None."""

    index: int
    name: str
    version: int
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]
    options: Table | None


@dataclass(frozen=True)
class Model:
    """A whole model."""

    content: bytes
    subgraph_count: int
    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


def read_model(path: Path) -> Model:
    """Read a .tflite file.

    Raises ModelError if it cannot be read, is no TensorFlow Lite model, or is cut short.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from error
    buffer = Buffer(content)
    if buffer.identifier() != _IDENTIFIER:
        raise ModelError(f"{path}: not a TensorFlow Lite model (no TFL3 mark in its first 8 bytes)")
    try:
        return _parse(buffer)
    except (FlatbufferError, IndexError) as error:
        raise ModelError(f"{path}: damaged or cut short ({error}); convert it again") from error


def _parse(buffer: Buffer) -> Model:
    root = buffer.root()
    # A builtin code above 126 stands in a wider field of its own; older files have only the first.
    codes = [
        (max(code.integer(0, "b"), code.integer(3, "i")), code.text(1), code.integer(2, "i", 1))
        for code in root.tables(1)
    ]
    buffers = [table.blob(0) for table in root.tables(4)]
    subgraphs = list(root.tables(2))
    graph = subgraphs[0]
    tensors = tuple(_tensor(i, table, buffers) for i, table in enumerate(graph.tables(0)))

    def at(index: int) -> Tensor:
        if index < 0:
            raise IndexError(f"tensor {index}")
        return tensors[index]

    operators = []
    for i, table in enumerate(graph.tables(3)):
        code, custom, version = codes[table.integer(0, "I")]
        operators.append(
            Operator(
                index=i,
                name=custom or OPERATOR_NAMES.get(code, f"operator {code}"),
                version=version,
                inputs=tuple(None if n < 0 else at(n) for n in table.integers(1, "i")),
                outputs=tuple(at(n) for n in table.integers(2, "i")),
                options=table.table(4),
            )
        )
    return Model(
        content=buffer.data,
        subgraph_count=len(subgraphs),
        tensors=tensors,
        operators=tuple(operators),
        inputs=tuple(at(n) for n in graph.integers(1, "i")),
        outputs=tuple(at(n) for n in graph.integers(2, "i")),
    )


def _tensor(index: int, table: Table, buffers: list[bytes]) -> Tensor:
    quantization = table.table(4)
    type_code = table.integer(1, "b")
    return Tensor(
        index=index,
        name=table.text(3),
        type=TYPE_NAMES.get(type_code, f"type {type_code}"),
        shape=tuple(table.integers(0, "i")),
        shape_signature=tuple(table.integers(7, "i")),
        scales=tuple(float(v) for v in quantization.numbers(2, "f")) if quantization else (),
        zero_points=tuple(quantization.integers(3, "q")) if quantization else (),
        quantized_dimension=quantization.integer(6, "i") if quantization else 0,
        is_variable=bool(table.integer(5, "b")),
        is_sparse=table.table(6) is not None,
        data=buffers[table.integer(2, "I")],
    )
