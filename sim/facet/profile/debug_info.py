"""What a firmware's debugging information says of its code: names, inlined functions, lines."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from elftools.dwarf.die import DIE
from elftools.dwarf.dwarfinfo import DWARFInfo
from elftools.dwarf.ranges import RangeEntry

from facet.firmware.elf import Firmware
from facet.firmware.flat import FlatImage

_SCOPES: Final = frozenset(
    {"DW_TAG_namespace", "DW_TAG_structure_type", "DW_TAG_class_type", "DW_TAG_union_type"}
)
_INSIDE: Final = frozenset({"DW_TAG_inlined_subroutine", "DW_TAG_lexical_block"})
_LONGEST_CHAIN: Final = 16
"""References from one entry to another that describes the same function."""


@dataclass(frozen=True)
class Line:
    """A line of a source file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class _Piece:
    """A range of code that belongs to an inlined function at `depth` within its function."""

    begin: int
    end: int
    depth: int
    name: str


class DebugInfo:
    """Names, inlined functions and lines by address.

    Args:
        firmware: an ELF file or a flat image; without debugging information all is empty.
    """

    def __init__(self, firmware: Firmware | FlatImage) -> None:
        self.names: dict[int, str] = {}
        """Qualified names of functions by their first address."""
        self._pieces: list[_Piece] = []
        self._lines: list[tuple[int, int, Line]] = []
        self._names_by_offset: dict[int, str] = {}
        dwarf = firmware.dwarf if isinstance(firmware, Firmware) else None
        self.is_present = dwarf is not None
        """Whether there is debugging information at all."""
        if dwarf is not None:
            assert isinstance(firmware, Firmware)
            try:
                self._read(dwarf, firmware)
            except Exception:  # elftools raises a dozen kinds for damaged files
                self.names, self._pieces, self._lines = {}, [], []
                self.is_present = False
        self._pieces.sort(key=lambda piece: (piece.begin, piece.depth))
        self._lines.sort(key=lambda entry: entry[:2])
        self._starts = [begin for begin, _, _ in self._lines]
        self._chains = self._flatten()
        self._chain_starts = [begin for begin, _ in self._chains]

    def inlined_at(self, address: int) -> tuple[str, ...]:
        """The inlined functions at an address, the outermost first; empty where none is."""
        place = bisect.bisect_right(self._chain_starts, address) - 1
        return self._chains[place][1] if place >= 0 else ()

    def line_at(self, address: int) -> Line | None:
        """The source line of an address."""
        place = bisect.bisect_right(self._starts, address) - 1
        if place < 0 or address >= self._lines[place][1]:
            return None
        return self._lines[place][2]

    # -- reading
    def _read(self, dwarf: DWARFInfo, firmware: Firmware) -> None:
        for unit in dwarf.iter_CUs():
            top = unit.get_top_DIE()
            for die in _functions(top):
                self._read_function(dwarf, die, firmware)
            self._read_lines(dwarf, unit, firmware)

    def _read_function(self, dwarf: DWARFInfo, die: DIE, firmware: Firmware) -> None:
        ranges = [piece for piece in _ranges(dwarf, die) if firmware.holds(piece[0])]
        if not ranges:
            return
        self.names[ranges[0][0]] = self._name(die)
        self._read_inlined(dwarf, die, 0)

    def _read_inlined(self, dwarf: DWARFInfo, die: DIE, depth: int) -> None:
        for child in die.iter_children():
            if child.tag not in _INSIDE:
                continue
            below = depth
            if child.tag == "DW_TAG_inlined_subroutine":
                below += 1
                name = self._name(child)
                self._pieces += [
                    _Piece(begin, end, below, name) for begin, end in _ranges(dwarf, child)
                ]
            self._read_inlined(dwarf, child, below)

    def _name(self, die: DIE) -> str:
        """The qualified name of what an entry describes or refers to."""
        known = self._names_by_offset.get(die.offset)
        if known is not None:
            return known
        at, steps = die, 0
        while (other := _reference(at)) is not None and steps < _LONGEST_CHAIN:
            at, steps = other, steps + 1
        parts = [_text(at, "DW_AT_name") or "(anonymous)"]
        above = at.get_parent()
        while above is not None and above.tag in _SCOPES:
            name = _text(above, "DW_AT_name")
            if name:
                parts.append(name)
            above = above.get_parent()
        found = self._names_by_offset[die.offset] = "::".join(reversed(parts))
        return found

    def _read_lines(self, dwarf: DWARFInfo, unit: Any, firmware: Firmware) -> None:
        program = dwarf.line_program_for_CU(unit)
        if program is None:
            return
        names: dict[int, str] = {}
        before = None
        for entry in program.get_entries():
            state = entry.state
            if state is None:
                continue
            if before is not None and before.address < state.address and before.line:
                if firmware.holds(before.address):
                    if before.file not in names:
                        names[before.file] = _file_name(program, before.file)
                    line = Line(names[before.file], before.line)
                    self._lines.append((before.address, state.address, line))
                before = None
            if before is None or state.address == before.address or state.end_sequence:
                before = None if state.end_sequence else state

    def _flatten(self) -> list[tuple[int, tuple[str, ...]]]:
        """The chain of inlined functions from each address where it changes."""
        edges = sorted({a for piece in self._pieces for a in (piece.begin, piece.end)})
        chains: list[tuple[int, tuple[str, ...]]] = []
        active: list[_Piece] = []
        next_piece = 0
        for address in edges:
            active = [piece for piece in active if piece.end > address]
            while next_piece < len(self._pieces) and self._pieces[next_piece].begin <= address:
                if self._pieces[next_piece].end > address:
                    active.append(self._pieces[next_piece])
                next_piece += 1
            active.sort(key=lambda piece: piece.depth)
            chain = tuple(piece.name for piece in active)
            if not chains or chains[-1][1] != chain:
                chains.append((address, chain))
        return chains


