"""Compiled C parts of Facet: from the wheel or a cache, else compiled with the host's compiler.

A library's file name carries a hash of its sources, the compiler's flags and the platform, so that
a library that was built from other sources is never loaded.
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

LIBRARIES: Final = {
    "engine": (_PACKAGE / "engine" / "unicorn" / "native", _PACKAGE / "cycles" / "native"),
    "renode": (_PACKAGE / "engine" / "renode" / "native", _PACKAGE / "cycles" / "native"),
}
"""The C libraries that Facet loads: by name, the folders of their sources. The wheel's build
compiles each."""

IN_WHEEL: Final = _PACKAGE / "data" / "native"
"""The folder of the libraries that were compiled when the wheel was built."""

_FLAGS: Final = ("-O2", "-shared", "-fPIC", "-std=gnu11", "-Wall", "-Wextra", "-Werror")


def load(name: str) -> ctypes.CDLL:
    """Loads a library; compiles it first if necessary.

    Args:
        name: one of `LIBRARIES`.

    Raises:
        FacetError: there is no C compiler, it failed, or the cache cannot be written.
    """
    shipped = IN_WHEEL / file_name(name)
    if shipped.exists():
        try:
            return ctypes.CDLL(str(shipped))
        except OSError:
            pass  # the wheel was built on a system with another C library
    return ctypes.CDLL(str(compiled(name)))


def compiled(name: str) -> Path:
    """A library in the cache folder; compiles it if it is missing.

    Raises:
        FacetError: as of `load`.
    """
    folder = _cache_folder()
    library = folder / file_name(name)
    if library.exists():
        return library
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as unfinished:
            built = Path(unfinished) / library.name
            compile_library(name, built)
            built.replace(library)
    except OSError as error:
        raise FacetError(
            f"{library} cannot be written: {error.strerror}; "
            "set FACET_CACHE to a folder that can be written"
        ) from None
    return library


def compile_library(name: str, library: Path) -> None:
    """Compiles a library's C sources.

    Args:
        name: one of `LIBRARIES`.
        library: the file to write.

    Raises:
        FacetError: there is no C compiler, or it failed.
    """
    compiler = os.environ.get("CC", "cc")
    sources = [str(path) for path in _sources(name) if path.suffix == ".c"]
    folders = [f"-I{folder}" for folder in LIBRARIES[name]]
    try:
        done = subprocess.run(
            [*compiler.split(), *_FLAGS, *folders, "-o", str(library), *sources],
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise FacetError(
            f"no C compiler ({compiler!r}), and no compiled {name} library in this installation: "
            "install gcc (Debian and Ubuntu: apt install gcc) or set CC"
        ) from None
    if done.returncode != 0:
        lines = done.stderr.splitlines() or [f"exit code {done.returncode}"]
        reason = next((line for line in lines if " error: " in line), lines[-1])
        raise FacetError(f"{compiler} could not compile the {name} library: {reason}")


def file_name(name: str) -> str:
    """The file name of a library, such as ``engine-41e4e5a1d04dd8e4.so``."""
    made_from = hashlib.sha256(repr((_FLAGS, sysconfig.get_platform())).encode())
    for source in _sources(name):
        made_from.update(hashlib.sha256(source.read_bytes()).digest())
    return f"{name}-{made_from.hexdigest()[:16]}.so"


def _sources(name: str) -> list[Path]:
    """A library's C files and headers."""
    return sorted(
        path
        for folder in LIBRARIES[name]
        for path in folder.iterdir()
        if path.suffix in (".c", ".h")
    )


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
