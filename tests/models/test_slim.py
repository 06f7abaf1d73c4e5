"""A slimmed model is smaller and has the same outputs."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from facet.dataset import load_frames
from facet.dataset.resample import resize_area
from facet.errors import FacetError
from facet.model.check import check_model
from facet.model.tflite import parse_model, read_model
from models.evaluation.card import TRAINED
from models.evaluation.graph import Graph
from models.evaluation.tflm import HostModel
from models.quantization import slim as slimming
from models.quantization.slim import constants_sha256, main, slim

CONVERTED = sorted((Path(__file__).parents[1] / "firmware" / "models").glob("*.tflite"))
"""As written by the converter."""

COMMITTED = sorted(TRAINED.glob("*.tflite"))


@pytest.mark.parametrize("path", [*CONVERTED, *COMMITTED], ids=lambda path: path.stem)
def test_a_slimmed_model_is_smaller_with_the_same_outputs(path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    smaller = slim(data)
    assert len(smaller) < len(data) if path in CONVERTED else len(smaller) <= len(data)
    assert constants_sha256(smaller) == constants_sha256(data)
    images = [resize_area(f.image, 48, 48) for f in load_frames("drawn", "private", 5)]
    rng = np.random.default_rng(7)
    for side in range(1, 40, 3):
        contrast = np.kron(rng.integers(0, 256, (side, side)), np.ones((48, 48)))
        images.append(contrast[::side, ::side].astype(np.uint8))
    before, after = HostModel(data), HostModel(smaller)
    scores = [before.scores(image) for image in images]
    assert len({tuple(row) for row in scores}) > 3, "the outputs hardly vary"
    for image, row in zip(images, scores, strict=True):
        assert np.array_equal(after.scores(image), row)
    for figure in ("macs", "parameters", "peak_activation_bytes", "operator_names"):
        assert getattr(Graph(smaller), figure) == getattr(Graph(data), figure)
    (tmp_path / "slim.tflite").write_bytes(smaller)
    check_model(read_model(tmp_path / "slim.tflite"))


@pytest.mark.parametrize("path", [*CONVERTED, *COMMITTED], ids=lambda path: path.stem)
def test_slimming_twice_is_slimming_once(path: Path) -> None:
    once = slim(path.read_bytes(), trials=2)
    assert slim(once, trials=2) == once


def test_weights_are_aligned_and_scales_untouched(tmp_path: Path) -> None:
    for path in CONVERTED:
        smaller = slim(path.read_bytes(), trials=2)
        constants = [tensor for tensor in parse_model(smaller).tensors if tensor.is_constant]
        assert constants
        assert all(tensor.data_offset % 16 == 0 for tensor in constants)
        (tmp_path / "slim.tflite").write_bytes(smaller)
        old, new = read_model(path), read_model(tmp_path / "slim.tflite")
        for before, after in zip(old.operators, new.operators, strict=True):
            assert (before.name, before.version) == (after.name, after.version)
            for a, b in zip(
                (*before.inputs, *before.outputs), (*after.inputs, *after.outputs), strict=True
            ):
                assert (a is None) == (b is None)
                if a is not None and b is not None:
                    assert (a.type, a.shape, a.data) == (b.type, b.shape, b.data)
                    assert b.type == "int32" or (
                        a.scales,
                        a.zero_points,
                        a.quantized_dimension,
                    ) == (
                        b.scales,
                        b.zero_points,
                        b.quantized_dimension,
                    )


def contents(value: Any) -> Any:
    """An unpacked object as plain data."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list):
        return [contents(item) for item in value]
    if hasattr(value, "__dict__"):
        return {name: contents(item) for name, item in vars(value).items()}
    return value


@pytest.mark.parametrize("path", CONVERTED, ids=lambda path: path.stem)
def test_sharing_equal_vectors_keeps_the_content(path: Path) -> None:
    model = slimming._unpack(path.read_bytes())
    before = contents(model)
    packed = slimming._pack(model)
    assert contents(slimming._unpack(packed)) == before
    assert len(packed) < path.stat().st_size


def removal_with(change: str) -> Any:
    """`_remove_unread` with a mistake in it."""
    right = slimming._remove_unread

    def wrong(model: Any) -> Any:
        right(model)
        graph = model.subgraphs[0]
        if change == "weight":
            buffer = max(model.buffers, key=lambda b: 0 if b.data is None else len(b.data))
            buffer.data = buffer.data ^ 64
        else:
            for tensor in graph.tensors:
                if tensor.quantization is not None and len(tensor.quantization.scale) > 1:
                    tensor.quantization.scale = tensor.quantization.scale * 2
        return model

    return wrong


@pytest.mark.parametrize(("change", "message"), [("weight", "a weight"), ("scale", "the outputs")])
def test_a_bug_in_slimming_is_noticed(
    change: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slimming, "_remove_unread", removal_with(change))
    with pytest.raises(FacetError, match=f"slimming changed {message}"):
        slim((TRAINED / "facet-small.tflite").read_bytes())


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a TensorFlow Lite model"),
        (b"<html>not found</html>", "not a TensorFlow Lite model"),
        (CONVERTED[0].read_bytes()[:-4], "damaged or cut short"),
        (b"\x08\0\0\0TFL3" + b"\xff" * 40, "damaged or cut short"),
    ],
)
def test_another_file_is_refused_and_not_changed(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes(data)
    result = CliRunner().invoke(main, [str(path)])
    assert result.exit_code == 1
    assert f"{path}: {message}" in result.output
    assert path.read_bytes() == data


def test_a_float_model_is_refused() -> None:
    wheel = find_spec("tflite_micro")
    assert wheel is not None
    assert wheel.origin is not None
    path = Path(wheel.origin).parent / "python" / "tflite_micro" / "sine_float.tflite"
    if not path.exists():
        pytest.skip("this tflite-micro comes without a float model")
    with pytest.raises(FacetError, match="must be int8"):
        slim(path.read_bytes())


def test_the_command_writes_the_smaller_file(tmp_path: Path) -> None:
    path, out = tmp_path / "in.tflite", tmp_path / "out.tflite"
    data = CONVERTED[0].read_bytes()
    path.write_bytes(data)
    result = CliRunner().invoke(main, [str(path), "-o", str(out)])
    assert result.exit_code == 0, result.output
    assert f"{len(data):,} bytes -> {out.stat().st_size:,}" in result.output
    assert path.read_bytes() == data
    CliRunner().invoke(main, [str(path)])
    assert path.read_bytes() == out.read_bytes() == slim(data)
