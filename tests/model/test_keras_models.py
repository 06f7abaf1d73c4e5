"""Models as Keras users bring them: each is refused with what its author has to do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facet.model.check import problems_of
from facet.model.problem import Problem
from facet.model.tflite import parse_model

pytestmark = pytest.mark.slow
pytest.importorskip("tensorflow", reason="TensorFlow is an extra: pip install '.[train]'")

Converted = Callable[..., list[Problem]]


def network(
    *middle: Any,
    shape: tuple[int, ...] = (48, 48, 1),
    batch: int | None = 1,
    outputs: int = 3,
    ending: str | None = "softmax",
) -> Any:
    import keras

    source = keras.Input(shape, batch_size=batch)
    x = keras.layers.Conv2D(4, 3, strides=4)(source)
    for layer in middle:
        x = layer(x)
    x = keras.layers.Flatten()(x)
    return keras.Model(source, keras.layers.Dense(outputs, activation=ending)(x))


def problems(model: Any, set_up: Callable[[Any], None] = lambda _converter: None) -> list[str]:
    """The problems of a Keras model after a full int8 conversion, which `set_up` changes."""
    import tensorflow as tf

    shape = [1, *model.inputs[0].shape[1:]]

    def typical() -> Iterator[list[Any]]:
        random = np.random.default_rng(1)
        for _ in range(8):
            yield [random.random(shape, np.float32)]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = typical
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    set_up(converter)
    return [str(problem) for problem in problems_of(parse_model(converter.convert()))]


def test_a_model_as_the_page_converts_it_is_taken() -> None:
    assert problems(network()) == []


def test_a_dynamic_batch_is_to_be_fixed() -> None:
    import keras

    model = network(keras.layers.Reshape((-1, 4)), batch=None)
    found = problems(model)
    assert any("its batch is dynamic" in problem for problem in found), found
    assert any("fix it at 1: keras.Input((48, 48, 1), batch_size=1)" in p for p in found)
    assert not any("is not in the firmware" in problem for problem in found), found


def test_a_float_model_needs_a_representative_data_set() -> None:
    def plain(converter: Any) -> None:
        import tensorflow as tf

        converter.optimizations = []
        converter.representative_dataset = None
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        converter.inference_input_type = converter.inference_output_type = tf.float32

    (found,) = problems(network(), plain)
    assert found.startswith("it computes in float; it needs a representative data set")
    assert "converter.representative_dataset = " in found


def test_dynamic_range_quantization_needs_a_representative_data_set() -> None:
    def dynamic(converter: Any) -> None:
        import tensorflow as tf

        converter.representative_dataset = None
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        converter.inference_input_type = converter.inference_output_type = tf.float32

    (found,) = problems(network(), dynamic)
    assert "(dynamic-range quantization); it needs a representative data set" in found


def test_float_ends_are_to_be_converted_to_int8() -> None:
    def float_ends(converter: Any) -> None:
        import tensorflow as tf

        converter.inference_input_type = converter.inference_output_type = tf.float32

    found = problems(network(), float_ends)
    assert len(found) == 1, "its end is a softmax, so that only the type is wrong"
    assert found[0].startswith("its input and output are float32, though it computes in int8")
    assert "convert with inference_input_type = tf.int8 and inference_output_type" in found[0]


def test_uint8_ends_are_to_be_converted_to_int8() -> None:
    def uint8_ends(converter: Any) -> None:
        import tensorflow as tf

        converter.inference_input_type = converter.inference_output_type = tf.uint8

    found = problems(network(), uint8_ends)
    assert [problem.partition(";")[0] for problem in found] == [
        "its input is uint8",
        "its output is uint8",
    ]


def test_the_operator_before_the_conversion_of_the_output_is_the_end() -> None:
    def float_output(converter: Any) -> None:
        import tensorflow as tf

        converter.inference_output_type = tf.float32

    found = problems(network(outputs=3, ending=None), float_output)
    assert len(found) == 2
    assert found[0].startswith("its output is float32")
    assert found[1].startswith("it ends in FULLY_CONNECTED instead of SOFTMAX")


def test_16_bit_activations_are_to_be_converted_to_8() -> None:
    def wide(converter: Any) -> None:
        import tensorflow as tf

        sixteen = tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        converter.target_spec.supported_ops = [sixteen]
        converter.inference_input_type = converter.inference_output_type = tf.int16

    found = problems(network(), wide)
    assert found[0].startswith("its activations are int16 (16x8 quantization)")
    assert "TFLITE_BUILTINS_INT8" in found[0]


@pytest.mark.parametrize(
    ("shape", "cure"),
    [
        ((96, 96, 1), "train it on pictures of that size"),
        ((48, 48, 3), "the picture is gray, not of 3 channels"),
        ((1, 48, 48), "its channels come first, as in PyTorch"),
    ],
)
def test_a_wrong_input_shape_is_refused_with_a_cure(shape: tuple[int, ...], cure: str) -> None:
    import keras

    source = keras.Input(shape, batch_size=1)
    flat = keras.layers.Flatten()(source)
    model = keras.Model(source, keras.layers.Dense(3, activation="softmax")(flat))
    found = problems(model)
    assert any(cure in problem for problem in found), found


@pytest.mark.parametrize(
    ("outputs", "ending", "complaint"),
    [
        (1, "sigmoid", "it ends in LOGISTIC instead of SOFTMAX"),
        (3, None, "it ends in FULLY_CONNECTED instead of SOFTMAX"),
        (40, "softmax", "it has 40 outputs; the firmware takes 2 to 32 classes"),
    ],
)
def test_a_wrong_end_is_refused_with_a_cure(outputs: int, ending: str, complaint: str) -> None:
    found = problems(network(outputs=outputs, ending=ending))
    assert any(complaint in problem for problem in found), found


@pytest.mark.parametrize(
    ("layer", "operator", "cure"),
    [
        ("Activation('tanh')", "TANH", "use ReLU"),
        ("Activation('hard_swish')", "HARD_SWISH", "use ReLU"),
        ("ZeroPadding2D()", "PAD", 'use padding="same"'),
        ("UpSampling2D()", "TILE", "leave the resizing out"),
        ("UpSampling2D(interpolation='bilinear')", "RESIZE_BILINEAR", "leave the resizing out"),
        ("PReLU()", "PRELU", "use LeakyReLU"),
        ("Conv2DTranspose(2, 3)", "TRANSPOSE_CONV", "leave the layer out"),
        ("Permute((3, 1, 2))", "TRANSPOSE", "keep the channels last"),
    ],
)
def test_an_operator_that_is_not_there_has_a_replacement(
    layer: str, operator: str, cure: str
) -> None:
    import keras

    built = eval(layer, vars(keras.layers))
    found = problems(network(built))
    named = [problem for problem in found if f"operator {operator} " in problem]
    assert named, found
    assert cure in named[0]


def test_rescaling_with_an_offset_points_to_the_card() -> None:
    import keras

    source = keras.Input((48, 48, 1), batch_size=1)
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(source)
    x = keras.layers.Conv2D(4, 3, strides=4, padding="same")(x)
    x = keras.layers.Flatten()(x)
    found = problems(keras.Model(source, keras.layers.Dense(3, activation="softmax")(x)))
    assert found
    assert any("card" in problem for problem in found), found


def test_two_inputs_or_two_outputs_are_refused() -> None:
    import keras

    source = keras.Input((48, 48, 1), batch_size=1)
    x = keras.layers.Flatten()(source)
    ends = [keras.layers.Dense(n, activation="softmax")(x) for n in (2, 3)]
    found = problems(keras.Model(source, ends))
    assert any("it has 1 inputs and 2 outputs" in problem for problem in found), found


def test_the_code_of_the_page_trains_converts_and_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/your-model.md as it stands, on drawn faces with labels that are not emotions."""
    import re

    import cv2

    from facet.dataset import Frame, draw_face
    from facet.model.bundle import find
    from facet.model.checked import read_checked
    from facet.resources import PROJECT
    from tests.golden.pictures import on_device_and_in_float

    classes = {"grin": "happy", "gape": "surprised"}
    for folder, emotion in classes.items():
        (tmp_path / "pictures" / folder).mkdir(parents=True)
        for n in range(60):
            picture = draw_face(emotion, 8_300_000 + n).gray
            cv2.imwrite(str(tmp_path / "pictures" / folder / f"{n}.png"), picture)
    monkeypatch.chdir(tmp_path)
    page = (PROJECT / "docs" / "your-model.md").read_text()
    names: dict[str, Any] = {}
    for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(code, names)

    checked = read_checked(tmp_path / "mine.tflite")
    assert str(checked.pixels) == "0 to 255"
    assert checked.labels == ("gape", "grin")
    assert json.loads(find("mine.tflite").card.read_text())["labels"] == ["gape", "grin"]
    shown = [
        Frame(draw_face(classes[label], 8_400_000 + n).gray, label, f"{label} {n}", "drawn")
        for n in range(6)
        for label in classes
    ]

    def in_float(pixels: Any) -> Any:
        return np.asarray(names["model"].predict(pixels, verbose=0), np.float32)

    device, host, said = on_device_and_in_float(tmp_path / "mine.tflite", shown, in_float)
    assert np.abs(device - host).max() < 0.12
    assert [word == frame.label for word, frame in zip(said, shown, strict=True)].count(True) >= 10
