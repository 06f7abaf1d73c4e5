"""Exports a data set for Edge Impulse's uploader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2

from facet.dataset.dataset import DataSet
from facet.dataset.frame import Frame, GrayImage
from facet.dataset.left_out import Cause, LeftOut
from facet.dataset.splits import TRAINING as TRAINING_SPLIT
from facet.dataset.splits import check_split, chosen_split
from facet.errors import FacetError
from facet.interchange.info_labels import FILE_NAME, TESTING, TRAINING, Sample, as_text
from facet.interchange.likeness import groups, pixel_sha256
from facet.interchange.new_folder import check_new, new_folder
from facet.interchange.split import testing_groups


@dataclass(frozen=True)
class Exported:
    """The result of an export.

    Args:
        counts: pictures by category and label.
        left_out: pictures of the data set that were not written, and why.
        restricted: the pictures come from FER2013 or CK+, which may not be published.
    """

    counts: Counter[tuple[str, str]]
    left_out: LeftOut
    restricted: bool

    def pictures(self, category: str) -> int:
        """The number of pictures written for "training" or "testing"."""
        return sum(count for (where, _), count in self.counts.items() if where == category)


_LEAKING: Final = Cause("of the training split", "the same, or a near copy, is in the test")
_REPEATED: Final = Cause("", "the same pixels are there already")


@dataclass(frozen=True)
class _Picture:
    """A labelled picture, its split and, if the data names it, the person on it."""

    frame: Frame
    label: str
    split: str | None
    person: str | None


def export_dataset(
    dataset: DataSet,
    out: Path,
    splits: Sequence[str] = (),
    limit: int | None = None,
    seed: int = 0,
    on_picture: Callable[[], None] = lambda: None,
) -> Exported:
    """Writes pictures and an info.labels.

    A data set's training split trains and its other splits test; data without splits is divided by
    a hash, people and near copies kept together. No picture trains that also tests, even as a near
    copy.

    Args:
        dataset: from ``open_dataset`` with the classes.
        out: a folder that does not exist yet, or is empty.
        splits: which of the data set's splits; none: training and what tests by default. FER2013's
            PrivateTest stays out unless it is asked for: models are judged on it.
        limit: pictures at most of each split, spread evenly.
        seed: how data without splits is divided.
        on_picture: called after each picture that is written.

    Raises:
        FacetError: the data cannot be read, it lacks the split, or `out` cannot be written.
    """
    check_new(out)
    left_out = LeftOut()
    pictures = []
    for split in _chosen(dataset, splits) or (None,):
        selection = dataset.select(split, limit, unlabelled=False)
        left_out.include(selection.left_out)
        pictures += [
            _Picture(frame, str(frame.label), split, dataset.person(frame))
            for frame in selection.frames
        ]
    for split in sorted(set(dataset.splits) - set(_chosen(dataset, splits))):
        cure = f"write --split {split} to export it"
        cause = Cause(f"of split '{split}'", "not exported", cure)
        left_out.add(cause, dataset.count(split))
    samples, files = _arrange(pictures, seed, left_out)
    with new_folder(out) as folder:
        for category in (TRAINING, TESTING):  # the uploader's --directory asks for both
            (folder / category).mkdir()
        for path, image in files.items():
            (folder / path).write_bytes(png(image))
            on_picture()
        (folder / FILE_NAME).write_text(as_text(samples), encoding="utf-8")
    counts = Counter((sample.category, str(sample.label)) for sample in samples)
    return Exported(counts, left_out, dataset.restricted)


def png(image: GrayImage) -> bytes:
    """A picture as a PNG file, 8 bits gray."""
    _, data = cv2.imencode(".png", image)
    return bytes(data.tobytes())


def _chosen(dataset: DataSet, asked: Sequence[str]) -> tuple[str, ...]:
    """The splits to export, in the data set's order; none for data that is not split.

    Raises:
        FacetError: `asked` for a split that the data lacks.
    """
    has = dataset.splits
    for split in asked:
        check_split(split)
        if not has:
            raise FacetError(f"{dataset.name}: no split {split!r}; it has none: leave --split out")
    if asked:
        wanted = {chosen_split(split, has, dataset.name) for split in asked}
    else:
        wanted = {TRAINING_SPLIT} & set(has)
        if set(has) - wanted:
            wanted.add(_tests(has, dataset.name))
    return tuple(split for split in has if split in wanted)


def _tests(has: Sequence[str], where: str) -> str:
    """The default test split; the private one if there is no other."""
    others = [split for split in has if split != TRAINING_SPLIT]
    try:
        return chosen_split(None, others, where)
    except FacetError:
        return others[0]


def _arrange(
    pictures: Sequence[_Picture], seed: int, left_out: LeftOut
) -> tuple[list[Sample], dict[str, GrayImage]]:
    """Samples and their pictures by path; counts the others in `left_out`."""
    digests = [pixel_sha256(picture.frame.image) for picture in pictures]
    group_of = groups([picture.frame.image for picture in pictures], [p.person for p in pictures])
    is_split = pictures[0].split is not None
    testing = (
        {g for g, p in zip(group_of, pictures, strict=True) if p.split != TRAINING_SPLIT}
        if is_split
        else testing_groups(group_of, digests, seed)
    )
    samples: list[Sample] = []
    files: dict[str, GrayImage] = {}
    written: set[str] = set()
    for picture, group, digest in zip(pictures, group_of, digests, strict=True):
        if picture.split == TRAINING_SPLIT and group in testing:
            left_out.add(_LEAKING)
        elif digest in written:
            left_out.add(_REPEATED)
        else:
            written.add(digest)
            category = TESTING if group in testing else TRAINING
            sample = _sample(picture, category, group, len(samples))
            samples.append(sample)
            files[sample.path] = picture.frame.image
    return samples, files


def _sample(picture: _Picture, category: str, group: int, number: int) -> Sample:
    # Uploaders that do not read info.labels take the label from the name's part before the dot.
    name = f"{picture.label}.{number:06}"
    metadata = {
        "source": Path(picture.frame.source).name,
        "frame": picture.frame.name,
        "group": f"{group:06}",
    }
    return Sample(f"{category}/{name}.png", name, category, picture.label, metadata)
