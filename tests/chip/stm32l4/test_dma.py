"""DMA1 and DMA2, as a driver uses them."""

from __future__ import annotations

import pytest

from facet.chip.stm32l4.dma import CYCLES_PER_ITEM, Dma
from facet.chip.stm32l4.dma_requests import DmaRequests
from facet.time import of_ticks, us
from tests.chip.fakes import RAM, FakeChip, Firmware

HCLK_HZ = 80_000_000
EN, TCIE, HTIE, TEIE = 1, 2, 4, 8
DIR, CIRC, PINC, MINC = 1 << 4, 1 << 5, 1 << 6, 1 << 7
MEM2MEM = 1 << 14
IRQS = (11, 12, 13, 14, 15, 16, 17)
SOURCE, TARGET = RAM + 0x100, RAM + 0x400


class Bench:
    """A controller with a request line whose data register lies in RAM."""

    def __init__(self) -> None:
        self.chip = FakeChip()
        hclk = self.chip.clock("HCLK", HCLK_HZ)
        self.dma = Dma("DMA1", 0x4002_0000, self.chip, hclk=hclk, irqs=IRQS)
        self.requests = DmaRequests([self.dma])
        self.firmware = Firmware(self.dma)
        self.requests.connect("USART2_TX", TARGET, to_peripheral=True)

    def fill(self, address: int, data: bytes) -> None:
        self.chip.write_memory(address, data)

    def peek(self, address: int, size: int) -> bytes:
        return self.chip.read_memory(address, size)

    def set_up(self, channel: int, count: int, ccr: int, par: int, mar: int) -> None:
        self.firmware.write(f"CNDTR{channel}", count)
        self.firmware.write(f"CPAR{channel}", par)
        self.firmware.write(f"CMAR{channel}", mar)
        self.firmware.write(f"CCR{channel}", ccr)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_memory_to_memory_takes_bus_cycles_and_sets_both_flags(bench: Bench) -> None:
    data = bytes(range(200))
    bench.fill(SOURCE, data)
    bench.set_up(1, 200, EN | TCIE | MEM2MEM | MINC | PINC, SOURCE, TARGET)
    bench.chip.run(of_ticks(100 * CYCLES_PER_ITEM, HCLK_HZ))
    assert bench.firmware.read("ISR") & 0xF == 0b0101  # HTIF, GIF
    assert bench.firmware.read("CNDTR1") == 100
    assert bench.chip.interrupts == set()
    bench.chip.run(of_ticks(100 * CYCLES_PER_ITEM, HCLK_HZ))
    assert bench.peek(TARGET, 200) == data
    assert bench.firmware.read("ISR") & 0xF == 0b0111
    assert bench.chip.interrupts == {11}
    bench.firmware.write("IFCR", 1)  # CGIF1
    assert bench.firmware.read("ISR") == 0
    assert bench.chip.interrupts == set()


def test_cndtr_counts_down_while_a_block_is_copied(bench: Bench) -> None:
    bench.set_up(1, 100, EN | MEM2MEM | MINC | PINC, SOURCE, TARGET)
    bench.chip.run(of_ticks(10 * CYCLES_PER_ITEM, HCLK_HZ))
    assert bench.firmware.read("CNDTR1") == 90


def test_widths_differ_by_cutting_or_filling_with_zeros(bench: Bench) -> None:
    bench.fill(SOURCE, b"\x01\x02\x03\x04")
    # From bytes at CPAR to halfwords at CMAR.
    bench.set_up(1, 4, EN | MEM2MEM | MINC | PINC | 1 << 10, SOURCE, TARGET)
    bench.chip.run(us(10))
    assert bench.peek(TARGET, 8) == b"\x01\x00\x02\x00\x03\x00\x04\x00"


