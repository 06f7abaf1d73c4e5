"""The reader of .tflite files agrees with TensorFlow's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facet.model.operators import CURES, OPERATORS
from facet.model.tflite import OPERATOR_NAMES, TYPE_BYTES, TYPE_NAMES, read_model
from facet.resources import MODELS
from tests.model import surgeon

ALL = sorted([*surgeon.MODELS.glob("*.tflite"), *MODELS.glob("*.tflite")])


def test_the_cures_and_the_operators_have_names_of_the_schema() -> None:
    assert set(CURES) | set(OPERATORS) <= set(OPERATOR_NAMES.values())
    assert set(TYPE_BYTES) <= set(TYPE_NAMES.values())


def names_of(enumeration: type) -> dict[int, str]:
    return {value: name for name, value in vars(enumeration).items() if isinstance(value, int)}


@pytest.mark.slow
def test_codes_and_types_are_those_of_tensorflows_schema() -> None:
    pytest.importorskip("tensorflow", reason="TensorFlow is an extra: pip install '.[train]'")
    from tensorflow.lite.python import schema_py_generated as schema

    operators = names_of(schema.BuiltinOperator)
    # A name that TensorFlow adds later has a code behind ours.
    assert {code: operators[code] for code in OPERATOR_NAMES} == OPERATOR_NAMES
    types = {code: name.lower() for code, name in names_of(schema.TensorType).items()}
    assert {code: types[code] for code in TYPE_NAMES} == TYPE_NAMES


@pytest.mark.slow
@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_a_model_reads_as_tensorflow_reads_it(path: Path) -> None:
    pytest.importorskip("tensorflow", reason="TensorFlow is an extra: pip install '.[train]'")
    from tensorflow.lite.python import schema_py_generated as schema

    model = read_model(path)
    theirs: Any = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    graph = theirs.subgraphs[0]
    assert len(model.tensors) == len(graph.tensors)
    for ours, other in zip(model.tensors, graph.tensors, strict=True):
        assert ours.shape == tuple(np.atleast_1d(other.shape if other.shape is not None else ()))
        assert TYPE_NAMES[other.type] == ours.type
        data = theirs.buffers[other.buffer].data
        assert ours.data == (b"" if data is None else bytes(bytearray(data)))
        scales = other.quantization.scale if other.quantization is not None else None
        assert ours.scales == (() if scales is None else tuple(float(x) for x in scales))
    for step, operator in zip(model.operators, graph.operators, strict=True):
        code = theirs.operatorCodes[operator.opcodeIndex]
        assert OPERATOR_NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)] == step.name
        indices = [-1 if tensor is None else tensor.index for tensor in step.inputs]
        assert indices == list(operator.inputs)
        assert [tensor.index for tensor in step.outputs] == list(operator.outputs)
