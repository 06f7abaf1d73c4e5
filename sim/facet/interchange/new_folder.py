"""Writes a new folder whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from facet.errors import FacetError


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A temporary folder that becomes `path` when the block ends without an error.

    It is a sibling of `path`, so that renaming is atomic. After an error it is removed, and `path`
    does not exist.

    Args:
        path: must not exist yet, or be an empty folder.

    Raises:
        FacetError: `path` exists already, or it cannot be written (no space, no permission).
    """
    check_new(path)
    target = path.absolute()
    made = [parent for parent in target.parents if not parent.exists()]
    unfinished = target.with_name(f".{target.name}.unfinished-{os.getpid()}")
    try:
        unfinished.mkdir(parents=True)
        yield unfinished
        unfinished.replace(target)
    except OSError as error:
        raise FacetError(
            f"{path} cannot be written: {error.strerror}; nothing was changed there"
        ) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        if not target.exists():
            for parent in made:
                with suppress(OSError):
                    parent.rmdir()


def check_new(path: Path) -> None:
    """Makes sure, before long work begins, that `path` is free.

    Raises:
        FacetError: a file, or a folder that is not empty, is there.
    """
    try:
        if path.is_dir() and not path.is_symlink():
            if any(path.iterdir()):
                raise FacetError(f"{path} is not empty: name a folder that does not exist yet")
        elif path.exists() or path.is_symlink():
            raise FacetError(f"{path} exists and is not a folder: name another")
    except OSError as error:
        raise FacetError(f"{path} cannot be read: {error.strerror}") from None
