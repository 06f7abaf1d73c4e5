"""A damaged model is refused in one line, or computes what TFLite Micro's wheel computes with it.

A thousandfold of this was run when the check was written; the seeds here keep it that way.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from facet.model.check import problems_of
from facet.model.tflite import Model, ModelError, parse_model
from facet.resources import PROJECT
from tests.model.surgeon import MODELS

EVERY = MODELS / "every.tflite"
FEW, MANY = 150, 1500
ARENA_BYTES = 1 << 21


def damaged(count: int, seed: int) -> Iterator[bytes]:
    """Copies of a model with 1 to 3 bytes changed that are not a weight's."""
    content = EVERY.read_bytes()
    structure = set(range(len(content)))
    for tensor in parse_model(content).tensors:
        structure -= set(range(tensor.data_offset, tensor.data_offset + len(tensor.data)))
    places, chance = sorted(structure), random.Random(seed)
    for _ in range(count):
        copy = bytearray(content)
        for place in chance.sample(places, chance.randint(1, 3)):
            near = (copy[place] + chance.choice((-1, 1))) % 256
            copy[place] = chance.choice((near, copy[place] ^ 1 << chance.randrange(8), 0, 255))
        yield bytes(copy)


def accepted(content: bytes) -> Model | None:
    """The model if the check takes it; a refusal must be of single lines."""
    try:
        model = parse_model(content)
        refusals = [str(problem) for problem in problems_of(model)]
    except ModelError as error:
        model, refusals = None, [str(error)]
    assert all(line and line.isprintable() for line in refusals), refusals
    return None if refusals else model


def test_damage_is_refused_in_single_lines() -> None:
    taken = [content for content in damaged(FEW, 1) if accepted(content)]
    assert FEW // 20 < len(taken) < FEW // 2, "nearly all or nearly none were damaged"


@pytest.mark.slow
def test_what_is_accepted_computes_what_the_wheel_computes(tmp_path: Path) -> None:
    from tflite_micro import runtime

    subprocess.run(
        [sys.executable, "-m", "platformio", "run", "--silent", "-e", "native"],
        cwd=PROJECT,
        env=os.environ | {"PLATFORMIO_BUILD_DIR": str(tmp_path)},
        check=True,
    )
    noise = np.random.default_rng(3).integers(-128, 128, (3, 48, 48, 1)).astype(np.int8)
    images = np.concatenate([np.full((1, 48, 48, 1), 127, np.int8), noise])
    compared = 0
    for content in damaged(MANY, 2):
        if accepted(content) is None:
            continue
        path = tmp_path / "damaged.tflite"
        path.write_bytes(content)
        run = subprocess.run(
            [tmp_path / "native" / "program", path], input=images.tobytes(), capture_output=True
        )
        assert run.returncode == 0, run.stderr
        wheel = runtime.Interpreter.from_bytes(content, arena_size=ARENA_BYTES)
        expected = []
        for image in images:
            wheel.set_input(image[None], 0)
            wheel.invoke()
            expected.append(np.array(wheel.get_output(0)).ravel())
        got = np.frombuffer(run.stdout, np.int8).reshape(len(images), -1)
        np.testing.assert_array_equal(got, np.stack(expected))
        compared += 1
    assert compared > MANY // 20
