"""One way in to every kind of data set."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from facet.dataset.drawn import DRAWN, load_drawn
from facet.dataset.folder import load_folder, read_image
from facet.dataset.frame import Frame
from facet.dataset.kaggle import PIXELS_CSV, VOTES_CSV, open_kaggle
from facet.dataset.labels import FIVE, LabelSet, no_such_class
from facet.dataset.npz import USAGE_BY_SPLIT, NpzArchive, open_npz
from facet.dataset.sample import evenly_spaced
from facet.errors import FacetError

SPLITS: Final = tuple(USAGE_BY_SPLIT)


def load_frames(
    path: str | Path,
    split: str = "public",
    limit: int | None = None,
    seed: int = 0,
    labels: LabelSet = FIVE,
) -> list[Frame]:
    """Labelled frames of a data set.

    Args:
        path: an .npz with FER2013/FER+'s or CK+48's keys; fer2013.csv; a folder with it; a folder
            of images; one image; or "drawn" for faces that Facet draws itself.
        split: "training", "public" or "private" (``usage`` 0, 1, 2). Data without splits, CK+ and
            most folders, is the same in all three.
        limit: at most so many frames, spread evenly over the split so that class proportions
            stay those of the data (``evenly_spaced``). None: all; of drawn faces, 50.
        seed: for drawn faces only: which faces.
        labels: the classes (of the model: ``label_set_of``).

    Frames to which FER+'s majority rule gives no label, or one outside the set, are left out.

    Raises:
        FacetError: no such path, unreadable, without labels, or nothing left in the split.
    """
    if split not in SPLITS:
        raise FacetError(f"no split '{split}': choose one of {', '.join(SPLITS)}")
    if limit is not None and limit < 1:
        raise FacetError(f"limit {limit} leaves no frames: give 1 or more")
    if str(path) == DRAWN:
        return load_drawn(split, limit, seed, labels)
    path = Path(path)
    if not path.exists():
        raise FacetError(f"{path}: no such file or folder")
    if path.is_dir() and not (path / PIXELS_CSV).exists():
        return load_folder(path, split, limit, labels)
    if path.is_dir() or path.suffix.lower() == ".csv":
        return _from_archive(open_kaggle(_pixels_csv(path)), split, limit, labels)
    if path.suffix.lower() == ".npz":
        return _from_archive(open_npz(path), split, limit, labels)
    return [Frame(read_image(path), None, path.name, str(path.parent))]


def _pixels_csv(path: Path) -> Path:
    """fer2013.csv also where somebody named the file with the votes."""
    return path.with_name(PIXELS_CSV) if path.name == VOTES_CSV else path


def _from_archive(
    archive: NpzArchive, split: str, limit: int | None, labels: LabelSet
) -> list[Frame]:
    indices = archive.indices(split)
    if not indices:
        counts = ((name, len(archive.indices(name))) for name in SPLITS)
        there = ", ".join(f"--split {name} ({count} frames)" for name, count in counts if count)
        raise FacetError(
            f"{archive.path}: no labelled frames in split '{split}'; there are: {there or 'none'}"
        )
    label_of = archive.labels_for(labels)
    labelled = [i for i in indices if label_of[i] is not None]
    if not labelled:
        where = f"{archive.path}, split '{split}'" if archive.usage is not None else archive.path
        raise no_such_class(where, labels, archive.names_in(indices))
    chosen = [labelled[i] for i in evenly_spaced(len(labelled), limit)]
    return [Frame(archive.images[i], label_of[i], f"row {i}", archive.path.name) for i in chosen]