def test_a_request_moves_one_item_after_the_other_to_a_register(bench: Bench) -> None:
    bench.fill(SOURCE, b"ab")
    bench.firmware.write("CSELR", 2 << 24)  # C7S=2: USART2_TX
    bench.set_up(7, 2, EN | DIR | MINC, TARGET, SOURCE)
    bench.requests.drive("USART2_TX", True)
    bench.chip.run(of_ticks(CYCLES_PER_ITEM, HCLK_HZ))
    assert bench.peek(TARGET, 1) == b"a"
    assert bench.firmware.read("CNDTR7") == 1
    bench.requests.drive("USART2_TX", False)
    bench.chip.run(us(10))
    assert bench.peek(TARGET, 1) == b"a"
    bench.requests.drive("USART2_TX", True)
    bench.chip.run(us(10))
    assert bench.peek(TARGET, 1) == b"b"
    assert bench.firmware.read("ISR") >> 24 == 0b0111


def test_circular_mode_repeats(bench: Bench) -> None:
    bench.fill(SOURCE, b"xyz")
    bench.firmware.write("CSELR", 2 << 24)
    bench.set_up(7, 3, EN | DIR | MINC | CIRC, TARGET, SOURCE)
    bench.requests.drive("USART2_TX", True)
    bench.chip.run(of_ticks(4 * CYCLES_PER_ITEM, HCLK_HZ))
    assert bench.peek(TARGET, 1) == b"x"
    assert bench.firmware.read("CNDTR7") == 2


def test_a_channel_whose_request_is_not_selected_is_reported(bench: Bench) -> None:
    bench.set_up(7, 2, EN | DIR | MINC, TARGET, SOURCE)
    bench.requests.drive("USART2_TX", True)
    ((rule, message),) = bench.chip.violations
    assert rule == "dma-request-not-selected"
    assert "CSELR.C7S=0 selects DFSDM1_FLT3" in message
    assert "DMA1 channel 7 with C7S=2" in message


def test_the_wrong_channel_is_reported(bench: Bench) -> None:
    bench.requests.drive("USART2_TX", True)
    bench.set_up(4, 2, EN | DIR | MINC, TARGET, SOURCE)
    assert bench.chip.rules == ["dma-request-not-selected"]


def test_registers_are_fixed_while_the_channel_is_on(bench: Bench) -> None:
    bench.set_up(2, 8, EN | MINC, SOURCE, TARGET)
    bench.firmware.write("CNDTR2", 4)
    bench.firmware.write("CMAR2", 0)
    bench.firmware.write("CCR2", EN | CIRC)
    assert bench.chip.rules == ["dma-channel-enabled"] * 3
    assert bench.firmware.read("CNDTR2") == 8
    assert bench.firmware.read("CMAR2") == TARGET
    assert bench.firmware.read("CCR2") == EN | MINC


def test_interrupt_enables_may_change_while_the_channel_is_on(bench: Bench) -> None:
    bench.set_up(2, 8, EN | MINC | HTIE | TCIE, SOURCE, TARGET)
    bench.firmware.clear("CCR2", HTIE)
    bench.firmware.write("CCR2", 0)  # and it may be switched off with a plain 0
    assert bench.chip.violations == []


def test_a_bad_address_raises_the_transfer_error_and_stops_the_channel(bench: Bench) -> None:
    bench.set_up(3, 8, EN | TEIE | MEM2MEM | MINC | PINC, 0x1000, TARGET)
    bench.chip.run(us(10))
    assert bench.chip.rules == ["dma-bus-error"]
    assert bench.firmware.read("ISR") >> 8 & 0xF == 0b1001
    assert bench.firmware.read("CCR3") & EN == 0
    assert bench.chip.interrupts == {13}


def test_the_higher_priority_is_served_first(bench: Bench) -> None:
    bench.requests.connect("USART2_RX", SOURCE, to_peripheral=False)
    bench.firmware.write("CSELR", 2 << 24 | 2 << 20)
    bench.set_up(6, 1, EN | MINC, SOURCE, TARGET + 8)
    bench.set_up(7, 1, EN | DIR | MINC | 1 << 12, TARGET, SOURCE)
    bench.requests.drive("USART2_RX", True)
    bench.requests.drive("USART2_TX", True)
    bench.chip.run(of_ticks(CYCLES_PER_ITEM, HCLK_HZ))
    assert bench.firmware.read("CNDTR7") == 0
    assert bench.firmware.read("CNDTR6") == 1
