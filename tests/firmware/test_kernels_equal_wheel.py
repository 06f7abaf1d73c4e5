"""The firmware's interpreter and kernels compute what the tflite-micro wheel computes, bit for bit.

Here on the host, with models that hold every operator; tests/golden does the same with the trained
model through the simulated board.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

PROJECT = Path(__file__).resolve().parents[2]
MODELS = {
    "gap": PROJECT / "tests" / "firmware" / "models" / "gap.tflite",
    "flat": PROJECT / "tests" / "firmware" / "models" / "flat.tflite",
    "facet-base": PROJECT / "models" / "trained" / "facet-base.tflite",
}
IMAGES = 60


@pytest.fixture(scope="module")
def host_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """tests/firmware/invoke, built by the firmware's own build."""
    folder = tmp_path_factory.mktemp("pio")
    subprocess.run(
        [sys.executable, "-m", "platformio", "run", "--silent", "-e", "native"],
        cwd=PROJECT,
        env=os.environ | {"PLATFORMIO_BUILD_DIR": str(folder)},
        check=True,
    )
    return folder / "native" / "program"


def inputs() -> npt.NDArray[np.int8]:
    """Black, white, and smooth blobs of many brightnesses and contrasts, [IMAGES, 48, 48, 1]."""
    random = np.random.default_rng(20)
    images = [np.full((48, 48), level, np.float64) for level in (-128, 127)]
    while len(images) < IMAGES:
        side = int(random.integers(2, 12))
        coarse = random.normal(random.uniform(-80, 80), random.uniform(5, 90), (side, side))
        resized = cv2.resize(coarse, (48, 48), interpolation=cv2.INTER_CUBIC)
        images.append(np.asarray(resized, np.float64))
    return np.clip(np.stack(images), -128, 127).astype(np.int8)[..., None]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MODELS))
def test_same_outputs_as_the_wheel(name: str, host_program: Path) -> None:
    from tflite_micro import runtime

    images = inputs()
    wheel = runtime.Interpreter.from_file(str(MODELS[name]), arena_size=1 << 20)
    expected = []
    for image in images:
        wheel.set_input(image[None], 0)
        wheel.invoke()
        expected.append(np.array(wheel.get_output(0)).ravel())
    run = subprocess.run(
        [host_program, MODELS[name]], input=images.tobytes(), capture_output=True, check=True
    )
    got = np.frombuffer(run.stdout, np.int8).reshape(IMAGES, -1)
    np.testing.assert_array_equal(got, np.stack(expected))
    assert len(np.unique(got, axis=0)) > IMAGES // 4, "the outputs hardly vary"
