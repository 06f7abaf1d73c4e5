"""The files of a model: a .tflite and its card, the .json of the same name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from facet.dataset.labels import LabelSet, label_set_of
from facet.errors import FacetError
from facet.model.card_file import check_name, labels_of, read_card_file
from facet.model.folder import path_of
from facet.model.tflite import IDENTIFIER
from facet.resources import MODELS


@dataclass(frozen=True)
class ModelBundle:
    """A model's files.

    Attributes:
        name: the .tflite's name without its suffix.
        labels: the classes in the order of the model's outputs.
        sha256: of the .tflite, in hex.
    """

    name: str
    tflite: Path
    card: Path
    labels: tuple[str, ...]
    sha256: str

    @property
    def label_set(self) -> LabelSet:
        """The classes as labels of the data sets.

        Raises:
            FacetError: a class is not an emotion of any data set.
        """
        try:
            return label_set_of(self.labels)
        except FacetError as error:
            raise FacetError(f"{self.card}: {error}") from None


def find(name_or_path: str, folder: Path = MODELS) -> ModelBundle:
    """A model by its name, or by the path of its .tflite.

    Raises:
        FacetError: there is none, it is not a .tflite, or its card is missing or incomplete.
    """
    tflite = path_of(name_or_path, folder)
    try:
        data = tflite.read_bytes()
    except OSError as error:
        raise FacetError(f"{tflite} cannot be read: {error.strerror}") from None
    if data[4:8] != IDENTIFIER:
        raise FacetError(
            f"{tflite} is not a TFLite model (no 'TFL3' at byte 4): give the .tflite of a converter"
        )
    check_name(tflite)
    card = tflite.with_suffix(".json")
    return ModelBundle(
        tflite.stem,
        tflite.absolute(),
        card.absolute(),
        labels_of(read_card_file(card), card),
        hashlib.sha256(data).hexdigest(),
    )
