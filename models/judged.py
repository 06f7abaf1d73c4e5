"""Frames, and the network that answers them without having learnt from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage
from models.data import Examples

FOLDS: Final = "ck_folds"
"""The set of a card that is all of CK+, each part answered by the network of a fold."""

FloatPredict = Callable[[GrayImage], npt.NDArray[np.float32]]
"""A float model: uint8 images [frames, height, width] to scores [frames, classes]."""


@dataclass(frozen=True)
class Judged:
    """A set of frames, or the part of it that one network answers.

    Where people are few, each of several networks answers for those of whom it saw nothing, and
    their answers together are those of one set.

    Args:
        examples: labelled frames.
        model: the .tflite's bytes.
        float_predict: the network before quantization; None: not at hand.
    """

    examples: Examples
    model: bytes
    float_predict: FloatPredict | None = None
