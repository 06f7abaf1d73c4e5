"""One network, trained on pixels of three ranges, answers the same on the device and in float.

Tests that compare the firmware with TFLite Micro bit for bit feed both in the same way, and so
cannot see a wrong range. Here the float network gets the pixels themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facet.dataset import EMOTIONS, Frame, draw_face
from facet.dataset.resample import resize_area
from tests.golden.pictures import Floats, on_device_and_in_float

pytestmark = pytest.mark.slow
pytest.importorskip("tensorflow", reason="TensorFlow is an extra: pip install '.[train]'")

RANGES: dict[str, tuple[float, float]] = {
    "pixel / 255": (0, 1),
    "pixel": (0, 255),
    "pixel / 127.5 - 1": (-1, 1),
    "normalized": (-2, 2),  # (pixel / 255 - 0.5) / 0.25
}
NORMALIZED = {"input": {"mean": 0.5, "std": 0.25}}
SHOWN, LEARNT = 12, 40
MOST_APART = 0.12  # of two probabilities, by the quantization of weights and activations


def faces(count: int, first_seed: int) -> list[Frame]:
    return [
        Frame(draw_face(EMOTIONS[n % 5], first_seed + n).gray, EMOTIONS[n % 5], f"{n}", "drawn")
        for n in range(count)
    ]


def pictures(frames: list[Frame]) -> Floats:
    """Pixels 0 to 255, [frames, 48, 48, 1]."""
    small = [resize_area(frame.image, 48, 48) for frame in frames]
    return np.stack(small)[..., None].astype(np.float32)


@pytest.fixture(scope="module")
def trained() -> Any:
    """A small network on pixels of 0 to 1."""
    import keras

    keras.utils.set_random_seed(2)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((48, 48, 1)),
            layers.Conv2D(8, 3, strides=2, activation="relu"),
            layers.Conv2D(16, 3, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dense(5, activation="softmax"),
        ]
    )
    shown = faces(5 * LEARNT, 8_000_000)
    truth = np.array([EMOTIONS.index(str(f.label)) for f in shown])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(pictures(shown) / 255, truth, epochs=12, batch_size=16, verbose=0)
    return model


def model_for_range(trained: Any, low: float, high: float) -> Any:
    """The same function of the pixels, its input spread over another range.

    x in the range is pixel / 255 * (high - low) + low; the first layer takes that back.
    """
    import keras

    picture = keras.Input((48, 48, 1), batch_size=1)
    model = keras.Model(picture, keras.models.clone_model(trained)(picture))
    kernel, bias, *others = trained.get_weights()
    bias = bias - kernel.sum(axis=(0, 1, 2)) * low / (high - low)
    model.set_weights([kernel / (high - low), bias, *others])
    return model


def convert(model: Any, low: float, high: float, path: Path, card: dict[str, Any]) -> None:
    import tensorflow as tf

    def typical() -> Iterator[list[Floats]]:
        for picture in pictures(faces(30, 8_100_000)):
            yield [(picture / 255 * (high - low) + low)[None].astype(np.float32)]
        for real in (low, high):
            yield [np.full((1, 48, 48, 1), real, np.float32)]

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = typical
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    path.write_bytes(converter.convert())
    path.with_suffix(".json").write_text(json.dumps({"labels": list(EMOTIONS), **card}))


@pytest.mark.parametrize("name", RANGES)
def test_the_device_answers_as_the_float_network(name: str, trained: Any, tmp_path: Path) -> None:
    low, high = RANGES[name]
    path = tmp_path / "range.tflite"
    card = NORMALIZED if name == "normalized" else {}
    convert(model_for_range(trained, low, high), low, high, path, card)

    def in_float(pixels: Floats) -> Floats:
        return np.asarray(trained.predict(pixels / 255, verbose=0), np.float32)

    shown = faces(SHOWN, 8_200_000)
    device, host, said = on_device_and_in_float(path, shown, in_float)
    assert np.abs(device - host).max() < MOST_APART
    assert len({tuple(row) for row in device}) > SHOWN // 2, "the outputs hardly vary"
    sure = [row for row in range(SHOWN) if np.ptp(np.sort(host[row])[-2:]) > 2 * MOST_APART]
    assert len(sure) >= SHOWN // 3
    assert [said[row] for row in sure] == [EMOTIONS[host[row].argmax()] for row in sure]


def test_another_range_would_be_seen(trained: Any) -> None:
    """The bound above separates the ranges: with 0 to 255 the network gives other answers."""
    pixels = pictures(faces(SHOWN, 8_200_000))
    usual, other = (trained.predict(fed, verbose=0) for fed in (pixels / 255, pixels))
    assert np.abs(usual - other).max() > 4 * MOST_APART
