"""Checks that a board file's pins exist on its chip, are free, and can carry their signals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from facet.board.schema import PART_KEYS, PIN, TEXT, entry_title, tables
from facet.pinout.catalog import PINOUTS
from facet.pinout.pinout import Pinout

_SHARED: Final = frozenset({"sck", "miso", "mosi", "scl", "sda", "power"})
"""Wires that parts may share with the same wire of another part."""

_LED: Final = "LED"
_RESISTOR: Final = "resistor"
_PASSIVE: Final = frozenset({_LED, _RESISTOR})
"""Wires that a pin may have together with any other: they do not drive it."""

_BUSES: Final = (
    ("SPI", {"sck": r"(SPI\d)_SCK", "miso": r"(SPI\d)_MISO", "mosi": r"(SPI\d)_MOSI"}),
    ("I2C", {"scl": r"(I2C\d)_SCL", "sda": r"(I2C\d)_SDA"}),
)
"""Buses: the wires of each, and the signals that they carry; the instance in parentheses."""

_UART: Final = {"tx": r"((?:LP)?US?ART\d)_TX", "rx": r"((?:LP)?US?ART\d)_RX"}


@dataclass(frozen=True)
class _Use:
    """A wire at a pin.

    Attributes:
        pin: the chip's.
        wire: "sck", "cs", "tx", ...
        owner: whose it is, for messages.
        is_known: what the wire carries is known here; else only that it is a pin.
    """

    pin: str
    wire: str
    owner: str
    is_known: bool = True

    def __str__(self) -> str:
        return f"{self.owner} ({self.wire})"


def pin_faults(data: Mapping[str, Any]) -> Iterator[str]:
    """The faults of the pins and crystals of a board file."""
    chip = data.get("chip")
    if not isinstance(chip, str):
        return
    pinout = PINOUTS.get(chip)
    if pinout is None:
        yield f"chip {chip!r} is unknown; there are {', '.join(sorted(PINOUTS))}"
        return
    uses = list(_uses(data, pinout))
    for use in uses:
        yield from _existence_faults(use.pin, str(use), pinout)
    bridges = [tuple(b["pins"]) for b in tables(data, "bridge") if _is_pair(b.get("pins"))]
    for pins in bridges:
        for pin in pins:
            yield from _existence_faults(pin, "[[bridge]]", pinout)
    yield from _crystal_faults(data, pinout, uses)
    yield from _sharing_faults(uses, bridges)
    if pinout.functions is not None:
        yield from _signal_faults(data, pinout)


def _uses(data: Mapping[str, Any], pinout: Pinout) -> Iterator[_Use]:
    terminal = data.get("terminal")
    if isinstance(terminal, Mapping):
        for wire in ("tx", "rx"):
            if PIN.is_valid(terminal.get(wire)):
                yield _Use(terminal[wire], wire, "[terminal]")
    for section, wire in (("button", "button"), ("led", _LED), ("resistor", _RESISTOR)):
        for number, table in enumerate(tables(data, section), start=1):
            if PIN.is_valid(table.get("pin")):
                yield _Use(table["pin"], wire, entry_title(section, number, table))
    for number, table in enumerate(tables(data, "device"), start=1):
        keys = PART_KEYS.get(str(table.get("type")))
        for key, value in table.items():
            if key in ("type", "name") or not TEXT.is_valid(value):
                continue
            if key in keys if keys is not None else pinout.pin_pattern.fullmatch(value):
                yield _Use(value, key, entry_title("device", number, table), keys is not None)


def _existence_faults(pin: str, where: str, pinout: Pinout) -> Iterator[str]:
    if pin in pinout.reserved:
        yield f"{where}: {pin} is not free: {pinout.reserved[pin]}"
    elif pin not in pinout.pins:
        yield f"{where}: {pinout.title} has no pin {pin!r}; it has {_ranges(pinout)}"


def _ranges(pinout: Pinout) -> str:
    """The pins of a chip, shortened: ``PA0..PA15, PD2``."""
    by_port: dict[str, list[int]] = {}
    for pin in pinout.pins:
        port = pin.rstrip("0123456789")
        by_port.setdefault(port, []).append(int(pin[len(port) :]))
    parts = []
    for port, numbers in sorted(by_port.items()):
        run: list[int] = []
        for number in [*sorted(numbers), None]:
            if run and number != run[-1] + 1:
                first, last = f"{port}{run[0]}", f"{port}{run[-1]}"
                parts.append(first if first == last else f"{first}..{last}")
                run = []
            if number is not None:
                run.append(number)
    return ", ".join(parts)


def _crystal_faults(data: Mapping[str, Any], pinout: Pinout, uses: list[_Use]) -> Iterator[str]:
    clocks = data.get("clocks")
    if not isinstance(clocks, Mapping):
        return
    for crystal in pinout.crystals:
        hertz = clocks.get(crystal.key)
        if not isinstance(hertz, int) or isinstance(hertz, bool) or hertz < 0:
            continue  # the schema reports it
        if hertz == 0:
            if crystal.is_required:
                yield f"[clocks]: {pinout.title} does not run without {crystal.key}"
            continue
        if not crystal.lowest_hz <= hertz <= crystal.highest_hz:
            least, most = crystal.lowest_hz, crystal.highest_hz
            span = f"{least:,}" if least == most else f"{least:,} to {most:,}"
            yield f"[clocks]: {crystal.key} is {hertz:,}, and {pinout.title} takes {span} Hz"
        for use in uses:
            if use.pin in crystal.pins:
                yield f"{use}: {use.pin} belongs to the crystal of {crystal.key}"


def _sharing_faults(uses: list[_Use], bridges: list[tuple[str, ...]]) -> Iterator[str]:
    """Finds two wires on one pin, or on two pins that a bridge joins."""
    net = {use.pin: use.pin for use in uses}
    for first, second in bridges:
        old, new = net.setdefault(second, second), net.setdefault(first, first)
        for pin, name in net.items():
            if name == old:
                net[pin] = new
    for number, use in enumerate(uses):
        for other in uses[:number]:
            if net[use.pin] != net[other.pin] or _PASSIVE & {use.wire, other.wire}:
                continue
            if use.wire == other.wire and use.wire in _SHARED and use.owner != other.owner:
                continue
            # A part of another package may listen at any line, but a chip select has one part.
            if not (use.is_known and other.is_known) and {use.wire, other.wire} != {"cs"}:
                continue
            where = use.pin if use.pin == other.pin else f"{other.pin}, bridged to {use.pin},"
            yield f"{where} is taken twice: by {other} and by {use}"


def _signal_faults(data: Mapping[str, Any], pinout: Pinout) -> Iterator[str]:
    terminal = data.get("terminal")
    if isinstance(terminal, Mapping):
        yield from _bus_faults("[terminal]", terminal, "UART", _UART, pinout)
    for number, table in enumerate(tables(data, "device"), start=1):
        if table.get("type") in PART_KEYS:
            where = entry_title("device", number, table)
            for name, wires in _BUSES:
                yield from _bus_faults(where, table, name, wires, pinout)


def _bus_faults(
    where: str, table: Mapping[str, Any], bus: str, wires: Mapping[str, str], pinout: Pinout
) -> Iterator[str]:
    """Checks that the pins of a bus carry its signals, all of one peripheral."""
    instances: dict[str, set[str]] = {}
    for wire, pattern in wires.items():
        pin = table.get(wire)
        if not isinstance(pin, str) or pin not in pinout.pins:
            continue
        matches = [re.fullmatch(pattern, signal) for signal in pinout.signals(pin)]
        found = {match[1] for match in matches if match}
        if not found:
            yield f"{where}: {pin} cannot be {wire} of any {bus}"
            continue
        instances[f"{wire} {pin}"] = found
    if len(instances) == len(wires) and not set.intersection(*instances.values()):
        what = ", ".join(f"{at}: {'/'.join(sorted(of))}" for at, of in instances.items())
        yield f"{where}: its pins belong to different {bus}s ({what})"


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value)
