"""A data set as Edge Impulse's uploader takes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2

from facet.dataset.drawn import DRAWN
from facet.dataset.folder import split_folder
from facet.dataset.frame import Frame, GrayImage
from facet.dataset.kaggle import PIXELS_CSV
from facet.dataset.labels import LabelSet
from facet.dataset.loaders import SPLITS, load_frames
from facet.dataset.npz import NpzArchive, open_npz
from facet.errors import FacetError
from facet.interchange.info_labels import FILE_NAME, TESTING, TRAINING, Sample, as_text
from facet.interchange.likeness import groups, pixel_sha256
from facet.interchange.new_folder import check_new, new_folder
from facet.interchange.split import testing_groups

DEFAULT_SPLITS: Final = ("training", "public")
"""FER2013's PrivateTest stays out unless asked for: models are judged on it."""


@dataclass(frozen=True)
class Exported:
    """What was written.

    Args:
        counts: pictures by category and label.
        unlabelled: pictures left out for want of a label.
        leaking: pictures of the training split left out because they, or near copies, also test.
        repeated: pictures left out because the same pixels are there already.
        restricted: the pictures come from FER2013 or CK+, which nobody may publish.
    """

    counts: Counter[tuple[str, str]]
    unlabelled: int
    leaking: int
    repeated: int
    restricted: bool

    def pictures(self, category: str) -> int:
        """How many pictures were written for "training" or "testing"."""
        return sum(count for (where, _), count in self.counts.items() if where == category)


@dataclass(frozen=True)
class _Picture:
    """A labelled picture, the split it comes from and the person on it, where data say so."""

    frame: Frame
    label: str
    split: str | None
    person: str | None


def export_dataset(
    dataset: str,
    out: Path,
    label_set: LabelSet,
    splits: Sequence[str] = (),
    limit: int | None = None,
    seed: int = 0,
) -> Exported:
    """Write pictures and an info.labels.

    A data set's training split trains and its public or private split tests; a folder or an
    archive without splits is divided by a hash, people and near copies kept together. No picture
    trains that also tests, be it as a near copy.

    Args:
        dataset: as of ``load_frames``.
        out: a folder that does not exist yet, or is empty.
        label_set: the classes.
        splits: which of the data set's splits; none: training and public, where there are.
        limit: pictures at most of each split, spread evenly.
        seed: which drawn people; and how data without splits is divided.

    Raises:
        FacetError: the data cannot be read, it lacks the split, or `out` cannot be written.
    """
    check_new(out)
    archive = open_npz(Path(dataset)) if _is_npz(dataset) else None
    pictures, unlabelled = [], 0
    for split in _splits(dataset, archive, splits) or (None,):
        frames = load_frames(dataset, split or DEFAULT_SPLITS[0], limit, seed, label_set)
        for frame in frames:
            if frame.label is None:
                unlabelled += 1
            else:
                pictures.append(_Picture(frame, frame.label, split, _person(archive, frame)))
    if not pictures:
        raise FacetError(
            f"{dataset}: no picture has a label; put them in a folder for each "
            f"({', '.join(label_set.labels)})"
        )
    samples, files, leaking = _arrange(pictures, seed)
    with new_folder(out) as folder:
        for category in (TRAINING, TESTING):  # the uploader's --directory asks for both
            (folder / category).mkdir()
        for path, data in files.items():
            (folder / path).write_bytes(data)
        (folder / FILE_NAME).write_text(as_text(samples), encoding="utf-8")
    return Exported(
        Counter((sample.category, str(sample.label)) for sample in samples),
        unlabelled,
        leaking,
        len(pictures) - leaking - len(samples),
        _is_restricted(dataset),
    )


def png(image: GrayImage) -> bytes:
    """A picture as a PNG file, 8 bits gray."""
    _, data = cv2.imencode(".png", image)
    return bytes(data.tobytes())


def _splits(dataset: str, archive: NpzArchive | None, asked: Sequence[str]) -> tuple[str, ...]:
    """The splits to export, in order; none for data that is not split.

    Raises:
        FacetError: `asked` for a split that the data lacks.
    """
    has = _splits_of(dataset, archive)
    missing = [split for split in asked if split not in has]
    if missing:
        there = f"it has {', '.join(has)}" if has else "it has none: leave --split out"
        raise FacetError(f"{dataset}: no split {missing[0]!r}; {there}")
    return tuple(split for split in has if split in (asked or DEFAULT_SPLITS))


def _splits_of(dataset: str, archive: NpzArchive | None) -> tuple[str, ...]:
    """The splits that a data set itself has."""
    path = Path(dataset)
    if archive is not None:
        if archive.usage is None:
            return ()
        return tuple(split for split in SPLITS if archive.indices(split))
    if dataset != DRAWN and path.is_dir() and not (path / PIXELS_CSV).exists():
        return tuple(split for split in SPLITS if split_folder(path, split) != path)
    return SPLITS if dataset == DRAWN or _is_kaggle(dataset) else ()


def _person(archive: NpzArchive | None, frame: Frame) -> str | None:
    if archive is None or archive.subject is None:
        return None
    return str(archive.subject[int(frame.name.removeprefix("row "))])


def _is_npz(dataset: str) -> bool:
    return Path(dataset).suffix.lower() == ".npz"


def _is_kaggle(dataset: str) -> bool:
    return Path(dataset).suffix.lower() == ".csv" or (Path(dataset) / PIXELS_CSV).exists()


def _is_restricted(dataset: str) -> bool:
    """The archives that Facet reads are FER2013 and CK+; a folder is the user's own."""
    return _is_npz(dataset) or _is_kaggle(dataset)


def _arrange(pictures: Sequence[_Picture], seed: int) -> tuple[list[Sample], dict[str, bytes], int]:
    """Samples, their files by path, and how many pictures would have leaked."""
    digests = [pixel_sha256(picture.frame.image) for picture in pictures]
    group_of = groups([picture.frame.image for picture in pictures], [p.person for p in pictures])
    is_split = pictures[0].split is not None
    testing = (
        {g for g, p in zip(group_of, pictures, strict=True) if p.split != TRAINING}
        if is_split
        else testing_groups(group_of, digests, seed)
    )
    samples: list[Sample] = []
    files: dict[str, bytes] = {}
    written: set[str] = set()
    leaking = 0
    for picture, group, digest in zip(pictures, group_of, digests, strict=True):
        if picture.split == TRAINING and group in testing:
            leaking += 1
        elif digest not in written:
            written.add(digest)
            category = TESTING if group in testing else TRAINING
            sample = _sample(picture, category, group, len(samples))
            samples.append(sample)
            files[sample.path] = png(picture.frame.image)
    return samples, files, leaking


def _sample(picture: _Picture, category: str, group: int, number: int) -> Sample:
    # Uploaders that do not read info.labels take the label from the name's part before the dot.
    name = f"{picture.label}.{number:06}"
    metadata = {
        "source": Path(picture.frame.source).name,
        "frame": picture.frame.name,
        "group": f"{group:06}",
    }
    return Sample(f"{category}/{name}.png", name, category, picture.label, metadata)
