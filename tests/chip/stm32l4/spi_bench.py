"""SPI1 with both its DMA channels and a part, for the tests of the peripheral."""

from __future__ import annotations

from facet.board.ports import SpiMode
from facet.board.wiring import SpiPins, Wiring
from facet.chip.stm32l4.dma import Dma
from facet.chip.stm32l4.dma_requests import DmaRequests
from facet.chip.stm32l4.spi import Spi
from facet.time import of_ticks
from tests.chip.fakes import RAM, FakeChip, FakePins, Firmware

PCLK_HZ = 80_000_000
BASE = 0x4001_3000
CPHA, CPOL, MSTR, SPE, SSI, SSM, RXONLY = 1, 2, 4, 1 << 6, 1 << 8, 1 << 9, 1 << 10
BR_16 = 3 << 3  # fPCLK / 16: 5 MHz
RXDMAEN, TXDMAEN, ERRIE, RXNEIE, TXEIE = 1, 2, 1 << 5, 1 << 6, 1 << 7
DS_8, DS_16, FRXTH = 7 << 8, 15 << 8, 1 << 12
RXNE, TXE, MODF, OVR, BSY = 1, 2, 1 << 5, 1 << 6, 1 << 7
BYTE = of_ticks(8 * 16, PCLK_HZ)  # eight clocks at 5 MHz: 1.6 us
IRQ, IRQ_RX, IRQ_TX = 35, 12, 13
TX, RX = RAM + 0x1000, RAM + 0x8000


class Part:
    """Answers each byte with its complement and keeps the received bytes."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.modes: list[SpiMode] = []
        self.selected = False

    def select(self) -> None:
        self.selected = True

    def deselect(self) -> None:
        self.selected = False

    def transfer(self, mosi: bytes, mode: SpiMode) -> bytes:
        self.received += mosi
        self.modes.append(mode)
        return bytes(byte ^ 0xFF for byte in mosi)


class Bench:
    """SPI1, both DMA controllers, a part on PA5/PA6/PA7 that PB6 selects."""

    def __init__(self) -> None:
        self.chip = FakeChip()
        self.wiring = Wiring()
        self.pins = FakePins(SPI1_SCK="PA5", SPI1_MISO="PA6", SPI1_MOSI="PA7")
        self.part = Part()
        self.wiring.plug_spi(self.part, SpiPins("PA5", "PA6", "PA7"), "PB6")
        clock = self.chip.clock("HCLK", PCLK_HZ)
        irqs = (11, IRQ_RX, IRQ_TX, 14, 15, 16, 17)
        self.dma = Dma("DMA1", 0x4002_0000, self.chip, hclk=clock, irqs=irqs)
        self.spi = Spi(
            "SPI1",
            BASE,
            self.chip,
            pclk=clock,
            wiring=self.wiring,
            pins=self.pins,
            irq=IRQ,
            dma=DmaRequests([self.dma]),
        )
        self.chip.bus.attach(self.dma)
        self.chip.bus.attach(self.spi)
        self.firmware = Firmware(self.spi)
        self.channels = Firmware(self.dma)

    def select(self, low: bool = True) -> None:
        self.wiring.net("PB6").drive("PB6", 0 if low else 1)

    def start(self, cr1: int = 0, cr2: int = DS_8 | FRXTH) -> None:
        self.select()
        self.firmware.write("CR2", cr2)
        self.firmware.write("CR1", MSTR | SSM | SSI | BR_16 | cr1)
        self.firmware.set("CR1", SPE)

    def arm(self, count: int, *, rx: bool = True, tx_ccr: int = 0x80, size: int = 0) -> None:
        """Channel 2 for SPI1_RX, channel 3 for SPI1_TX, then TXDMAEN, as ST's HAL does it."""
        widths = size << 8 | size << 10
        self.channels.write("CSELR", 1 << 4 | 1 << 8)
        if rx:
            self.channels.write("CNDTR2", count)
            self.channels.write("CPAR2", BASE + 0x0C)
            self.channels.write("CMAR2", RX)
            self.channels.write("CCR2", 0x80 | widths | 0b0111)  # MINC, HTIE, TCIE, EN
            self.firmware.set("CR2", RXDMAEN)
        self.channels.write("CNDTR3", count)
        self.channels.write("CPAR3", BASE + 0x0C)
        self.channels.write("CMAR3", TX)
        self.channels.write("CCR3", tx_ccr | widths | 0b10011)  # DIR, TCIE, EN
        self.firmware.set("CR2", TXDMAEN)
