"""Finds the pictures below a folder, and counts what is left out."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from facet.dataset.images import UNREAD_SUFFIXES, is_image
from facet.dataset.left_out import Cause, LeftOut
from facet.errors import FacetError
from facet.files import reason

_MOST_FOLDERS: Final = 100_000
"""Bound on folders: links that lead to one another make as many paths as there are orders."""

_OWN_FILES: Final = frozenset({"capture.json"})
"""Files that Facet itself writes next to pictures."""


_CONVERT: Final = "convert them to PNG or JPEG"


@dataclass(frozen=True)
class ImageFile:
    """A picture below a folder.

    Args:
        path: where it is.
        folders: names of the folders from the data set's folder to it.
        links: number of links in that path, its own included.
    """

    path: Path
    folders: tuple[str, ...]
    links: int = 0

    @property
    def name(self) -> str:
        """The path relative to the data set's folder, with "/"."""
        return "/".join((*self.folders, self.path.name))


@dataclass
class ImageTree:
    """All pictures below a folder, sorted by path; links to folders are followed.

    Args:
        root: the folder.
        images: the pictures.
        others: the other files that are not hidden.
        left_out: hidden files, formats that are not read, broken links, links back to a folder
            that the path comes from, other files.

    Raises:
        FacetError: a folder cannot be listed.
    """

    root: Path
    images: list[ImageFile] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)
    left_out: LeftOut = field(default_factory=LeftOut)

    def __post_init__(self) -> None:
        # The folders with the fewest links in their paths first.
        pending = deque([_Folder(self.root, ())])
        walked: set[tuple[int, int]] = set()
        folders = 0
        while pending:
            folder = pending.popleft()
            folders += 1
            if folders > _MOST_FOLDERS:
                raise FacetError(
                    f"{self.root}: more than {_MOST_FOLDERS:,} folders; do links in it lead to "
                    "one another?"
                )
            if folder.identity in folder.above:
                shown = f"to '{'/'.join(folder.folders)}'"
                self._leave_out(shown, "it leads back to a folder that contains it", unit="link")
            elif folder.links > 1 and folder.identity in walked:
                self._leave_out(
                    "in linked folders", "it leads to a folder read already", unit="link"
                )
            else:
                walked.add(folder.identity)
                for inner in self._walk(folder):
                    if inner.links == folder.links:
                        pending.appendleft(inner)
                    else:
                        pending.append(inner)
        self.images.sort(key=lambda image: image.name)
        self.others.sort()

    def _walk(self, folder: _Folder) -> Iterator[_Folder]:
        """Adds the files of a folder; returns its folders."""
        for entry in folder.entries():
            path = folder.path / entry.name
            if entry.name.startswith("."):
                self._leave_out("whose name begins with a dot", "hidden")
            elif path.is_dir():
                above = folder.above | {folder.identity}
                links = folder.links + entry.is_symlink()
                yield _Folder(path, (*folder.folders, entry.name), above, links)
            elif path.is_file():
                self._take(path, folder.folders, folder.links + entry.is_symlink())
            elif entry.is_symlink():
                self._leave_out("", "a link to something that does not exist", unit="link")
            else:
                self._leave_out("", "a device, pipe or socket")

    def _take(self, path: Path, folders: tuple[str, ...], links: int) -> None:
        suffix = path.suffix.lower()
        if is_image(path):
            self.images.append(ImageFile(path, folders, links))
            return
        self.others.append(path)
        if suffix in UNREAD_SUFFIXES:
            self._leave_out(f"(*{suffix})", "a format that is not read", _CONVERT, "picture")
        elif path.name not in _OWN_FILES:
            self._leave_out(f"(*{suffix})" if suffix else "without a suffix", "not a picture")

    def _leave_out(self, where: str, why: str, cure: str = "", unit: str = "file") -> None:
        self.left_out.add(Cause(where, why, cure, unit, of_all=True))


@dataclass(frozen=True)
class _Folder:
    path: Path
    folders: tuple[str, ...]
    above: frozenset[tuple[int, int]] = frozenset()
    links: int = 0

    @cached_property
    def identity(self) -> tuple[int, int]:
        try:
            found = self.path.stat()
        except OSError as error:
            raise FacetError(f"{self.path}: cannot be read ({reason(error)})") from None
        return found.st_dev, found.st_ino

    def entries(self) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(self.path) as entries:
                return list(entries)
        except OSError as error:
            raise FacetError(f"{self.path}: cannot be read ({reason(error)})") from None
