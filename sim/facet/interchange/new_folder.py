"""A folder that is there whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from facet.errors import FacetError


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A place to write files into that becomes `path` when the block ends well.

    The place is a sibling of `path`, so that taking its name is one step; whatever goes wrong, it
    is removed and nothing stands at `path`.

    Args:
        path: must not exist yet, or be an empty folder.

    Raises:
        FacetError: something is there already, or it cannot be written (no space, no permission).
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
    """Makes sure, before long work begins, that nothing stands at `path`.

    Raises:
        FacetError: a file, or a folder that is not empty, is there.
    """
    try:
        if path.is_dir() and not path.is_symlink():
            if any(path.iterdir()):
                raise FacetError(f"{path} is not empty: name a folder that does not exist yet")
        elif path.exists() or path.is_symlink():
            raise FacetError(f"{path} exists and is no folder: name another")
    except OSError as error:
        raise FacetError(f"{path} cannot be looked at: {error.strerror}") from None
