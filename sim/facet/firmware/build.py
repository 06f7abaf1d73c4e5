"""The firmware for a board and a model, built if it is not in the cache."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from facet.board.board import Board
from facet.errors import FacetError
from facet.firmware.board_source import board_source
from facet.firmware.model_source import model_sources
from facet.firmware.supervised import supervised
from facet.model.bundle import ModelBundle
from facet.model.checked import read_checked
from facet.resources import PLATFORMIO_BOARDS, PROJECT

_SOURCES: Final = (
    "firmware",
    "platforms/platformio",
    "platformio.ini",
    "tools/setup_tflm.py",
)
"""What a firmware is made from, besides the model and the compiler."""

_READ: Final = (
    *("platformio.ini", "firmware", "platforms", "sim", "tools"),
    *("models", "tests", ".cache/tflm"),
)
"""What a build reads of the project."""

_SOURCE_SUFFIXES: Final = frozenset(
    {".c", ".cc", ".cpp", ".h", ".hpp", ".s", ".S", ".ld", ".py", ".ini", ".json", ".txt"}
)

_CACHE: Final = "FACET_CACHE"
"""Environment variable: the folder for all that Facet keeps; firmwares go into `firmware` there."""

_FORM: Final = "with the linker's map beside it"
"""What a cached firmware consists of; a change builds all of them again."""

_KEPT: Final = 16
"""Firmwares that stay in the cache; the least recently used go first."""

_PACKAGES: Final = {
    "arm-none-eabi-": "gcc-arm-none-eabi libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib",
    "riscv64-unknown-elf-": "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf "
    "libstdc++-arm-none-eabi-dev",
}
"""Debian's packages of each toolchain; picolibc comes without C++ headers, the Arm ones serve."""

_BUILT_FIRMWARE: Final = "facet --firmware, pytest --facet-firmware, Robot's ${FIRMWARE}"
"""The options that take a built firmware."""

_DOES_NOT_FIT: Final = "does not fit onto"
"""Part of the build's error for a model that is too large for a board; the line is complete."""


@dataclass(frozen=True)
class FirmwareCache:
    """Built firmwares, each under the hash of all its inputs.

    Args:
        project: the folder with platformio.ini.
    """

    project: Path = PROJECT

    def get(
        self, board: Board, model: ModelBundle, say: Callable[[str], None] = lambda _text: None
    ) -> Path:
        """The firmware's ELF file.

        Args:
            board: the target board.
            model: what it classifies with.
            say: takes each line of the build's output; not called when nothing is built.

        Raises:
            FacetError: no toolchain, a board or a model that the firmware cannot take, or a build
                that fails; one line.
        """
        if not (self.project / "platformio.ini").exists():
            raise FacetError(
                "a firmware can be built only in a clone of Facet, and this is an installed "
                f"package: give a built firmware ({_BUILT_FIRMWARE})"
            )
        settings = _settings(board)
        compiler = _compiler_version(settings["toolchain"])
        sources = board_source(board, settings["mcu"]) + model_sources(read_checked(model.tflite))
        name = f"{board.environment}-{model.name}-{self._key(model, compiler, sources)}.elf"
        folders = list(self._folders())
        elf = next((folder / name for folder in folders if (folder / name).exists()), None)
        if elf is None:
            elf = _writable(folders) / name
            with _locked(elf.parent):
                if not elf.exists():  # another process may have built it meanwhile
                    built = self._build(board, model, elf.parent, say)
                    memory_map = built.with_suffix(".map")
                    if memory_map.exists():
                        shutil.copyfile(memory_map, elf.with_suffix(".map"))
                    unfinished = elf.with_suffix(".unfinished")
                    shutil.copyfile(built, unfinished)
                    unfinished.replace(elf)
                    _drop_oldest(elf.parent)
        with suppress(OSError):  # a clone that cannot be written
            os.utime(elf)
        return elf

    def _folders(self) -> Iterator[Path]:
        """The folder of built firmwares: in the project, or in the user's cache if read-only."""
        own = os.environ.get(_CACHE)
        if own:
            yield Path(own).expanduser().absolute() / "firmware"
            return
        yield self._own_folder
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
        if Path(base).is_absolute():  # "~" stays where the user has no home folder
            yield Path(base) / "facet" / "firmware"

    @property
    def _own_folder(self) -> Path:
        return self.project / ".cache" / "firmware"

    def _key(self, model: ModelBundle, compiler: str, sources: str) -> str:
        whole = hashlib.sha256(f"{compiler}\n{os.environ.get('TFLM_DIR', '')}\n".encode())
        for path in self._source_files():
            whole.update(f"{path.relative_to(self.project)}\n".encode())
            whole.update(hashlib.sha256(path.read_bytes()).digest())
        # The model's bytes by their hash; of its card and of the board what the build generates.
        whole.update(f"{model.sha256}\n{sources}{_FORM}".encode())
        return whole.hexdigest()[:16]

    def _source_files(self) -> Iterator[Path]:
        for source in _SOURCES:
            top = self.project / source
            if top.is_file():
                yield top
            else:
                yield from sorted(
                    path
                    for path in top.rglob("*")
                    if path.suffix in _SOURCE_SUFFIXES and path.is_file()
                )

    def _build(
        self, board: Board, model: ModelBundle, folder: Path, say: Callable[[str], None]
    ) -> Path:
        lines = []
        log = folder / "build.log"
        project = self._buildable(folder)
        with supervised(
            [sys.executable, "-m", "platformio", "run", "-e", board.environment],
            project,
            os.environ | {"FACET_MODEL": str(model.tflite), "FACET_BOARD": _absolute(board.source)},
        ) as build:
            for line in build.stdout or ():
                lines.append(line)
                say(line.rstrip())
        log.write_text("".join(lines))
        elf = project / ".pio" / "build" / board.environment / "firmware.elf"
        if build.returncode != 0 or not elf.exists():
            error = first_error("".join(lines))
            if _DOES_NOT_FIT in error:
                raise FacetError(error)
            raise FacetError(
                f"no firmware with the model {model.name}: {error} "
                f"(the build's log: {os.path.relpath(log)})"
            )
        if model.sha256.encode() not in elf.read_bytes():
            raise FacetError(
                f"{os.path.relpath(elf)} holds another model than {model.name}: another build came "
                "between; try again"
            )
        return elf

    def _buildable(self, folder: Path) -> Path:
        """The project, or a folder of links to it if the cache is elsewhere.

        PlatformIO and SCons write into the project that they build, and refuse one that is
        read-only.
        """
        if folder == self._own_folder and os.access(self.project, os.W_OK):
            return self.project
        links = folder / f"project-{hashlib.sha256(bytes(self.project)).hexdigest()[:16]}"
        (links / ".cache").mkdir(parents=True, exist_ok=True)
        for name in _READ:
            link = links / name
            if not link.is_symlink():
                link.symlink_to(self.project / name)
        prepared = subprocess.run(
            [sys.executable, str(self.project / "tools" / "setup_platformio.py")],
            env=os.environ | {"PLATFORMIO_CORE_DIR": str(links / ".cache" / "platformio")},
            capture_output=True,
            text=True,
        )
        if prepared.returncode != 0:
            raise FacetError(first_error(prepared.stderr))
        return links


