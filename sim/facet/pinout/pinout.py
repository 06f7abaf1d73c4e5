"""A chip's pins as a board sees them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Crystal:
    """A clock input of a chip.

    Attributes:
        key: in a board file, under [clocks].
        lowest_hz, highest_hz: what the chip takes.
        pins: that it occupies where it is fitted.
        is_required: the chip does not run without it.
    """

    key: str
    lowest_hz: int
    highest_hz: int
    pins: tuple[str, ...] = ()
    is_required: bool = False


@dataclass(frozen=True)
class Pinout:
    """A chip in its package.

    Attributes:
        chip: as board files name it.
        title: as its maker writes it.
        pin_pattern: what the name of a pin of such a chip looks like.
        pins: those that the package has and a board may use.
        reserved: pins that are there but not free -> why.
        functions: pin -> signals that it can carry -> alternate function; None where any pin can
            carry any signal.
        crystals: its clock inputs.
    """

    chip: str
    title: str
    pin_pattern: re.Pattern[str]
    pins: frozenset[str]
    reserved: Mapping[str, str]
    functions: Mapping[str, Mapping[str, int]] | None
    crystals: tuple[Crystal, ...]

    def signals(self, pin: str) -> frozenset[str]:
        """The signals of each pin; empty if any pin can carry any signal."""
        return frozenset((self.functions or {}).get(pin, {}))

    def pins_of(self, signal: str) -> list[str]:
        """The pins that can carry a signal, such as ``SPI1_SCK``."""
        functions = self.functions or {}
        return [pin for pin in functions if pin in self.pins and signal in functions[pin]]
