"""The window watchdog (RM0351, section 37)."""

from __future__ import annotations

import pytest

from facet.time import Time, of_ticks
from tests.chip.stm32l4.mcu import Mcu

WDGA, EWI = 1 << 7, 1 << 9
WWDG = 0  # NVIC position
STEP = of_ticks(4096 * 8, 4_000_000)  # PCLK1 is MSI at 4 MHz, WDGTB 3


@pytest.fixture
def wwdg(mcu: Mcu) -> Mcu:
    """Running from 0x7F with the window at 0x50."""
    mcu.set("RCC_APB1ENR1", 1 << 11)
    mcu.write("WWDG_CFR", 3 << 7 | 0x50)
    mcu.write("WWDG_CR", WDGA | 0x7F)
    return mcu


def after(mcu: Mcu, steps: int) -> None:
    mcu.run(Time(steps * STEP))


def test_it_counts_down_and_resets_the_chip_below_0x40(wwdg: Mcu) -> None:
    after(wwdg, 0x3F)
    assert wwdg.read("WWDG_CR") == WDGA | 0x40
    assert wwdg.reset_requests == []
    after(wwdg, 1)
    assert wwdg.reset_requests == ["window-watchdog"]
    assert wwdg.rules == ["watchdog"]


def test_feeding_it_within_the_window_keeps_the_chip_alive(wwdg: Mcu) -> None:
    for _ in range(4):
        after(wwdg, 0x7F - 0x48)
        wwdg.write("WWDG_CR", WDGA | 0x7F)
    assert wwdg.reset_requests == []


def test_feeding_it_too_early_resets_the_chip(wwdg: Mcu) -> None:
    after(wwdg, 0x7F - 0x51)
    wwdg.write("WWDG_CR", WDGA | 0x7F)
    assert wwdg.reset_requests == ["window-watchdog"]


def test_clearing_t6_resets_the_chip_at_once(wwdg: Mcu) -> None:
    after(wwdg, 0x7F - 0x48)
    wwdg.write("WWDG_CR", WDGA | 0x3F)
    assert wwdg.reset_requests == ["window-watchdog"]


def test_the_early_wake_up_comes_one_step_before(wwdg: Mcu) -> None:
    wwdg.set("WWDG_CFR", EWI)
    after(wwdg, 0x3F - 1)
    assert WWDG not in wwdg.host.interrupts
    after(wwdg, 1)
    assert WWDG in wwdg.host.interrupts
    wwdg.write("WWDG_SR", 0)
    wwdg.write("WWDG_CR", WDGA | 0x7F)
    assert WWDG not in wwdg.host.interrupts
    assert wwdg.reset_requests == []


def test_it_stays_on_until_a_reset(wwdg: Mcu) -> None:
    after(wwdg, 0x7F - 0x48)
    wwdg.write("WWDG_CR", 0x7F)
    assert wwdg.read("WWDG_CR") == WDGA | 0x7F
    assert wwdg.reset_requests == []
    wwdg.chip.reset("software")
    wwdg.set("RCC_APB1ENR1", 1 << 11)
    after(wwdg, 0x80)
    assert wwdg.read("WWDG_CR") & WDGA == 0
    assert wwdg.reset_requests == []
