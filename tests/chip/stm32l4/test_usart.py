"""USART2 with a terminal at the other end, as a driver uses it."""

from __future__ import annotations

import pytest

from facet.board import board
from facet.board.wiring import Wiring
from facet.chip.stm32l4.dma import Dma
from facet.chip.stm32l4.dma_requests import DmaRequests
from facet.chip.stm32l4.usart import Lpuart, Uart, Usart
from facet.device.terminal import Terminal
from facet.time import Time, of_ticks, us
from tests.chip.fakes import RAM, FakeChip, FakePins, Firmware

KERNEL_HZ = 80_000_000
BRR = 694  # 80 MHz / 115,200
BASE = 0x4000_4400
UE, UESM, RE, TE, IDLEIE, RXNEIE, TCIE, TXEIE = (1 << n for n in range(8))
PCE, M0, OVER8 = 1 << 10, 1 << 12, 1 << 15
EIE, DMAR, DMAT, OVRDIS = 1, 1 << 6, 1 << 7, 1 << 12
FE, ORE, IDLE, RXNE, TC, TXE = 1 << 1, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7
IRQ = 38
FRAME = of_ticks(10 * BRR, KERNEL_HZ)


class Bench:
    """USART2 on PA2 and PA3 with a terminal at 115,200 baud."""

    def __init__(self, name: str = "USART2", baud: int = 115_200, kind: type[Uart] = Usart) -> None:
        self.chip = FakeChip()
        self.wiring = Wiring()
        self.kernel_hz = KERNEL_HZ
        self.pins = FakePins(**{f"{name}_TX": "PA2", f"{name}_RX": "PA3"})
        hclk = self.chip.clock("HCLK", 80_000_000)
        self.dma = Dma("DMA1", 0x4002_0000, self.chip, hclk=hclk, irqs=(11, 12, 13, 14, 15, 16, 17))
        self.usart = kind(
            name,
            BASE,
            self.chip,
            kernel_hz=lambda: self.kernel_hz,
            wiring=self.wiring,
            pins=self.pins,
            irq=IRQ,
            dma=DmaRequests([self.dma]),
        )
        self.chip.bus.attach(self.usart)
        self.firmware = Firmware(self.usart)
        self.terminal = Terminal(self.chip, self.wiring, board.Terminal("PA2", "PA3", baud))

    def start(self, cr1: int = 0, brr: int = BRR, cr3: int = 0) -> None:
        self.firmware.write("BRR", brr)
        self.firmware.write("CR3", cr3)
        self.firmware.write("CR1", TE | RE | cr1)
        self.firmware.set("CR1", UE)
        self.chip.run(us(200))  # the idle frame that TE sends first

    def isr(self) -> int:
        return self.firmware.read("ISR")


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_text_reaches_the_terminal_as_a_line_with_its_time(bench: Bench) -> None:
    bench.start()
    for byte in b"hi\r\n":
        while not bench.isr() & TXE:
            bench.chip.run(us(1))
        bench.firmware.write("TDR", byte)
    bench.chip.run(us(500))
    (line,) = bench.terminal.lines
    assert line.text == "hi"
    assert line.at - bench.terminal.times[0] == pytest.approx(3 * FRAME, abs=10)
    assert bench.chip.violations == []


def test_enabling_is_acknowledged(bench: Bench) -> None:
    assert bench.isr() == TXE | TC
    bench.start()
    assert bench.isr() == TXE | TC | 1 << 21 | 1 << 22


def test_txe_follows_the_shift_register_and_tc_the_last_stop_bit(bench: Bench) -> None:
    bench.start()
    bench.firmware.write("TDR", ord("a"))
    assert bench.isr() & (TXE | TC) == TXE
    bench.firmware.write("TDR", ord("b"))
    assert bench.isr() & (TXE | TC) == 0
    bench.chip.run(FRAME)
    assert bench.isr() & (TXE | TC) == TXE
    bench.chip.run(FRAME - 1)
    assert bench.isr() & TC == 0
    bench.chip.run(Time(1))
    assert bench.isr() & TC
    assert bench.terminal.data == b"ab"


def test_the_first_byte_waits_for_the_idle_frame(bench: Bench) -> None:
    bench.firmware.write("BRR", BRR)
    bench.firmware.write("CR1", TE | UE)
    bench.firmware.write("TDR", 0x55)
    bench.chip.run(2 * FRAME - 1)
    assert bench.terminal.data == b""
    bench.chip.run(Time(1))
    assert bench.terminal.data == b"\x55"


