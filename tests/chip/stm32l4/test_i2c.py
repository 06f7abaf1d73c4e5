"""I2C1 as a master, as a driver uses it."""

from __future__ import annotations

import pytest

from facet.board.wiring import Wiring
from facet.chip.stm32l4.dma import Dma
from facet.chip.stm32l4.dma_requests import DmaRequests
from facet.chip.stm32l4.i2c import I2c
from facet.time import PS_PER_S, Time, us
from tests.chip.fakes import RAM, FakeChip, FakePins, Firmware

KERNEL_HZ = 80_000_000
BASE = 0x4000_5400
TIMING_100K = 0x1090_9CEC  # PRESC 1, SCLH 156, SCLL 236: what ST's tool gives for 80 MHz
TIMING_400K = 0x0070_2991
PE, TXIE, RXIE, NACKIE, STOPIE, TCIE, ERRIE = 1, 2, 4, 16, 32, 64, 128
TXDMAEN, RXDMAEN = 1 << 14, 1 << 15
START, STOP, RELOAD, AUTOEND, READ = 1 << 13, 1 << 14, 1 << 24, 1 << 25, 1 << 10
TXE, TXIS, RXNE, NACKF, STOPF, TC, TCR, ARLO, BUSY = (
    *(1, 2, 4, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 9, 1 << 15),
)
EV, ER = 31, 32
ADDRESS = 0x30


class Registers:
    """A part with a register pointer: write it, then write or read on from there."""

    def __init__(self) -> None:
        self.values = bytearray(range(100, 116))
        self.pointer = 0
        self.log: list[str] = []
        self.scl_hz = 0
        self._first = False

    def i2c_start(self, address: int, read: bool, scl_hz: int) -> bool:
        if address != ADDRESS:
            return False
        self.scl_hz = scl_hz
        self._first = True
        self.log.append("read" if read else "write")
        return True

    def i2c_write(self, byte: int) -> bool:
        if self._first:
            self._first = False
            self.pointer = byte
            return byte < len(self.values)
        self.values[self.pointer] = byte
        self.pointer += 1
        return True

    def i2c_read(self) -> int:
        self.pointer += 1
        return self.values[self.pointer - 1]

    def i2c_stop(self) -> None:
        self.log.append("stop")


class Bench:
    """I2C1 on PB8 and PB9 with pull-ups and one part."""

    def __init__(self) -> None:
        self.chip = FakeChip()
        self.wiring = Wiring()
        self.pins = FakePins(I2C1_SCL="PB8", I2C1_SDA="PB9")
        self.part = Registers()
        self.wiring.plug_i2c(self.part, "PB8", "PB9")
        self.pull_up(1)
        hclk = self.chip.clock("HCLK", 80_000_000)
        self.dma = Dma("DMA1", 0x4002_0000, self.chip, hclk=hclk, irqs=(11, 12, 13, 14, 15, 16, 17))
        self.fast_mode_plus = False
        self.i2c = I2c(
            "I2C1",
            BASE,
            self.chip,
            kernel_hz=lambda: KERNEL_HZ,
            wiring=self.wiring,
            pins=self.pins,
            irq_event=EV,
            irq_error=ER,
            dma=DmaRequests([self.dma]),
            fast_mode_plus=lambda: self.fast_mode_plus,
        )
        self.chip.bus.attach(self.i2c)
        self.firmware = Firmware(self.i2c)

    def pull_up(self, level: int | None) -> None:
        for pin in ("PB8", "PB9"):
            self.wiring.net(pin).pull("module", level)

    def enable(self, cr1: int = 0, timing: int = TIMING_100K) -> None:
        self.firmware.write("TIMINGR", timing)
        self.firmware.write("CR1", PE | cr1)

    def begin(self, count: int, flags: int = AUTOEND, address: int = ADDRESS) -> None:
        self.firmware.write("CR2", address << 1 | count << 16 | START | flags)

    def isr(self) -> int:
        return self.firmware.read("ISR")

    def wait(self, flag: int) -> None:
        """Polls as a driver does, for at most 2 ms."""
        for _ in range(2000):
            if self.isr() & flag:
                return
            self.chip.run(us(1))
        pytest.fail(f"flag {flag:#x} did not come; ISR={self.isr():#x}")

    def send(self, data: bytes) -> None:
        for byte in data:
            self.wait(TXIS)
            self.firmware.write("TXDR", byte)

    def take(self, count: int) -> bytes:
        taken = bytearray()
        for _ in range(count):
            self.wait(RXNE)
            taken.append(self.firmware.read("RXDR"))
        return bytes(taken)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_writing_registers_ends_with_a_stop(bench: Bench) -> None:
    bench.enable()
    bench.begin(3)
    bench.send(b"\x02\xaa\xbb")
    assert bench.isr() & BUSY
    bench.wait(STOPF)
    assert bench.part.values[2:4] == b"\xaa\xbb"
    assert bench.part.log == ["write", "stop"]
    assert bench.isr() == TXE | STOPF
    bench.firmware.write("ICR", STOPF)
    assert bench.isr() == TXE
    assert bench.chip.violations == []


