"""Reads single arrays of an .npz archive, with a bound on their size."""

from __future__ import annotations

import math
import warnings
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

from facet.errors import FacetError
from facet.files import check_regular
from facet.text import brief

LARGEST_ARRAY_bytes: Final = 1 << 30
"""FER2013's pictures take 83 MB."""

_HEADERS: Final = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
"""Versions of the .npy format; 3.0 is for names of fields, which no array here has."""

_ARRAY_MAGIC: Final = b"\x93NUMPY"


class DamagedArchiveError(Exception):
    """An archive whose content contradicts itself."""


def read_arrays(
    path: Path, wanted: Collection[str]
) -> tuple[dict[str, npt.NDArray[Any]], list[str]]:
    """Reads the named arrays of an archive and no others.

    Sizes are compared before memory is allocated: those of the array's header and of the archive,
    and ``LARGEST_ARRAY_bytes``.

    Args:
        path: the archive.
        wanted: names of arrays.

    Returns:
        the wanted arrays that it has, and the names of all.

    Raises:
        FacetError: not an archive, damaged, larger than the bound, or an array of objects.
    """
    check_regular(path)
    try:
        with path.open("rb") as file:
            if file.read(len(_ARRAY_MAGIC)) == _ARRAY_MAGIC:
                raise FacetError(f"{path}: a single array, not an .npz archive")
        with zipfile.ZipFile(path) as archive:
            entries = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
            if len(entries) < len(archive.infolist()):
                raise DamagedArchiveError("two arrays have the same name")
            arrays = {}
            for name in sorted(set(wanted) & set(entries)):
                info = entries[name]
                if info.file_size > LARGEST_ARRAY_bytes:
                    raise DamagedArchiveError(
                        f"array {name!r} has {info.file_size:,} bytes, at most "
                        f"{LARGEST_ARRAY_bytes:,} are read"
                    )
                with archive.open(info) as stream:
                    arrays[name] = _read_array(stream, name, info.file_size)
            return arrays, list(entries)
    except FacetError:
        raise
    except MemoryError:
        raise FacetError(f"{path}: out of memory while reading it") from None
    except Exception as error:  # zipfile, zlib and NumPy raise a dozen kinds for damaged files
        raise FacetError(f"{path}: not a readable .npz archive ({brief(error)})") from None


def _read_array(stream: IO[bytes], name: str, size: int) -> npt.NDArray[Any]:
    version = np.lib.format.read_magic(stream)
    if version not in _HEADERS:
        raise DamagedArchiveError(f"array {name!r} has an unknown format, {version}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about headers that Python 2 wrote
        shape, is_fortran, dtype = _HEADERS[version](stream)
    if dtype.hasobject or dtype.fields is not None:
        raise DamagedArchiveError(f"array {name!r} has objects, not numbers or texts")
    if any(length < 0 for length in shape):
        raise DamagedArchiveError(f"array {name!r} has the shape {shape}")
    needed, there = math.prod(shape) * dtype.itemsize, size - stream.tell()
    if needed != there:
        raise DamagedArchiveError(
            f"array {name!r} has {there:,} bytes, its shape {shape} needs {needed:,}"
        )
    data = bytearray(needed)  # not bytes: the array may be written to
    room = memoryview(data)
    while room:
        count = stream.readinto(room[: 1 << 20])  # type: ignore[attr-defined]
        if not count:
            raise DamagedArchiveError(f"array {name!r} is cut short")
        room = room[count:]
    array = np.frombuffer(data, dtype) if needed else np.empty(math.prod(shape), dtype)
    return array.reshape(shape, order="F" if is_fortran else "C")
