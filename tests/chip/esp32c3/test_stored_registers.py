"""Registers that keep their bits, and are named where Facet lacks what they control."""

from __future__ import annotations

import pytest

from tests.chip.esp32c3.mcu import Mcu


def test_a_register_without_function_keeps_its_writable_bits(mcu: Mcu) -> None:
    mcu.write("RTC_CNTL_TIMER6", 0x1234_5678)
    assert mcu.read("RTC_CNTL_TIMER6") == 0x1234_0000
    assert mcu.rules == []


def test_a_reset_restores_a_register_without_function(mcu: Mcu) -> None:
    mcu.write("RTC_CNTL_TIMER6", 0)
    mcu.reset("power-on")
    assert mcu.read("RTC_CNTL_TIMER6") == 0x0A08_0000


def test_bits_that_can_only_be_written_read_as_0(mcu: Mcu) -> None:
    mcu.write("EXTMEM_CACHE_ILG_INT_CLR", 0x1A1)
    assert mcu.read("EXTMEM_CACHE_ILG_INT_CLR") == 0
    assert mcu.rules == []


def test_the_first_change_of_a_register_that_controls_a_missing_function_is_reported(
    mcu: Mcu,
) -> None:
    mcu.write("SPI1_INT_ENA", 0)
    assert mcu.rules == []
    mcu.write("SPI1_INT_ENA", 1)
    mcu.write("SPI1_INT_ENA", 0)
    assert mcu.host.violations == [
        (
            "not-modelled",
            "SPI1: INT_ENA (the interrupts of SPI1) is not modelled by Facet",
        )
    ]


def test_the_first_read_of_a_status_that_has_no_model_is_reported(mcu: Mcu) -> None:
    mcu.set("SYSTEM_PERIP_CLK_EN1", 1 << 6)
    mcu.clear("SYSTEM_PERIP_RST_EN1", 1 << 6)
    assert mcu.read("DMA_IN_STATE_CH1") == 0
    mcu.read("DMA_IN_STATE_CH1")
    assert mcu.rules == ["not-modelled"]


@pytest.mark.parametrize("uart", ["UART0", "UART1"])
def test_both_uarts_have_the_registers_of_the_table(mcu: Mcu, uart: str) -> None:
    mcu.set("SYSTEM_PERIP_CLK_EN0", 1 << 5)
    assert mcu.read(f"{uart}_IDLE_CONF") == 0x0004_0100


def test_the_fuses_can_be_read_again_but_not_programmed(mcu: Mcu) -> None:
    mcu.write("EFUSE_CMD", 1)
    assert mcu.read("EFUSE_CMD") == 0  # what a driver waits for
    assert mcu.rules == []
    mcu.write("EFUSE_CMD", 2)
    assert mcu.rules == ["not-modelled"]