def _settings(board: Board) -> dict[str, Any]:
    """Compiler and chip of the environment, from PlatformIO's board file."""
    path = PLATFORMIO_BOARDS / f"{board.environment}.json"
    try:
        settings: dict[str, Any] = json.loads(path.read_text())["build"]
    except FileNotFoundError:
        known = ", ".join(sorted(path.stem for path in PLATFORMIO_BOARDS.glob("*.json")))
        raise FacetError(
            f"{board.name}: no environment {board.environment!r} builds a firmware; there are "
            f"{known}"
        ) from None
    return settings


def _writable(folders: list[Path]) -> Path:
    """The first folder that can be written, created if necessary.

    Raises:
        FacetError: there is none.
    """
    reasons = []
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / "lock").open("a"):
                return folder
        except OSError as error:
            reasons.append(f"{folder} cannot be written ({error.strerror})")
    raise FacetError(
        f"a firmware cannot be built: {'; '.join(reasons)}: make it writable, set {_CACHE} to "
        f"another folder, or give a built firmware ({_BUILT_FIRMWARE})"
    )


def _absolute(path: str) -> str:
    return str(Path(path).absolute()) if path else ""


def _compiler_version(prefix: str) -> str:
    compiler = shutil.which(f"{prefix}g++")
    if compiler is None:
        raise FacetError(
            f"{prefix}g++ is not installed: run `make setup`, or install the toolchain (Debian "
            f"and Ubuntu: apt install {_PACKAGES.get(prefix, prefix)})"
        )
    return subprocess.run(
        [compiler, "-dumpfullversion"], capture_output=True, text=True, check=False
    ).stdout.strip()


def first_error(output: str) -> str:
    """The line of a build's output that names the error."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for pattern in (r"^error: ", r"\berror: ", r"^\w*Error: ", r"\b[Ee]rror\b"):
        for line in lines:
            if re.search(pattern, line):
                return line.removeprefix("error: ")
    # PlatformIO's own frame, such as "==== 1 failed, 0 succeeded ====", is not the error.
    lines = [line for line in lines if not line.startswith(("=", "-")) and "FAILED" not in line]
    return lines[-1] if lines else "PlatformIO ended without a message"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lets one build run at a time, also among processes."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _drop_oldest(folder: Path) -> None:
    firmwares = sorted(folder.glob("*.elf"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in firmwares[_KEPT:]:
        path.unlink(missing_ok=True)
        path.with_suffix(".map").unlink(missing_ok=True)
