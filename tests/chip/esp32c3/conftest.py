"""Fixtures for the ESP32-C3's models."""

from __future__ import annotations

import pytest

from tests.chip.esp32c3.mcu import Mcu


@pytest.fixture
def mcu() -> Mcu:
    """The chip as the ROM hands it over, its watchdogs stopped."""
    chip = Mcu()
    chip.stop_watchdogs()
    return chip
