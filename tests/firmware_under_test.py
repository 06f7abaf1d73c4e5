"""The firmware that tests run: that of the NUCLEO-L476RG with the default model."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sim.board import load
from sim.firmware_build import FirmwareCache
from sim.model_bundle import find

BOARD = "nucleo_l476rg"
MODEL = "facet-small"


@cache
def firmware() -> Path:
    """Its ELF file, built where that has not been done."""
    return FirmwareCache().get(load(BOARD), find(MODEL))
