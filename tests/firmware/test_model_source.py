"""The build takes the models that the firmware computes right, and names what is wrong else."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from model_bundle.error import ModelError
from model_bundle.flatbuffer import Buffer, Table
from model_bundle.write import find_model, read_bundle, write_bundle

PROJECT = Path(__file__).resolve().parents[2]
GOOD = PROJECT / "tests" / "firmware" / "models" / "gap.tflite"
LEAKY = GOOD.with_name("leaky.tflite")

# Numbers of fields in TensorFlow Lite's schema.
OPERATOR_CODES, SUBGRAPHS = 1, 2
TENSORS, OPERATORS = 0, 3
DEPRECATED_BUILTIN_CODE, VERSION, BUILTIN_CODE = 0, 2, 3
SHAPE, TYPE, QUANTIZATION = 0, 1, 4
ZERO_POINT = 3
OPTIONS = 4
LOGISTIC, MAX_POOL_2D, INT16, TANH = 14, 17, 7, 4


class Surgeon:
    """Changes numbers in a copy of a good model, where it lies in the file."""

    def __init__(self, model: Path = GOOD) -> None:
        self.model = model
        self.content = bytearray(model.read_bytes())
        self.root = Buffer(bytes(self.content)).root()
        self.graph = next(iter(self.root.tables(SUBGRAPHS)))

    def tensor(self, index: int) -> Table:
        return list(self.graph.tables(TENSORS))[index]

    def tensor_of(self, operator: str, place: int, side: int) -> Table:
        """Tensor number `place` of the first such operator's inputs (side 1) or outputs (2)."""
        bundle = read_bundle(self.model)
        index = next(o.index for o in bundle.model.operators if o.name == operator)
        table = list(self.graph.tables(OPERATORS))[index]
        return self.tensor(table.integers(side, "i")[place])

    def options_of(self, operator: str) -> Table:
        bundle = read_bundle(self.model)
        index = next(o.index for o in bundle.model.operators if o.name == operator)
        options = list(self.graph.tables(OPERATORS))[index].table(OPTIONS)
        assert options is not None
        return options

    def put(self, table: Table, field: int, code: str, value: float) -> None:
        place = table._field(field)
        assert place is not None, "the field has its default value, and no place in the file"
        struct.pack_into("<" + code, self.content, place, value)

    def put_in_vector(self, table: Table, field: int, code: str, index: int, value: int) -> None:
        vector = table._vector(field)
        assert vector is not None
        struct.pack_into("<" + code, self.content, vector[0] + struct.calcsize(code) * index, value)

    def save(self, folder: Path) -> Path:
        path = folder / "changed.tflite"
        path.write_bytes(self.content)
        shutil.copy(GOOD.with_suffix(".json"), path.with_suffix(".json"))
        return path


def change_operator(surgeon: Surgeon) -> None:
    code = next(c for c in surgeon.root.tables(OPERATOR_CODES) if c.integer(0, "b") == MAX_POOL_2D)
    surgeon.put(code, DEPRECATED_BUILTIN_CODE, "b", LOGISTIC)
    surgeon.put(code, BUILTIN_CODE, "i", LOGISTIC)


def raise_version(surgeon: Surgeon) -> None:
    code = next(c for c in surgeon.root.tables(OPERATOR_CODES) if c.integer(0, "b") == MAX_POOL_2D)
    surgeon.put(code, VERSION, "i", 99)


def make_weights_asymmetric(surgeon: Surgeon) -> None:
    quantization = surgeon.tensor_of("CONV_2D", 1, 1).table(QUANTIZATION)
    assert quantization is not None
    surgeon.put_in_vector(quantization, ZERO_POINT, "q", 1, 3)


def make_input_int16(surgeon: Surgeon) -> None:
    surgeon.put(surgeon.tensor_of("CONV_2D", 0, 1), TYPE, "b", INT16)


def make_input_wider(surgeon: Surgeon) -> None:
    surgeon.put_in_vector(surgeon.tensor_of("CONV_2D", 0, 1), SHAPE, "i", 2, 64)


def make_batch_two(surgeon: Surgeon) -> None:
    surgeon.put_in_vector(surgeon.tensor_of("SOFTMAX", 0, 2), SHAPE, "i", 0, 2)


def make_shape_dynamic(surgeon: Surgeon) -> None:
    surgeon.put_in_vector(surgeon.tensor_of("MAX_POOL_2D", 0, 2), SHAPE, "i", 1, -1)


def fuse_tanh(surgeon: Surgeon) -> None:
    surgeon.put(surgeon.options_of("CONV_2D"), 3, "b", TANH)