def _functions(die: DIE) -> Iterator[DIE]:
    """The functions of a unit, also those declared in namespaces and classes."""
    for child in die.iter_children():
        if child.tag == "DW_TAG_subprogram":
            yield child
        elif child.tag in _SCOPES:
            yield from _functions(child)


def _reference(die: DIE) -> DIE | None:
    """The entry that describes the same function in more general terms."""
    for name in ("DW_AT_abstract_origin", "DW_AT_specification"):
        if name in die.attributes:
            return die.get_DIE_from_attribute(name)
    return None


def _text(die: DIE, attribute: str) -> str:
    found = die.attributes.get(attribute)
    return "" if found is None else str(found.value.decode(errors="replace"))


def _ranges(dwarf: DWARFInfo, die: DIE) -> list[tuple[int, int]]:
    """The addresses of an entry's code."""
    low, high = die.attributes.get("DW_AT_low_pc"), die.attributes.get("DW_AT_high_pc")
    if low is not None and high is not None:
        is_address = high.form == "DW_FORM_addr"
        return [(low.value, high.value if is_address else low.value + high.value)]
    ranges = die.attributes.get("DW_AT_ranges")
    lists = dwarf.range_lists()
    if ranges is None or lists is None:
        return []
    base = die.cu.get_top_DIE().attributes.get("DW_AT_low_pc")
    at = base.value if base is not None else 0
    found = []
    for entry in lists.get_range_list_at_offset(ranges.value, cu=die.cu):
        if isinstance(entry, RangeEntry):
            offset = 0 if getattr(entry, "is_absolute", False) else at
            found.append((offset + entry.begin_offset, offset + entry.end_offset))
        else:
            at = entry.base_address
    return [piece for piece in found if piece[0] < piece[1]]


def _file_name(program: Any, number: int) -> str:
    """A file's path as the compiler wrote it, its folder included where that is relative."""
    header = program.header
    # DWARF 5 numbers files and folders from 0, earlier versions from 1.
    first = 0 if header["version"] >= 5 else 1
    try:
        entry = header["file_entry"][number - first]
        name = str(entry.name.decode(errors="replace"))
        folders = header["include_directory"]
        folder = entry.dir_index - (0 if header["version"] >= 5 else 1)
        if name.startswith("/") or folder < 0:
            return name
        path = f"{folders[folder].decode(errors='replace')}/{name}"
    except (IndexError, AttributeError):
        return "(unknown file)"
    return path.removeprefix("./")
