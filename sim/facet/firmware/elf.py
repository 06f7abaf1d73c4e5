"""An ELF file: the bytes and their addresses, and the source line of an address."""

from __future__ import annotations

import bisect
import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from elftools.common.exceptions import ELFError
from elftools.dwarf.dwarfinfo import DWARFInfo
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from facet.errors import FacetError
from facet.files import read_file
from facet.text import brief

Parsed = TypeVar("Parsed")

ELF_MAGIC = b"\x7fELF"
"""The first bytes of every ELF file."""


@dataclass(frozen=True)
class Segment:
    """Bytes to be programmed at a physical address."""

    address: int
    data: bytes


@dataclass(frozen=True)
class Section:
    """A section that takes memory of the chip.

    Attributes:
        address: where the program finds it.
        size: in bytes.
        load_address: where the programmer puts its contents; None where it has none.
    """

    name: str
    address: int
    size: int
    load_address: int | None

    def holds(self, address: int) -> bool:
        """Whether an address lies in it."""
        return self.address <= address < self.address + self.size


@dataclass(frozen=True)
class SourceLine:
    """The source of an instruction."""

    function: str | None
    file: str | None
    line: int | None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.file else None
        return " in ".join(part for part in (place, self.function) if part) or "unknown code"


@dataclass(frozen=True)
class Symbol:
    """A named function or object."""

    name: str
    address: int
    size: int


class Firmware:
    """A firmware ELF.

    Args:
        path: the file.
        machine: the ELF machine that the board's chip runs (``EM_ARM``, ``EM_RISCV``).
        chip: its name, for messages.

    Raises:
        FacetError: not readable, not an ELF, or for another machine.
    """

    def __init__(self, path: Path, machine: str, chip: str) -> None:
        self.path = path
        data = read_file(path)
        self._elf = _parsed(path, lambda: ELFFile(io.BytesIO(data)))
        found = _parsed(path, lambda: self._elf.header["e_machine"])
        if found != machine:
            raise FacetError(
                f"{path} is built for {found}, but {chip} runs {machine}: "
                "choose the board that it was built for with --board"
            )
        if self._elf.elfclass != 32 or not self._elf.little_endian:
            raise FacetError(
                f"{path} is built for a core of {self._elf.elfclass} bits, "
                f"{'little' if self._elf.little_endian else 'big'} endian; {chip} is a core of 32 "
                "bits, little endian"
            )
        kind = _parsed(path, lambda: self._elf.header["e_type"])
        if kind != "ET_EXEC":
            raise FacetError(
                f"{path} is not a linked program ({kind}): give the .elf that the linker made"
            )
        segments = _parsed(path, lambda: list(self._elf.iter_segments()))
        if any(segment["p_offset"] + segment["p_filesz"] > len(data) for segment in segments):
            raise FacetError(f"{path} is truncated: build it again")
        loaded = [
            (segment, _parsed(path, segment.data))
            for segment in segments
            if segment["p_type"] == "PT_LOAD" and segment["p_filesz"]
        ]
        self.segments = [Segment(segment["p_paddr"], content) for segment, content in loaded]
        self.run_segments = [Segment(segment["p_vaddr"], content) for segment, content in loaded]
        self._used = [
            range(segment["p_vaddr"], segment["p_vaddr"] + segment["p_memsz"])
            for segment in segments
            if segment["p_type"] == "PT_LOAD"
        ]
        if not self.segments:
            raise FacetError(f"{path} has nothing to load into memory")

    @property
    def entry(self) -> int:
        """Where the program starts, as its linker was asked to say."""
        return int(self._elf.header["e_entry"])

    @cached_property
    def symbols(self) -> dict[str, Symbol]:
        """Functions and objects by name; C++ names as the linker has them."""
        return {symbol.name: symbol for _, symbol in self._symbol_table if symbol.name}

    @cached_property
    def functions(self) -> list[Symbol]:
        """The functions, sorted by address; bit 0 of an Arm function's address says Thumb."""
        return self._functions

    @cached_property
    def sections(self) -> list[Section]:
        """The sections that take memory; empty where the table is damaged or stripped."""
        try:
            return [
                Section(
                    section.name,
                    section["sh_addr"],
                    section["sh_size"],
                    self._load_address(section["sh_addr"], section["sh_offset"])
                    if section["sh_type"] != "SHT_NOBITS"
                    else None,
                )
                for section in self._elf.iter_sections()
                if section["sh_flags"] & SH_FLAGS.SHF_ALLOC and section["sh_size"]
            ]
        except Exception:  # elftools raises a dozen kinds for damaged files
            return []

    def _load_address(self, address: int, offset: int) -> int:
        """Where the contents of a section are programmed."""
        for segment in self._elf.iter_segments():
            begin = segment["p_offset"]
            if segment["p_type"] == "PT_LOAD" and begin <= offset < begin + segment["p_filesz"]:
                return int(segment["p_paddr"] + offset - begin)
        return address

    @cached_property
    def _mapping(self) -> tuple[list[int], list[bool]]:
        """Where code and data begin within code sections of an Arm file, and whether it is data.

        Source: ELF for the Arm Architecture (AAELF32), 5.5.5, mapping symbols.
        """
        try:
            table = self._elf.get_section_by_name(".symtab")
            marks = sorted(
                (entry["st_value"], entry.name[:2] == "$d")
                for entry in (table.iter_symbols() if isinstance(table, SymbolTableSection) else ())
                if entry.name[:2] in ("$a", "$d", "$t") and entry["st_info"]["type"] == "STT_NOTYPE"
            )
        except Exception:  # elftools raises a dozen kinds for damaged files
            marks = []
        return [address for address, _ in marks], [data for _, data in marks]

    def is_data(self, address: int) -> bool:
        """Whether an address among an Arm file's code holds a literal or a table."""
        begins, kinds = self._mapping
        place = bisect.bisect_right(begins, address) - 1
        return place >= 0 and kinds[place]

    def holds(self, address: int) -> bool:
        """Whether an address lies in what is loaded.

        What the linker dropped (--gc-sections) has left its debugging information at address 0.
        """
        return any(address in used for used in self._used)

    def source_line(self, address: int) -> SourceLine:
        """The function and the line of the instruction at `address`."""
        address &= ~1
        function = None
        place = bisect.bisect_right(self._function_starts, address) - 1
        if place >= 0:
            symbol = self._functions[place]
            if address < (symbol.address & ~1) + max(symbol.size, 2):
                function = demangled(symbol.name)
        if not self.holds(address):
            return SourceLine(function, None, None)
        try:
            file, line = self._line_of(address)
        except Exception:  # elftools raises a dozen kinds for damaged debugging information
            file, line = None, None
        return SourceLine(function, file, line)

    @cached_property
    def dwarf(self) -> DWARFInfo | None:
        """The debugging information; None in a file without it, or with damaged one."""
        try:
            return self._elf.get_dwarf_info() if self._elf.has_dwarf_info() else None
        except Exception:  # elftools raises a dozen kinds for damaged files
            return None

    @cached_property
    def _symbol_table(self) -> list[tuple[str, Symbol]]:
        """Functions and objects, each with its ELF type; none where the table is damaged."""
        try:
            table = self._elf.get_section_by_name(".symtab")
            if not isinstance(table, SymbolTableSection):
                return []
            return [
                (entry["st_info"]["type"], Symbol(entry.name, entry["st_value"], entry["st_size"]))
                for entry in table.iter_symbols()
                if entry["st_info"]["type"] in ("STT_FUNC", "STT_OBJECT")
            ]
        except Exception:  # elftools raises a dozen kinds for damaged files
            return []

    @cached_property
    def _functions(self) -> list[Symbol]:
        functions = [symbol for kind, symbol in self._symbol_table if kind == "STT_FUNC"]
        return sorted(functions, key=lambda symbol: symbol.address & ~1)

    @cached_property
    def _function_starts(self) -> list[int]:
        return [symbol.address & ~1 for symbol in self._functions]

    def _line_of(self, address: int) -> tuple[str | None, int | None]:
        dwarf = self.dwarf
        if dwarf is None:
            return None, None
        try:
            offset = dwarf.get_aranges().cu_offset_at_addr(address) if dwarf.get_aranges() else None
        except (ELFError, KeyError):
            offset = None
        units = [dwarf.get_CU_at(offset)] if offset is not None else dwarf.iter_CUs()
        for unit in units:
            program = dwarf.line_program_for_CU(unit)
            if program is None:
                continue
            previous = None
            for entry in program.get_entries():
                state = entry.state
                if state is None:
                    continue
                if previous is not None and previous.address <= address < state.address:
                    files = program["file_entry"]
                    # DWARF 5 numbers files from 0, earlier versions from 1.
                    first = 0 if program["version"] >= 5 else 1
                    name = files[previous.file - first].name.decode(errors="replace")
                    return Path(name).name, previous.line
                previous = None if state.end_sequence else state
        return None, None


