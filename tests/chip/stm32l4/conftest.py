"""Fixtures of the STM32L4 models' tests."""

from __future__ import annotations

import pytest

from tests.chip.stm32l4.mcu import Mcu


@pytest.fixture
def mcu() -> Mcu:
    """The chip after power-on, on a board with an LSE crystal."""
    return Mcu()
