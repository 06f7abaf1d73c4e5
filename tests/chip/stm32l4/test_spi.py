"""SPI1 as a master, as a driver uses it."""

from __future__ import annotations

import pytest

from facet.board.ports import SpiMode
from facet.board.wiring import SpiPins, Wiring
from facet.chip.stm32l4.dma import Dma
from facet.chip.stm32l4.dma_requests import DmaRequests
from facet.chip.stm32l4.spi import Spi
from facet.time import Time, of_ticks, us
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


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_polled_byte_takes_its_time_on_the_wire(bench: Bench) -> None:
    bench.start()
    bench.firmware.write("DR", 0x55, size=1)
    assert bench.firmware.read("SR") & (BSY | TXE | RXNE) == BSY | TXE
    bench.chip.run(BYTE - 1)
    assert bench.firmware.read("SR") & RXNE == 0
    bench.chip.run(Time(1))
    assert bench.firmware.read("SR") & (BSY | RXNE) == RXNE
    assert bench.firmware.read("DR", size=1) == 0xAA
    assert bench.part.received == b"\x55"
    assert bench.part.modes == [SpiMode(hz=5_000_000, cpol=0, cpha=0)]
    assert bench.chip.violations == []


def test_a_wide_write_to_dr_sends_two_packed_bytes(bench: Bench) -> None:
    bench.start()
    bench.firmware.write("DR", 0x0102, size=2)
    bench.chip.run(2 * BYTE)
    assert bench.part.received == b"\x02\x01"
    bench.firmware.write("DR", 0x9F)  # a plain 32-bit register write: a zero byte too many
    bench.chip.run(2 * BYTE)
    assert bench.part.received == b"\x02\x01\x9f\x00"


def test_16_bit_frames_are_sent_most_significant_bit_first(bench: Bench) -> None:
    bench.start(cr2=DS_16)
    bench.firmware.write("DR", 0x1234, size=2)
    bench.chip.run(2 * BYTE)
    assert bench.part.received == b"\x12\x34"
    assert bench.firmware.read("DR", size=2) == 0xEDCB


def test_interrupts_follow_flags_and_enables(bench: Bench) -> None:
    bench.start(cr2=DS_8 | FRXTH | RXNEIE)
    assert bench.chip.interrupts == set()
    bench.firmware.write("DR", 1, size=1)
    bench.chip.run(BYTE)
    assert bench.chip.interrupts == {IRQ}
    bench.firmware.read("DR", size=1)
    assert bench.chip.interrupts == set()
    bench.firmware.set("CR2", TXEIE)
    assert bench.chip.interrupts == {IRQ}


def test_the_receive_threshold_determines_rxne(bench: Bench) -> None:
    bench.start(cr2=DS_8)  # FRXTH=0: two bytes
    bench.firmware.write("DR", 1, size=1)
    bench.chip.run(BYTE)
    assert bench.firmware.read("SR") & RXNE == 0
    bench.firmware.write("DR", 2, size=1)
    bench.chip.run(BYTE)
    assert bench.firmware.read("SR") & RXNE
    assert bench.firmware.read("DR", size=2) == 0xFDFE


def test_unread_bytes_overrun_and_the_clearing_sequence_ends_it(bench: Bench) -> None:
    bench.start(cr2=DS_8 | FRXTH | ERRIE)
    for byte in range(5):
        bench.firmware.write("DR", byte, size=1)
        bench.chip.run(BYTE)
    assert bench.firmware.read("SR") & OVR
    assert bench.chip.interrupts == {IRQ}
    assert [bench.firmware.read("DR", size=1) for _ in range(4)] == [0xFF, 0xFE, 0xFD, 0xFC]
    assert bench.firmware.read("SR") & OVR
    assert bench.firmware.read("SR") & OVR == 0


def test_without_a_selected_part_ones_are_received(bench: Bench) -> None:
    bench.start()
    bench.select(False)
    bench.firmware.write("DR", 1, size=1)
    bench.chip.run(BYTE)
    assert bench.firmware.read("DR", size=1) == 0xFF
    assert bench.part.received == b""