def _parsed(path: Path, read: Callable[[], Parsed]) -> Parsed:
    """What a step of reading the file gives.

    Raises:
        FacetError: the file is damaged.
    """
    try:
        return read()
    except Exception as error:  # elftools raises a dozen kinds for damaged files
        raise FacetError(
            f"{path} is not an ELF file that can be read ({brief(error)}): give the .elf of a build"
        ) from None


def demangled(name: str) -> str:
    """A C++ name's qualified identifier without its arguments: ``_ZN3hal3Spi4readEv`` ->
    ``hal::Spi::read``; other names as they are.
    """
    if not name.startswith("_Z"):
        return name
    rest = name[2:].removeprefix("N").lstrip("KVr")
    parts: list[str] = []
    if rest.startswith("L"):
        rest = rest[1:]
    while rest and (rest[0].isdigit() or rest.startswith(("12_GLOBAL__N_1", "L"))):
        rest = rest.removeprefix("L")
        digits = len(rest) - len(rest.lstrip("0123456789"))
        if not digits:
            break
        length = int(rest[:digits])
        part = rest[digits : digits + length]
        if part != "_GLOBAL__N_1":
            parts.append(part)
        rest = rest[digits + length :]
    if parts and rest[:2] in ("C1", "C2", "C3"):
        parts.append(parts[-1])
    elif parts and rest[:2] in ("D0", "D1", "D2"):
        parts.append(f"~{parts[-1]}")
    return "::".join(parts) or name
