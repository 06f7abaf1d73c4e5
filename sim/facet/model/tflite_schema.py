"""TensorFlow Lite's schema as far as a model's file is verified by it.

From tensorflow/lite/schema/schema.fbs, version 3: the tables that lead from the model to its
operators, field by field, and the options of the operators that the firmware has. What hangs on a
sparse tensor is not looked at, since such models are refused.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Final

from facet.model.flatbuffer import FlatbufferError, Table

_SCHEMA: Final[Mapping[str, Mapping[int, str]]] = {
    # Field -> a scalar's `struct` code, [code] for a vector of them, a table's name, [name] for a
    # vector of tables, or "text".
    "Model": {
        0: "I",  # version
        1: "[OperatorCode]",
        2: "[SubGraph]",
        3: "text",  # description
        4: "[Buffer]",
        5: "[i]",  # metadata_buffer
        6: "[Metadata]",
        7: "[SignatureDef]",
    },
    "OperatorCode": {0: "b", 1: "text", 2: "i", 3: "i"},
    "SubGraph": {0: "[Tensor]", 1: "[i]", 2: "[i]", 3: "[Operator]", 4: "text", 5: "i"},
    "Tensor": {
        0: "[i]",  # shape
        1: "b",  # type
        2: "I",  # buffer
        3: "text",  # name
        4: "Quantization",
        5: "B",  # is_variable
        7: "[i]",  # shape_signature
        8: "B",  # has_rank
        9: "[VariantSubType]",
        10: "I",  # external_buffer
    },
    "Quantization": {0: "[f]", 1: "[f]", 2: "[f]", 3: "[q]", 4: "B", 6: "i"},
    "Operator": {
        0: "I",  # opcode_index
        1: "[i]",  # inputs
        2: "[i]",  # outputs
        3: "B",  # builtin_options_type
        5: "[B]",  # custom_options
        6: "b",  # custom_options_format
        7: "[B]",  # mutating_variable_inputs
        8: "[i]",  # intermediates
        9: "Q",  # large_custom_options_offset
        10: "Q",  # large_custom_options_size
        11: "B",  # builtin_options_2_type
        13: "i",  # debug_metadata_index
    },
    "VariantSubType": {0: "[i]", 1: "b", 2: "B"},
    "Buffer": {0: "[B]", 1: "Q", 2: "Q"},
    "Metadata": {0: "text", 1: "I"},
    "SignatureDef": {0: "[TensorMap]", 1: "[TensorMap]", 2: "text", 4: "I"},
    "TensorMap": {0: "text", 1: "I"},
    "Conv2DOptions": {0: "b", 1: "i", 2: "i", 3: "b", 4: "i", 5: "i", 6: "b"},
    "DepthwiseConv2DOptions": {0: "b", 1: "i", 2: "i", 3: "i", 4: "b", 5: "i", 6: "i"},
    "Pool2DOptions": {0: "b", 1: "i", 2: "i", 3: "i", 4: "i", 5: "b"},
    "FullyConnectedOptions": {0: "b", 1: "b", 2: "B", 3: "B", 4: "b", 5: "[B]"},
    "SoftmaxOptions": {0: "f"},
    "AddOptions": {0: "b", 1: "B"},
    "ReshapeOptions": {0: "[i]"},
    "ReducerOptions": {0: "B"},
    "LeakyReluOptions": {0: "f"},
}

_OPTIONS: Final = {
    1: "Conv2DOptions",
    2: "DepthwiseConv2DOptions",
    5: "Pool2DOptions",
    8: "FullyConnectedOptions",
    9: "SoftmaxOptions",
    11: "AddOptions",
    17: "ReshapeOptions",
    27: "ReducerOptions",
    75: "LeakyReluOptions",
}
"""An operator's options by their number in the schema (`BuiltinOptions`)."""

_OPTIONS_TYPE, _OPTIONS_FIELD = 3, 4
"""Of an operator."""

_MOST_TABLES: Final = 10_000
"""Of a vector; a larger number is damage."""


def verify(table: Table, name: str = "Model", seen: set[tuple[int, str]] | None = None) -> None:
    """Makes sure that every offset from a table on leads to something inside of the file.

    Args:
        table: the table.
        name: its name in the schema.
        seen: tables that have been verified already; several fields may lead to one table.

    Raises:
        FlatbufferError: one does not, or a value is not aligned.
    """
    seen = set() if seen is None else seen
    if (table.position, name) in seen:
        return
    seen.add((table.position, name))
    for field, kind in _SCHEMA[name].items():
        _verify_field(table, field, kind, seen)
    if name == "Operator":
        options = table.table(_OPTIONS_FIELD)
        kind = _OPTIONS.get(table.integer(_OPTIONS_TYPE, "B"), "")
        if options is not None and kind:
            verify(options, kind, seen)


def _verify_field(table: Table, field: int, kind: str, seen: set[tuple[int, str]]) -> None:
    if not table.has(field):
        return
    inner = kind.strip("[]")
    if kind in _SCHEMA:
        inside = table.table(field)
        assert inside is not None  # since the field is there
        verify(inside, kind, seen)
    elif inner in _SCHEMA:
        vector = table.vector(field)
        if vector is not None and vector[1] > _MOST_TABLES:
            raise FlatbufferError(f"{vector[1]:,} tables of {inner}")
        for inside in table.tables(field):
            verify(inside, inner, seen)
    elif kind == "text":
        table.check_vector(field, 1, terminated=True)
    elif kind == inner:
        table.real(field) if kind == "f" else table.integer(field, kind)
    else:
        table.check_vector(field, struct.calcsize(inner))
