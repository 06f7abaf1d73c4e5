"""Records the input that the firmware computes for its model from each picture."""

from __future__ import annotations

from typing import Final

import numpy as np

from facet.dataset.frame import GrayImage
from facet.firmware.elf import Firmware
from facet.firmware.model_input import ModelInputReader
from facet.target.bench import Bench
from facet.target.memory import Memory

_DIMENSIONS: Final = 4


class InputRecorder:
    """Reads the model's input out of the chip's memory, each time that the camera is switched off.

    The firmware switches it off between the last byte of a picture and the inference: the input is
    then complete, and no operator has reused its memory yet.

    Args:
        bench: just powered on. A target without the capability `Memory`, a board without a camera,
            and a firmware that is not Facet's or has no debugging information give no input.
    """

    def __init__(self, bench: Bench) -> None:
        self._memory = bench.target.find(Memory)
        self._latest: GrayImage | None = None
        self._reader = self._find_reader()
        self._was_on = False
        if self._reader is None:
            return
        for part in bench.board.parts:
            power = part.settings.get("power")
            if part.name == "camera" and isinstance(power, str):
                bench.pins.watch(power, self._supply_changed)

    def take(self) -> GrayImage | None:
        """The latest input, uint8 [height, width], 0 black to 255 white; None if there is none.

        An int8 value q means the gray level q + 128, whatever the quantization: the range of int8
        covers the range of gray levels.
        """
        latest, self._latest = self._latest, None
        return latest

    def _find_reader(self) -> ModelInputReader | None:
        if self._memory is None or not isinstance(self._memory.image, Firmware):
            return None
        try:
            return ModelInputReader(self._memory.image)
        except LookupError:
            return None

    def _supply_changed(self, level: int | None) -> None:
        is_on = level == 1
        if self._was_on and not is_on and self._reader is not None and self._memory is not None:
            found = self._reader.read(self._memory.read)
            if found is not None and len(found.shape) == _DIMENSIONS and found.shape[3] == 1:
                values = np.frombuffer(found.data, np.int8).reshape(found.shape[1:3])
                self._latest = (values.astype(np.int16) + 128).astype(np.uint8)
        self._was_on = is_on
