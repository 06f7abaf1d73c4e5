"""SPI1 with DMA: blocks over both channels."""

from __future__ import annotations

import pytest

from facet.time import Time, us
from tests.chip.stm32l4.spi_bench import (
    BASE,
    BSY,
    BYTE,
    DS_8,
    IRQ_RX,
    IRQ_TX,
    OVR,
    RX,
    RXDMAEN,
    RXNE,
    TX,
    TXDMAEN,
    Bench,
)


@pytest.fixture
def bench() -> Bench:
    return Bench()


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
