"""The keys of a board file: their names and types, and which are required.

A validator of our own rather than a library: PlatformIO's build reads board files too, in a Python
that need not have more than the standard library, and all faults go into one message in the words
of the file.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True)
class Kind:
    """The type of a key's value: a test of the value, and its description."""

    is_valid: Callable[[Any], bool]
    text: str


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


TEXT: Final = Kind(lambda v: isinstance(v, str) and bool(v.strip()), "text")
PIN: Final = Kind(TEXT.is_valid, "a pin of the chip, as text")
HERTZ: Final = Kind(lambda v: _is_integer(v) and v >= 0, "a whole number of Hz, 0 for none")
MOST_BAUD: Final = 10_000_000
BAUD: Final = Kind(lambda v: _is_integer(v) and 1 <= v <= MOST_BAUD, "a whole number of bits/s")
LEVEL: Final = Kind(lambda v: _is_integer(v) and v in (0, 1), "0 or 1")
LIMIT: Final = Kind(
    lambda v: isinstance(v, int | float) and not isinstance(v, bool) and v > 0, "a number above 0"
)
STARTUP: Final = Kind(
    lambda v: LIMIT.is_valid(v) and v <= 10_000,
    "a number of milliseconds above 0 and up to 10000",
)
PAIR: Final = Kind(
    lambda v: isinstance(v, list) and len(v) == 2 and all(map(TEXT.is_valid, v)), "two pins"
)


@dataclass(frozen=True)
class Section:
    """A table of a board file, or a list of tables.

    Attributes:
        name: in the file.
        keys: that each table must have -> what they hold.
        optional: keys that it may have -> what they hold.
        is_list: ``[[name]]``, which may be left out; else ``[name]``.
        is_required: ``[name]`` must be there.
        others: what further keys hold; None where there must be none.
    """

    name: str
    keys: Mapping[str, Kind]
    optional: Mapping[str, Kind] = field(default_factory=dict)
    is_list: bool = False
    is_required: bool = True
    others: Kind | None = None

    @property
    def title(self) -> str:
        """The value as the file has it."""
        return f"[[{self.name}]]" if self.is_list else f"[{self.name}]"


ANY: Final = Kind(lambda _value: True, "a setting of the part")

TOP: Final = {"title": TEXT, "chip": TEXT}
"""Keys before the first table."""

SECTIONS: Final = (
    Section("clocks", {"lse_hz": HERTZ, "hse_hz": HERTZ}, {"lse_startup_ms": STARTUP}),
    Section("terminal", {"tx": PIN, "rx": PIN, "baud": BAUD}),
    Section("bridge", {"pins": PAIR}, is_list=True),
    Section("button", {"name": TEXT, "pin": PIN, "pressed": LEVEL}, is_list=True),
    Section("led", {"name": TEXT, "pin": PIN, "lit": LEVEL}, is_list=True),
    Section("resistor", {"pin": PIN, "pulls_to": LEVEL}, is_list=True),
    Section("device", {"type": TEXT, "name": TEXT}, is_list=True, others=ANY),
    Section("firmware", {"environment": TEXT, "sleep_state": TEXT}),
    Section("limits", {}, is_required=False, others=LIMIT),
)

PART_KEYS: Final[Mapping[str, Mapping[str, Kind]]] = {
    "arducam_ov2640": dict.fromkeys(("power", "cs", "sck", "miso", "mosi", "scl", "sda"), PIN),
}
"""Type of a part -> the further keys that it must have; of types of other packages nothing is
known here."""


def schema_faults(data: Mapping[str, Any]) -> Iterator[str]:
    """The faults of a board file's keys and values."""
    known = {*TOP, *(section.name for section in SECTIONS)}
    for key in data:
        if key not in known:
            yield f"{key} is unknown{_suggestion(key, known)}"
    yield from _table_faults("", data, TOP)
    for section in SECTIONS:
        yield from _section_faults(section, data)
    for name in ("button", "led", "device"):
        names = [table.get("name") for table in tables(data, name)]
        for twice in sorted({n for n in names if isinstance(n, str) and names.count(n) > 1}):
            yield f"two [[{name}]] are called {twice!r}"


def tables(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The entries of a list that are tables."""
    entries = data.get(name, [])
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, Mapping)]


def entry_title(section: str, number: int, table: Mapping[str, Any]) -> str:
    """An entry of a list in a message, by its name if it has one."""
    name = table.get("name")
    return f"[[{section}]] {name if TEXT.is_valid(name) else number}"


def _section_faults(section: Section, data: Mapping[str, Any]) -> Iterator[str]:
    if section.name not in data:
        if section.is_required and not section.is_list:
            yield f"{section.title} is missing ({', '.join(section.keys)})"
        return
    content = data[section.name]
    if section.is_list:
        if not isinstance(content, list) or len(tables(data, section.name)) != len(content):
            yield f"{section.name} is not a list of tables: write {section.title} before each"
            return
        for number, table in enumerate(content, start=1):
            keys = dict(section.keys)
            if section.name == "device" and isinstance(table.get("type"), str):
                keys |= PART_KEYS.get(table["type"], {})
            where = entry_title(section.name, number, table)
            yield from _table_faults(where, table, keys, section)
    elif not isinstance(content, Mapping):
        yield f"{section.name} is not a table: write {section.title} before its keys"
    else:
        yield from _table_faults(section.title, content, section.keys, section)


def _table_faults(
    where: str, table: Mapping[str, Any], keys: Mapping[str, Kind], section: Section | None = None
) -> Iterator[str]:
    prefix = f"{where}: " if where else ""
    for key, kind in keys.items():
        if key not in table:
            yield f"{prefix}{key} is missing ({kind.text})"
        elif not kind.is_valid(table[key]):
            yield f"{prefix}{key} is {table[key]!r}, not {kind.text}"
    if section is None:
        return
    for key, kind in section.optional.items():
        if key in table and not kind.is_valid(table[key]):
            yield f"{prefix}{key} is {table[key]!r}, not {kind.text}"
    known = {*keys, *section.optional}
    for key in table:
        if key in known:
            continue
        if section.others is None:
            yield f"{prefix}{key} is unknown{_suggestion(key, known)}"
        elif not section.others.is_valid(table[key]):
            yield f"{prefix}{key} is {table[key]!r}, not {section.others.text}"


def _suggestion(key: str, known: Mapping[str, Any] | set[str]) -> str:
    close = difflib.get_close_matches(key, sorted(known), 1)
    return f", {close[0]} is known" if close else f"; known are {', '.join(sorted(known))}"
