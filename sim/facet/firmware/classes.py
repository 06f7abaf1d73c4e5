"""The classes that a firmware's model, or a model by its name, distinguishes."""

from __future__ import annotations

from pathlib import Path

from facet.dataset.labels import LabelSet, label_set_of
from facet.errors import FacetError
from facet.firmware.labels import labels_in
from facet.model.bundle import find


def classes_of(name_or_path: str, firmware: Path | None = None) -> LabelSet:
    """The classes of a model, or of the model in a firmware.

    Args:
        name_or_path: of the model; counts where no firmware is given, or where it has none (a flat
            image).
        firmware: an ELF file.

    Raises:
        FacetError: no such model, or a class is not an emotion of any data set.
    """
    found = labels_in(firmware) if firmware is not None else None
    if found is None:
        return find(name_or_path).label_set
    try:
        return label_set_of(found)
    except FacetError as error:
        raise FacetError(f"the model in {firmware}: {error}") from None
