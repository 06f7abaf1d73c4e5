"""Reads and writes files: bounded reads of regular files, and atomic writes."""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from facet.errors import FacetError

LARGEST_FILE_bytes: Final = 256 << 20
"""Bound on a file that is read whole, unless the caller gives another. Facet's own files
(firmware with debug information, models, pictures, cards) take a few megabytes at most."""

_UNFINISHED: Final = ".unfinished-"
"""Beginning of the names of temporary folders."""

_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISCHR, "a character device"),
    (stat.S_ISBLK, "a block device"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
)


def read_file(path: Path, most_bytes: int = LARGEST_FILE_bytes) -> bytes:
    """Reads a regular file whole.

    Args:
        path: the file; links are followed.
        most_bytes: a larger file is refused.

    Raises:
        FacetError: it is missing, unreadable, no regular file, or larger than `most_bytes`.
    """
    check_regular(path)
    try:
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except OSError as error:
        raise FacetError(f"{path}: cannot be read ({reason(error)})") from None
    if len(data) > most_bytes:
        raise FacetError(
            f"{path}: cannot be read: it has more than {most_bytes:,} bytes, the most that is "
            "read of such a file"
        )
    return data


def check_regular(path: Path) -> None:
    """Makes sure that a path is a file: a device or a pipe could be read without end.

    Raises:
        FacetError: it is something else, or missing.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise FacetError(f"{path}: cannot be read ({reason(error)})") from None
    if not stat.S_ISREG(mode):
        raise FacetError(f"{path}: cannot be read: it is {_kind(mode)}, not a file")


def read_json(path: Path) -> Any:
    """Reads a JSON file.

    Raises:
        FacetError: it cannot be read, or it is not JSON; the message names the position.
    """
    return parse_json(read_file(path), str(path))


def parse_json(data: bytes | str, where: str) -> Any:
    """The value of a JSON text.

    Args:
        data: the text; bytes are UTF-8, with or without a byte order mark.
        where: the file, for the message.

    Raises:
        FacetError: it is not JSON, or nested too deeply.
    """
    try:
        return json.loads(data.decode("utf-8-sig") if isinstance(data, bytes) else data)
    except RecursionError:
        raise FacetError(f"{where}: not usable: its JSON is nested too deeply") from None
    except ValueError as error:
        raise FacetError(f"{where}: no JSON ({error})") from None


def write_file(path: Path, data: bytes) -> None:
    """Writes a file as a whole; after a failure the old one remains.

    A link to a file stays a link: the file that it points to is written.

    Raises:
        FacetError: it cannot be written; the message has the reason.
    """
    write_files(path.parent, {path.name: data})


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes several files into a folder, which is created if necessary.

    All are first written to temporary files and then renamed. Other files in the folder stay as
    they are. Links to files are written through.

    Raises:
        FacetError: a file cannot be written (no space, no permission, a device or a folder has its
            name ...); nothing has changed.
    """
    destinations = {name: _destination(folder / name) for name in files}
    made = _missing_parents(folder)
    beside: dict[Path, Path] = {}  # folder -> temporary folder in it
    staged: list[tuple[Path, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, (name, data) in enumerate(files.items()):
            place = _existing_parent(destinations[name])
            if place not in beside:
                beside[place] = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=place))
            unfinished = beside[place] / str(number)
            unfinished.write_bytes(data)
            with suppress(OSError):
                shutil.copymode(destinations[name], unfinished)
            staged.append((unfinished, destinations[name]))
        for unfinished, destination in staged:
            destination.parent.mkdir(parents=True, exist_ok=True)
            unfinished.replace(destination)
    except OSError as error:
        for place in beside.values():
            shutil.rmtree(place, ignore_errors=True)
        for parent in made:
            with suppress(OSError):
                parent.rmdir()
        where = folder / ", ".join(files) if len(files) == 1 else folder
        raise FacetError(
            f"{where} cannot be written: {reason(error)}; nothing was changed there"
        ) from None
    finally:
        for place in beside.values():
            shutil.rmtree(place, ignore_errors=True)


def check_writable(path: Path) -> None:
    """Makes sure, before long work begins, that a file can be written at `path` later.

    Raises:
        FacetError: it cannot.
    """
    destination = _destination(path)
    existing = _existing_parent(destination)
    if not existing.is_dir():
        raise FacetError(f"{path} cannot be written: {existing} is not a folder")
    if not os.access(existing, os.W_OK):
        raise FacetError(f"{path} cannot be written: no permission to write into {existing}")
    try:  # some file systems take no files: /proc, /sys
        Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=existing)).rmdir()
    except OSError as error:
        raise FacetError(
            f"{path} cannot be written: {existing} takes no files ({reason(error)})"
        ) from None


def reason(error: Exception) -> str:
    """The operating system's own message for a failed call."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or repr(error)


def _destination(path: Path) -> Path:
    """The regular file that `path` is, points to, or will be.

    Raises:
        FacetError: something else than a regular file has this name, or the link leads nowhere.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        mode = None
    except (OSError, ValueError) as error:
        raise FacetError(f"{path} cannot be written: {reason(error)}") from None
    if mode is not None and not stat.S_ISREG(mode):
        raise FacetError(f"{path} cannot be written: it is {_kind(mode)}; give the name of a file")
    if not path.is_symlink():
        return path
    target = Path(os.path.realpath(path))
    if path.absolute().is_relative_to("/dev") or target.is_relative_to("/proc"):
        # Such as /dev/stdout: replacing the file behind it would cut it off from its writers.
        raise FacetError(
            f"{path} cannot be written: it is not a regular file; give the name of a file"
        )
    if not target.parent.is_dir():
        raise FacetError(
            f"{path} cannot be written: it is a link into {target.parent}, which is not a folder"
        )
    return target


def _kind(mode: int) -> str:
    return next((name for is_kind, name in _KINDS if is_kind(mode)), "not a regular file")


def _existing_parent(path: Path) -> Path:
    return next(parent for parent in path.absolute().parents if parent.exists())


def _missing_parents(folder: Path) -> list[Path]:
    """The folders to create for `folder`, the innermost first."""
    return [parent for parent in (folder, *folder.parents) if not parent.exists()]
