"""The differences of the STM32L432KC from the STM32L476RG."""

from __future__ import annotations

import pytest

from facet.board.wiring import Wiring
from facet.chip.stm32l4 import memory_map as mm
from facet.chip.stm32l4.variants import STM32L432KC, STM32L476RG
from facet.engine.unicorn.memory import Memory
from tests.chip.stm32l4.mcu import Mcu

TIM3, USART3, SPI2, GPIOD = 0x4000_0400, 0x4000_4800, 0x4000_3800, 0x4800_0C00


@pytest.fixture
def small() -> Mcu:
    return Mcu(STM32L432KC)


@pytest.mark.parametrize("base", [TIM3, USART3, SPI2, GPIOD])
def test_a_peripheral_of_the_larger_chip_is_reported(small: Mcu, base: int) -> None:
    small.chip.bus.write(base, 4, 1)
    assert small.rules == ["no-such-peripheral"]


def test_enable_bits_of_missing_peripherals_are_reserved(small: Mcu) -> None:
    for register in ("RCC_AHB2ENR", "RCC_APB1ENR1", "RCC_APB2ENR"):
        small.write(register, 0xFFFF_FFFF)
    # RM0394, 6.4.16, 6.4.18 and 6.4.20, as far as the STM32L432 has them.
    assert small.read("RCC_AHB2ENR") == 0x0004_2087
    assert small.read("RCC_APB1ENR1") == 0xF7A2_8C31
    assert small.read("RCC_APB2ENR") == 0x0023_5881


def test_it_has_no_second_audio_pll(small: Mcu) -> None:
    small.set("RCC_CR", 1 << 28)
    assert small.field("RCC_CR", 28) == 0
    small.chip.bus.write(mm.BASE["RCC"] + 0x14, 4, 0)
    assert small.rules == ["no-such-register"]


def test_its_rtc_has_a_gate_that_is_open_after_reset(small: Mcu) -> None:
    small.read("RTC_TR")
    assert small.rules == []
    small.clear("RCC_APB1ENR1", 1 << 10)
    small.read("RTC_TR")
    assert small.rules == ["unclocked-access"]


def test_the_larger_chip_has_no_such_gate() -> None:
    large = Mcu(STM32L476RG)
    large.set("RCC_APB1ENR1", 1 << 10)
    assert large.field("RCC_APB1ENR1", 10) == 0


def test_a_pin_that_its_package_lacks_is_reported(small: Mcu) -> None:
    small.set("RCC_AHB2ENR", 1 << 1)
    small.write("GPIOB_MODER", 1 << 16)  # PB8
    assert "pin-not-bonded" in small.rules


def test_an_exti_line_of_a_port_that_it_lacks_stays_low(small: Mcu) -> None:
    small.set("RCC_APB2ENR", 1)
    small.write("SYSCFG_EXTICR1", 3)  # PD0
    assert small.rules == []


def test_it_identifies_itself(small: Mcu) -> None:
    assert small.read("DBGMCU_IDCODE") & 0xFFF == 0x435
    contents = small.chip.factory_contents()
    assert contents[mm.FLASH_SIZE_ADDRESS] == (256).to_bytes(2, "little")
    assert contents[mm.PACKAGE_ADDRESS] == (8).to_bytes(4, "little")
    assert Mcu(STM32L476RG).read("DBGMCU_IDCODE") & 0xFFF == 0x415


def test_its_second_ram_continues_the_first() -> None:
    memory = Memory()
    for region in STM32L432KC.memory:
        memory.add(region)
    memory.write(mm.SRAM2_BASE + 0x3FFC, b"last")
    assert memory.read(0x2000_FFFC, 4) == b"last"
    with pytest.raises(IndexError):
        memory.read(0x2001_0000, 1)


def test_pins_that_a_solder_bridge_joins_share_a_net() -> None:
    wiring = Wiring()
    wiring.bridge("PA5", "PB7")
    wiring.net("PB7").drive("PB7", 1)
    assert wiring.net("PA5").level == 1
    assert [net.level for net in wiring.nets] == [1]
