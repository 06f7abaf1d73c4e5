"""Inference on the host with TFLite Micro itself, the oracle for what the firmware says."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage
from facet.dataset.sample import evenly_spaced
from facet.errors import FacetError
from models.int8 import BatchModel

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")

_ARENA_BYTES: Final = 1 << 20
"""Far more than any model here needs; the host has it."""

_CHUNK: Final = 500
"""Images that a process is given at a time."""

_CHECKED: Final = 16
"""Images of a measurement that TFLite Micro itself computes too."""


class HostModel:
    """A .tflite run by the ``tflite-micro`` wheel's reference kernels.

    TFLite's default interpreter is no oracle: its optimized kernels differ by a step on some
    inputs, while the wheel equals the firmware bit for bit.

    Args:
        model: the .tflite's bytes, or its path.

    Raises:
        FacetError: unreadable, not a TFLite model, or an input that is not int8.
    """

    def __init__(self, model: bytes | Path) -> None:
        from tflite_micro.python.tflite_micro import runtime

        name = str(model) if isinstance(model, Path) else "model"
        try:
            data = model.read_bytes() if isinstance(model, Path) else model
            if data[4:8] != b"TFL3":
                raise FacetError(f"{name}: not a TFLite model (no 'TFL3' at byte 4)")
            self._interpreter: Any = runtime.Interpreter.from_bytes(data, arena_size=_ARENA_BYTES)
            details = self._interpreter.get_input_details(0)
            outputs = self._interpreter.get_output_details(0)
        except (OSError, RuntimeError, ValueError) as error:
            raise FacetError(f"{name}: TFLite Micro cannot load it ({error})") from None
        if details["dtype"] != np.int8 or outputs["dtype"] != np.int8:
            raise FacetError(f"{name}: input and output must be int8")
        self.input_shape: tuple[int, ...] = tuple(int(n) for n in details["shape"])
        self.input_scale, self.input_zero_point = _quantization(details)
        self.output_scale, self.output_zero_point = _quantization(outputs)

    def quantize(self, image: GrayImage) -> npt.NDArray[np.int8]:
        """Pixels as the model's input, rounded half up as the firmware does.

        With scale 1/255 and zero point -128 this is pixel - 128 exactly.
        """
        real = image.astype(np.float64) / 255
        steps = np.floor(real / self.input_scale + 0.5) + self.input_zero_point
        return np.asarray(np.clip(steps, -128, 127), np.int8)

    def scores(self, image: GrayImage) -> npt.NDArray[np.int8]:
        """The model's int8 outputs for one image of its input size, uint8 [height, width]."""
        self._interpreter.set_input(self.quantize(image).reshape(self.input_shape), 0)
        self._interpreter.invoke()
        output: npt.NDArray[np.int8] = self._interpreter.get_output(0)
        return output.reshape(-1).copy()

    def scores_of(self, images: GrayImage) -> npt.NDArray[np.int8]:
        """``scores`` for each of several images, int8 [images, classes]."""
        classes = int(np.prod(self._interpreter.get_output_details(0)["shape"]))
        outputs = np.empty((len(images), classes), np.int8)
        for row, image in zip(outputs, images, strict=True):
            row[:] = self.scores(image)
        return outputs


@lru_cache(maxsize=1)
def host_model(model: bytes) -> HostModel:
    """The model of a .tflite's bytes; the same one again while it is asked for in a row."""
    return HostModel(model)


def in_processes(
    work: Callable[[_Task], _Result], tasks: list[_Task], jobs: int
) -> Iterator[_Result]:
    """``work`` on each task, in the order of the tasks, in so many processes.

    With ``jobs`` 1 in this process. Never by a fork, which would copy TensorFlow's locked threads.
    """
    if jobs == 1 or len(tasks) < 2:
        yield from map(work, tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=context) as pool:
        try:
            yield from pool.map(work, tasks)
        except BrokenProcessPool:
            raise FacetError(
                "a process of the measurement died; if memory ran out, try fewer --jobs"
            ) from None


def outputs_of(model: bytes, images: GrayImage, jobs: int = 1) -> npt.NDArray[np.int8]:
    """The model's int8 outputs in so many processes, [images, classes].

    Computed in batches, and some of the images by TFLite Micro too, which stays the oracle; all of
    them by it if the model has an operator that is not computed in batches.

    Raises:
        FacetError: TFLite Micro cannot load the model, or it says something else of an image.
    """
    host = host_model(model)
    tasks = [(model, images[i : i + _CHUNK]) for i in range(0, len(images), _CHUNK)]
    if not tasks:
        return host.scores_of(images)
    outputs = np.concatenate(list(in_processes(_outputs, tasks, jobs)))
    for i in evenly_spaced(len(images), _CHECKED):
        if not np.array_equal(outputs[i], host.scores(images[i])):
            raise FacetError(
                f"image {i} of {len(images)}: inference in batches gives {outputs[i].tolist()}, "
                f"TFLite Micro {host.scores(images[i]).tolist()}; models/int8 is wrong, report it"
            )
    return outputs


def _outputs(task: tuple[bytes, GrayImage]) -> npt.NDArray[np.int8]:
    model, images = task
    batches = batch_model(model)
    return host_model(model).scores_of(images) if batches is None else batches.outputs(images)


@lru_cache(maxsize=1)
def batch_model(model: bytes) -> BatchModel | None:
    """The same model in batches, or None if it has an operator that is not computed so."""
    try:
        return BatchModel(model)
    except FacetError:
        return None


def _quantization(details: dict[str, Any]) -> tuple[float, int]:
    parameters = details["quantization_parameters"]
    return float(parameters["scales"][0]), int(parameters["zero_points"][0])