def drop_constant_bytes(surgeon: Surgeon) -> None:
    surgeon.put_in_vector(surgeon.tensor_of("FULLY_CONNECTED", 2, 1), SHAPE, "i", 0, 5000)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (change_operator, "operator LOGISTIC is not in the firmware"),
        (raise_version, r"MAX_POOL_2D \(operator \d+\) is of version 99"),
        (make_weights_asymmetric, r"CONV_2D \(operator 0\) has asymmetric weights"),
        (make_input_int16, "its input is int16; the firmware works in int8"),
        (make_input_wider, "its input is 1 x 48 x 64 x 1; the firmware makes 1 x 48 x 48 x 1"),
        (make_batch_two, "its output is 2 x 5; the firmware reads 1 x labels"),
        (make_shape_dynamic, "has a dynamic shape"),
        (fuse_tanh, r"CONV_2D \(operator 0\) has a fused activation other than RELU"),
        (drop_constant_bytes, "bytes where its shape needs 20000"),
    ],
)
def test_what_would_be_wrong_is_refused_by_name(
    change: Callable[[Surgeon], None], complaint: str, tmp_path: Path
) -> None:
    surgeon = Surgeon()
    change(surgeon)
    path = surgeon.save(tmp_path)
    with pytest.raises(ModelError, match=complaint) as refusal:
        read_bundle(path)
    assert str(refusal.value).startswith(str(path))
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("slope", [-0.1, 1.5, float("nan")])
def test_a_leaky_relu_that_is_none_is_refused(slope: float, tmp_path: Path) -> None:
    surgeon = Surgeon(LEAKY)
    surgeon.put(surgeon.options_of("LEAKY_RELU"), 0, "f", slope)
    path = surgeon.save(tmp_path)
    with pytest.raises(ModelError, match=rf"LEAKY_RELU \(operator \d+\) has a slope of {slope:g}"):
        read_bundle(path)


def test_a_leaky_relu_is_taken() -> None:
    operators = read_bundle(LEAKY).model.operators
    assert [o.name for o in operators].count("LEAKY_RELU") == 3


def test_a_good_model_is_taken() -> None:
    bundle = read_bundle(GOOD)
    assert bundle.labels == ("happy", "sad", "angry", "surprised", "neutral")
    assert bundle.name == "gap"


def test_a_model_cut_anywhere_is_refused(tmp_path: Path) -> None:
    content = GOOD.read_bytes()
    path = tmp_path / "cut.tflite"
    shutil.copy(GOOD.with_suffix(".json"), path.with_suffix(".json"))
    for length in [*range(64), *range(64, len(content) - 1, 97), len(content) - 1]:
        path.write_bytes(content[:length])
        with pytest.raises(ModelError, match=r"cut short|not a TensorFlow Lite model|bytes where"):
            read_bundle(path)


@pytest.mark.parametrize(
    "content", [b"", b"\x7fELF" + bytes(100), b"x" * 4 + b"TFL3" + b"\xff" * 64]
)
def test_what_is_no_model_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelError):
        read_bundle(path)


def test_a_name_that_is_not_there_lists_those_that_are() -> None:
    with pytest.raises(ModelError, match=r"no model named nonesuch .*facet-small"):
        find_model(PROJECT, "nonesuch")


@pytest.mark.parametrize(
    ("card", "complaint"),
    [
        (None, "card is missing"),
        ("{", "not JSON"),
        ("[]", 'no "labels"'),
        ('{"labels": ["a", "b"]}', "2 labels for a model with 5 outputs"),
        ('{"labels": ["a","b","c","d","e"], "input": {"width": 64}}', 'input "width" is 64'),
        ('{"labels": ["a","b","c","d","e"], "input": {"real": "pixel"}}', "feeds pixel/255"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(
    card: str | None, complaint: str, tmp_path: Path
) -> None:
    path = tmp_path / "model.tflite"
    shutil.copy(GOOD, path)
    if card is not None:
        path.with_suffix(".json").write_text(card)
    with pytest.raises(ModelError, match=complaint):
        read_bundle(path)


def test_labels_may_be_in_any_language(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    shutil.copy(GOOD, path)
    labels = ["glücklich", 'a "quoted" one', "back\\slash", "что??/", "7"]
    path.with_suffix(".json").write_text(json.dumps({"labels": labels}))
    write_bundle(read_bundle(path), tmp_path / "generated")
    program = tmp_path / "labels.cc"
    header = (tmp_path / "generated" / "model_bundle.h").read_text()
    names = header[header.index("inline constexpr char kName") : header.index("/// The .tflite")]
    program.write_text(
        "#include <cstddef>\n#include <cstdio>\n"
        f"{names}\nint main() {{ for (auto label : kLabels) std::puts(label); }}\n"
    )
    subprocess.run(["g++", "-std=c++17", program, "-o", tmp_path / "labels"], check=True)
    said = subprocess.run([tmp_path / "labels"], capture_output=True, check=True).stdout
    assert said.decode().splitlines() == labels


def test_files_that_do_not_change_are_not_touched(tmp_path: Path) -> None:
    bundle = read_bundle(GOOD)
    write_bundle(bundle, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    write_bundle(bundle, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    assert sorted(path.name for path in before) == [
        "model.tflite",
        "model_bundle.S",
        "model_bundle.h",
    ]