@pytest.mark.parametrize("signal", ["SCK", "MISO", "MOSI"])
def test_an_unrouted_pin_is_reported(bench: Bench, signal: str) -> None:
    del bench.pins.routed[f"SPI1_{signal}"]
    bench.start()
    bench.arm(2)
    bench.chip.run(10 * BYTE)
    rules = dict(bench.chip.violations)
    assert f"SPI1_{signal}" in rules["wrong-pin-function"]
    received_wrong = bench.part.received != bytes(2)
    read_wrong = bench.chip.read_memory(RX, 2) == b"\xff\xff"
    assert received_wrong or read_wrong


def test_a_write_only_part_needs_no_miso(bench: Bench) -> None:
    del bench.pins.routed["SPI1_MISO"]
    display = Part()
    bench.wiring.plug_spi(display, SpiPins("PA5", None, "PA7"), "PB7")
    bench.wiring.net("PB7").drive("PB7", 0)
    bench.start()
    bench.select(False)
    bench.firmware.write("DR", 7, size=1)
    bench.chip.run(BYTE)
    assert display.received == b"\x07"
    assert bench.chip.violations == []


def test_waiting_with_spe_off_is_reported_and_sends_nothing(bench: Bench) -> None:
    bench.select()
    bench.firmware.write("CR1", MSTR | SSM | SSI)
    bench.firmware.write("DR", 1, size=1)
    for _ in range(1000):
        assert not bench.firmware.read("SR") & RXNE
    bench.chip.run(BYTE)
    assert bench.chip.rules == ["spi-disabled"]
    assert bench.part.received == b""


def test_data_written_before_spe_are_sent_when_it_is_set(bench: Bench) -> None:
    bench.select()
    bench.firmware.write("CR2", DS_8 | FRXTH)
    bench.firmware.write("CR1", MSTR | SSM | SSI | BR_16)
    bench.firmware.write("DR", 7, size=1)
    bench.firmware.set("CR1", SPE)
    bench.chip.run(BYTE)
    assert bench.part.received == b"\x07"
    assert bench.chip.violations == []


def test_slave_mode_is_reported(bench: Bench) -> None:
    bench.firmware.write("CR2", DS_8 | FRXTH)
    bench.firmware.write("CR1", SSM | SPE)  # SSI=0 selects the slave
    assert bench.chip.rules == ["not-modelled"]


def test_a_low_nss_input_faults_the_master(bench: Bench) -> None:
    bench.pins.routed["SPI1_NSS"] = "PA4"
    bench.wiring.net("PA4").drive("outside", 0)
    bench.start(cr1=0)
    bench.firmware.clear("CR1", SPE)
    bench.firmware.write("CR2", DS_8 | FRXTH | ERRIE)
    bench.firmware.write("CR1", MSTR | BR_16)  # SSM=0: the pin decides
    bench.firmware.write("CR1", MSTR | BR_16 | SPE)
    assert bench.chip.rules == ["spi-mode-fault"]
    assert bench.firmware.read("CR1") & (SPE | MSTR) == 0
    assert bench.chip.interrupts == {IRQ}
    assert bench.firmware.read("SR") & MODF
    bench.firmware.write("CR1", MSTR | SSM | SSI | BR_16)
    assert bench.firmware.read("SR") & MODF == 0


def test_nss_output_selects_a_part_while_spe_is_set(bench: Bench) -> None:
    bench.pins.routed["SPI1_NSS"] = "PB6"
    bench.wiring.net("PB6").pull("board", 1)
    bench.firmware.write("CR2", DS_8 | FRXTH | 1 << 2)  # SSOE
    bench.firmware.write("CR1", MSTR | BR_16 | SPE)
    assert bench.part.selected
    bench.firmware.write("CR1", MSTR | BR_16)
    assert not bench.part.selected
    assert bench.chip.violations == []


def test_deselecting_before_bsy_is_clear_is_reported(bench: Bench) -> None:
    bench.start()
    bench.firmware.write("DR", 1, size=1)
    bench.select(False)
    bench.chip.run(BYTE)
    assert bench.chip.rules == ["spi-select-moved"]


