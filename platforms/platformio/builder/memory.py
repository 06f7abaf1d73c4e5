"""Prints a table of the firmware's memory at every build, and one line if it does not fit."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arena import measure_arena
from elftools.elf.elffile import ELFFile

from facet.model.arena import peak_activation_bytes
from facet.model.checked import CheckedModel
from facet.model.fit import Room, others_that_hold

# The number of largest parts that are named.
_PARTS = 8


@dataclass(frozen=True)
class Region:
    """A memory of the chip, as in the linker script."""

    name: str
    start: int
    size: int

    def holds(self, address: int) -> bool:
        """Whether the address is in it."""
        return self.start <= address < self.start + self.size


@dataclass(frozen=True)
class Memories:
    """A chip's memories, and the compiler that fills them."""

    flash_size: int
    ram: tuple[Region, ...]
    toolchain: str

    @classmethod
    def of(cls, board: Any) -> Memories:
        """Reads the board's JSON: "upload" and "build"."""
        ram = tuple(
            Region(name, int(start, 16), size) for name, start, size in board.get("build.ram")
        )
        return cls(board.get("upload.maximum_size"), ram, board.get("build.toolchain"))

    def in_ram(self, address: int) -> bool:
        """Whether the address is in a RAM."""
        return any(region.holds(address) for region in self.ram)


# The purpose of each section in RAM; the arena is not here, because it takes all that is left.
_PURPOSES = {
    "variables": (".data", ".tdata", ".tbss_space", ".bss"),
    "code": (".iram_space",),
    "stack": (".stack",),
    "buffers": (".sram2_bss",),
}

_OVERFLOW = re.compile(r"region [`'](?P<region>\w+)' overflowed by (?P<bytes>\d+) bytes")


@dataclass(frozen=True)
class Misfit:
    """Reports that a model does not fit onto a board, and names boards that have room for it."""

    checked: CheckedModel
    room: Room
    rooms: list[Room]

    def report(self, reason: str, arena: int | None = None) -> None:
        """Prints the build's error; `arena` as of ``others_that_hold``."""
        others = others_that_hold(self.checked.model, self.rooms, arena)
        print(
            f"error: {self.checked.path} does not fit onto {self.room.title}: {reason}; {others}",
            file=sys.stderr,
        )


class Link:
    """Links; if a region overflows, reports by how much, and the largest parts."""

    def __init__(self, memories: Memories, misfit: Misfit) -> None:
        self._memories = memories
        self._misfit = misfit

    def __call__(self, target: list[Any], source: list[Any], env: Any) -> int:
        """SCons action: the linker's exit status."""
        # As a list: the parts of a path with blanks stay together.
        words = "$LINK -o $TARGET $LINKFLAGS $SOURCES $_LIBDIRFLAGS $_LIBFLAGS"
        command = [str(word) for word in env.subst_list(words, 0, target, source)[0]]
        result = subprocess.run(command, capture_output=True, text=True)
        overflow = _OVERFLOW.search(result.stderr)
        if result.returncode != 0 and overflow:
            self._explain_overflow(
                command, str(target[0]), overflow["region"], int(overflow["bytes"])
            )
        else:
            sys.stderr.write(result.stderr)
        return result.returncode

    def _explain_overflow(self, command: list[str], target: str, region: str, excess: int) -> None:
        # Linked in spite of the overflow, to measure it.
        oversize = Path(f"{target}.oversize")
        measured = [str(oversize) if word == target else word for word in command]
        subprocess.run([*measured, "-Wl,--noinhibit-exec"], capture_output=True)
        is_ram = region not in ("FLASH", "IROM", "DROM")
        try:
            parts = self._largest_parts(oversize, is_ram) if oversize.exists() else []
        finally:
            oversize.unlink(missing_ok=True)
        largest = f"the largest parts: {_list(parts)}"
        if is_ram:
            print(
                f"error: the program does not fit: {region} is {excess:,} bytes too small;"
                f" {largest}",
                file=sys.stderr,
            )
            return
        model, flash = len(self._misfit.checked.model.content), self._memories.flash_size
        self._misfit.report(
            f"it takes {model:,} bytes of flash and the program {flash + excess - model:,}, and"
            f" there are {flash:,}: {excess:,} too few ({largest})"
        )

    def _largest_parts(self, elf: Path, in_ram: bool) -> list[tuple[str, int]]:
        parts: dict[tuple[str, int], int] = {}
        with elf.open("rb") as file:
            symbols = ELFFile(file).get_section_by_name(".symtab")
            for symbol in symbols.iter_symbols():
                if symbol["st_info"]["type"] not in ("STT_OBJECT", "STT_FUNC"):
                    continue
                address, size = symbol["st_value"], symbol["st_size"]
                if self._memories.in_ram(address) == in_ram and size:
                    parts[(symbol.name, address)] = size
        largest = sorted(parts.items(), key=lambda item: (-item[1], item[0]))[:_PARTS]
        names = self._demangle([name for (name, _), _ in largest])
        return [(name, size) for name, (_, size) in zip(names, largest, strict=True)]

    def _demangle(self, names: list[str]) -> list[str]:
        try:
            filtered = subprocess.run(
                [f"{self._memories.toolchain}c++filt", "--no-params"],
                input="\n".join(names),
                capture_output=True,
                text=True,
                check=True,
            ).stdout.splitlines()
        except (OSError, subprocess.CalledProcessError):
            return names
        return filtered if len(filtered) == len(names) else names


