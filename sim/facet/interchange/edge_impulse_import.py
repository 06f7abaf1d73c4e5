"""Imports a data set from Edge Impulse as a folder of pictures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from facet.dataset.images import read_image
from facet.dataset.labels import emotion_name
from facet.dataset.left_out import Cause, LeftOut
from facet.dataset.splits import split_of_folders
from facet.dataset.tree import ImageTree
from facet.errors import FacetError
from facet.files import read_file
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
"""The folder for each of Edge Impulse's categories; Facet reads each as the split of that name."""

_CATEGORY_BY_SPLIT: Final = {
    "validation": VALIDATION,
    "test": TESTING,
    "public": TESTING,
    "private": TESTING,
}

_UNLABELLED: Final = Cause("", "no label in the data set")
_UNLISTED: Final = Cause("", f"not in {FILE_NAME}")

_RECORDING_SUFFIXES: Final = frozenset(
    {".wav", ".cbor", ".json", ".csv", ".txt", ".parquet", ".mp4", ".avi"}
)
"""Other data of Edge Impulse: time series, sound and video."""

_LABEL_IN_NAME: Final = re.compile(r"([a-zA-Z0-9\s_-]+)\..+\.[a-zA-Z]+")
"""happy.0001.png: the ingestion service's rule, ``^[a-zA-Z0-9\\s-_]+`` (docs.edgeimpulse.com,
"Ingestion API", x-label), with more text between label and suffix."""

_OTHER_LABELS: Final = ("bounding_boxes.labels", "structured_labels.labels", "label_map.labels")


@dataclass(frozen=True)
class Imported:
    """The result of an import.

    Args:
        counts: pictures by folder ("training", "test", "validation") and label.
        renamed: labels that have another name in Facet, with that name.
        left_out: files that were not written, and why.
    """

    counts: Counter[tuple[str, str]]
    renamed: dict[str, str]
    left_out: LeftOut


@dataclass(frozen=True)
class _Picture:
    sample: Sample
    file: Path
    label: str


def import_dataset(
    source: Path, out: Path, on_picture: Callable[[], None] = lambda: None
) -> Imported:
    """Writes a folder for each label, separate for training and test; the files are copied as is.

    Args:
        source: a folder that Studio's export was unpacked to, or one made for the uploader: with
            an info.labels, or with files named ``label.anything.png``.
        out: a folder that does not exist yet, or is empty.
        on_picture: called after each picture that was read.

    Raises:
        FacetError: no such data set, data other than pictures with one label each, a file that is
            missing or not a picture, or `out` cannot be written.
    """
    check_new(out)
    if not source.is_dir():
        raise FacetError(f"{source}: no such folder; unpack the exported data set and name it")
    samples, left_out = _samples(source)
    pictures = []
    for sample in samples:
        if sample.label is None:
            left_out.add(_UNLABELLED)
            continue
        pictures.append(_Picture(sample, _file(source, sample), _folder_name(sample)))
        on_picture()
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
            target.write_bytes(read_file(picture.file))
            counts[category, picture.label] += 1
    renamed = {str(p.sample.label): p.label for p in pictures if p.sample.label != p.label}
    return Imported(counts, renamed, left_out)


def _samples(source: Path) -> tuple[list[Sample], LeftOut]:
    """The samples, with paths relative to `source`, and the files that are not among them."""
    for name in _OTHER_LABELS:
        found = next(source.rglob(name), None)
        if found is not None:
            raise FacetError(
                f"{found}: bounding boxes or several labels a file; Facet reads one label a picture"
            )
    tree = ImageTree(source)
    infos = [source / FILE_NAME] if (source / FILE_NAME).is_file() else _infos_below(source)
    if not infos:
        return _by_file_names(source, tree), tree.left_out
    samples = []
    for info in infos:
        try:
            text = read_file(info).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FacetError(f"{info}: cannot be read ({error})") from None
        below = info.parent.relative_to(source)
        samples += [
            Sample((below / s.path).as_posix(), s.name, s.category, s.label, s.metadata)
            for s in parse(text, str(info))
        ]
    listed = {sample.path for sample in samples}
    left_out = LeftOut()
    left_out.add(_UNLISTED, sum(image.name not in listed for image in tree.images))
    return samples, left_out


def _infos_below(source: Path) -> list[Path]:
    return sorted(path for path in source.glob(f"*/{FILE_NAME}") if path.is_file())


def _by_file_names(source: Path, tree: ImageTree) -> list[Sample]:
    """Samples without an info.labels: label from the file's name, category from the folder's."""
    for file in tree.others:
        if file.suffix.lower() in _RECORDING_SUFFIXES:
            raise _no_picture(file)
    samples = []
    for image in tree.images:
        match = _LABEL_IN_NAME.fullmatch(image.path.name)
        if match is None:
            raise FacetError(
                f"{image.path}: no label; name it like happy.0001.png, or give an {FILE_NAME}"
            )
        try:
            split = split_of_folders(image.folders)
        except ValueError as error:
            raise FacetError(f"{image.path}: its folders name two splits, {error}") from None
        category = _CATEGORY_BY_SPLIT.get(split or "", TRAINING)
        samples.append(Sample(image.name, image.path.stem, category, match[1].strip()))
    if not samples:
        raise FacetError(f"{source}: no {FILE_NAME}, and no pictures (PNG, JPEG ...)")
    return samples


def _file(source: Path, sample: Sample) -> Path:
    """The sample's file, which must be a picture inside of `source`."""
    path = PurePosixPath(sample.path)
    file = source / path
    try:
        is_inside = file.resolve().is_relative_to(source.resolve()) and not path.is_absolute()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a null character
        raise FacetError(f"{source}: the file {sample.path!r} cannot be read ({error})") from None
    if not is_inside:
        raise FacetError(f"{source}: the file {sample.path} lies outside of this folder")
    if file.suffix.lower() in _RECORDING_SUFFIXES:
        raise _no_picture(file)
    read_image(file)
    return file


def _no_picture(file: Path) -> FacetError:
    return FacetError(
        f"{file} is not a picture: Facet reads images (PNG, JPEG ...), no time series, sound or "
        "video"
    )


def _folder_name(sample: Sample) -> str:
    """The name of the label's folder: Facet's name of the emotion, or the label itself."""
    label = str(sample.label).strip()
    name = emotion_name(label) or label
    if not name.isprintable() or name[:1] in ("", ".") or any(c in '/\\:*?"<>|' for c in name):
        raise FacetError(f"{sample.path}: the label {label!r} cannot name a folder; rename it")
    return name


def _folders(pictures: Sequence[_Picture]) -> list[str]:
    """The folder of each picture; samples of category "split" are divided as in an export."""
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
    """Reserves a new path, also on file systems that ignore case."""
    stem, suffix = Path(name).stem, Path(name).suffix
    path, number = f"{folder}/{name}", 2
    while path.lower() in taken:
        path = f"{folder}/{stem}-{number}{suffix}"
        number += 1
    taken.add(path.lower())
    return path