def test_switching_off_before_bsy_is_clear_is_reported(bench: Bench) -> None:
    bench.start()
    bench.firmware.write("DR", 1, size=1)
    bench.firmware.clear("CR1", SPE)
    assert bench.chip.rules == ["spi-disabled-while-busy"]


def test_changing_the_baud_rate_during_a_frame_is_reported(bench: Bench) -> None:
    bench.start()
    bench.firmware.write("DR", 1, size=1)
    bench.firmware.set("CR1", 7 << 3)
    assert bench.chip.rules == ["spi-changed-while-busy"]


def test_filling_a_full_fifo_is_reported(bench: Bench) -> None:
    bench.start()
    for byte in range(5):  # one in the shift register, four in the FIFO
        bench.firmware.write("DR", byte, size=1)
    assert bench.chip.violations == []
    bench.firmware.write("DR", 5, size=1)
    assert bench.chip.rules == ["spi-tx-overrun"]


def test_slave_mode_is_reported_as_not_modelled(bench: Bench) -> None:
    bench.firmware.write("CR1", SPE | SSM | SSI)
    assert bench.chip.rules == ["not-modelled"]


def test_receive_only_clocks_until_spe_is_cleared(bench: Bench) -> None:
    bench.start(cr1=RXONLY)
    bench.chip.run(3 * BYTE)
    bench.firmware.clear("CR1", SPE)
    assert [bench.firmware.read("DR", size=1) for _ in range(3)] == [0, 0, 0]
    assert bench.chip.violations == []


def test_stop_mode_during_a_frame_is_reported(bench: Bench) -> None:
    bench.start()
    bench.spi.before_stop()
    assert bench.chip.violations == []
    bench.firmware.write("DR", 1, size=1)
    bench.spi.before_stop()
    assert bench.chip.rules == ["stop-while-busy"]


