"""Changes single values in a copy of a good model, where they lie in the file."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

from facet.model.flatbuffer import Buffer, Table
from facet.model.tflite import parse_model

MODELS = Path(__file__).resolve().parents[1] / "firmware" / "models"
GAP = MODELS / "gap.tflite"

# Numbers of fields in TensorFlow Lite's schema.
OPERATOR_CODES, SUBGRAPHS, BUFFERS = 1, 2, 4  # of the model
TENSORS, GRAPH_INPUTS, GRAPH_OUTPUTS, OPERATORS = 0, 1, 2, 3  # of a graph
OLD_CODE, VERSION, CODE = 0, 2, 3  # of an operator code
SHAPE, TYPE, BUFFER, QUANTIZATION, IS_VARIABLE = 0, 1, 2, 4, 5  # of a tensor
SCALE, ZERO_POINT, QUANTIZED_DIMENSION = 2, 3, 6  # of a quantization
CODE_INDEX, INPUTS, OUTPUTS, OPTIONS_TYPE, OPTIONS = 0, 1, 2, 3, 4  # of an operator


class Surgeon:
    """A model that is being changed.

    Args:
        model: the good one.
    """

    def __init__(self, model: Path = GAP) -> None:
        self.content = bytearray(model.read_bytes())
        self._card = model.with_suffix(".json")
        self._model = parse_model(bytes(self.content))
        self.root = Buffer(bytes(self.content)).root()
        self.graph = next(iter(self.root.tables(SUBGRAPHS)))

    def index(self, operator: str) -> int:
        """The place of the first such operator."""
        return next(o.index for o in self._model.operators if o.name == operator)

    def operator(self, name: str) -> Table:
        """The first such operator."""
        return list(self.graph.tables(OPERATORS))[self.index(name)]

    def options(self, name: str) -> Table:
        """The options of the first such operator."""
        options = self.operator(name).table(OPTIONS)
        assert options is not None
        return options

    def code(self, name: str) -> Table:
        """The operator code of the first such operator."""
        return list(self.root.tables(OPERATOR_CODES))[self.operator(name).integer(CODE_INDEX, "I")]

    def tensor_number(self, operator: str, side: int, place: int = 0) -> int:
        """The number of a tensor of the first such operator; `side` is INPUTS or OUTPUTS."""
        return self.operator(operator).integers(side, "i")[place]

    def tensor(self, operator: str, side: int, place: int = 0) -> Table:
        """The table of a tensor of an operator."""
        return list(self.graph.tables(TENSORS))[self.tensor_number(operator, side, place)]

    def quantization(self, operator: str, side: int, place: int = 0) -> Table:
        """The quantization table of a tensor of an operator."""
        quantization = self.tensor(operator, side, place).table(QUANTIZATION)
        assert quantization is not None
        return quantization

    def constant(self, operator: str, place: int) -> tuple[int, int]:
        """The position of the bytes of a constant input in the file, and their number."""
        number = self.tensor(operator, INPUTS, place).integer(BUFFER, "I")
        vector = list(self.root.tables(BUFFERS))[number].vector(0)
        assert vector is not None
        return vector

    def put(self, table: Table, field: int, code: str, value: float) -> None:
        """Sets a scalar field, which must stand in the file."""
        place = table.place(field)
        assert place is not None, "the field has its default value, and no place in the file"
        struct.pack_into("<" + code, self.content, place, value)

    def put_element(self, table: Table, field: int, code: str, index: int, value: float) -> None:
        """Sets an element of a vector."""
        vector = table.vector(field)
        assert vector is not None
        struct.pack_into("<" + code, self.content, vector[0] + struct.calcsize(code) * index, value)

    def put_length(self, table: Table, field: int, length: int) -> None:
        """Sets the number of a vector's elements."""
        vector = table.vector(field)
        assert vector is not None
        struct.pack_into("<I", self.content, vector[0] - 4, length)

    def put_place(self, table: Table, field: int, other: int) -> None:
        """Lets a field that is left out lie where another lies, in all tables of this shape."""
        vtable = table.position - table.buffer.integer("i", table.position)
        assert 4 + 2 * field < table.buffer.integer("H", vtable), "the shape has no such field"
        place = table.buffer.integer("H", vtable + 4 + 2 * other)
        struct.pack_into("<H", self.content, vtable + 4 + 2 * field, place)

    def save(self, folder: Path) -> Path:
        """Writes the model, with the good one's card."""
        path = folder / "changed.tflite"
        path.write_bytes(self.content)
        shutil.copy(self._card, path.with_suffix(".json"))
        return path
