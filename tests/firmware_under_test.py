"""The firmware that tests run: that of the NUCLEO-L476RG with the default model."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from facet.board.board import load
from facet.firmware.build import FirmwareCache
from facet.model.bundle import find

BOARD = "nucleo_l476rg"
MODEL = "facet-small"


@cache
def firmware() -> Path:
    """Its ELF file, built where that has not been done."""
    return FirmwareCache().get(load(BOARD), find(MODEL))
