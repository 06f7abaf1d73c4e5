"""The range of pixels that a model takes: recognized, stated in the card, or refused."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facet.model.checked import read_checked
from facet.model.input_range import KNOWN, UNIT, PixelRange, range_of
from facet.model.problem import RefusedError
from facet.model.tflite import ModelError, Tensor, read_model
from tests.model.surgeon import GAP, INPUTS, SCALE, ZERO_POINT, Surgeon

INPUT = read_model(GAP).inputs[0]
PIXELS = np.arange(256, dtype=np.float32)


def quantized(low: float, high: float) -> Tensor:
    """An input for the range, as the converter quantizes it (with 0 inside, int8)."""
    low, high = min(low, 0.0), max(high, 0.0)
    scale = float(np.float32((high - low) / 255))
    return replace(INPUT, scales=(scale,), zero_points=(round(-128 - low / scale),))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 1, "0 to 1"),
        (0, 0.93, "0 to 1"),  # pictures that are not quite white
        (-0.03, 1.02, "0 to 1"),  # cubic resizing
        (0, 255, "0 to 255"),
        (0, 237.6, "0 to 255"),  # scale 0.93, zero point -128
        (-1, 1, "-1 to 1"),
        (-0.96, 0.91, "-1 to 1"),
    ],
)
def test_the_usual_ranges_are_recognized(low: float, high: float, expected: str) -> None:
    assert str(range_of(quantized(low, high), {})) == expected


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (-0.5, 0.5),
        (0, 0.4),
        (0, 2),
        (-2.1, 2.6),
        (-128, 127),
        (0, 100),
        (-1, 0),
        (0, 128),  # half of 0 to 255 would saturate
        (0, 0.8),
        (-0.6, 0.9),
    ],
)
def test_another_span_is_refused_by_its_numbers(low: float, high: float) -> None:
    with pytest.raises(RefusedError) as refusal:
        range_of(quantized(low, high), {})
    message = str(refusal.value.problem)
    span = re.match(r"its input spans (\S+) to (\S+), and pixels of", message)
    assert span is not None, message
    step = (max(high, 0) - min(low, 0)) / 255
    assert [float(number) for number in span.groups()] == pytest.approx([low, high], abs=step)
    assert '{"input": {"range": [LOW, HIGH]}}' in message  # nothing that passes when it is pasted


@pytest.mark.parametrize(
    ("low", "high", "card", "expected"),
    [
        (-0.5, 0.5, {"input": {"range": [-0.5, 0.5]}}, "-0.5 to 0.5"),
        (0, 0.93, {"input_range": [0, 1]}, "0 to 1"),
        (0, 0.7, {"input": {"range": [0, 1], "span": [0, 0.7]}}, "0 to 1"),
        (0, 0.4, {"input": {"range": [0, 1], "span": [0, 0.4]}}, None),  # half lies outside
        (0, 1, {"input": {"range": [0, 1], "span": [0, 0.7]}}, None),  # another span
        (-128, 127, {"input": {"range": [-128, 127]}}, "-128 to 127"),
        (-2, 2, {"input": {"mean": 0.5, "std": 0.25}}, "0 to 1, less 0.5, divided by 0.25"),
        (-2, 1.8, {"input": {"range": [0, 255], "mean": 130, "std": 65}}, "0 to 255, less 130"),
        (0, 255, {"input": {"real": "pixel"}}, "0 to 255"),
        (-1, 1, {"input": {"real": "pixel / 127.5 - 1"}}, "-1 to 1"),
        (-1, 1, {"input": {"mean": 0.5, "std": 0.5}}, "0 to 1, less 0.5, divided by 0.5"),
        # Fake quantization of a fixed range:
        (-6, 6, {"input": {"range": [0, 1], "span": [-6, 6]}}, "0 to 1"),
    ],
)
def test_the_card_has_the_word_where_it_can_be_meant(
    low: float, high: float, card: dict[str, Any], expected: str | None
) -> None:
    tensor = quantized(low, high)
    if expected is None:
        with pytest.raises(RefusedError):
            range_of(tensor, card)
    else:
        assert str(range_of(tensor, card)).startswith(expected)


@pytest.mark.parametrize(
    ("low", "high", "stated", "complaint"),
    [
        (0, 237, [0, 1], "all pixels would become 2 of its 256 levels"),
        (0, 1, [0, 255], "254 of the 256 pixel values lie outside of it"),
        (0, 1, [-1, 1], "of the 256 pixel values lie outside"),
        (-1, 1, [0, 1], "which is that of pixels of -1 to 1"),
        (-1, 1, [0, 255], "of the 256 pixel values lie outside"),
        (-0.5, 0.5, [0, 1], "127 of the 256 pixel values lie outside of it"),
        (0, 0.7, [0, 1], "of the 256 pixel values lie outside of it"),
        (0, 128, [0, 255], "127 of the 256 pixel values lie outside of it"),
        (-1.98, 1.94, [0, 1], "they fill only 26% of it"),
        (0, 2, [0, 1], "they fill only 50% of it"),
        (-6, 6, [0, 1], "they fill only 8% of it"),
    ],
)
def test_a_card_that_contradicts_its_model_is_refused(
    low: float, high: float, stated: list[float], complaint: str
) -> None:
    with pytest.raises(RefusedError) as refusal:
        range_of(quantized(low, high), {"input": {"range": stated}})
    assert complaint in refusal.value.problem.wrong
    assert "correct the card's input range" in refusal.value.problem.cure


@pytest.mark.parametrize(
    "card",
    [
        {"input": {"range": [1, 0]}},
        {"input": {"range": [0]}},
        {"input": {"range": "0 to 1"}},
        {"input": {"range": [0, None]}},
        {"input": {"range": [0, True]}},
        {"input": {"range": [0, 10**400]}},
        {"input": {"std": 0}},
        {"input": {"std": float("nan")}},
        {"input": {"real": "pixel/256"}},
        {"input_range": [0, 1], "input": {"range": [0, 255]}},
        {"input": []},
        {"input": {"range": [0, 1], "span": [1, 0]}},
        {"input": {"range": [0, 1], "span": "wide"}},
    ],
)
def test_a_range_that_cannot_be_read_is_refused(card: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        range_of(quantized(0, 1), card)


@pytest.mark.parametrize(
    ("card", "wrong", "cure"),
    [
        ({"input": {"rnage": [0, 1]}}, "unknown key 'rnage'", 'write "range"'),
        ({"input": {"maen": 0.5, "std": 0.25}}, "unknown key 'maen'", 'write "mean"'),
        ({"input": {"Range": [0, 1]}}, "unknown key 'Range'", 'write "range"'),
        ({"input": {"scale": 2}}, "unknown key 'scale'", "it may have range, real, mean, std"),
        ({"Input": {"range": [0, 255]}}, "unknown key 'Input'", 'write "input"'),
        ({"inputs": {"range": [0, 255]}}, "unknown key 'inputs'", 'write "input"'),
        ({"input-range": [0, 255]}, "unknown key 'input-range'", 'write "input_range"'),
        ({"range": [0, 255]}, "unknown key 'range'", 'write it inside of "input"'),
        ({"input_mean": 0.5}, "unknown key 'input_mean'", 'write it inside of "input"'),
    ],
)
def test_a_misspelt_key_of_the_input_is_refused(
    card: dict[str, Any], wrong: str, cure: str
) -> None:
    with pytest.raises(RefusedError) as refusal:
        range_of(quantized(0, 1), card)
    assert wrong in refusal.value.problem.wrong
    assert cure in refusal.value.problem.cure


def test_a_card_may_have_keys_of_its_own() -> None:
    card = {"author": "me", "input_shape": [1, 48, 48, 1], "outputs": 5, "training": {"mean": 1}}
    assert range_of(quantized(0, 1), card) == UNIT


@pytest.mark.parametrize(
    ("pixels", "real"),
    [
        (KNOWN[0], PIXELS / np.float32(255)),
        (KNOWN[1], PIXELS),
        (KNOWN[2], PIXELS / np.float32(127.5) - np.float32(1)),
        (
            PixelRange(0, 1, 0.5077, 0.2551),
            (PIXELS / np.float32(255) - np.float32(0.5077)) / np.float32(0.2551),
        ),
    ],
    ids=str,
)
def test_real_numbers_are_those_of_a_pipeline_in_numpy(
    pixels: PixelRange, real: np.ndarray
) -> None:
    assert [pixels.real(pixel) for pixel in range(256)] == real.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("pixels", [*KNOWN, PixelRange(0, 1, 0.5077, 0.2551)], ids=str)
@pytest.mark.parametrize("brightest", [255, 237])
def test_pixels_are_quantized_as_tensorflow_lite_quantizes_floats(
    pixels: PixelRange, brightest: int
) -> None:
    """Against QUANTIZE of TensorFlow Lite's reference kernels, all 256 pixels in one picture."""
    pytest.importorskip("tensorflow", reason="TensorFlow is an extra: pip install '.[train]'")
    import keras
    import tensorflow as tf

    real = np.array([pixels.real(pixel) for pixel in range(256)], np.float32).reshape(16, 16, 1)
    source = keras.Input((16, 16, 1), batch_size=1)
    converter = tf.lite.TFLiteConverter.from_keras_model(
        keras.Model(source, keras.layers.Conv2D(1, 1)(source))
    )
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    seen = np.minimum(real, np.float32(pixels.real(brightest)))
    converter.representative_dataset = lambda: [[seen[None]]]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    interpreter = tf.lite.Interpreter(
        model_content=converter.convert(),
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF,
        experimental_preserve_all_tensors=True,
    )
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], real[None])
    interpreter.invoke()
    details = next(
        d
        for d in interpreter.get_tensor_details()
        if d["dtype"] == np.int8 and tuple(d["shape"]) == (1, 16, 16, 1)
    )
    scale, zero_point = details["quantization"]
    expected = interpreter.get_tensor(details["index"]).ravel()
    assert list(pixels.quantized(float(np.float32(scale)), zero_point)) == expected.tolist()