class TestDma:
    """Blocks over both DMA channels."""

    def test_a_block_takes_the_time_of_its_bytes_on_the_wire(self, bench: Bench) -> None:
        data = bytes(range(100))
        bench.chip.write_memory(TX, data)
        bench.start()
        bench.arm(100)
        bench.chip.run(50 * BYTE - 1)
        assert IRQ_RX not in bench.chip.interrupts
        bench.chip.run(Time(1))
        assert IRQ_RX in bench.chip.interrupts  # half transfer
        assert bench.chip.read_memory(RX, 50) == bytes(b ^ 0xFF for b in data[:50])
        assert bench.chip.read_memory(RX + 50, 50) == bytes(50)
        bench.channels.write("IFCR", 0xFF0)
        bench.chip.run(50 * BYTE - 1)
        assert IRQ_RX not in bench.chip.interrupts
        assert bench.firmware.read("SR") & BSY
        bench.chip.run(Time(1))
        assert IRQ_RX in bench.chip.interrupts
        assert bench.firmware.read("SR") & BSY == 0
        assert bench.chip.read_memory(RX, 100) == bytes(b ^ 0xFF for b in data)
        assert bench.part.received == data
        assert bench.chip.violations == []

    def test_cndtr_gives_the_rest_of_the_block(self, bench: Bench) -> None:
        bench.start()
        bench.arm(100)
        bench.chip.run(30 * BYTE)
        assert bench.channels.read("CNDTR2") == 70
        assert bench.channels.read("CNDTR3") == 65  # the FIFO and the shift register are ahead

    def test_the_transmitter_is_done_before_the_wire(self, bench: Bench) -> None:
        bench.start()
        bench.arm(100)
        bench.chip.run(95 * BYTE)
        assert IRQ_TX in bench.chip.interrupts
        assert bench.firmware.read("SR") & BSY
        bench.select(False)  # the mistake that this invites
        bench.chip.run(5 * BYTE)
        assert bench.chip.rules == ["spi-select-moved"]

    def test_transmit_only_overruns_the_receiver_as_on_silicon(self, bench: Bench) -> None:
        bench.start()
        bench.arm(10, rx=False)
        bench.chip.run(10 * BYTE)
        assert bench.part.received == bytes(10)
        assert bench.firmware.read("SR") & (OVR | RXNE | BSY) == OVR | RXNE

    def test_transmit_by_dma_with_polled_reception_loses_nothing(self, bench: Bench) -> None:
        bench.chip.write_memory(TX, bytes(range(16)))
        bench.start()
        bench.arm(16, rx=False)
        read = bytearray()
        for _ in range(100):
            bench.chip.run(us(0.5))
            while bench.firmware.read("SR") & RXNE:
                read.append(bench.firmware.read("DR", size=1))
        assert read == bytes(b ^ 0xFF for b in range(16))

    def test_a_constant_dummy_byte_can_be_sent_in_circular_mode(self, bench: Bench) -> None:
        bench.chip.write_memory(TX, b"\x5a")
        bench.start()
        bench.channels.write("CSELR", 1 << 4 | 1 << 8)
        bench.channels.write("CNDTR3", 1)
        bench.channels.write("CPAR3", BASE + 0x0C)
        bench.channels.write("CMAR3", TX)
        bench.channels.write("CNDTR2", 64)
        bench.channels.write("CPAR2", BASE + 0x0C)
        bench.channels.write("CMAR2", RX)
        bench.channels.write("CCR2", 0x80 | 0b0011)
        bench.channels.write("CCR3", 0b110001)  # CIRC, DIR, EN
        bench.firmware.set("CR2", RXDMAEN)
        bench.firmware.set("CR2", TXDMAEN)
        bench.chip.run(64 * BYTE)
        assert IRQ_RX in bench.chip.interrupts
        assert bench.chip.read_memory(RX, 64) == b"\xa5" * 64

    def test_the_receiver_may_be_armed_a_few_bytes_late(self, bench: Bench) -> None:
        bench.start()
        bench.arm(8, rx=False)
        bench.chip.run(2 * BYTE)
        bench.channels.write("CNDTR2", 8)
        bench.channels.write("CPAR2", BASE + 0x0C)
        bench.channels.write("CMAR2", RX)
        bench.channels.write("CCR2", 0x80 | 0b0011)
        bench.firmware.set("CR2", RXDMAEN)
        bench.chip.run(6 * BYTE)
        assert bench.chip.read_memory(RX, 8) == b"\xff" * 8
        assert bench.firmware.read("SR") & OVR == 0

    def test_bytes_may_be_packed_in_halfwords(self, bench: Bench) -> None:
        bench.chip.write_memory(TX, bytes(range(8)))
        bench.start(cr2=DS_8)  # FRXTH=0 for pairs
        bench.arm(4, size=1)
        bench.chip.run(8 * BYTE)
        assert bench.part.received == bytes(range(8))
        assert bench.chip.read_memory(RX, 8) == bytes(b ^ 0xFF for b in range(8))

    def test_the_wrong_threshold_leaves_the_last_byte_behind(self, bench: Bench) -> None:
        bench.start(cr2=DS_8)  # FRXTH=0, but the channel takes single bytes
        bench.arm(5)
        bench.chip.run(20 * BYTE)
        assert len(bench.part.received) == 5
        assert bench.channels.read("CNDTR2") == 1
        assert bench.channels.read("ISR") >> 4 & 0b10 == 0  # no TCIF2

    def test_an_abort_counts_the_received_bytes(self, bench: Bench) -> None:
        bench.start()
        bench.arm(100)
        bench.chip.run(10 * BYTE)
        bench.channels.write("CCR3", 0)
        bench.channels.write("CCR2", 0)
        assert bench.channels.read("CNDTR2") == 90
        assert bench.chip.read_memory(RX, 12) == b"\xff" * 10 + bytes(2)

    def test_a_camera_frame_costs_few_events(self, bench: Bench) -> None:
        size = 18_432  # 96 x 96 pixels of two bytes
        bench.start()
        bench.arm(size)
        bench.chip.run(size * BYTE)
        assert bench.chip.events_run < 20
        assert bench.channels.read("CNDTR2") == 0
        assert len(bench.part.received) == size