def test_interrupts_follow_flags_and_enables(bench: Bench) -> None:
    bench.start()
    assert bench.chip.interrupts == set()
    bench.firmware.set("CR1", TXEIE)
    assert bench.chip.interrupts == {IRQ}
    bench.firmware.write("TDR", 1)
    bench.firmware.write("TDR", 2)
    assert bench.chip.interrupts == set()
    bench.firmware.clear("CR1", TXEIE)
    bench.firmware.set("CR1", TCIE)
    bench.chip.run(2 * FRAME)
    assert bench.chip.interrupts == {IRQ}
    bench.firmware.write("ICR", TC)
    assert bench.chip.interrupts == set()


def test_received_bytes_arrive_at_their_stop_bits(bench: Bench) -> None:
    bench.start(cr1=RXNEIE)
    bench.terminal.send("ok")
    frame = of_ticks(10, 115_200)
    bench.chip.run(frame - 1)
    assert bench.chip.interrupts == set()
    bench.chip.run(Time(1))
    assert bench.chip.interrupts == {IRQ}
    assert bench.firmware.read("RDR") == ord("o")
    assert bench.chip.interrupts == set()
    bench.chip.run(frame)
    assert bench.firmware.read("RDR") == ord("k")
    assert bench.isr() & ORE == 0


def test_a_start_bit_pulls_the_line_low(bench: Bench) -> None:
    levels: list[int | None] = []
    bench.wiring.net("PA3").watch(levels.append)
    bench.terminal.send(b"\n", at=us(100))
    bench.chip.run(us(99))
    assert levels == [1]
    bench.chip.run(us(1))
    assert levels == [1, 0]
    bench.chip.run(of_ticks(1, 115_200))
    assert levels == [1, 0, 1]


def test_a_byte_that_is_not_read_in_time_overruns(bench: Bench) -> None:
    bench.start(cr3=EIE)
    bench.terminal.send("xy")
    bench.chip.run(us(200))
    assert bench.isr() & (ORE | RXNE) == ORE | RXNE
    assert bench.chip.interrupts == {IRQ}
    assert bench.firmware.read("RDR") == ord("x")
    bench.firmware.write("ICR", ORE)
    assert bench.chip.interrupts == set()


def test_with_ovrdis_the_newer_byte_stays(bench: Bench) -> None:
    bench.start(cr3=OVRDIS)
    bench.terminal.send("xy")
    bench.chip.run(us(200))
    assert bench.isr() & ORE == 0
    assert bench.firmware.read("RDR") == ord("y")


def test_idle_is_set_a_frame_after_the_last_byte(bench: Bench) -> None:
    bench.start(cr1=IDLEIE)
    bench.terminal.send("ab")
    bench.chip.run(us(250))
    assert bench.isr() & IDLE == 0
    bench.chip.run(us(11))
    assert bench.isr() & IDLE
    assert bench.chip.interrupts == {IRQ}


def test_a_receiver_that_is_off_receives_nothing(bench: Bench) -> None:
    bench.terminal.send("a")
    bench.chip.run(us(50))
    bench.start()  # switched on during a frame
    assert bench.isr() & RXNE == 0


def test_a_stopped_kernel_clock_receives_nothing(bench: Bench) -> None:
    bench.start()
    bench.kernel_hz = 0
    bench.terminal.send("a")
    bench.chip.run(us(100))
    assert bench.isr() & RXNE == 0


def test_a_byte_wakes_a_usart_that_may_start_its_clock(bench: Bench) -> None:
    bench.start(cr1=UESM, cr3=1 << 22 | 0b10 << 20)  # WUFIE, WUS: start bit
    bench.kernel_hz = 0
    bench.terminal.send("a")
    bench.chip.run(Time(0))
    assert bench.isr() & 1 << 20
    assert bench.chip.interrupts == {IRQ}
    bench.chip.run(us(100))
    assert bench.firmware.read("RDR") == ord("a")