def test_the_usual_input_takes_pixels_less_128() -> None:
    tensor = quantized(0, 1)
    assert UNIT.quantized(tensor.scales[0], -128) == tuple(range(-128, 128))


def test_a_model_of_another_span_is_refused_where_it_is_built(tmp_path: Path) -> None:
    surgeon = Surgeon()
    quantization = surgeon.quantization("CONV_2D", INPUTS)
    surgeon.put_element(quantization, SCALE, "f", 0, 1 / 64)
    surgeon.put_element(quantization, ZERO_POINT, "q", 0, 0)
    path = surgeon.save(tmp_path)
    card = path.with_suffix(".json")
    card.write_text(json.dumps({"labels": ["a", "b", "c", "d", "e"]}))
    with pytest.raises(ModelError, match=r"changed\.json: its input spans -2 to 1\.984"):
        read_checked(path)
    card.write_text(
        json.dumps({"labels": ["a", "b", "c", "d", "e"], "input": {"mean": 0.5, "std": 0.25}})
    )
    assert read_checked(path).pixels == PixelRange(0, 1, 0.5, 0.25)


def test_a_card_of_another_model_beside_it_is_refused(tmp_path: Path) -> None:
    """The default card has pixel/255; the model takes pixels as they are."""
    surgeon = Surgeon()
    surgeon.put_element(surgeon.quantization("CONV_2D", INPUTS), SCALE, "f", 0, 0.93)
    path = surgeon.save(tmp_path)
    shutil.copy(GAP.with_suffix(".json"), path.with_suffix(".json"))
    with pytest.raises(ModelError, match="all pixels would become 2 of its 256 levels"):
        read_checked(path)
    path.with_suffix(".json").write_text(json.dumps({"labels": ["a", "b", "c", "d", "e"]}))
    assert read_checked(path).pixels == KNOWN[1]
