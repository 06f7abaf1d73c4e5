"""Soft labels: the teacher's class probabilities for FER+'s faces, stored to train it only once.

The file that comes with the project holds the teacher's mean output for each face of the training
set, under a hash of the face's pixels. It contains no image, and none can be recovered from it.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from facet.dataset.frame import GrayImage
from facet.dataset.labels import LABEL_SETS, LabelSet
from facet.errors import FacetError
from facet.files import write_file
from models.data.examples import Examples, convert_targets
from models.data.splits import MIN_VOTE_SHARE

SHIPPED: Final = Path(__file__).with_name("soft_labels.npz")
"""The project's soft labels; ``python -m models.train_teacher`` writes them."""

TEACHER_CLASSES: Final = LABEL_SETS["eight"]
"""The teacher's classes; the classes of every other set are unions of these."""

_TEACHER_SHARE: Final = 0.75
"""Weight of the teacher in a target; the votes of FER+ have the rest."""

_HASH_BYTES: Final = 8


@dataclass(frozen=True)
class SoftLabels:
    """A teacher's class probabilities for a set of faces.

    Args:
        face_hashes: uint64 [faces], ascending: a hash of each face's pixels.
        probabilities: float32 [faces, classes]; each row sums to 1.
        teacher: hyperparameters and accuracy of the teacher.
    """

    face_hashes: npt.NDArray[np.uint64]
    probabilities: npt.NDArray[np.float32]
    teacher: Mapping[str, Any]

    @classmethod
    def of(
        cls, images: GrayImage, probabilities: npt.NDArray[np.float32], teacher: Mapping[str, Any]
    ) -> SoftLabels:
        """Soft labels for images, with the precision that the file has.

        Args:
            images: uint8 [images, height, width]; of identical images the first counts.
            probabilities: float32 [images, classes].
            teacher: as above.
        """
        hashes, first = np.unique(_hashes(images), return_index=True)
        stored = probabilities[first].astype(np.float16).astype(np.float32)
        return cls(hashes, stored, teacher)

    def lookup(self, images: GrayImage) -> npt.NDArray[np.float32] | None:
        """The probabilities for each image, [images, classes]; None if any image is missing."""
        wanted = _hashes(images)
        found = np.minimum(np.searchsorted(self.face_hashes, wanted), len(self.face_hashes) - 1)
        if not len(self.face_hashes) or not np.array_equal(self.face_hashes[found], wanted):
            return None
        return self.probabilities[found]


def distilled_examples(
    soft_labels: SoftLabels, examples: Examples, label_set: LabelSet
) -> Examples:
    """Training examples whose targets mix the teacher's probabilities with the votes.

    Faces whose votes went mostly to other classes are dropped.

    Args:
        soft_labels: in ``TEACHER_CLASSES``.
        examples: the faces with their votes as targets, in ``TEACHER_CLASSES``.
        label_set: the classes of the student.

    Raises:
        FacetError: the soft labels do not cover all of the faces.
    """
    probabilities = soft_labels.lookup(examples.images)
    if probabilities is None:
        raise FacetError("the soft labels do not cover all faces of the training data")
    share, _ = convert_targets(examples.targets, TEACHER_CLASSES, label_set)
    keep = share >= MIN_VOTE_SHARE
    mixed = _TEACHER_SHARE * probabilities[keep] + (1 - _TEACHER_SHARE) * examples.targets[keep]
    _, targets = convert_targets(mixed, TEACHER_CLASSES, label_set)
    return Examples(examples.images[keep], targets)


def read_soft_labels(path: Path) -> SoftLabels:
    """Read a file of ``write_soft_labels``.

    Raises:
        FacetError: no such file, or another kind of file.
    """
    try:
        with np.load(path) as file:
            teacher = json.loads(str(file["teacher"]))
            probabilities = file["probabilities"].astype(np.float32)
            return SoftLabels(file["face_hashes"], probabilities, teacher)
    except FileNotFoundError:
        raise FacetError(f"{path}: no such file of soft labels") from None
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise FacetError(f"{path}: not a file of soft labels ({error})") from None


def write_soft_labels(path: Path, soft_labels: SoftLabels) -> None:
    """Write soft labels: the whole file or nothing.

    Raises:
        FacetError: the file cannot be written.
    """
    buffer = BytesIO()
    np.savez_compressed(
        buffer,
        face_hashes=soft_labels.face_hashes,
        probabilities=soft_labels.probabilities.astype(np.float16),  # error at most 0.0005
        teacher=np.array(json.dumps(dict(soft_labels.teacher))),
    )
    write_file(path, buffer.getvalue())


def _hashes(images: GrayImage) -> npt.NDArray[np.uint64]:
    digests = b"".join(
        hashlib.blake2b(image.tobytes(), digest_size=_HASH_BYTES).digest() for image in images
    )
    return np.frombuffer(digests, "<u8").astype(np.uint64)
