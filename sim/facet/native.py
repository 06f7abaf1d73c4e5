"""Compiled C parts of Facet: from the wheel or a cache, else compiled with the host's compiler.

A library's file name carries a hash of its source, the compiler's flags and the platform. A library
that was built from another source is therefore never loaded.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import subprocess
import sysconfig
import tempfile
from pathlib import Path
from typing import Final

from facet.errors import FacetError
from facet.resources import IN_CLONE, PROJECT

_PACKAGE: Final = Path(__file__).resolve().parent

SOURCES: Final = (_PACKAGE / "engine" / "unicorn" / "block_hook.c",)
"""The C sources that Facet loads as libraries; the wheel's build compiles each."""

IN_WHEEL: Final = _PACKAGE / "data" / "native"
"""The folder of the libraries that were compiled when the wheel was built."""

_FLAGS: Final = ("-O2", "-shared", "-fPIC", "-std=c11", "-Wall", "-Wextra", "-Werror")


def load(source: Path) -> ctypes.CDLL:
    """Loads the library of a C source; compiles it where that has not been done.

    Args:
        source: one of `SOURCES`.

    Raises:
        FacetError: there is no C compiler, it failed, or the cache cannot be written.
    """
    shipped = IN_WHEEL / file_name(source)
    if shipped.exists():
        try:
            return ctypes.CDLL(str(shipped))
        except OSError:
            pass  # the wheel was built on a system with another C library
    return ctypes.CDLL(str(compiled(source)))


def compiled(source: Path) -> Path:
    """The library of a C source in the cache folder; compiles it where it is missing.

    Raises:
        FacetError: as of `load`.
    """
    folder = _cache_folder()
    library = folder / file_name(source)
    if library.exists():
        return library
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as unfinished:
            built = Path(unfinished) / library.name
            compile_library(source, built)
            built.replace(library)
    except OSError as error:
        raise FacetError(
            f"{library} cannot be written: {error.strerror}; "
            "set FACET_CACHE to a folder that can be written"
        ) from None
    return library


def compile_library(source: Path, library: Path) -> None:
    """Compiles a C source into a shared library.

    Args:
        source: a file of C11.
        library: the file to write.

    Raises:
        FacetError: there is no C compiler, or it failed.
    """
    compiler = os.environ.get("CC", "cc")
    try:
        done = subprocess.run(
            [*compiler.split(), *_FLAGS, "-o", str(library), str(source)],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise FacetError(
            f"no C compiler ({compiler!r}), and no compiled {source.name} in this installation: "
            "install gcc (Debian and Ubuntu: apt install gcc) or set CC"
        ) from None
    if done.returncode != 0:
        lines = done.stderr.splitlines() or [f"exit code {done.returncode}"]
        reason = next((line for line in lines if " error: " in line), lines[-1])
        raise FacetError(f"{compiler} could not compile {source.name}: {reason}")


def file_name(source: Path) -> str:
    """The name of a source's library, such as ``block_hook-41e4e5a1d04dd8e4.so``."""
    made_from = source.read_bytes() + repr((_FLAGS, sysconfig.get_platform())).encode()
    return f"{source.stem}-{hashlib.sha256(made_from).hexdigest()[:16]}.so"


def _cache_folder() -> Path:
    configured = os.environ.get("FACET_CACHE")
    if configured:
        return Path(configured)
    cache = os.environ.get("XDG_CACHE_HOME")
    if cache:
        return Path(cache) / "facet"
    try:
        return Path.home() / ".cache" / "facet"
    except RuntimeError:  # HOME is not set, and the user has no entry in the password file
        if IN_CLONE:
            return PROJECT / ".cache" / "native"
        raise FacetError(
            "no home folder to keep compiled parts in: set HOME, or FACET_CACHE to a folder"
        ) from None
