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
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from facet.board.board import Board
from facet.errors import FacetError
from facet.firmware.supervised import supervised
from facet.model.bundle import ModelBundle
from facet.resources import PLATFORMIO_BOARDS, PROJECT

_SOURCES: Final = (
    "firmware",
    "platforms/platformio",
    "platformio.ini",
    "tools/setup_tflm.py",
)
"""What a firmware is made from, besides the model and the compiler."""

_SOURCE_SUFFIXES: Final = frozenset(
    {".c", ".cc", ".cpp", ".h", ".hpp", ".s", ".S", ".ld", ".py", ".ini", ".json", ".txt"}
)

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
            FacetError: no toolchain, or it does not build; the first error in one line.
        """
        if not (self.project / "platformio.ini").exists():
            raise FacetError(
                "a firmware can be built only in a clone of Facet, and this is an installed "
                f"package: give a built firmware ({_BUILT_FIRMWARE})"
            )
        compiler = self._compiler_version(board.environment)
        folder = self.project / ".cache" / "firmware"
        elf = folder / f"{board.environment}-{model.name}-{self._key(model, compiler)}.elf"
        if not elf.exists():
            with _locked(folder):
                if not elf.exists():  # another process may have built it meanwhile
                    built = self._build(board.environment, model, folder / "build.log", say)
                    unfinished = elf.with_suffix(".unfinished")
                    shutil.copyfile(built, unfinished)
                    unfinished.replace(elf)
                    _drop_oldest(folder)
        with suppress(OSError):  # a clone that cannot be written
            os.utime(elf)
        return elf

    def _compiler_version(self, environment: str) -> str:
        memory = PLATFORMIO_BOARDS / f"{environment}.json"
        build = json.loads(memory.read_text())["build"]
        prefix = build["toolchain"]
        compiler = shutil.which(f"{prefix}g++")
        if compiler is None:
            raise FacetError(
                f"{prefix}g++ is not installed: run `make setup`, or install the toolchain (Debian "
                f"and Ubuntu: apt install {_PACKAGES.get(prefix, prefix)})"
            )
        return subprocess.run(
            [compiler, "-dumpfullversion"], capture_output=True, text=True, check=False
        ).stdout.strip()

    def _key(self, model: ModelBundle, compiler: str) -> str:
        whole = hashlib.sha256(f"{compiler}\n{os.environ.get('TFLM_DIR', '')}\n".encode())
        for path in self._source_files():
            whole.update(f"{path.relative_to(self.project)}\n".encode())
            whole.update(hashlib.sha256(path.read_bytes()).digest())
        whole.update(f"{model.name}\n{model.sha256}\n".encode())
        # Of the card the firmware holds the labels alone.
        whole.update(json.dumps(model.labels).encode())
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
        self, environment: str, model: ModelBundle, log: Path, say: Callable[[str], None]
    ) -> Path:
        lines = []
        with supervised(
            [sys.executable, "-m", "platformio", "run", "-e", environment],
            self.project,
            os.environ | {"FACET_MODEL": str(model.tflite)},
        ) as build:
            for line in build.stdout or ():
                lines.append(line)
                say(line.rstrip())
        log.write_text("".join(lines))
        elf = self.project / ".pio" / "build" / environment / "firmware.elf"
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


def first_error(output: str) -> str:
    """The line of a build's output that says what is wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for pattern in (r"^error: ", r"\berror: ", r"\b[Ee]rror\b"):
        for line in lines:
            if re.search(pattern, line):
                return line.removeprefix("error: ")
    return lines[-1] if lines else "PlatformIO said nothing"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lets one build run at a time, also among processes.

    Raises:
        FacetError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("w")
    except OSError as error:
        raise FacetError(
            f"a firmware is built in {folder}, which cannot be written ({error.strerror}): make it "
            f"writable, or give a built firmware ({_BUILT_FIRMWARE})"
        ) from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _drop_oldest(folder: Path) -> None:
    firmwares = sorted(folder.glob("*.elf"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in firmwares[_KEPT:]:
        path.unlink(missing_ok=True)
