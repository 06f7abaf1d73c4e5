"""TFLite Micro on the host: the reference that the firmware's scores must equal."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage
from facet.errors import FacetError

_ARENA_BYTES: Final = 1 << 20
"""Far more than any model here needs."""


class HostModel:
    """A .tflite run by the ``tflite-micro`` wheel's reference kernels.

    TFLite's default interpreter cannot be the reference: its optimized kernels differ by one step
    for some inputs, while the wheel equals the firmware bit for bit.

    Args:
        model: the .tflite's bytes, or its path.

    Raises:
        FacetError: unreadable, not a TFLite model, or an input or output that is not int8.
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
        self.classes = int(np.prod(outputs["shape"]))
        self.input_scale, self.input_zero_point = _quantization(details)
        self.output_scale, self.output_zero_point = _quantization(outputs)

    def quantize(self, images: GrayImage) -> npt.NDArray[np.int8]:
        """Pixels as the model's input, of any shape, rounded half up as in the firmware.

        With scale 1/255 and zero point -128 the result is exactly pixel - 128.
        """
        real = np.arange(256) / 255
        steps = np.floor(real / self.input_scale + 0.5) + self.input_zero_point
        table = np.clip(steps, -128, 127).astype(np.int8)
        return np.asarray(table[images], np.int8)

    def scores(self, image: GrayImage) -> npt.NDArray[np.int8]:
        """The int8 outputs for one image of the model's input size, uint8 [height, width]."""
        self._interpreter.set_input(self.quantize(image).reshape(self.input_shape), 0)
        self._interpreter.invoke()
        output: npt.NDArray[np.int8] = self._interpreter.get_output(0)
        return output.reshape(-1).copy()

    def scores_of(self, images: GrayImage) -> npt.NDArray[np.int8]:
        """The int8 outputs for several images, [images, classes]."""
        outputs = np.empty((len(images), self.classes), np.int8)
        for row, image in zip(outputs, images, strict=True):
            row[:] = self.scores(image)
        return outputs


@lru_cache(maxsize=1)
def host_model(model: bytes) -> HostModel:
    """The model of a .tflite's bytes; the most recent one is cached."""
    return HostModel(model)


def _quantization(details: dict[str, Any]) -> tuple[float, int]:
    parameters = details["quantization_parameters"]
    return float(parameters["scales"][0]), int(parameters["zero_points"][0])
