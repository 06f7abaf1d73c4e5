"""SPI2 with its buffer and with GDMA."""

from __future__ import annotations

import pytest

from facet.board.ports import SpiMode
from facet.board.wiring import SpiPins
from facet.time import us
from tests.chip.esp32c3.mcu import Mcu
from tests.chip.esp32c3.parts import BUFFER, LIST, SpiPart, descriptor, wait

UPDATE, USR = 1 << 23, 1 << 24
FULL_DUPLEX = 1 << 27 | 1 << 28 | 1

pytestmark = pytest.mark.usefixtures("part")


@pytest.fixture
def part(mcu: Mcu) -> SpiPart:
    """A part on the IO MUX's FSPI pins, selected by GPIO10; SPI2 set up for 6.67 MHz, mode 0."""
    found = SpiPart()
    mcu.wiring.plug_spi(found, SpiPins("GPIO6", "GPIO2", "GPIO7"), "GPIO10")
    mcu.write("GPIO_OUT_W1TS", 1 << 10)
    mcu.write("GPIO_ENABLE_W1TS", 1 << 10)
    for pin in (6, 7):
        mcu.write(f"IO_MUX_GPIO{pin}", 2 << 12)
    mcu.write("IO_MUX_GPIO2", 2 << 12 | 1 << 9)
    mcu.write("SPI2_CLK_GATE", 3)
    mcu.write("SPI2_SLAVE", 0)
    mcu.write("SPI2_CLOCK", 5 << 12 | 2 << 6 | 5)
    mcu.write("GPIO_OUT_W1TC", 1 << 10)
    return found


def exchange(mcu: Mcu, size: int, user: int = FULL_DUPLEX) -> None:
    mcu.write("SPI2_USER", user)
    mcu.write("SPI2_MS_DLEN", 8 * size - 1)
    mcu.write("SPI2_CMD", UPDATE)
    assert not mcu.read("SPI2_CMD") & UPDATE
    mcu.write("SPI2_CMD", USR)


def use_dma(mcu: Mcu) -> None:
    mcu.set("SYSTEM_PERIP_CLK_EN1", 1 << 6)
    mcu.clear("SYSTEM_PERIP_RST_EN1", 1 << 6)
    mcu.write("DMA_IN_PERI_SEL_CH0", 0)
    mcu.write("DMA_OUT_PERI_SEL_CH0", 0)


