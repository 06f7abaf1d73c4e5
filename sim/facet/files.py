"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from facet.errors import FacetError


def write_file(path: Path, data: bytes) -> None:
    """Writes a file: all of it, or nothing and the old one stays.

    Raises:
        FacetError: it cannot be written; says why.
    """
    write_files(path.parent, {path.name: data})


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes several files into a folder, which is made where it is missing.

    All are written beside the folder's own files first and only then put in their place. What
    else lies in the folder stays as it is.

    Raises:
        FacetError: a file cannot be written (no space, no permission ...); nothing has changed.
    """
    made = _missing_parents(folder)
    unfinished: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder))
        for name, data in files.items():
            (unfinished / name).parent.mkdir(parents=True, exist_ok=True)
            (unfinished / name).write_bytes(data)
        for name in files:
            if (folder / name).is_dir():
                raise IsADirectoryError(0, "a folder of that name is in the way", str(name))
        for name in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (unfinished / name).replace(folder / name)
    except OSError as error:
        where = folder / ", ".join(files) if len(files) == 1 else folder
        if unfinished is not None:
            shutil.rmtree(unfinished, ignore_errors=True)
        for parent in made:
            with suppress(OSError):
                parent.rmdir()
        raise FacetError(
            f"{where} cannot be written: {error.strerror}; nothing was changed there"
        ) from None
    shutil.rmtree(unfinished, ignore_errors=True)


def check_writable(path: Path) -> None:
    """Makes sure, before long work begins, that a file can be written at `path` later.

    Raises:
        FacetError: it cannot.
    """
    existing = next(parent for parent in path.absolute().parents if parent.exists())
    if path.is_dir():
        raise FacetError(f"{path} is a folder: give the name of a file")
    if not existing.is_dir():
        raise FacetError(f"{path} cannot be written: {existing} is no folder")
    if not os.access(existing, os.W_OK):
        raise FacetError(f"{path} cannot be written: no permission in {existing}")


def _missing_parents(folder: Path) -> list[Path]:
    """The folders that would have to be made for `folder`, the innermost first."""
    return [parent for parent in (folder, *folder.parents) if not parent.exists()]
