"""SPI1 as a master, as a driver uses it."""

from __future__ import annotations

import pytest

from facet.board.ports import SpiMode
from facet.board.wiring import SpiPins
from facet.time import Time
from tests.chip.stm32l4.spi_bench import (
    BR_16,
    BSY,
    BYTE,
    DS_8,
    DS_16,
    ERRIE,
    FRXTH,
    IRQ,
    MODF,
    MSTR,
    OVR,
    RX,
    RXNE,
    RXNEIE,
    RXONLY,
    SPE,
    SSI,
    SSM,
    TXE,
    TXEIE,
    Bench,
    Part,
)


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
