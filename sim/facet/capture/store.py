"""The folder of a captured set: a folder for each class, and a manifest."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2

from facet.dataset.frame import GrayImage
from facet.dataset.images import IMAGE_SUFFIXES, read_image
from facet.dataset.labels import LABEL_SETS, LabelSet, label_set_of
from facet.errors import FacetError
from facet.files import check_writable, read_json, write_file

MANIFEST: Final = "capture.json"
DEFAULT_SIZE_px: Final = 96
"""Twice what a network sees, as the device's camera gives it to the firmware's filter."""

_NO_HARD_LINKS: Final = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV)


@dataclass
class Taken:
    """The pictures that one source gave to one class, as recorded in the manifest.

    Args:
        source: the camera, or the name of the file.
        crop: as given to --crop.
        label: the class.
        first, last: names of the first and the last picture.
        pictures: how many.
    """

    source: str
    crop: str
    label: str
    first: str = ""
    last: str = ""
    pictures: int = 0


@dataclass
class Store:
    """A captured set. Pictures are added, never changed.

    Args:
        folder: may not be there yet; the first picture makes it.
        label_set: the classes, each a folder's name.
        size_px: height and width of each picture.
        history: records of earlier captures, from the manifest.
    """

    folder: Path
    label_set: LabelSet
    size_px: int = DEFAULT_SIZE_px
    history: list[Mapping[str, Any]] = field(default_factory=list)
    _taken: list[Taken] = field(default_factory=list)

    @classmethod
    def open(
        cls, folder: Path, labels: LabelSet | None = None, size_px: int | None = None
    ) -> Store:
        """A folder for a new set, or with a set to be continued.

        Args:
            folder: of the set.
            labels: the classes; None: those of the set there, else the five emotions.
            size_px: of the pictures; None: that of the set there, else ``DEFAULT_SIZE_px``.

        Raises:
            FacetError: a set of other labels or another size is there, or something that is none,
                or the folder cannot be written.
        """
        if folder.exists() and not folder.is_dir():
            raise FacetError(f"{folder} is a file: give --out the name of a folder")
        check_writable(folder / MANIFEST)
        manifest = _read_manifest(folder / MANIFEST)
        there = label_set_of(manifest["labels"]) if manifest else None
        label_set = labels or there or LABEL_SETS["five"]
        if there is not None and set(there.labels) != set(label_set.labels):
            theirs = there.name if there.name in LABEL_SETS else ",".join(there.labels)
            raise FacetError(
                f"{folder} holds the label set '{there.name}' ({', '.join(there.labels)}), not "
                f"'{label_set.name}': choose another --out, or --labels {theirs}"
            )
        for label in label_set.labels:
            if label.startswith(".") or "/" in label:
                raise FacetError(f"the label {label!r} cannot be the name of a folder")
        size_there: int | None = manifest.get("size_px")
        if size_there is not None and size_px not in (None, size_there):
            raise FacetError(
                f"{folder} holds pictures of {size_there} pixels, not {size_px}: choose another "
                f"--out, or --size {size_there}"
            )
        store = cls(folder, label_set, size_px or size_there or DEFAULT_SIZE_px)
        store.history = list(manifest["taken"] if manifest else [])
        store._refuse_foreign_folders()
        return store

    def pictures(self, label: str) -> list[Path]:
        """The class's image files, sorted by name, including those that were added by hand."""
        folder = self.folder / label
        if not folder.is_dir():
            return []
        return sorted(p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES)

    def counts(self) -> dict[str, int]:
        """Counts the pictures of each class."""
        return {label: len(self.pictures(label)) for label in self.label_set.labels}

    def images(self, label: str) -> list[GrayImage]:
        """The class's pictures.

        Raises:
            FacetError: one cannot be read (which).
        """
        return [read_image(path) for path in self.pictures(label)]

    def taking(self, source: str, crop: str, label: str) -> Taken:
        """The record of what a source gives to a class; for ``add``."""
        record = Taken(source, crop, label)
        self._taken.append(record)
        return record

    def add(self, image: GrayImage, record: Taken) -> Path:
        """Writes a picture under the next free number, whole or not at all.

        Raises:
            FacetError: it cannot be written (no space, no permission ...).
        """
        _, png = cv2.imencode(".png", image)
        folder = self.folder / record.label
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = _write_new(folder, self._next_number(record), png.tobytes())
        except OSError as error:
            raise FacetError(
                f"{folder}: a picture cannot be written ({error.strerror}); what was taken before "
                "is kept: make room or correct it, and the same command continues from there"
            ) from None
        record.first = record.first or path.name
        record.last = path.name
        record.pictures += 1
        return path

    def write_manifest(self, wanted: int) -> None:
        """Writes ``capture.json``: the contents of the set and their sources.

        Args:
            wanted: pictures that each class should have.
        """
        if not self.folder.is_dir():
            return
        new = [
            {
                "source": record.source,
                "crop": record.crop,
                "label": record.label,
                "first": record.first,
                "last": record.last,
                "pictures": record.pictures,
            }
            for record in self._taken
            if record.pictures
        ]
        manifest = {
            "label_set": self.label_set.name,
            "labels": list(self.label_set.labels),
            "size_px": self.size_px,
            "wanted_per_class": wanted,
            "pictures": self.counts(),
            "taken": [*self.history, *new],
        }
        write_file(self.folder / MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())

    def _next_number(self, record: Taken) -> int:
        """One more than the highest number; gaps from removed pictures stay."""
        if record.last:
            return int(Path(record.last).stem) + 1
        stems = (path.stem for path in self.pictures(record.label))
        return max((int(stem) for stem in stems if stem.isdecimal()), default=0) + 1

    def _refuse_foreign_folders(self) -> None:
        """Refuses folders with pictures of other classes, which a data set would read or drop."""
        if not self.folder.is_dir():
            return
        for inner in sorted(self.folder.iterdir()):
            holds_images = inner.is_dir() and any(
                p.suffix.lower() in IMAGE_SUFFIXES for p in inner.rglob("*")
            )
            if holds_images and inner.name not in self.label_set.labels:
                raise FacetError(
                    f"{inner}: pictures of a class that the label set '{self.label_set.name}' "
                    f"({', '.join(self.label_set.labels)}) lacks: choose another --out or --labels"
                )