def test_bytes_go_both_ways_through_the_buffer(mcu: Mcu, part: SpiPart) -> None:
    mcu.write("SPI2_W0", 0x0403_0201)
    mcu.write("SPI2_W1", 0xAA05)
    exchange(mcu, 5)
    assert mcu.read("SPI2_CMD") & USR
    mcu.run(us(5.9))
    assert mcu.read("SPI2_CMD") & USR
    mcu.run(us(0.2))  # 40 bits at 6.67 MHz take 6 us
    assert not mcu.read("SPI2_CMD") & USR
    assert mcu.field("SPI2_DMA_INT_RAW", 12)
    assert part.received == b"\1\2\3\4\5"
    assert mcu.read("SPI2_W0") == 0xFBFC_FDFE
    assert mcu.read("SPI2_W1") == 0xAAFA  # bytes beyond the transaction stay
    assert part.modes == {SpiMode(40_000_000 // 6, 0, 0)}
    assert mcu.rules == []


def test_the_pll_clocks_faster(mcu: Mcu, part: SpiPart) -> None:
    mcu.write("SPI2_CLK_GATE", 7)
    mcu.write("SPI2_CLOCK", 9 << 12 | 4 << 6 | 9)
    exchange(mcu, 1)
    wait(mcu)
    assert part.modes == {SpiMode(8_000_000, 0, 0)}


@pytest.mark.parametrize(
    ("idle", "edge", "cpol", "cpha"), [(0, 0, 0, 0), (0, 1, 0, 1), (1, 1, 1, 0), (1, 0, 1, 1)]
)
def test_modes(mcu: Mcu, part: SpiPart, idle: int, edge: int, cpol: int, cpha: int) -> None:
    mcu.write("SPI2_MISC", 0x3F | idle << 29)
    exchange(mcu, 1, FULL_DUPLEX | edge << 9)
    wait(mcu)
    assert {(mode.cpol, mode.cpha) for mode in part.modes} == {(cpol, cpha)}


def test_command_and_address_go_first(mcu: Mcu, part: SpiPart) -> None:
    mcu.write("SPI2_USER2", 7 << 28 | 0x3D)
    mcu.write("SPI2_USER1", 15 << 27)
    mcu.write("SPI2_ADDR", 0x1234_0000)
    exchange(mcu, 2, 1 << 31 | 1 << 30 | 1 << 28)
    wait(mcu)
    assert part.received[:3] == b"\x3d\x12\x34"
    assert len(part.received) == 5
    assert mcu.read("SPI2_W0") & 0xFFFF == 0  # the complement of an idle MOSI


def test_the_hardware_chip_select(mcu: Mcu, part: SpiPart) -> None:
    mcu.write("GPIO_ENABLE_W1TC", 1 << 10)
    mcu.wiring.net("GPIO10").pull("resistor", 1)
    mcu.write("IO_MUX_GPIO10", 2 << 12)
    mcu.write("SPI2_MISC", 0x3E)
    exchange(mcu, 1)
    assert mcu.wiring.net("GPIO10").level == 0
    wait(mcu)
    assert mcu.wiring.net("GPIO10").level == 1
    assert len(part.received) == 1


def test_dma_receives_into_a_list_of_buffers(mcu: Mcu, part: SpiPart) -> None:
    use_dma(mcu)
    descriptor(mcu, LIST, 100, BUFFER, LIST + 16)
    descriptor(mcu, LIST + 16, 200, BUFFER + 100)
    mcu.write("DMA_INT_ENA_CH0", 1 << 1)
    mcu.route_interrupt("DMA_CH0", 11)
    mcu.write("DMA_IN_LINK_CH0", 1 << 22 | LIST & 0xF_FFFF)
    mcu.write("SPI2_DMA_CONF", 1 << 27)
    exchange(mcu, 250, 1 << 28)
    wait(mcu)
    assert mcu.host.read_memory(BUFFER, 251) == bytes(250) + b"\0"
    assert part.received == b"\xff" * 250
    assert mcu.taken == 11
    head = int.from_bytes(mcu.host.read_memory(LIST + 16, 4), "little")
    assert head >> 12 & 0xFFF == 150
    assert head >> 31 == 0  # the CPU's again
    assert mcu.rules == []


def test_dma_sends_from_a_list_of_buffers(mcu: Mcu, part: SpiPart) -> None:
    use_dma(mcu)
    mcu.host.write_memory(BUFFER, bytes(range(100)))
    descriptor(mcu, LIST, 60, BUFFER, LIST + 16)
    descriptor(mcu, LIST + 16, 40, BUFFER + 60)
    mcu.write("DMA_OUT_LINK_CH0", 1 << 21 | LIST & 0xF_FFFF)
    mcu.write("SPI2_DMA_CONF", 1 << 28)
    exchange(mcu, 100, 1 << 27)
    wait(mcu)
    assert part.received == bytes(range(100))
    assert mcu.field("DMA_INT_RAW_CH0", 8)  # OUT_TOTAL_EOF
    assert mcu.rules == []


def test_a_long_read_is_one_event(mcu: Mcu) -> None:
    use_dma(mcu)
    descriptor(mcu, LIST, 4092, BUFFER)
    mcu.write("DMA_IN_LINK_CH0", 1 << 22 | LIST & 0xF_FFFF)
    mcu.write("SPI2_DMA_CONF", 1 << 27)
    exchange(mcu, 4092, 1 << 28)
    before = mcu.host.events_run
    wait(mcu)
    assert mcu.host.events_run - before == 1
    assert not mcu.read("SPI2_CMD") & USR


# -- what would not work on the chip
def test_dma_in_reset_is_reported(mcu: Mcu) -> None:
    mcu.set("SYSTEM_PERIP_CLK_EN1", 1 << 6)
    mcu.write("DMA_IN_PERI_SEL_CH0", 0)
    assert mcu.host.violations[-1][0] == "peripheral-in-reset"


def test_dma_without_a_list_is_reported(mcu: Mcu) -> None:
    use_dma(mcu)
    mcu.write("SPI2_DMA_CONF", 1 << 27)
    exchange(mcu, 10, 1 << 28)
    assert mcu.rules == ["spi-no-dma"]


def test_a_buffer_in_flash_is_reported(mcu: Mcu) -> None:
    use_dma(mcu)
    descriptor(mcu, LIST, 10, 0x3C00_0000)
    mcu.write("DMA_OUT_LINK_CH0", 1 << 21 | LIST & 0xF_FFFF)
    mcu.write("SPI2_DMA_CONF", 1 << 28)
    exchange(mcu, 10, 1 << 27)
    assert mcu.rules == ["dma-descriptor", "spi-dma-underrun"]
    assert "0x3c000000 (+10) is not in SRAM1" in mcu.host.violations[0][1]


def test_a_list_that_is_too_short_is_reported(mcu: Mcu) -> None:
    use_dma(mcu)
    descriptor(mcu, LIST, 8, BUFFER)
    mcu.write("DMA_IN_LINK_CH0", 1 << 22 | LIST & 0xF_FFFF)
    mcu.write("SPI2_DMA_CONF", 1 << 27)
    exchange(mcu, 10, 1 << 28)
    wait(mcu)
    assert mcu.rules == ["spi-dma-overrun"]
    assert mcu.field("DMA_INT_RAW_CH0", 7)  # IN_DSCR_EMPTY


def test_registers_changed_without_an_update_are_reported(mcu: Mcu) -> None:
    mcu.write("SPI2_MS_DLEN", 7)
    mcu.write("SPI2_CMD", USR)
    assert mcu.rules == ["spi-not-updated"]


def test_a_change_while_busy_is_reported(mcu: Mcu) -> None:
    exchange(mcu, 4)
    mcu.write("SPI2_MS_DLEN", 7)
    assert mcu.rules == ["spi-changed-while-busy"]


def test_a_missing_clock_is_reported(mcu: Mcu) -> None:
    mcu.write("SPI2_CLK_GATE", 0)
    mcu.write("SPI2_CMD", UPDATE)
    assert mcu.rules == ["spi-no-clock"]
    assert mcu.read("SPI2_CMD") & UPDATE


def test_pins_without_a_route_are_reported(mcu: Mcu) -> None:
    mcu.write("IO_MUX_GPIO7", 1 << 12)
    mcu.clear("IO_MUX_GPIO2", 1 << 9)
    exchange(mcu, 1)
    assert mcu.rules == ["wrong-pin-function", "wrong-pin-function"]
    assert "FSPID (MOSI)" in mcu.host.violations[0][1]
    assert "IO_MUX_GPIO2.FUN_IE=0" in mcu.host.violations[1][1]


def test_more_than_64_bytes_need_dma(mcu: Mcu) -> None:
    exchange(mcu, 65, 1 << 27)
    assert mcu.rules == ["spi-buffer-overrun"]


def test_a_chip_select_that_changes_is_reported(mcu: Mcu) -> None:
    exchange(mcu, 4)
    mcu.write("GPIO_OUT_W1TS", 1 << 10)
    wait(mcu)
    assert mcu.rules == ["spi-select-moved"]


def test_two_data_lines_are_not_modelled(mcu: Mcu) -> None:
    mcu.write("SPI2_CTRL", 1 << 14)
    exchange(mcu, 1)
    assert mcu.rules == ["not-modelled"]
