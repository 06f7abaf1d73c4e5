"""The sets of frames on which models are evaluated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage
from facet.dataset.labels import FIVE, LabelSet
from models.data.drawn import drawn_examples
from models.data.examples import Examples
from models.data.splits import FerSplits

FOLDS: Final = "ck_folds"
"""The set in a card that is all of CK+: the network of each fold predicts its held-out subjects."""

DRAWN_TEST_FACES: Final = 500

FloatPredict = Callable[[GrayImage], npt.NDArray[np.float32]]
"""A float model: uint8 images [frames, height, width] to scores [frames, classes]."""


@dataclass(frozen=True)
class EvaluationSet:
    """A set of frames with the model that predicts them, or one fold of a cross-validation.

    In a cross-validation each network predicts the subjects that were held out from its training;
    the predictions of all folds together are evaluated as one set.

    Args:
        examples: labelled frames.
        model: the .tflite's bytes.
        float_predict: the network before quantization; None: not available.
    """

    examples: Examples
    model: bytes
    float_predict: FloatPredict | None = None


def fer_test_sets(label_set: LabelSet, splits: FerSplits, work: Path) -> dict[str, Examples]:
    """The evaluation sets of a model that is trained on FER+, by name.

    Args:
        label_set: the classes of the model.
        splits: of the archive, in these classes.
        work: cache of the drawn faces.
    """
    drawn = drawn_examples(DRAWN_TEST_FACES, "public", work)
    return {
        "validation": splits.validation,
        "public_test": splits.public,
        "drawn": drawn.converted(FIVE, label_set),
    }
