"""Boards as data: what `platforms/<board>.toml` says."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facet.board.pin_check import pin_faults
from facet.board.schema import schema_faults
from facet.errors import FacetError
from facet.resources import BOARDS


@dataclass(frozen=True)
class Terminal:
    """The serial link to the host: the chip's pins and the host's baud rate."""

    tx: str
    rx: str
    baud: int


@dataclass(frozen=True)
class Indicator:
    """A button or a lamp: its pin and the level at which it is pressed or lit."""

    name: str
    pin: str
    active: int


@dataclass(frozen=True)
class Part:
    """A part around the chip: its type's name and the pins (or other settings) it is given."""

    type: str
    name: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class Board:
    """A board.

    Attributes:
        name: the file's name without its suffix.
        chip: such as ``stm32l476rg``.
        lse_hz, hse_hz: crystals; 0 where none is fitted.
        environment: the PlatformIO environment that builds its firmware.
        sleep_state: how the chip's state is called while that firmware sleeps between decisions.
        bridges: pairs of the chip's pins that the board joins.
        limits: figures that scenarios hold the firmware against.
        source: the board file.
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
    parts: tuple[Part, ...] = ()
    bridges: tuple[tuple[str, str], ...] = ()
    limits: dict[str, float] = field(default_factory=dict)
    source: str = ""


def names(folder: Path = BOARDS) -> list[str]:
    """The boards that there are."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load(name: str, folder: Path = BOARDS) -> Board:
    """Reads a board.

    Args:
        name: a board's name, or the path of a board file of one's own.

    Raises:
        FacetError: no such board, or its file is wrong.
    """
    path = Path(name) if name.endswith(".toml") else folder / f"{name}.toml"
    try:
        data = tomllib.loads(path.read_text())
    except FileNotFoundError:
        raise FacetError(
            f"no board {name!r}: there are {', '.join(names(folder))}; "
            "or give the path of a board file (.toml)"
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FacetError(f"{path} cannot be read as a board: {error}") from None
    faults = [*schema_faults(data), *pin_faults(data)]
    if faults:
        raise FacetError(f"{path}: {'; '.join(faults)} (see docs/board-file.md)")
    return _board(path.stem, str(path.absolute()), data)


def _board(name: str, source: str, data: dict[str, Any]) -> Board:
    terminal = data["terminal"]
    clocks = data["clocks"]
    parts = []
    for entry in data.get("device", []):
        settings = {key: value for key, value in entry.items() if key not in ("type", "name")}
        parts.append(Part(entry["type"], entry["name"], settings))
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
        parts=tuple(parts),
        bridges=tuple((b["pins"][0], b["pins"][1]) for b in data.get("bridge", [])),
        limits=data.get("limits", {}),
        source=source,
    )
