"""The part that all builds share: folders, compilers, flags."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import sources

from facet.firmware.cxx_headers import HeadersError, cxx_headers_of


class Build:
    """One build.

    Args:
        env: SCons's environment, as PlatformIO prepared it; the compilers and flags of the board
            are set in it.
        facet: Facet's folder.

    Attributes:
        project: the folder of the project that is built: Facet's, or a user's.
        folder: where the results go.
        board: PlatformIO's board; None for the host.
        prefix: of the compiler's commands, such as "arm-none-eabi-".
    """

    def __init__(self, env: Any, facet: Path) -> None:
        self.env = env
        self.facet = facet
        self.project = Path(env.subst("$PROJECT_DIR"))
        self.folder = Path(env.subst("$BUILD_DIR"))
        self.board = env.BoardConfig() if "BOARD" in env else None
        self.prefix = self.board.get("build.toolchain") if self.board else ""
        if shutil.which(f"{self.prefix}g++") is None:
            self.fail(f"{self.prefix}g++ is missing: run `make setup` in {facet}")
        self._set_compilers()

    @property
    def firmware(self) -> Path:
        """The folder of the firmware's sources."""
        return self.facet / "firmware"

    @property
    def generated(self) -> Path:
        """The folder of the sources that the build generates."""
        return self.folder / "generated"

    @property
    def linker_script(self) -> Path:
        """The board's linker script, or the project's (`board_build.ldscript`)."""
        script = Path(str(self._board().get("build.ldscript"))).expanduser()
        own = self.project / script
        return own if own.is_file() else self.facet / script

    def fail(self, message: str) -> None:
        """Ends the build with one line."""
        print(f"error: {message}", file=sys.stderr)
        self.env.Exit(1)

    def board_source(self, board_file: str) -> None:
        """Generates this_board.h: the pins that a board file names.

        Args:
            board_file: the name of a board of `platforms`, or the path of a board file.
        """
        from facet.board.board import load
        from facet.errors import FacetError
        from facet.firmware.board_source import write_board_source

        try:
            write_board_source(load(board_file), self._board().get("build.mcu"), self.generated)
        except FacetError as error:
            self.fail(str(error))

    def _board(self) -> Any:
        assert self.board is not None
        return self.board

    def compile(self, env: Any, files: list[Path]) -> list[Any]:
        """Objects of Facet's own sources, under the same names in the build folder."""
        return [
            env.Object(str(self.folder / "own" / f"{path.relative_to(self.facet)}.o"), str(path))
            for path in files
        ]

    def hal_sources(self) -> list[Path]:
        """Sources of the board's HAL."""
        return sources.hal_sources(self.firmware, self._board().get("build.hal"))

    def link_flags(self) -> list[str]:
        """Flags that link a program for the board."""
        script = self.linker_script
        return [
            "-nostartfiles",
            *self._board().get("build.link_flags"),
            f"-L{script.parent}",
            f"-T{script}",
            "-Xlinker",
            f"-Map={self.folder / 'firmware.map'}",
        ]

    def flat_image(self, env: Any, program: Any) -> Any:
        """The image byte for byte as it lies in flash, for tools that do not read ELF files."""
        return env.Command(
            str(self.folder / "firmware.bin"),
            program,
            f"{self.prefix}objcopy -O binary $SOURCE $TARGET",
        )

    def warn_always(self, env: Any) -> None:
        """All warnings, as errors, for Facet's own sources."""
        env.Append(CCFLAGS=["-Wall", "-Wextra", "-Wshadow", "-Werror"])

    def _set_compilers(self) -> None:
        prefix = self.prefix
        self.env.Replace(
            AR=f"{prefix}gcc-ar",
            AS=f"{prefix}gcc",
            CC=f"{prefix}gcc",
            CXX=f"{prefix}g++",
            LINK=f"{prefix}g++",
            RANLIB=f"{prefix}gcc-ranlib",
            ARFLAGS=["rcD"],  # D: no times, no owners
            PROGNAME="firmware" if self.board else "program",
            PROGSUFFIX=".elf" if self.board else "",
        )
        self.env.Append(
            CCFLAGS=["-O2", "-g", "-ffunction-sections", "-fdata-sections", *self._prefix_maps()],
            CXXFLAGS=["-std=c++17", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"],
            LINKFLAGS=["-Wl,--gc-sections"],
        )
        if not self.board:
            return
        cpu_flags = self.board.get("build.cpu_flags")
        self.env.Append(
            ASPPFLAGS=cpu_flags,
            CCFLAGS=cpu_flags,
            CXXFLAGS=["-fno-use-cxa-atexit"],
            LINKFLAGS=cpu_flags,
            CPPDEFINES=[("F_CPU", "$BOARD_F_CPU")],
        )
        if "build.cxx_headers_of" in self.board:
            try:
                for folder in cxx_headers_of(self.board.get("build.cxx_headers_of")):
                    self.env.Append(CXXFLAGS=["-isystem", folder])
            except HeadersError as error:
                self.fail(f"{error}: run `make setup` in {self.facet}")

    def _prefix_maps(self) -> list[str]:
        """Flags that keep the build's folder out of the binary: the same bytes from any folder."""
        # The last match wins. SCons makes paths inside of the project relative.
        built = self.folder.resolve()
        relative = os.path.relpath(built, self.project)
        folders = {self.project: ".", built: "build", relative: "build"}
        if self.project != self.facet:
            folders = {self.facet: "facet", **folders}
        else:
            from setup_tflm import tflm_dir

            folders |= {tflm_dir(): "tflm", tflm_dir().resolve(): "tflm"}
        return [f"-ffile-prefix-map={folder}={name}" for folder, name in folders.items()]
