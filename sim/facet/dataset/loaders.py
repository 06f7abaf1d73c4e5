"""Opens every kind of data set."""

from __future__ import annotations

from pathlib import Path

from facet.dataset.archive_set import ArchiveSet
from facet.dataset.dataset import DataSet, Selection
from facet.dataset.drawn import DRAWN, DrawnSet
from facet.dataset.folder import FolderSet
from facet.dataset.frame import Frame
from facet.dataset.images import UNREAD_SUFFIXES, is_image
from facet.dataset.kaggle import is_pixels_csv, open_kaggle, pixels_csv_beside, pixels_csv_in
from facet.dataset.labels import FIVE, LABEL_SETS, LabelSet, is_emotion, label_set_of
from facet.dataset.names import FolderNames, is_number
from facet.dataset.npz import open_npz
from facet.dataset.one_picture import OnePicture
from facet.dataset.splits import SPLITS, check_split, split_named
from facet.dataset.tree import ImageTree
from facet.errors import FacetError
from facet.files import check_regular

__all__ = ["SPLITS", "class_folders", "load", "load_frames", "open_dataset"]

_ZIP_MAGIC = b"PK\x03\x04"

_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"\x28\xb5\x2f\xfd")
"""How gzip, bzip2, xz, 7z, RAR and Zstandard files begin."""


def open_dataset(
    path: str | Path,
    labels: LabelSet = FIVE,
    names: FolderNames | None = None,
    seed: int = 0,
) -> DataSet:
    """A data set of any kind.

    Args:
        path: an .npz with FER2013/FER+'s or CK+48's keys; FER2013 as CSV, or a folder with it; a
            folder of images; one image; or "drawn" for faces that Facet draws itself.
        labels: the classes (of the model: ``label_set_of``).
        names: what names of folders mean that are not labels (``--labels``).
        seed: for drawn faces only: which faces.

    Raises:
        FacetError: no such path, unreadable, or without labels.
    """
    if str(path) == DRAWN:
        return DrawnSet(seed, labels)
    path = Path(path)
    try:
        is_folder, is_there = path.is_dir(), path.exists()
    except (OSError, ValueError) as error:
        raise FacetError(f"{str(path)!r}: cannot be read ({error})") from None
    if not is_there:
        raise FacetError(f"{path}: no such file or folder")
    if is_folder:
        return _open_folder(path, labels, names)
    check_regular(path)
    suffix = path.suffix.lower()
    if suffix == ".npz" or (suffix == "" and _begins(path, _ZIP_MAGIC)):
        return ArchiveSet(open_npz(path, names.in_order if names else ()), labels)
    if _begins(path, _ZIP_MAGIC):
        raise FacetError(f"{path}: a packed archive: unpack it and name the folder")
    if suffix == ".csv" or is_pixels_csv(path):
        return ArchiveSet(open_kaggle(pixels_csv_beside(path)), labels)
    if not is_image(path):
        raise FacetError(f"{path}: {_cure_of(path)}")
    return OnePicture(path, labels)


def load(
    path: str | Path,
    split: str | None = None,
    limit: int | None = None,
    seed: int = 0,
    labels: LabelSet = FIVE,
    names: FolderNames | None = None,
    *,
    unlabelled: bool = True,
) -> Selection:
    """Frames of a data set, with what was left out and why.

    Args:
        path: as of ``open_dataset``.
        split: one of ``SPLITS``. None: what tests (public, test or validation) where the data has
            splits, all of it where it has none.
        limit: the largest number of frames, spread evenly over the split so that class proportions
            stay those of the data (``evenly_spaced``). None: all; of drawn faces, 50.
        seed: for drawn faces only: which faces.
        labels: the classes (of the model: ``label_set_of``).
        names: what names of folders mean that are not labels (``--labels``).
        unlabelled: whether pictures without a label are among the frames.

    Raises:
        FacetError: no such path or split, unreadable, without labels, or without a picture of the
            model's classes.
    """
    check_split(split)
    if limit is not None and limit < 1:
        raise FacetError(f"limit {limit} leaves no frames: give 1 or more")
    return open_dataset(path, labels, names, seed).select(split, limit, unlabelled=unlabelled)


def load_frames(
    path: str | Path,
    split: str | None = None,
    limit: int | None = None,
    seed: int = 0,
    labels: LabelSet = FIVE,
) -> list[Frame]:
    """The frames of ``load`` without the report of what was left out."""
    return load(path, split, limit, seed, labels).frames


def class_folders(path: str | Path) -> LabelSet | None:
    """A folder's own classes: the names of its folders, where none is an emotion or a number.

    Returns:
        None for other data sets, and for folders that are called, or nearly called, as emotions.
    """
    if str(path) == DRAWN or not Path(path).is_dir() or pixels_csv_in(Path(path)) is not None:
        return None
    folders = {image.folders for image in ImageTree(Path(path)).images}
    plain = [[f for f in names if split_named(f) is None] for names in folders]
    every = {name for names in plain for name in names}
    if any(is_emotion(n) or is_number(n) or LABEL_SETS["eight"].nearest(n) for n in every):
        return None
    classes = sorted({names[-1] for names in plain if names})
    return label_set_of(classes) if len(classes) > 1 else None


def _open_folder(folder: Path, labels: LabelSet, names: FolderNames | None) -> DataSet:
    """FER2013's table, in this folder or in one below, or pictures."""
    tree = ImageTree(folder)
    table = pixels_csv_in(folder, nested=not tree.images)
    if table is None:
        return FolderSet(tree, labels, names)
    beside = len(tree.images)
    note = f"{table} is read; the {beside} pictures in {folder} are not" if beside else ""
    return ArchiveSet(open_kaggle(table), labels, note)


def _cure_of(path: Path) -> str:
    """What a file is that is not a data set, and what to do."""
    suffix = path.suffix.lower()
    if suffix in UNREAD_SUFFIXES:
        return "a format that is not read: convert it to PNG or JPEG"
    if suffix == ".tar" or any(_begins(path, magic) for magic in _PACKED):
        return "a packed file: unpack it and name what is in it"
    if _begins(path, b"\x93NUMPY"):
        return "a single array: store it as 'images' with 'label' in an .npz (numpy.savez)"
    return "not a data set that is read: give a folder of images, an image, an .npz or a .csv"


def _begins(path: Path, magic: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(magic)) == magic
    except OSError:
        return False
