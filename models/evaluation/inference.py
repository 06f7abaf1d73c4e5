"""int8 inference on many images: the firmware's interpreter and kernels, compiled for the host.

The program is PlatformIO's environment ``native`` (tests/firmware/invoke). It replaces a NumPy
implementation of 829 lines, which was faster on one core: facet-nano 0.18 instead of 0.42 ms an
image, facet-small 0.26 instead of 0.78 ms, wiacek 4.1 instead of 14 ms. All evaluations for a card
take 1.5 times (facet-small) to 3 times (wiacek: 3.4 minutes) as long as before. The
``tflite-micro`` wheel takes twice as long as the program.
"""

from __future__ import annotations

import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage
from facet.dataset.sample import evenly_spaced
from facet.errors import FacetError
from facet.firmware.host import host_program
from facet.progress import Progress
from models.evaluation.tflm import host_model

_SHARE: Final = 500
"""Images that a process gets at a time."""

_CHECKED: Final = 16
"""Images of each call that are also computed by the TFLite Micro wheel."""


def predict_int8(model: bytes, images: GrayImage, jobs: int = 1) -> npt.NDArray[np.int8]:
    """The int8 outputs of a model, [images, classes].

    Args:
        model: the .tflite's bytes.
        images: uint8 [images, height, width], of the model's input size.
        jobs: number of processes.

    Raises:
        FacetError: TFLite Micro cannot load the model, the program cannot be built, or its outputs
            differ from those of TFLite Micro.
    """
    host = host_model(model)
    if not len(images):
        return np.empty((0, host.classes), np.int8)
    program = host_program()
    inputs = host.quantize(images)
    shares = [inputs[i : i + _SHARE] for i in range(0, len(inputs), _SHARE)]
    outputs = []
    with (
        tempfile.NamedTemporaryFile(suffix=".tflite") as file,
        Progress("int8 inference: images", len(images)) as progress,
        ThreadPoolExecutor(jobs) as pool,
    ):
        file.write(model)
        file.flush()
        for part in pool.map(lambda share: _run(program, Path(file.name), share), shares):
            outputs.append(part.reshape(-1, host.classes))
            progress.advance(len(outputs[-1]))
    result = np.concatenate(outputs)
    for i in evenly_spaced(len(images), _CHECKED):
        expected = host.scores(images[i])
        if not np.array_equal(result[i], expected):
            raise FacetError(
                f"image {i} of {len(images)}: the firmware's kernels give {result[i].tolist()}, "
                f"TFLite Micro gives {expected.tolist()}; report this"
            )
    return result


def _run(program: Path, model: Path, inputs: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    run = subprocess.run([program, model], input=inputs.tobytes(), capture_output=True)
    if run.returncode:
        reason = run.stderr.decode(errors="replace").strip() or f"exit status {run.returncode}"
        raise FacetError(f"the firmware's kernels cannot run the model: {reason.splitlines()[-1]}")
    return np.frombuffer(run.stdout, np.int8)