def test_over8_and_lpuart_have_their_own_dividers() -> None:
    fast = Bench()
    fast.start(cr1=OVER8, brr=0x56 << 4 | 0x7)  # USARTDIV = 0x56E = 1390: 2 * 80 MHz / 1390
    assert fast.usart.baud == 115_107
    low_power = Bench(name="LPUART1", kind=Lpuart)
    low_power.start(brr=256 * KERNEL_HZ // 115_200)
    assert low_power.usart.baud == 115_200
    low_power.firmware.write("TDR", ord("L"))
    low_power.chip.run(us(100))
    assert low_power.terminal.data == b"L"


def test_even_parity_is_sent_as_the_last_bit(bench: Bench) -> None:
    bench.start(cr1=PCE)  # seven bits and parity: fits the terminal's eight
    bench.firmware.write("TDR", 0b0000111)
    bench.chip.run(us(100))
    assert bench.terminal.data == bytes([0b1000_0111])


def test_nine_bits_do_not_fit_the_terminal(bench: Bench) -> None:
    bench.start(cr1=M0)
    bench.firmware.write("TDR", 0x0AA)
    bench.chip.run(us(100))
    assert bench.chip.rules == ["serial-format"]


class TestStrictness:
    """Errors of the firmware are reported by name."""

    def test_sending_without_a_pin(self, bench: Bench) -> None:
        del bench.pins.routed["USART2_TX"]
        bench.start()
        bench.firmware.write("TDR", 1)
        bench.chip.run(us(100))
        ((rule, message),) = bench.chip.violations
        assert rule == "wrong-pin-function"
        assert "USART2_TX" in message
        assert bench.terminal.data == b""

    def test_a_wrong_baud_rate_shows_garbage(self, bench: Bench) -> None:
        bench.start(brr=KERNEL_HZ // 9600)
        bench.firmware.write("TDR", ord("U"))
        bench.chip.run(us(3000))
        ((rule, message),) = bench.chip.violations
        assert rule == "baud-rate"
        assert "9600" in message
        assert bench.terminal.data != b"U"

    def test_a_baud_rate_off_by_two_percent_still_works(self, bench: Bench) -> None:
        bench.start(brr=BRR * 102 // 100)
        bench.firmware.write("TDR", ord("U"))
        bench.chip.run(us(200))
        assert bench.terminal.data == b"U"
        assert bench.chip.violations == []

    def test_receiving_at_the_wrong_baud_rate_is_a_framing_error(self) -> None:
        bench = Bench(baud=57_600)
        bench.start(cr3=EIE)
        bench.terminal.send(b"\x00")
        bench.chip.run(us(300))
        assert bench.chip.rules == ["baud-rate"]
        assert bench.isr() & FE
        assert bench.chip.interrupts == {IRQ}

    def test_writing_with_the_transmitter_off(self, bench: Bench) -> None:
        bench.firmware.write("TDR", 1)
        bench.chip.run(us(100))
        assert bench.chip.rules == ["usart-disabled"]

    def test_overwriting_a_byte_that_waits(self, bench: Bench) -> None:
        bench.start()
        for byte in b"abc":
            bench.firmware.write("TDR", byte)
        bench.chip.run(us(300))
        assert bench.chip.rules == ["usart-tdr-overwritten"]
        assert bench.terminal.data == b"ac"

    def test_stop_mode_during_a_byte(self, bench: Bench) -> None:
        bench.start()
        bench.usart.before_stop()
        assert bench.chip.violations == []
        bench.firmware.write("TDR", 1)
        bench.usart.before_stop()
        assert bench.chip.rules == ["stop-while-transmitting"]

    def test_switching_off_during_a_byte(self, bench: Bench) -> None:
        bench.start()
        bench.firmware.write("TDR", 1)
        bench.firmware.clear("CR1", UE)
        assert bench.chip.rules == ["usart-disabled-while-sending"]

    def test_changing_the_baud_rate_while_enabled(self, bench: Bench) -> None:
        bench.start()
        bench.firmware.write("BRR", 100)
        assert bench.chip.rules == ["usart-enabled"]

    def test_an_unmodelled_mode(self, bench: Bench) -> None:
        bench.firmware.write("CR2", 1 << 14)
        bench.start()
        assert bench.chip.violations == [
            ("not-modelled", "USART2: CR2.LINEN=1 is not modelled by Facet")
        ]


def test_dma_sends_a_buffer_byte_by_byte(bench: Bench) -> None:
    text = b"by dma"
    bench.chip.write_memory(RAM, text)
    dma = Firmware(bench.dma)
    dma.write("CSELR", 2 << 24)
    dma.write("CNDTR7", len(text))
    dma.write("CPAR7", BASE + 0x28)
    dma.write("CMAR7", RAM)
    dma.write("CCR7", 0b1001_0011)  # MINC, DIR, TCIE, EN
    bench.start(cr3=DMAT)
    bench.chip.run(of_ticks(10 * 6 * BRR, KERNEL_HZ))
    assert 17 in bench.chip.interrupts
    assert bench.terminal.data == text
    assert bench.chip.violations == []


def test_dma_receives_in_circular_mode(bench: Bench) -> None:
    dma = Firmware(bench.dma)
    dma.write("CSELR", 2 << 20)
    dma.write("CNDTR6", 4)
    dma.write("CPAR6", BASE + 0x24)
    dma.write("CMAR6", RAM)
    dma.write("CCR6", 0b1010_0001)  # MINC, CIRC, EN
    bench.start(cr3=DMAR)
    bench.terminal.send("hello!")
    bench.chip.run(us(600))
    assert bench.chip.read_memory(RAM, 4) == b"o!ll"
    assert dma.read("CNDTR6") == 2
    assert bench.isr() & ORE == 0
