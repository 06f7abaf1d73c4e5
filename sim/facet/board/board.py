"""Boards as data, read from `platforms/<board>.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import ModuleType
from typing import Any

from facet import plugins
from facet.board.pin_check import pin_faults
from facet.board.schema import schema_faults
from facet.errors import FacetError
from facet.files import reason
from facet.resources import BOARDS
from facet.time import Time, ms

LSE_STARTUP = ms(2000)
"""DS10198, LSE oscillator characteristics, t_SU(LSE), typical: what a board file gives that says
nothing. Crystals differ; a firmware that waits long enough here does so on every board."""


@dataclass(frozen=True)
class Terminal:
    """The serial link to the host: the chip's pins and the host's baud rate."""

    tx: str
    rx: str
    baud: int


@dataclass(frozen=True)
class Indicator:
    """A button or an LED: its pin and the level at which it is pressed or lit."""

    name: str
    pin: str
    active: int


@dataclass(frozen=True)
class Resistor:
    """A resistor from a pin to the supply (level 1) or to ground (0)."""

    pin: str
    level: int


@dataclass(frozen=True)
class PartEntry:
    """A ``[[device]]`` of a board file: a part around the chip.

    Args:
        type: the name of the part's type in the catalogue of parts.
        name: the part's name on this board.
        settings: all other keys: pins and whatever else the type takes.
        board: the board's file, for messages.
    """

    type: str
    name: str
    settings: dict[str, Any]
    board: str = ""

    def pins(self, *keys: str) -> tuple[str, ...]:
        """The chip's pins under these keys.

        Raises:
            FacetError: keys are missing or hold no text; the message names them all.
        """
        wrong = [key for key in keys if not isinstance(self.settings.get(key), str)]
        if wrong:
            raise FacetError(
                f"{self.board}: {self.name} ({self.type}) lacks {', '.join(map(repr, wrong))}; "
                'each takes a pin of the chip, such as "PA5"'
            )
        return tuple(self.settings[key] for key in keys)


@dataclass(frozen=True)
class Board:
    """A board.

    Attributes:
        name: the file's name without its suffix.
        title: the full name.
        chip: such as ``stm32l476rg``.
        lse_hz, hse_hz: crystals; 0 where none is fitted.
        lse_startup: how long the LSE crystal takes to start.
        environment: the PlatformIO environment that builds its firmware.
        sleep_state: the chip's mode while that firmware sleeps between decisions.
        bridges: pairs of the chip's pins that the board connects.
        resistors: pull-ups and pull-downs on the board.
        limits: figures that the firmware must not exceed in scenarios.
        source: the board file, for messages.
    """

    name: str
    title: str
    chip: str
    lse_hz: int
    hse_hz: int
    terminal: Terminal
    environment: str
    sleep_state: str
    buttons: tuple[Indicator, ...] = ()
    leds: tuple[Indicator, ...] = ()
    lse_startup: Time = LSE_STARTUP
    parts: tuple[PartEntry, ...] = ()
    bridges: tuple[tuple[str, str], ...] = ()
    resistors: tuple[Resistor, ...] = ()
    limits: dict[str, float] = field(default_factory=dict)
    source: str = ""


def names(folder: Path = BOARDS) -> list[str]:
    """All boards: those of Facet and those of other installed packages."""
    own = {path.stem for path in folder.glob("*.toml")}
    return sorted(own.union(plugins.names(plugins.BOARDS)))


def board_file(name: str, folder: Path = BOARDS) -> Path | Traversable:
    """Returns the file of a board.

    Args:
        name: a board's name, or the path of a board file.
        folder: the folder of Facet's own boards.

    Raises:
        FacetError: there is no such board, or the package that names it does not contain it.
    """
    path = Path(name) if name.endswith(".toml") else folder / f"{name}.toml"
    if path.exists():
        return path
    package = None if name.endswith(".toml") else plugins.load(plugins.BOARDS, name)
    if package is None:
        raise FacetError(
            f"no board {name!r}: there are {', '.join(names(folder))}; "
            "or give the path of a board file (.toml)"
        )
    if not isinstance(package, ModuleType):
        raise FacetError(
            f"the entry point {name!r} of {plugins.BOARDS!r} must name a package that holds "
            f"{name}.toml, not {package!r}"
        )
    found = files(package) / f"{name}.toml"
    if not found.is_file():
        raise FacetError(
            f"the entry point {name!r} of {plugins.BOARDS!r} names the package "
            f"{package.__name__}, which does not hold {name}.toml"
        )
    return found


def load(name: str, folder: Path = BOARDS) -> Board:
    """Reads a board.

    Args:
        name: a board's name, or the path of a board file.

    Raises:
        FacetError: there is no such board, or its file is wrong.
    """
    path = board_file(name, folder)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise FacetError(f"{path} cannot be read as a board: {reason(error)}") from None
    faults = [*schema_faults(data), *pin_faults(data)]
    if faults:
        raise FacetError(f"{path}: {'; '.join(faults)} (see docs/board-file.md)")
    return _board(path.name.removesuffix(".toml"), str(path), data)


def without(board: Board, parts: Iterable[str]) -> Board:
    """Returns the same board with parts left out.

    Args:
        board: the board.
        parts: names of parts.

    Raises:
        FacetError: the board has no part of that name; names those that it has.
    """
    left_out = set(parts)
    have = [part.name for part in board.parts]
    for name in sorted(left_out.difference(have)):
        raise FacetError(
            f"{board.title} has no part {name!r} to leave out; it has {', '.join(have) or 'none'}"
        )
    return replace(board, parts=tuple(part for part in board.parts if part.name not in left_out))


def _board(name: str, source: str, data: dict[str, Any]) -> Board:
    terminal = data["terminal"]
    clocks = data["clocks"]
    parts = []
    for entry in data.get("device", []):
        settings = {key: value for key, value in entry.items() if key not in ("type", "name")}
        parts.append(PartEntry(entry["type"], entry["name"], settings, source))
    return Board(
        name=name,
        title=data["title"],
        chip=data["chip"],
        lse_hz=clocks["lse_hz"],
        hse_hz=clocks["hse_hz"],
        terminal=Terminal(terminal["tx"], terminal["rx"], terminal["baud"]),
        environment=data["firmware"]["environment"],
        sleep_state=data["firmware"]["sleep_state"],
        buttons=tuple(Indicator(b["name"], b["pin"], b["pressed"]) for b in data.get("button", [])),
        leds=tuple(Indicator(led["name"], led["pin"], led["lit"]) for led in data.get("led", [])),
        lse_startup=ms(clocks["lse_startup_ms"]) if "lse_startup_ms" in clocks else LSE_STARTUP,
        parts=tuple(parts),
        bridges=tuple((b["pins"][0], b["pins"][1]) for b in data.get("bridge", [])),
        resistors=tuple(Resistor(r["pin"], r["pulls_to"]) for r in data.get("resistor", [])),
        limits=data.get("limits", {}),
        source=source,
    )
