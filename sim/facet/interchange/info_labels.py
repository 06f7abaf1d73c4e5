"""Reads and writes Edge Impulse's ``info.labels``: files, samples and labels.

Format: docs.edgeimpulse.com, "Edge Impulse labels" (tools/specifications/data-annotation), and the
uploader's own reader (github.com/edgeimpulse/edge-impulse-cli, shared/bounding-box-file-types.ts),
which also takes the line-by-line variant that Studio writes for large data sets.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from facet.errors import FacetError
from facet.files import parse_json

FILE_NAME: Final = "info.labels"

TRAINING: Final = "training"
TESTING: Final = "testing"
VALIDATION: Final = "validation"
BY_HASH: Final = "split"
"""Edge Impulse decides between training and testing, by a hash of the file."""

CATEGORIES: Final = (TRAINING, TESTING, VALIDATION, BY_HASH)
"""Others ("anomaly", "post-processing") are recordings of a device, not labelled data."""

_LINES_MARK: Final = '{"__ndjson":true,'


@dataclass(frozen=True)
class Sample:
    """One file of a data set.

    Args:
        path: relative to the folder of info.labels, with "/".
        name: the sample's name in Studio, without the file's suffix.
        category: one of ``CATEGORIES``.
        label: what it shows; None for a sample without a label.
        metadata: names and texts, shown in Studio, which can keep samples with an equal text
            together when it splits off a validation set.
    """

    path: str
    name: str
    category: str
    label: str | None
    metadata: Mapping[str, str] = field(default_factory=dict)


def as_text(samples: Sequence[Sample]) -> str:
    """The content of an info.labels."""
    return json.dumps({"version": 1, "files": [_as_json(s) for s in samples]}, indent=2) + "\n"


def _as_json(sample: Sample) -> dict[str, Any]:
    label = (
        {"type": "unlabeled"} if sample.label is None else {"type": "label", "label": sample.label}
    )
    return {
        "path": sample.path,
        "name": sample.name,
        "category": sample.category,
        "label": label,
        "metadata": dict(sample.metadata),
        "boundingBoxes": [],  # optional by the format, but the Python SDK stops without it
    }


def parse(text: str, where: str) -> list[Sample]:
    """The samples of an info.labels with one label for each file.

    Args:
        text: its content.
        where: its path, for errors.

    Raises:
        FacetError: not this format; or bounding boxes, several labels a file, another category,
            which a folder of pictures cannot express.
    """
    files = _files(text, where)
    return [_sample(entry, f"{where}, file {number}") for number, entry in enumerate(files, 1)]


def _files(text: str, where: str) -> list[Any]:
    try:
        if text.startswith(_LINES_MARK):
            head, *lines = (parse_json(line, where) for line in text.splitlines() if line.strip())
            items = [line["__item"] for line in lines if line["__key"] == "files"]
            content = {**head, "files": items}
        else:
            content = parse_json(text, where)
    except (KeyError, TypeError) as error:
        raise FacetError(f"{where}: not JSON as Edge Impulse writes it ({error})") from None
    if not isinstance(content, dict) or content.get("version") != 1:
        raise FacetError(f"{where}: not an info.labels of version 1; export the data set again")
    files = content.get("files")
    if not isinstance(files, list):
        raise FacetError(f"{where}: no list 'files'; export the data set again")
    return files


def _sample(entry: Any, where: str) -> Sample:
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str) or not entry["path"]:
        raise FacetError(f"{where}: no 'path'; export the data set again")
    path = entry["path"]
    where = f"{where} ({path})"
    if entry.get("boundingBoxes"):
        raise FacetError(
            f"{where} has bounding boxes: Facet reads one label a picture, no object detection"
        )
    name, metadata = entry.get("name"), entry.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise FacetError(f"{where}: 'metadata' is not an object with names and texts")
    category = entry.get("category", BY_HASH)  # without one, the uploaders send it to "split"
    if category not in CATEGORIES:
        raise FacetError(
            f"{where} is of category {category!r}; Facet reads {', '.join(CATEGORIES)}"
        )
    return Sample(
        path,
        name if isinstance(name, str) and name else path.rpartition("/")[2].rpartition(".")[0],
        str(category),
        _label(entry.get("label"), where),
        {str(key): str(value) for key, value in metadata.items()},
    )


def _label(label: Any, where: str) -> str | None:
    kind = label.get("type") if isinstance(label, dict) else None
    if kind == "unlabeled" or label is None:
        return None
    if kind in ("multi-label", "keyvalue-labels"):
        raise FacetError(f"{where} has several labels ({kind}): Facet reads one label a picture")
    if kind != "label" or not isinstance(label.get("label"), str):
        raise FacetError(f"{where}: 'label' must be of type label, with a text 'label'")
    return str(label["label"])
