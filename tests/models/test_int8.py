"""What is computed in batches is what TFLite Micro computes, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from facet.dataset.faces import draw_face
from facet.dataset.frame import GrayImage
from facet.dataset.resample import resize_area
from facet.errors import FacetError
from models import tflm
from models.graph import Graph
from models.int8 import BatchModel
from models.int8.fixed_point import Multiplier, multiplier_of
from models.int8.requantize import Requantizer
from models.tflm import HostModel, outputs_of

TRAINED = Path(__file__).parents[2] / "models" / "trained"


def images(count: int) -> GrayImage:
    """Noise of several contrasts, gradients, drawn faces, black and white."""
    random = np.random.default_rng(5)
    noise = random.integers(0, 256, (count, 48, 48)).astype(np.uint8)
    noise[::2] //= 4
    noise[1::3] = np.arange(48) * 5
    faces = [
        resize_area(draw_face(emotion, seed, 144).gray, 48, 48)
        for seed, emotion in enumerate(("happy", "sad", "angry", "surprised", "neutral"))
    ]
    flat = [np.full((48, 48), level, np.uint8) for level in (0, 255)]
    return np.concatenate([noise, np.stack([*faces, *flat])])


@pytest.mark.parametrize("path", sorted(TRAINED.glob("*.tflite")), ids=lambda path: path.stem)
def test_trained_model_in_batches_equals_tflite_micro(path: Path) -> None:
    some = images(9)
    expected = HostModel(path).scores_of(some)
    assert len(np.unique(expected, axis=0)) > 5
    assert np.array_equal(BatchModel(path.read_bytes()).outputs(some), expected)


@pytest.mark.slow
def test_every_network_in_batches_equals_tflite_micro() -> None:
    pytest.importorskip("tensorflow", reason="an extra: pip install '.[train]'")
    from models.architectures import ARCHITECTURES
    from models.quantize import quantize

    some = images(6)
    inputs = (some[..., None] / 255).astype(np.float32)
    differing = []
    for name in ARCHITECTURES:
        data = quantize(untrained(name, inputs), inputs)
        outputs = BatchModel(data).outputs(some)
        assert len(np.unique(outputs, axis=0)) > 1, name
        if not np.array_equal(outputs, HostModel(data).scores_of(some)):
            differing.append(name)
    assert not differing


def untrained(name: str, inputs: npt.NDArray[np.float32]) -> Any:
    """A network of random weights, each batch normalization of which fits the inputs."""
    import keras

    from facet.dataset.labels import LABEL_SETS
    from models.architectures import architecture, build

    keras.utils.set_random_seed(1)
    network = build(name, len(LABEL_SETS[architecture(name).labels].labels))
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    network(inputs, training=True)
    return network


def test_a_batch_tells_of_each_image_what_it_tells_of_it_alone() -> None:
    model = BatchModel((TRAINED / "facet-small.tflite").read_bytes())
    some = images(300)  # more than are computed at a time
    alone = np.concatenate([model.outputs(some[i : i + 1]) for i in range(0, len(some), 40)])
    assert np.array_equal(model.outputs(some)[::40], alone)


def test_foreign_operator_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Graph, "_name", lambda *_: "RSQRT")
    with pytest.raises(FacetError, match="operator 0, RSQRT"):
        BatchModel((TRAINED / "facet-small.tflite").read_bytes())


def integers(multiplier: Multiplier, x: npt.NDArray[np.int64]) -> list[int]:
    """MultiplyByQuantizedMultiplier in Python's integers, as gemmlowp's comments define it."""
    significand, shift = int(multiplier.significand), int(multiplier.shift)

    def scaled(value: int) -> int:
        product = (value << max(shift, 0)) * significand
        high = (product + (1 << 30)) // (1 << 31)  # to the nearest, half up
        bits = max(-shift, 0)
        nearest = (2 * abs(high) + (1 << bits)) // (2 << bits)  # half away from 0
        return nearest if high >= 0 else -nearest

    return [scaled(int(value)) for value in x]


@pytest.mark.parametrize("real", [1e-6, 0.0008, 0.5, 0.25 + 1e-9, 0.75, 1.0, 1.5, 3.999])
@pytest.mark.parametrize("low", [-128, 3])
def test_requantized_sums_are_rounded_twice(real: float, low: int) -> None:
    """Ties and powers of two too, where float64 and TFLite's integers part."""
    multiplier = multiplier_of(real)
    near = np.arange(-3000, 3000)
    sums = np.concatenate([near, near * 5471])
    channel = Multiplier(np.atleast_1d(multiplier.significand), np.atleast_1d(multiplier.shift))
    outputs = Requantizer(channel, np.array([7]), 3, low, 127)(sums[:, None].astype(np.float64))
    expected = [min(max(y + 3, low), 127) for y in integers(multiplier, sums + 7)]
    assert outputs[:, 0].tolist() == expected


def test_measurement_is_held_against_tflite_micro(monkeypatch: pytest.MonkeyPatch) -> None:
    data = (TRAINED / "facet-small.tflite").read_bytes()
    some = images(60)
    assert np.array_equal(outputs_of(data, some), HostModel(data).scores_of(some))

    class Wrong(BatchModel):
        def outputs(self, images: GrayImage) -> npt.NDArray[np.int8]:
            return super().outputs(images) ^ np.int8(1)

    tflm.batch_model.cache_clear()
    monkeypatch.setattr(tflm, "BatchModel", Wrong)
    with pytest.raises(FacetError, match="TFLite Micro"):
        outputs_of(data, some)
    tflm.batch_model.cache_clear()
