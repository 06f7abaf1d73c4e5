"""The firmware's interpreter and kernels compute what the tflite-micro wheel computes, bit for bit.

On the host with models that hold every operator, and with every network that can be trained, its
weights at random; on both cores with the operators that the trained default model does not have
(tests/golden does the same with that one).
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from facet.board.board import load
from facet.dataset import EMOTIONS, Frame, draw_face
from facet.evaluation.seen import box_filtered_luma, through_firmware
from facet.firmware.build import FirmwareCache
from facet.firmware.host import host_program
from facet.model import bundle as model_bundle
from models.evaluation.tflm import HostModel

PROJECT = Path(__file__).resolve().parents[2]
MODELS = {
    "gap": PROJECT / "tests" / "firmware" / "models" / "gap.tflite",
    "flat": PROJECT / "tests" / "firmware" / "models" / "flat.tflite",
    "leaky": PROJECT / "tests" / "firmware" / "models" / "leaky.tflite",
    "every": PROJECT / "tests" / "firmware" / "models" / "every.tflite",
    "dense": PROJECT / "tests" / "firmware" / "models" / "dense.tflite",
    "facet-small": PROJECT / "models" / "trained" / "facet-small.tflite",
}
NETWORKS = (
    "emotionnet-nano-a",
    "emotionnet-nano-b",
    "guide",
    "mobilenetv2-035",
    "seven",
    "tinyvision",
    "wiacek",
)
IMAGES = 60
IMAGES_OF_A_NETWORK = 12
FACES = 6


def inputs(count: int) -> npt.NDArray[np.int8]:
    """Black, white, and smooth blobs of many brightnesses and contrasts, [count, 48, 48, 1]."""
    random = np.random.default_rng(20)
    images = [np.full((48, 48), level, np.float64) for level in (-128, 127)]
    while len(images) < count:
        side = int(random.integers(2, 12))
        coarse = random.normal(random.uniform(-80, 80), random.uniform(5, 90), (side, side))
        resized = cv2.resize(coarse, (48, 48), interpolation=cv2.INTER_CUBIC)
        images.append(np.asarray(resized, np.float64))
    return np.clip(np.stack(images), -128, 127).astype(np.int8)[..., None]


def assert_same_outputs(model: Path, images: npt.NDArray[np.int8]) -> None:
    from tflite_micro import runtime

    wheel = runtime.Interpreter.from_file(str(model), arena_size=1 << 21)
    expected = []
    for image in images:
        wheel.set_input(image[None], 0)
        wheel.invoke()
        expected.append(np.array(wheel.get_output(0)).ravel())
    run = subprocess.run(
        [host_program(), model], input=images.tobytes(), capture_output=True, check=True
    )
    got = np.frombuffer(run.stdout, np.int8).reshape(len(images), -1)
    np.testing.assert_array_equal(got, np.stack(expected))
    assert len(np.unique(got, axis=0)) > len(images) // 4, "the outputs hardly vary"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MODELS))
def test_same_outputs_as_the_wheel(name: str) -> None:
    assert_same_outputs(MODELS[name], inputs(IMAGES))


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_has_the_outputs_of_the_wheel(name: str, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow", reason="TensorFlow is an extra: pip install '.[train]'")
    import keras

    from models.architectures.registry import architecture
    from models.quantization.convert import quantize

    images = inputs(IMAGES_OF_A_NETWORK)
    typical = np.asarray((images.astype(np.float32) + 128) / 255, np.float32)
    keras.utils.set_random_seed(7)
    network = architecture(name).build()
    settle(network, typical)
    model = tmp_path / "network.tflite"
    model.write_bytes(quantize(network, typical))
    assert_same_outputs(model, images)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["leaky", "gap"])
@pytest.mark.parametrize("board", ["nucleo_l476rg", "esp32c3_devkitm"])
def test_same_outputs_on_the_board(board: str, name: str) -> None:
    """Nothing between the host's floating point and a core's changes a multiplier's last bit."""
    frames = [draw_face(EMOTIONS[n % 5], 6_000_000 + n) for n in range(FACES)]
    shown = [Frame(face.gray, "any", f"{n}", "drawn") for n, face in enumerate(frames)]
    firmware = FirmwareCache().get(load(board), model_bundle.find(str(MODELS[name])))
    seen = through_firmware(board, firmware, shown)
    host = HostModel(MODELS[name])
    expected = [tuple(host.scores(box_filtered_luma(frame)).tolist()) for frame in seen]
    assert [frame.scores for frame in seen] == expected
    assert len(set(expected)) > 1, "the outputs do not vary"


def settle(network: Any, images: npt.NDArray[np.float32]) -> None:
    """Give untrained weights what a training would: biases, normalizations, decided outputs."""
    random = np.random.default_rng(8)
    network.set_weights(
        [
            np.abs(weights + random.normal(0, 0.1, weights.shape)) if weights.ndim == 1 else weights
            for weights in network.get_weights()
        ]
    )
    for layer in network.layers:
        if hasattr(layer, "moving_mean"):
            layer.momentum = 0.0  # one pass, and the moving averages are those of these images
    network(images, training=True)
    # The last layer's kernel and bias so that the logits spread by 2 around the same mean.
    head = next(layer for layer in reversed(network.layers) if layer.weights)
    *others, kernel, bias = head.get_weights()
    head.set_weights([*others, kernel / 100, 0 * bias])  # small: no score is 0
    logits = np.log(network(images).numpy())
    logits -= logits.mean(axis=1, keepdims=True)
    gain = 2 / logits.std(axis=0).mean()
    head.set_weights([*others, kernel / 100 * gain, -logits.mean(axis=0) * gain])
