"""The functions of a firmware by address, from its symbols."""

from __future__ import annotations

import bisect
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from facet.errors import FacetError
from facet.firmware.elf import Firmware, demangled
from facet.firmware.flat import FlatImage

_ROM_ENTRY: Final = 4
"""The size of an entry in a ROM's table of functions; the code behind it has no name."""

_NEAREST: Final = 3
"""Names that a message suggests in place of one that does not exist."""


@dataclass(frozen=True)
class Function:
    """A function.

    Attributes:
        name: qualified and without arguments, as ``app::classifier::Run``.
        symbol: as the linker has it.
        begin, end: its addresses, the end excluded.
    """

    name: str
    symbol: str
    begin: int
    end: int


class FunctionTable:
    """The functions of a firmware, sorted by address and without overlaps.

    Args:
        firmware: an ELF file or a flat image; a file without symbols has no functions.
        names: better names by the function's address, from the debugging information.
        rom: functions of the chip's ROM by name, with the address where each one is called.
    """

    def __init__(
        self,
        firmware: Firmware | FlatImage,
        names: Mapping[int, str] | None = None,
        rom: Mapping[str, int] | None = None,
    ) -> None:
        known = names or {}
        found: list[Function] = []
        symbols = firmware.functions if isinstance(firmware, Firmware) else []
        for symbol in sorted(symbols, key=lambda s: (s.address & ~1, -s.size, s.name)):
            begin = symbol.address & ~1
            name = known.get(begin, demangled(symbol.name))
            if found and begin < found[-1].end:  # an alias, or a second entry into a function
                continue
            found.append(Function(name, symbol.name, begin, begin + symbol.size))
        for n, function in enumerate(found):
            if function.end == function.begin:  # assembly without .size: up to the next one
                end = found[n + 1].begin if n + 1 < len(found) else function.begin + 2
                found[n] = Function(function.name, function.symbol, function.begin, end)
        self.has_symbols: Final = bool(found)
        """Whether the firmware names its functions."""
        for name, address in (rom or {}).items():
            found.append(Function(f"{name} (ROM)", "", address, address + _ROM_ENTRY))
        found.sort(key=lambda function: function.begin)
        self.functions: Final = found
        self._begins = [function.begin for function in found]

    def at(self, address: int) -> Function | None:
        """The function that an address lies in, or None."""
        place = bisect.bisect_right(self._begins, address) - 1
        if place < 0 or address >= self.functions[place].end:
            return None
        return self.functions[place]

    def name_of(self, address: int) -> str:
        """The name of the function at an address, or the address where none is known."""
        function = self.at(address)
        return function.name if function else f"{address:#010x}"

    def named(self, name: str) -> list[Function]:
        """The functions of a name or symbol; several where a template has several instances.

        Raises:
            FacetError: there is none; the message has the nearest names.
        """
        found = self.find(name)
        if not found:
            raise FacetError(f"the firmware has no function {name!r}{self._nearest(name)}")
        return found

    def find(self, name: str) -> list[Function]:
        """As `named`, and empty where there is none."""
        return [f for f in self.functions if name and name in (f.name, f.symbol)]

    def _nearest(self, name: str) -> str:
        if not self.has_symbols:
            return ": it has no symbols"
        return nearest(name, (function.name for function in self.functions))


def nearest(name: str, known: Iterable[str]) -> str:
    """The names that are most like `name`, as the end of a message."""
    choices = sorted(set(known))
    by_last_part = {choice.rpartition("::")[2].lower(): choice for choice in choices}
    close = difflib.get_close_matches(name, choices, _NEAREST, 0.5)
    last = name.rpartition("::")[2].lower()
    close += [by_last_part[m] for m in difflib.get_close_matches(last, by_last_part, _NEAREST, 0.6)]
    close += [choice for choice in choices if last and last in choice.lower()]
    unique = list(dict.fromkeys(close))[:_NEAREST]
    return f": the nearest are {', '.join(unique)}" if unique else ""
