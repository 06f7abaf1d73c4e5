"""TFLite Micro on the host: the reference that the firmware's scores must equal."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage
from facet.errors import FacetError
from facet.model.input_range import UNIT, PixelRange
from facet.model.tflite import parse_model, read_model

_ARENA_BYTES: Final = 1 << 20
"""Far more than any model here needs."""


class HostModel:
    """A .tflite run by the ``tflite-micro`` wheel's reference kernels.

    TFLite's default interpreter cannot be the reference: its optimized kernels differ by one step
    for some inputs, while the wheel equals the firmware bit for bit.

    Args:
        model: the .tflite's bytes, or its path.
        pixels: the real numbers that the model takes for the pixels.

    Raises:
        FacetError: unreadable, not a TFLite model, or an input or output that is not int8.
    """

    def __init__(self, model: bytes | Path, pixels: PixelRange = UNIT) -> None:
        from tflite_micro.python.tflite_micro import runtime

        parsed = read_model(model) if isinstance(model, Path) else parse_model(model)
        name = model if isinstance(model, Path) else "model"
        source, result = parsed.inputs[0], parsed.outputs[0]
        if source.type != "int8" or result.type != "int8":
            raise FacetError(f"{name}: input and output must be int8")
        try:
            self._interpreter: Any = runtime.Interpreter.from_bytes(
                parsed.content, arena_size=_ARENA_BYTES
            )
        except (RuntimeError, ValueError) as error:
            raise FacetError(f"{name}: TFLite Micro cannot load it ({error})") from None
        self.input_shape = source.shape
        self.classes = result.count
        self.output_scale, self.output_zero_point = result.scales[0], result.zero_points[0]
        steps = pixels.quantized(source.scales[0], source.zero_points[0])
        self._int8_of_pixel = np.array(steps, np.int8)

    def quantize(self, images: GrayImage) -> npt.NDArray[np.int8]:
        """Pixels as the model's input, of any shape, as the firmware quantizes them."""
        return np.asarray(self._int8_of_pixel[images], np.int8)

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
