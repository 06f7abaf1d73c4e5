"""What the teacher says of FER+'s faces: kept, so that hours of its training are spent once.

The teacher's mean opinion of each face that Facet's own networks learnt from lies beside them,
under a hash of the face's pixels: no image stands in it, and none can be made of it.
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
from facet.dataset.labels import LABEL_SETS
from facet.errors import FacetError
from facet.files import write_file
from models.card import TRAINED

SHIPPED: Final = TRAINED / "teacher-opinions.npz"
"""Written by ``python -m models.teach``."""

EIGHT: Final = LABEL_SETS["eight"]
"""What the teacher tells apart; every other set's classes are sums of these."""

_HASH_BYTES: Final = 8


@dataclass(frozen=True)
class Opinions:
    """What a teacher said of faces.

    Args:
        faces: uint64 [faces], ascending: a hash of each face's pixels.
        said: float32 [faces, classes], rows sum to 1.
        about: how the teacher was trained and how good it is.
    """

    faces: npt.NDArray[np.uint64]
    said: npt.NDArray[np.float32]
    about: Mapping[str, Any]

    def of(self, images: GrayImage) -> npt.NDArray[np.float32] | None:
        """What was said of each image, [images, classes]; None unless all of them are known."""
        wanted = _hashes(images)
        found = np.minimum(np.searchsorted(self.faces, wanted), len(self.faces) - 1)
        if not len(self.faces) or not np.array_equal(self.faces[found], wanted):
            return None
        return self.said[found]


def opinions_on(
    images: GrayImage, said: npt.NDArray[np.float32], about: Mapping[str, Any]
) -> Opinions:
    """Opinions on faces, each once; as they are when written and read again.

    Args:
        images: uint8 [images, height, width]; of identical ones the first counts.
        said: float32 [images, classes].
        about: as of ``Opinions``.
    """
    faces, first = np.unique(_hashes(images), return_index=True)
    return Opinions(faces, said[first].astype(np.float16).astype(np.float32), about)


def read_opinions(path: Path) -> Opinions:
    """Read what ``write_opinions`` wrote.

    Raises:
        FacetError: no such file, or something else.
    """
    try:
        with np.load(path) as file:
            about = json.loads(str(file["about"]))
            return Opinions(file["faces"], file["said"].astype(np.float32), about)
    except FileNotFoundError:
        raise FacetError(f"{path}: no opinions of a teacher") from None
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise FacetError(f"{path}: no opinions of a teacher in it ({error})") from None


def write_opinions(path: Path, opinions: Opinions) -> None:
    """Write opinions, whole or not at all.

    Raises:
        FacetError: the file cannot be written.
    """
    buffer = BytesIO()
    np.savez_compressed(
        buffer,
        faces=opinions.faces,
        said=opinions.said.astype(np.float16),  # 0.0005 near 1: a thousandth of what counts
        about=np.array(json.dumps(dict(opinions.about))),
    )
    write_file(path, buffer.getvalue())


def _hashes(images: GrayImage) -> npt.NDArray[np.uint64]:
    digests = b"".join(
        hashlib.blake2b(image.tobytes(), digest_size=_HASH_BYTES).digest() for image in images
    )
    return np.frombuffer(digests, "<u8").astype(np.uint64)