def _list(parts: list[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {size:,}" for name, size in parts)


@dataclass(frozen=True)
class _Section:
    name: str
    address: int
    size: int
    in_flash: bool


def _sections(elf: Path) -> list[_Section]:
    with elf.open("rb") as file:
        return [
            _Section(s.name, s["sh_addr"], s["sh_size"], s["sh_type"] != "SHT_NOBITS")
            for s in ELFFile(file).iter_sections()
            if s["sh_flags"] & 2 and s["sh_size"]  # SHF_ALLOC
        ]


class Report:
    """Prints the table, and refuses a model if its tensors do not fit into the arena."""

    def __init__(self, checked: CheckedModel, memories: Memories, misfit: Misfit) -> None:
        self._checked = checked
        self._memories = memories
        self._misfit = misfit

    def __call__(self, target: list[Any], source: list[Any], env: Any) -> int:
        """SCons action: prints the table; fails if the model does not fit."""
        elf = Path(str(source[0]))
        sections = _sections(elf)
        measured = measure_arena(elf)
        peak = peak_activation_bytes(self._checked.model)
        needed = measured.used or measured.needed or peak

        flash = sum(s.size for s in sections if s.in_flash)
        model = sum(s.size for s in sections if s.name == ".model")
        total = self._memories.flash_size
        print(f"model  {self._checked.name}, sha256 {self._checked.sha256[:16]}")
        print(
            f"flash  {flash:>9,} of {total:>9,} bytes ({flash / total:.1%}):"
            f" program {flash - model:,}, model {model:,}"
        )
        for region in self._memories.ram:
            print(_region_line(region, sections, needed), flush=True)
        if measured.complaint is None:
            return 0
        elf.unlink()  # it would only report the same at each boot
        if measured.needed is None:
            print(
                f"error: {self._checked.path}: TFLite Micro refuses it ({measured.complaint})",
                file=sys.stderr,
            )
            return 1
        arena = next(s for s in sections if s.name == ".arena")
        region = next(r for r in self._memories.ram if r.holds(arena.address))
        self._misfit.report(
            f"it needs {measured.needed:,} bytes of RAM ({peak:,} for the tensors that are alive at"
            f" once, the rest for TFLite Micro's records), and {region.name} has {arena.size:,} of"
            f" {region.size:,} left for it: {measured.needed - arena.size:,} too few",
            measured.needed,
        )
        return 1


def _region_line(region: Region, sections: list[_Section], arena_used: int) -> str:
    here = [s for s in sections if region.holds(s.address)]
    uses = {
        purpose: sum(s.size for s in here if s.name in names)
        for purpose, names in _PURPOSES.items()
    }
    words = [f"{purpose} {size:,}" for purpose, size in uses.items() if size]
    used = sum(uses.values())
    for section in here:
        if section.name == ".arena":
            used += arena_used
            words.append(f"arena {arena_used:,} of {section.size:,}")
    return (
        f"{region.name:<6} {used:>9,} of {region.size:>9,} bytes ({used / region.size:.1%}):"
        f" {', '.join(words)}"
    )