def _write_new(folder: Path, number: int, data: bytes) -> Path:
    """Writes a temporary file, then gives it the first free name from ``number`` on."""
    handle, name = tempfile.mkstemp(prefix=".unfinished-", dir=folder)
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        unfinished.chmod(0o644)
        while True:
            path = folder / f"{number:04}.png"
            with suppress(FileExistsError):  # from a second capture
                _give_name(unfinished, path)
                return path
            number += 1
    finally:
        unfinished.unlink(missing_ok=True)


def _give_name(unfinished: Path, path: Path) -> None:
    """Fails with FileExistsError, where renaming would replace what is there."""
    try:
        path.hardlink_to(unfinished)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        # FAT on a memory card: the name is claimed first, then the file is moved to it.
        path.open("xb").close()
        try:
            unfinished.replace(path)
        except BaseException:
            path.unlink()
            raise


def _read_manifest(path: Path) -> dict[str, Any]:
    """The manifest, or an empty one where there is none."""
    if not path.exists() and not path.is_symlink():
        return {}
    try:
        manifest = read_json(path)
    except FacetError as error:
        raise FacetError(f"{error}; correct it or remove it") from None
    whole = (
        isinstance(manifest, dict)
        and isinstance(manifest.get("labels"), list)
        and all(isinstance(label, str) for label in manifest["labels"])
        and isinstance(manifest.get("size_px"), int)
        and isinstance(manifest.get("taken"), list)
    )
    if not whole:
        raise FacetError(f"{path}: not the manifest of a captured set; choose another --out")
    return dict(manifest)
