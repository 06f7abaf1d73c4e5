"""A data set that came from Edge Impulse, as a folder of pictures for Facet."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from facet.dataset.folder import read_image
from facet.dataset.labels import emotion_name
from facet.errors import FacetError
from facet.interchange.info_labels import (
    BY_HASH,
    FILE_NAME,
    TESTING,
    TRAINING,
    VALIDATION,
    Sample,
    parse,
)
from facet.interchange.likeness import groups, pixel_sha256
from facet.interchange.new_folder import check_new, new_folder
from facet.interchange.split import testing_groups

FOLDER_BY_CATEGORY: Final = {TRAINING: "training", TESTING: "test", VALIDATION: "validation"}
"""Facet reads the first as --split training, the others as --split public."""

_IMAGE_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg"})
_RECORDING_SUFFIXES: Final = frozenset(
    {".wav", ".cbor", ".json", ".csv", ".txt", ".parquet", ".mp4", ".avi"}
)
"""What Edge Impulse takes beside pictures: time series, sound and video."""

_LABEL_IN_NAME: Final = re.compile(r"([a-zA-Z0-9\s_-]+)\..+\.[a-zA-Z]+")
"""happy.0001.png: the ingestion service's rule, ``^[a-zA-Z0-9\\s-_]+`` (docs.edgeimpulse.com,
"Ingestion API", x-label), where something stands between label and suffix."""

_OTHER_LABELS: Final = ("bounding_boxes.labels", "structured_labels.labels", "label_map.labels")


@dataclass(frozen=True)
class Imported:
    """What was written.

    Args:
        counts: pictures by folder ("training", "test", "validation") and label.
        renamed: labels that Facet calls otherwise, with Facet's names.
        unlabelled: pictures left out for want of a label.
    """

    counts: Counter[tuple[str, str]]
    renamed: dict[str, str]
    unlabelled: int


@dataclass(frozen=True)
class _Picture:
    sample: Sample
    file: Path
    label: str


def import_dataset(source: Path, out: Path) -> Imported:
    """Write a folder for each label, what trains and what tests apart; the files as they are.

    Args:
        source: a folder that Studio's export was unpacked to, or one made for the uploader: with
            an info.labels, or with files named ``label.anything.png``.
        out: a folder that does not exist yet, or is empty.

    Raises:
        FacetError: no such data set, data other than pictures with one label each, a file that is
            missing or no picture, or `out` cannot be written.
    """
    check_new(out)
    if not source.is_dir():
        raise FacetError(f"{source}: no such folder; unpack the exported data set and name it")
    samples = _samples(source)
    pictures = [
        _Picture(sample, _file(source, sample), _folder_name(sample))
        for sample in samples
        if sample.label is not None
    ]
    if not pictures:
        raise FacetError(f"{source}: no labelled pictures in this data set")
    folders = _folders(pictures)
    counts: Counter[tuple[str, str]] = Counter()
    taken: set[str] = set()
    with new_folder(out) as folder:
        for picture, category in zip(pictures, folders, strict=True):
            name = _free_name(taken, f"{category}/{picture.label}", picture.file.name)
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(picture.file.read_bytes())
            counts[category, picture.label] += 1
    renamed = {str(p.sample.label): p.label for p in pictures if p.sample.label != p.label}
    return Imported(counts, renamed, len(samples) - len(pictures))


def _samples(source: Path) -> list[Sample]:
    """What the data set holds, paths relative to `source`."""
    for name in _OTHER_LABELS:
        found = next(source.rglob(name), None)
        if found is not None:
            raise FacetError(
                f"{found}: bounding boxes or several labels a file; Facet reads one label a picture"
            )
    infos = [source / FILE_NAME] if (source / FILE_NAME).is_file() else _infos_below(source)
    if not infos:
        return _by_file_names(source)
    samples = []
    for info in infos:
        try:
            text = info.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FacetError(f"{info}: cannot be read ({error})") from None
        below = info.parent.relative_to(source)
        samples += [
            Sample((below / s.path).as_posix(), s.name, s.category, s.label, s.metadata)
            for s in parse(text, str(info))
        ]
    return samples


def _infos_below(source: Path) -> list[Path]:
    return sorted(path for path in source.glob(f"*/{FILE_NAME}") if path.is_file())


def _by_file_names(source: Path) -> list[Sample]:
    """Without an info.labels: label and category by name, as the uploaders do it."""
    samples = []
    for file in sorted(source.rglob("*")):
        path = file.relative_to(source)
        if not file.is_file() or any(part.startswith(".") for part in path.parts):
            continue
        if file.suffix.lower() in _IMAGE_SUFFIXES:
            match = _LABEL_IN_NAME.fullmatch(file.name)
            if match is None:
                raise FacetError(
                    f"{file}: no label; name it like happy.0001.png, or give an {FILE_NAME}"
                )
            category = TESTING if TESTING in path.parts[:-1] else TRAINING
            samples.append(Sample(path.as_posix(), file.stem, category, match[1].strip()))
        elif file.suffix.lower() in _RECORDING_SUFFIXES:
            raise _no_picture(file)
    if not samples:
        raise FacetError(f"{source}: no {FILE_NAME}, and no pictures (PNG, JPEG)")
    return samples


def _file(source: Path, sample: Sample) -> Path:
    """The sample's file, which must be a picture inside of `source`."""
    path = PurePosixPath(sample.path)
    file = source / path
    if path.is_absolute() or not file.resolve().is_relative_to(source.resolve()):
        raise FacetError(f"{source}: the file {sample.path} lies outside of this folder")
    if file.suffix.lower() not in _IMAGE_SUFFIXES:
        raise _no_picture(file)
    read_image(file)
    return file


def _no_picture(file: Path) -> FacetError:
    return FacetError(
        f"{file} is no picture: Facet reads images (PNG, JPEG), no time series, sound or video"
    )


def _folder_name(sample: Sample) -> str:
    """The label in Facet's words, where it knows the emotion."""
    label = str(sample.label).strip()
    name = emotion_name(label) or label
    if not name or name.startswith(".") or any(c in '/\\:*?"<>|' or ord(c) < 32 for c in name):
        raise FacetError(f"{sample.path}: the label {label!r} cannot name a folder; rename it")
    return name


def _folders(pictures: Sequence[_Picture]) -> list[str]:
    """The folder of each picture; what the service would divide is divided as an export does."""
    undecided = [picture for picture in pictures if picture.sample.category == BY_HASH]
    images = [read_image(picture.file) for picture in undecided]
    group_of = groups(images)
    testing = testing_groups(group_of, [pixel_sha256(image) for image in images], seed=0)
    decided = iter([TESTING if group in testing else TRAINING for group in group_of])
    return [
        FOLDER_BY_CATEGORY[next(decided) if p.sample.category == BY_HASH else p.sample.category]
        for p in pictures
    ]


def _free_name(taken: set[str], folder: str, name: str) -> str:
    """A path that nothing has yet, also where case does not count; taken from then on."""
    stem, suffix = Path(name).stem, Path(name).suffix
    path, number = f"{folder}/{name}", 2
    while path.lower() in taken:
        path = f"{folder}/{stem}-{number}{suffix}"
        number += 1
    taken.add(path.lower())
    return path
