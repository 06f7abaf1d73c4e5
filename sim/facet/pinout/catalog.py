"""The pinouts by the names that board files use."""

from __future__ import annotations

from typing import Final

from facet.pinout.esp32c3 import C3_PINOUT
from facet.pinout.stm32l4 import L432_PINOUT, L476_PINOUT

PINOUTS: Final = {pinout.chip: pinout for pinout in (C3_PINOUT, L432_PINOUT, L476_PINOUT)}
"""Chip -> its pins."""