def test_reading_with_a_repeated_start(bench: Bench) -> None:
    bench.enable()
    bench.begin(1, flags=0)
    bench.send(b"\x05")
    bench.wait(TC)
    bench.begin(3, flags=AUTOEND | READ)
    assert bench.take(3) == bytes([105, 106, 107])
    bench.wait(STOPF)
    assert bench.part.log == ["write", "read", "stop"]


def test_sccb_style_two_transfers_with_a_stop_between(bench: Bench) -> None:
    bench.enable()
    bench.begin(1)
    bench.send(b"\x07")
    bench.wait(STOPF)
    bench.firmware.write("ICR", STOPF)
    bench.begin(1, flags=AUTOEND | READ)
    assert bench.take(1) == bytes([107])
    bench.wait(STOPF)
    assert bench.part.log == ["write", "stop", "read", "stop"]


def test_a_byte_takes_nine_clocks_of_about_100_khz(bench: Bench) -> None:
    bench.enable()
    assert bench.i2c.scl_hz == pytest.approx(97_500, rel=0.01)
    bench.begin(2)
    period = Time(PS_PER_S // bench.i2c.scl_hz)
    bench.chip.run(10 * period - 1)
    assert bench.isr() & TXIS == 0
    bench.chip.run(Time(1))
    assert bench.isr() & TXIS
    bench.firmware.write("TXDR", 0)
    bench.firmware.write("TXDR", 0)
    bench.chip.run(19 * period - 1)
    assert bench.isr() & STOPF == 0
    bench.chip.run(Time(1))
    assert bench.isr() & STOPF
    assert bench.part.scl_hz == bench.i2c.scl_hz


def test_an_absent_part_is_a_nack_and_a_stop(bench: Bench) -> None:
    bench.enable()
    bench.begin(1, address=0x42)
    bench.wait(STOPF)
    assert bench.isr() & (NACKF | BUSY | TXIS) == NACKF
    assert bench.firmware.read("CR2") & START == 0
    assert bench.chip.violations == []


def test_a_byte_without_acknowledge_is_a_nack_and_a_stop(bench: Bench) -> None:
    bench.enable()
    bench.begin(2)
    bench.send(b"\xff")  # no such register
    bench.wait(NACKF)
    bench.wait(STOPF)


def test_an_empty_write_detects_a_part(bench: Bench) -> None:
    bench.enable()
    bench.begin(0)
    bench.wait(STOPF)
    assert bench.isr() & NACKF == 0


def test_reload_continues_after_nbytes(bench: Bench) -> None:
    bench.enable()
    bench.begin(2, flags=RELOAD)
    bench.send(b"\x00\x01")
    bench.wait(TCR)
    bench.firmware.write("CR2", ADDRESS << 1 | 1 << 16 | AUTOEND)
    assert bench.isr() & TCR == 0
    bench.send(b"\x02")
    bench.wait(STOPF)
    assert bench.part.values[:2] == b"\x01\x02"


def test_a_full_receiver_stretches_the_clock(bench: Bench) -> None:
    bench.enable()
    bench.begin(3, flags=AUTOEND | READ)
    bench.chip.run(us(2000))
    assert bench.part.pointer == 2  # one byte in RXDR, one in the shift register
    assert bench.take(3) == bytes([100, 101, 102])
    bench.wait(STOPF)


def test_a_late_writer_stretches_the_clock(bench: Bench) -> None:
    bench.enable()
    bench.begin(1)
    bench.chip.run(us(5000))
    assert bench.isr() & (TXIS | BUSY) == TXIS | BUSY
    bench.send(b"\x01")
    bench.wait(STOPF)


def test_software_stop_after_tc(bench: Bench) -> None:
    bench.enable()
    bench.begin(1, flags=0)
    bench.send(b"\x00")
    bench.wait(TC)
    bench.firmware.set("CR2", STOP)
    bench.wait(STOPF)
    assert bench.firmware.read("CR2") & STOP == 0


def test_interrupts_follow_flags_and_enables(bench: Bench) -> None:
    bench.enable(cr1=TXIE | STOPIE | NACKIE)
    bench.begin(1)
    assert bench.chip.interrupts == set()
    bench.wait(TXIS)
    assert bench.chip.interrupts == {EV}
    bench.firmware.write("TXDR", 0)
    assert bench.chip.interrupts == set()
    bench.wait(STOPF)
    assert bench.chip.interrupts == {EV}
    bench.firmware.write("ICR", STOPF)
    assert bench.chip.interrupts == set()


def test_clearing_pe_frees_a_stuck_master(bench: Bench) -> None:
    bench.enable()
    bench.begin(1)
    bench.wait(TXIS)
    bench.firmware.write("CR1", 0)
    assert bench.isr() == TXE
    assert bench.part.log == ["write", "stop"]


def test_dma_writes_and_reads(bench: Bench) -> None:
    dma = Firmware(bench.dma)
    bench.chip.write_memory(RAM, b"\x03\x11\x22")
    dma.write("CSELR", 3 << 20 | 3 << 24)
    dma.write("CNDTR6", 3)
    dma.write("CPAR6", BASE + 0x28)
    dma.write("CMAR6", RAM)
    dma.write("CCR6", 0b1001_0001)
    bench.enable(cr1=TXDMAEN | RXDMAEN)
    bench.begin(3)
    bench.wait(STOPF)
    assert bench.part.values[3:5] == b"\x11\x22"
    dma.write("CNDTR7", 2)
    dma.write("CPAR7", BASE + 0x24)
    dma.write("CMAR7", RAM + 16)
    dma.write("CCR7", 0b1000_0001)
    bench.part.pointer = 3
    bench.firmware.write("ICR", STOPF)
    bench.begin(2, flags=AUTOEND | READ)
    bench.wait(STOPF)
    bench.chip.run(us(1))
    assert bench.chip.read_memory(RAM + 16, 2) == b"\x11\x22"
    assert bench.chip.violations == []


class TestStrictness:
    """Errors of the firmware are reported by name."""

    def test_no_pull_up(self, bench: Bench) -> None:
        bench.pull_up(None)
        bench.enable()
        bench.begin(1)
        bench.chip.run(us(10_000))
        ((rule, message),) = bench.chip.violations
        assert rule == "i2c-no-pull-up"
        assert "PB8 (SCL) and PB9 (SDA)" in message
        assert bench.isr() & (BUSY | TXIS | NACKF | STOPF) == BUSY
        assert bench.firmware.read("CR2") & START

    def test_a_part_that_loses_its_power_ends_the_transfer(self, bench: Bench) -> None:
        bench.enable(cr1=ERRIE)
        bench.begin(2)
        bench.send(b"\x00")
        bench.pull_up(None)
        bench.wait(ARLO)
        assert bench.chip.interrupts == {ER}

    @pytest.mark.parametrize("signal", ["SCL", "SDA"])
    def test_a_pin_that_is_not_routed(self, bench: Bench, signal: str) -> None:
        del bench.pins.routed[f"I2C1_{signal}"]
        bench.enable()
        bench.begin(1)
        bench.chip.run(us(1000))
        ((rule, message),) = bench.chip.violations
        assert rule == "wrong-pin-function"
        assert f"I2C1_{signal}" in message
        assert bench.part.log == []

    def test_a_push_pull_pin(self, bench: Bench) -> None:
        bench.pins.open_drains.discard("PB9")
        bench.enable()
        bench.begin(1)
        assert bench.chip.rules == ["i2c-not-open-drain"]

    def test_a_clock_beyond_fast_mode(self, bench: Bench) -> None:
        bench.enable(timing=0x0000_1020)
        bench.begin(1)
        assert bench.chip.rules == ["i2c-too-fast"]
        plus = Bench()
        plus.fast_mode_plus = True
        plus.enable(timing=0x0000_1020)
        plus.begin(1)
        assert plus.chip.violations == []

    def test_fast_mode_is_allowed(self, bench: Bench) -> None:
        bench.enable(timing=TIMING_400K)
        bench.begin(1)
        assert bench.chip.violations == []

    def test_a_start_while_disabled(self, bench: Bench) -> None:
        bench.begin(1)
        assert bench.chip.rules == ["i2c-disabled"]
        assert bench.firmware.read("CR2") & START == 0

    def test_changing_the_timing_while_enabled(self, bench: Bench) -> None:
        bench.enable()
        bench.firmware.write("TIMINGR", TIMING_400K)
        assert bench.chip.rules == ["i2c-enabled"]

    def test_stop_mode_during_a_transfer(self, bench: Bench) -> None:
        bench.enable()
        bench.begin(1)
        bench.i2c.before_stop()
        assert bench.chip.rules == ["stop-while-busy"]

    def test_unmodelled_modes(self, bench: Bench) -> None:
        bench.firmware.write("OAR1", 1 << 15 | 0x30 << 1)
        bench.enable()
        bench.firmware.write("CR2", 1 << 11 | START)
        bench.firmware.set("CR1", 1 << 3)
        assert bench.chip.rules == ["not-modelled"] * 3
