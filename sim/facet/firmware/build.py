"""The firmware for a board with a model in it, built when it is not there already."""

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
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from facet.board.board import Board
from facet.errors import FacetError
from facet.firmware.board_source import board_source
from facet.firmware.model_source import model_sources
from facet.model.bundle import ModelBundle
from facet.model.checked import read_checked
from facet.resources import PROJECT

_SOURCES: Final = ("firmware", "platforms/platformio", "platformio.ini", "tools")
"""What a firmware is made from, beside the model and the compiler."""

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

_KEPT: Final = 16
"""Firmwares that stay in the cache; the least recently used go first."""

_PACKAGES: Final = {
    "arm-none-eabi-": "gcc-arm-none-eabi libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib",
    "riscv64-unknown-elf-": "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf "
    "libstdc++-arm-none-eabi-dev",
}
"""Debian's packages of each toolchain; picolibc comes without C++ headers, the Arm ones serve."""


_DOES_NOT_FIT: Final = "does not fit onto"
"""In the build's error where a model is too large for a board: the line says all that there is."""


@dataclass(frozen=True)
class FirmwareCache:
    """Built firmwares, each under the hash of all that it was made from.

    Args:
        project: the folder with platformio.ini.
    """

    project: Path = PROJECT

    def get(
        self, board: Board, model: ModelBundle, say: Callable[[str], None] = lambda _text: None
    ) -> Path:
        """The firmware's ELF file.

        Args:
            board: what it is for.
            model: what it classifies with.
            say: takes each line of the build's output; not called when nothing is built.

        Raises:
            FacetError: no toolchain, a board or a model that the firmware cannot take, or a build
                that fails; one line.
        """
        if not (self.project / "platformio.ini").exists():
            raise FacetError(
                f"no platformio.ini in {self.project}: run from a clone of the project, "
                "or give a built firmware with --firmware"
            )
        settings = self._settings(board)
        compiler = _compiler_version(settings["toolchain"])
        sources = board_source(board, settings["mcu"]) + model_sources(read_checked(model.tflite))
        folder = self._folder()
        with _locked(folder / "lock"):
            key = self._key(model, compiler, sources)
            elf = folder / f"{board.environment}-{model.name}-{key}.elf"
            if not elf.exists():
                built = self._build(board, model, folder, say)
                unfinished = elf.with_suffix(".unfinished")
                shutil.copyfile(built, unfinished)
                unfinished.replace(elf)
            os.utime(elf)
            _drop_oldest(folder)
        return elf

    def _settings(self, board: Board) -> dict[str, Any]:
        """What PlatformIO's board file says of the environment's compiler and chip."""
        boards = self.project / "platforms" / "platformio" / "boards"
        path = boards / f"{board.environment}.json"
        try:
            settings: dict[str, Any] = json.loads(path.read_text())["build"]
        except FileNotFoundError:
            known = ", ".join(sorted(path.stem for path in boards.glob("*.json")))
            raise FacetError(
                f"{board.name}: no environment {board.environment!r} builds a firmware; there are "
                f"{known}"
            ) from None
        return settings

    def _folder(self) -> Path:
        """Where firmwares are kept: in the project, or in the user's cache if that is read-only.

        Raises:
            FacetError: neither can be written to.
        """
        reasons = []
        for folder in self._folders():
            try:
                folder.mkdir(parents=True, exist_ok=True)
                with (folder / "lock").open("a"):
                    return folder
            except OSError as error:
                reasons.append(f"{folder} ({error.strerror})")
        raise FacetError(
            f"built firmwares cannot be kept: no writing to {' or '.join(reasons)}; "
            f"set {_CACHE} to a folder that can be written to"
        )

    def _folders(self) -> Iterator[Path]:
        own = os.environ.get(_CACHE)
        if own:
            yield Path(own).expanduser().absolute() / "firmware"
            return
        yield self.project / ".cache" / "firmware"
        name = hashlib.sha256(str(self.project).encode()).hexdigest()[:16]
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111
        if Path(base).is_absolute():  # "~" stays where the user has no home folder
            yield Path(base) / "facet" / f"firmware-{name}"

    def _key(self, model: ModelBundle, compiler: str, sources: str) -> str:
        whole = hashlib.sha256(f"{compiler}\n{os.environ.get('TFLM_DIR', '')}\n".encode())
        for path in self._source_files():
            whole.update(f"{path.relative_to(self.project)}\n".encode())
            whole.update(hashlib.sha256(path.read_bytes()).digest())
        # The model's bytes by their hash; of its card and of the board what the build generates.
        whole.update(f"{model.sha256}\n{sources}".encode())
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
        with subprocess.Popen(
            [sys.executable, "-m", "platformio", "run", "-e", board.environment],
            cwd=project,
            env=os.environ
            | {"FACET_MODEL": str(model.tflite), "FACET_BOARD": _absolute(board.source)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
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
        """The project; if it is read-only, a folder of links to it.

        PlatformIO and SCons write into the project that they build, and refuse one that is
        read-only.
        """
        if os.access(self.project, os.W_OK) and os.access(self.project / ".cache", os.W_OK):
            return self.project
        links = folder / "project"
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
    """The line of a build's output that says what is wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for pattern in (r"^error: ", r"\berror: ", r"^\w*Error: ", r"\b[Ee]rror\b"):
        for line in lines:
            if re.search(pattern, line):
                return line.removeprefix("error: ")
    # PlatformIO's own frame, such as "==== 1 failed, 0 succeeded ====", tells nothing.
    told = [line for line in lines if not line.startswith(("=", "-")) and "FAILED" not in line]
    return told[-1] if told else "PlatformIO ended without a message"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One build at a time, also among processes."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _drop_oldest(folder: Path) -> None:
    firmwares = sorted(folder.glob("*.elf"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in firmwares[_KEPT:]:
        path.unlink(missing_ok=True)
