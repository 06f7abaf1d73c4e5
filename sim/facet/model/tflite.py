"""A .tflite file as plain data: the part of TensorFlow Lite's schema that matters here.

Field numbers and enumerations: tensorflow/lite/schema/schema.fbs, version 3. This is the only
reader of .tflite files; it needs nothing but the standard library, so that PlatformIO's build can
import it too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from facet.errors import FacetError
from facet.model.flatbuffer import Buffer, FlatbufferError, Table
from facet.model.tflite_schema import verify

IDENTIFIER: Final = b"TFL3"
"""At byte 4 of a .tflite (FlatBuffers' file identifier)."""

MOST_DIMENSIONS: Final = 8
"""Of a tensor, as in TensorFlow Lite's own kernels (`kMaxConstantOutputTensorSize` and others)."""

_MOST_ENDS: Final = 1_000
"""Inputs or outputs of an operator; a larger number is damage."""

_CUSTOM: Final = 32
"""The code of all operators that are not TensorFlow Lite's own."""
_BUILTIN_OPERATORS: Final = """
ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE
EMBEDDING_LOOKUP FLOOR FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D
LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION LSTM MAX_POOL_2D MUL RELU RELU_N1_TO_1
RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH CONCAT_EMBEDDINGS SKIP_GRAM
CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER BATCH_TO_SPACE_ND
SPACE_TO_BATCH_ND TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE
BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM
CAST PRELU MAXIMUM ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL LESS_EQUAL SELECT SLICE
SIN TRANSPOSE_CONV SPARSE_TO_DENSE TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW
ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK
REDUCE_MIN FLOOR_DIV REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD RANGE RESIZE_NEAREST_NEIGHBOR
LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N GATHER_ND COS
WHERE RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE
NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM
BATCH_MATMUL PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE BROADCAST_TO RFFT2D CONV_3D IMAG
REAL COMPLEX_ABS HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL
CONV_3D_TRANSPOSE VAR_HANDLE READ_VARIABLE ASSIGN_VARIABLE BROADCAST_ARGS RANDOM_STANDARD_NORMAL
BUCKETIZE RANDOM_UNIFORM MULTINOMIAL GELU DYNAMIC_UPDATE_SLICE RELU_0_TO_1 UNSORTED_SEGMENT_PROD
UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_SUM ATAN2 UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR
RIGHT_SHIFT STABLEHLO_LOGISTIC STABLEHLO_ADD STABLEHLO_DIVIDE STABLEHLO_MULTIPLY
STABLEHLO_MAXIMUM STABLEHLO_RESHAPE STABLEHLO_CLAMP STABLEHLO_CONCATENATE
STABLEHLO_BROADCAST_IN_DIM STABLEHLO_CONVOLUTION STABLEHLO_SLICE STABLEHLO_CUSTOM_CALL
STABLEHLO_REDUCE STABLEHLO_ABS STABLEHLO_AND STABLEHLO_COSINE STABLEHLO_EXPONENTIAL
STABLEHLO_FLOOR STABLEHLO_LOG STABLEHLO_MINIMUM STABLEHLO_NEGATE STABLEHLO_OR STABLEHLO_POWER
STABLEHLO_REMAINDER STABLEHLO_RSQRT STABLEHLO_SELECT STABLEHLO_SUBTRACT STABLEHLO_TANH
STABLEHLO_SCATTER STABLEHLO_COMPARE STABLEHLO_CONVERT STABLEHLO_DYNAMIC_SLICE
STABLEHLO_DYNAMIC_UPDATE_SLICE STABLEHLO_PAD STABLEHLO_IOTA STABLEHLO_DOT_GENERAL
STABLEHLO_REDUCE_WINDOW STABLEHLO_SORT STABLEHLO_WHILE STABLEHLO_GATHER STABLEHLO_TRANSPOSE
DILATE STABLEHLO_RNG_BIT_GENERATOR REDUCE_WINDOW STABLEHLO_COMPOSITE STABLEHLO_SHIFT_LEFT
STABLEHLO_CBRT STABLEHLO_CASE
"""

OPERATOR_NAMES: Final = dict(enumerate(_BUILTIN_OPERATORS.split()))
"""Builtin operators by their code."""

TYPE_NAMES: Final = {
    0: "float32",
    1: "float16",
    2: "int32",
    3: "uint8",
    4: "int64",
    5: "string",
    6: "bool",
    7: "int16",
    8: "complex64",
    9: "int8",
    10: "float64",
    11: "complex128",
    12: "uint64",
    13: "resource",
    14: "variant",
    15: "uint32",
    16: "uint16",
    17: "int4",
    18: "bfloat16",
}
"""`TensorType` by its number."""

TYPE_BYTES: Final = {
    "float32": 4,
    "float16": 2,
    "int32": 4,
    "uint8": 1,
    "int64": 8,
    "bool": 1,
    "int16": 2,
    "int8": 1,
    "float64": 8,
}
"""Bytes of one value of each type that has a fixed size."""


class ModelError(FacetError):
    """A model that cannot be used: what is wrong, where, and what to do, in one line."""


@dataclass(frozen=True)
class Tensor:
    """One tensor.

    Attributes:
        index: its number in the graph.
        name: as the file has it, shortened to printable characters.
        type: of its values, as in `TYPE_NAMES`.
        shape: sides, the batch first; empty for a scalar.
        shape_signature: the same with -1 for each side that is not fixed; empty if all are.
        scales, zero_points: of its quantization; one each, one for each channel, or none.
        quantized_dimension: the dimension of the channels.
        is_variable: keeps its values between two runs.
        is_sparse: its values are stored without the zeros.
        data: its values if the file has them, else empty.
        data_offset: of `data` from the file's start.
    """

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
    data: bytes = field(repr=False)
    data_offset: int

    @property
    def is_constant(self) -> bool:
        """Whether the file has its values."""
        return bool(self.data)

    @property
    def count(self) -> int:
        """The number of its values."""
        return math.prod(self.shape)

    @property
    def size_bytes(self) -> int:
        """Bytes of its values; 1 a value for types without a fixed size."""
        return self.count * TYPE_BYTES.get(self.type, 1)


@dataclass(frozen=True)
class Operator:
    """One operator.

    Attributes:
        index: its place in the order of execution.
        name: as in `OPERATOR_NAMES`, or the name of a custom operator.
        old_name: by the old, 8-bit field of its code, which TFLite Micro of 2020 reads.
        is_custom: not one of TensorFlow Lite's own.
        version: of its meaning.
        inputs: an input that is left out is None.
        outputs: its results.
        options_type: which table `options` is (`BuiltinOptions` in the schema); 0 for none.
        options: how it computes; None if absent.
        has_custom_options: a field that only custom operators may have.
    """

    index: int
    name: str
    old_name: str
    is_custom: bool
    version: int
    inputs: tuple[Tensor | None, ...]
    outputs: tuple[Tensor, ...]
    options_type: int
    options: Table | None = field(repr=False)
    has_custom_options: bool


@dataclass(frozen=True)
class Model:
    """A whole model: its file and its first graph."""

    content: bytes = field(repr=False)
    subgraph_count: int
    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


def read_model(path: Path) -> Model:
    """Reads a .tflite file.

    Raises:
        ModelError: the file cannot be read, is not a TensorFlow Lite model, or is damaged; the
            message begins with its path.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        return parse_model(content)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None


def parse_model(content: bytes) -> Model:
    """Reads a model from the bytes of a .tflite file.

    Raises:
        ModelError: they are not a TensorFlow Lite model, or are damaged.
    """
    buffer = Buffer(content)
    if buffer.identifier() != IDENTIFIER:
        raise ModelError(f"not a TensorFlow Lite model ({_what_else(content)})")
    try:
        return _parse(buffer)
    except FlatbufferError as error:
        raise ModelError(f"damaged or cut short ({error}); convert the model again") from error


_OTHER_FORMATS: Final = (
    (b"PK\x03\x04", "it looks like a .keras archive: convert it with tf.lite.TFLiteConverter"),
    (b"\x89HDF", "it looks like a Keras .h5 file: convert it with tf.lite.TFLiteConverter"),
    (b"\x08", "it looks like an ONNX or TensorFlow graph: convert it to .tflite first"),
    (b"\x7fELF", "it is an ELF file"),
)


def _what_else(content: bytes) -> str:
    """A guess at the format of a file that is not a model."""
    for start, meaning in _OTHER_FORMATS:
        if content.startswith(start):
            return meaning
    return "no 'TFL3' at byte 4: give the .tflite that the converter wrote"


def _parse(buffer: Buffer) -> Model:
    root = buffer.root()
    verify(root)
    codes = [_code(table) for table in root.tables(1)]
    buffers = [_constant(table) for table in root.tables(4)]
    subgraphs = list(root.tables(2))
    if not subgraphs:
        raise FlatbufferError("it has no graph")
    graph = subgraphs[0]
    tensors = tuple(_tensor(i, t, buffers) for i, t in enumerate(graph.tables(0)))
    steps = list(graph.tables(3))
    operators = tuple(_operator(i, table, codes, tensors) for i, table in enumerate(steps))
    return Model(
        content=buffer.data,
        subgraph_count=len(subgraphs),
        tensors=tensors,
        operators=operators,
        inputs=_present(graph, 1, tensors, "the graph's inputs"),
        outputs=_present(graph, 2, tensors, "the graph's outputs"),
    )


@dataclass(frozen=True)
class _Code:
    name: str
    old_name: str
    is_custom: bool
    version: int


def _code(table: Table) -> _Code:
    # A code above 126 has a wider field of its own; files from before 2020 have the old one.
    old, new = table.integer(0, "b"), table.integer(3, "i")
    code = max(old, new)
    custom = _printable(table.text(1))
    if code == _CUSTOM:
        return _Code(custom or "CUSTOM", "CUSTOM", True, table.integer(2, "i", 1))
    return _Code(_operator_name(code), _operator_name(old), False, table.integer(2, "i", 1))


def _operator_name(code: int) -> str:
    return OPERATOR_NAMES.get(code, f"operator {code}")


def _operator(
    index: int, table: Table, codes: list[_Code], tensors: tuple[Tensor, ...]
) -> Operator:
    number = table.integer(0, "I")
    if number >= len(codes):
        raise FlatbufferError(f"operator {index} has the code {number} of {len(codes)}")
    code = codes[number]
    where = f"{code.name} (operator {index})"
    for field_number in (1, 2):
        if not table.has(field_number):
            raise FlatbufferError(f"{where} has no list of its inputs or outputs")
    return Operator(
        index=index,
        name=code.name,
        old_name=code.old_name,
        is_custom=code.is_custom,
        version=code.version,
        inputs=_tensors(table, 1, tensors, where),
        outputs=_present(table, 2, tensors, where),
        options_type=table.integer(3, "B"),
        options=table.table(4),
        has_custom_options=table.has(5),
    )


def _tensors(
    table: Table, number: int, tensors: tuple[Tensor, ...], where: str
) -> tuple[Tensor | None, ...]:
    """The tensors that a list of their numbers names; -1 means none."""
    vector = table.vector(number)
    if vector is not None and vector[1] > _MOST_ENDS:
        raise FlatbufferError(f"{where}: a list of {vector[1]:,} tensors")
    indices = table.integers(number, "i")
    for index in indices:
        if not -1 <= index < len(tensors):
            raise FlatbufferError(f"{where}: no tensor {index}, there are {len(tensors)}")
    return tuple(None if index < 0 else tensors[index] for index in indices)


def _present(
    table: Table, number: int, tensors: tuple[Tensor, ...], where: str
) -> tuple[Tensor, ...]:
    """The tensors of a list in which none may be left out; see `_tensors`."""
    found = [tensor for tensor in _tensors(table, number, tensors, where) if tensor is not None]
    if len(found) != len(table.integers(number, "i")):
        raise FlatbufferError(f"{where}: a tensor is left out")
    return tuple(found)


def _constant(table: Table) -> tuple[int, bytes]:
    """The position of a buffer's bytes in the file, and the bytes."""
    if table.integer(1, "Q") > 1:  # `offset`: the bytes lie behind the tables, for files above 2 GB
        raise FlatbufferError("its weights lie outside of its tables, as in files above 2 GB")
    vector = table.vector(0)
    return (0, b"") if vector is None else (vector[0], table.blob(0))


def _tensor(index: int, table: Table, buffers: list[tuple[int, bytes]]) -> Tensor:
    where = f"tensor {index}"
    for field_number in (0, 7):
        vector = table.vector(field_number)
        if vector is not None and vector[1] > MOST_DIMENSIONS:
            raise FlatbufferError(f"{where} has {vector[1]:,} dimensions")
    number = table.integer(2, "I")
    if number >= len(buffers):
        raise FlatbufferError(f"{where} has the buffer {number} of {len(buffers)}")
    data_offset, data = buffers[number]
    if table.integer(10, "I"):
        raise FlatbufferError(f"{where} lies in another file")
    quantization = table.table(4)
    if quantization is not None and quantization.integer(4, "B"):
        raise FlatbufferError(f"{where} is quantized by blocks, or in a way of its own")
    type_code = table.integer(1, "b")
    return Tensor(
        index=index,
        name=_printable(table.text(3)),
        type=TYPE_NAMES.get(type_code, f"type {type_code}"),
        shape=tuple(table.integers(0, "i")),
        shape_signature=tuple(table.integers(7, "i")),
        scales=tuple(float(v) for v in quantization.numbers(2, "f")) if quantization else (),
        zero_points=tuple(quantization.integers(3, "q")) if quantization else (),
        quantized_dimension=quantization.integer(6, "i") if quantization else 0,
        is_variable=bool(table.integer(5, "b")),
        is_sparse=table.table(6) is not None,
        data=data,
        data_offset=data_offset,
    )


_LONGEST_NAME: Final = 60


def _printable(text: str) -> str:
    """A name from the file for a message of one line."""
    shown = "".join(c if c.isprintable() else "?" for c in text[:_LONGEST_NAME])
    return shown if len(text) <= _LONGEST_NAME else f"{shown}..."
