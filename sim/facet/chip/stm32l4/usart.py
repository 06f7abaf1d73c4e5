"""USART1 to USART3, UART4, UART5 and LPUART1, asynchronous (RM0351, sections 40 and 41)."""

from __future__ import annotations

from collections.abc import Callable

from facet.board.wiring import Wiring
from facet.chip.enabled_flags import EnabledFlags
from facet.chip.peripheral import ChipServices
from facet.chip.pins import PinRouter
from facet.chip.registers import Register, bits
from facet.chip.state import ACTIVE, IDLE
from facet.chip.stm32l4.dma_requests import DmaRequests
from facet.chip.stm32l4.usart_frame import UartFrames
from facet.chip.stm32l4.usart_registers import ISR_RESET
from facet.device.serial_frame import BAUD_TOLERANCE, mismatch, sample
from facet.time import NEVER, Time
from facet.timeline import Event

# Modes that change the signals on the wire; reported when UE is set.
_UNMODELLED = {
    "CR2": ("ABREN", "RTOEN", "LINEN", "CLKEN", "RXINV", "TXINV"),
    "CR3": ("RTSE", "CTSE", "SCEN", "HDSEL", "IREN", "DEM"),
    "CR1": ("MME",),
}


class Uart(UartFrames):
    """The behaviour that the USARTs, the UARTs and the LPUART share.

    Args:
        name: such as USART2; its pins' and DMA requests' names begin with it.
        base: address of USART_CR1.
        chip: the chip's services.
        kernel_hz: its kernel clock (RCC_CCIPR), 0 while that is stopped.
        wiring: the board.
        pins: the GPIO's routing.
        irq: its interrupt line.
        dma: the DMA request lines, if the chip's DMA is modelled.
    """

    # ICR bits that clear the ISR flag of the same place: PE, FE, NF, ORE, IDLE, TC, LBD, CTS, RTO,
    # EOB, CM, WU (40.8.9).
    _CLEARABLE = 0x0012_1B5F

    _least_divider = 16

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        kernel_hz: Callable[[], int],
        wiring: Wiring,
        pins: PinRouter,
        irq: int,
        dma: DmaRequests | None = None,
    ) -> None:
        super().__init__(name, base, chip, kernel_hz)
        self._wiring = wiring
        self._pins = pins
        self._irq = irq
        self._dma = dma
        self._tx_request, self._rx_request = f"{name}_TX", f"{name}_RX"
        self._shifting: int | None = None  # the word in the transmit shift register
        self._tx_free_at = Time(0)  # the idle frame that follows TE ends here
        self._tx_event: Event | None = None
        self._idle_event: Event | None = None
        self._ignoring = False  # a frame began before the receiver was on
        self._interrupt = EnabledFlags(
            self.ISR,
            (("TXE",), self.CR1, "TXEIE"),
            (("TC",), self.CR1, "TCIE"),
            (("RXNE", "ORE"), self.CR1, "RXNEIE"),
            (("IDLE",), self.CR1, "IDLEIE"),
            (("PE",), self.CR1, "PEIE"),
            (("CMF",), self.CR1, "CMIE"),
            (("FE", "NF", "ORE"), self.CR3, "EIE"),
            (("WUF",), self.CR3, "WUFIE"),
        )
        wiring.serial_listen(self)
        if dma is not None:
            tdr, rdr = base + type(self).TDR.offset, base + type(self).RDR.offset
            dma.connect(self._tx_request, tdr, to_peripheral=True)
            dma.connect(self._rx_request, rdr, to_peripheral=False)

    def reset(self) -> None:
        """Carries out a system reset: running frames are lost."""
        self._abandon()
        super().reset()
        self._update()

    def before_stop(self) -> None:
        """Reports a running frame, which is cut when the clock stops."""
        if self._shifting is not None or not self.ISR["TXE"]:
            self.violation(
                "stop-while-transmitting",
                f"Stop mode entered while ISR.TC=0: the frame on {self._tx_pin() or 'TX'} is cut",
            )

    def _pin(self, signal: str) -> str | None:
        if self.CR2["SWAP"]:
            signal = {"TX": "RX", "RX": "TX"}[signal]
        return self._pins.pin_of(f"{self.name}_{signal}")

    def _tx_pin(self) -> str | None:
        return self._pin("TX")

    # -- the firmware's accesses
    def write_CR1(self, value: int, old: int) -> None:
        """Switches by UE, TE and RE; enables interrupts."""
        fields = type(self).CR1.fields
        if value & ~old & fields["UE"].mask:
            self._enabled()
        elif old & ~value & fields["UE"].mask:
            if self._shifting is not None:
                self.violation(
                    "usart-disabled-while-sending", "CR1.UE cleared while ISR.TC=0: a frame is cut"
                )
            self._abandon()
            self.ISR.value = ISR_RESET
        if self.CR1["UE"]:
            fixed = sum(fields[name].mask for name in ("M0", "M1", "PCE", "PS", "OVER8"))
            if old & fields["UE"].mask and (value ^ old) & fixed:
                self.violation(
                    "usart-enabled", "CR1's frame format changed while CR1.UE=1 (M, PCE, PS, OVER8)"
                )
            if self.CR1["TE"] and not self.ISR["TEACK"]:
                # TE sends an idle frame first (40.5.2).
                self._tx_free_at = self.chip.now + self._bit_time(self._frame_half_bits())
            # FIDELITY:
            #   model: TEACK and REACK follow at once.
            #   silicon: The flags follow after some periods of the kernel clock.
            #   hides: A driver that does not wait for the flags.
            self.ISR["TEACK"] = self.CR1["TE"]
            self.ISR["REACK"] = self.CR1["RE"]
        self._update()

    def write_CR2(self, value: int, old: int) -> None:
        """Reports a change while UE=1, of all but ADD (40.8.2)."""
        self._fixed_while_enabled("CR2", value, old, ~(0x7 << 8))

    def write_CR3(self, value: int, old: int) -> None:
        """Reports a change while UE=1, of all but DMA and interrupt enables (40.8.3)."""
        fields = type(self).CR3.fields
        free = sum(fields[n].mask for n in ("EIE", "CTSIE", "DMAT", "DMAR", "WUFIE", "UCESM"))
        self._fixed_while_enabled("CR3", value, old, ~free)
        self._update()

    def write_BRR(self, value: int, old: int) -> None:
        """Reports a change while UE=1 (40.8.4)."""
        self._fixed_while_enabled("BRR", value, old, -1)

    def write_RQR(self, value: int, old: int) -> None:
        """Discards the received byte where RXFRQ is set."""
        fields = type(self).RQR.fields
        if value & fields["RXFRQ"].mask:
            self.ISR["RXNE"] = 0
        for name in ("SBKRQ", "MMRQ", "ABRRQ"):
            if value & fields[name].mask:
                self.not_modelled(f"RQR.{name}")
        self.RQR.value = 0
        self._update()

    def write_ICR(self, value: int, old: int) -> None:
        """Clears flags of ISR."""
        self.ISR.value &= ~(value & self._CLEARABLE)
        self.ICR.value = 0
        self._update()

    def read_RDR(self) -> int:
        """Gives the received word and clears RXNE."""
        self.ISR["RXNE"] = 0
        self._update()
        return self.RDR.value

    def write_TDR(self, value: int, old: int) -> None:
        """Takes a word to send and clears TXE and TC."""
        if not (self.CR1["UE"] and self.CR1["TE"]):
            off = "UE" if not self.CR1["UE"] else "TE"
            self.report_once("usart-disabled", f"TDR written while CR1.{off}=0: nothing is sent")
            return
        if not self.ISR["TXE"]:
            self.violation(
                "usart-tdr-overwritten", "TDR written while ISR.TXE=0: the earlier word is lost"
            )
        self.ISR["TXE"] = 0
        self.ISR["TC"] = 0
        if self._shifting is None:
            self._shift()
        self._update()

    def _fixed_while_enabled(self, register: str, value: int, old: int, mask: int) -> None:
        if self.CR1["UE"] and (value ^ old) & mask & 0xFFFF_FFFF:
            self.violation(
                "usart-enabled",
                f"{register} changed from {old:#x} to {value:#x} while CR1.UE=1",
            )

    # -- switching
    def _enabled(self) -> None:
        self.forget_reports()
        for register, names in _UNMODELLED.items():
            for name in names:
                if self.registers[register][name]:
                    self.not_modelled(f"{register}.{name}=1")
        if self._divider() < self._least_divider:
            self.report_once(
                "baud-rate",
                f"BRR={self.BRR.value:#x} makes a divider below {self._least_divider:#x}: "
                "the USART cannot use it",
            )

    def _abandon(self) -> None:
        for event in (self._tx_event, self._idle_event):
            if event is not None:
                event.cancel()
        self._tx_event = self._idle_event = None
        if self._shifting is not None:
            self.chip.state(self.name, IDLE)
        self._shifting = None

    # -- sending
    def _shift(self) -> None:
        """Moves TDR to the shift register."""
        pin = self._tx_pin()
        if pin is None:
            signal = f"{self.name}_{'RX' if self.CR2['SWAP'] else 'TX'}"
            self.report_once(
                "wrong-pin-function",
                f"a frame is sent while no pin is in the alternate function {signal}",
            )
        if self._shifting is None:
            self.chip.state(self.name, ACTIVE)
        self._shifting = self._on_wire(self.TDR.value)
        self.ISR["TXE"] = 1
        start = max(self.chip.now, self._tx_free_at)
        self._tx_event = self.chip.schedule_at(
            min(NEVER, start + self._bit_time(self._frame_half_bits())),
            self._sent,
            f"{self.name} sends",
        )

    def _sent(self) -> None:
        """Ends a frame after its last stop bit."""
        word, self._tx_event = self._shifting, None
        assert word is not None
        pin = self._tx_pin()
        if pin is not None:
            self._wiring.serial_send(pin, word, self.chip.now, self.baud, self.word_bits)
        if not self.ISR["TXE"]:
            self._shift()
        else:
            self._shifting = None
            self.ISR["TC"] = 1
            self.chip.state(self.name, IDLE)
        self._update()

    # -- receiving: facet.board.ports.SerialReceiver
    def serial_started(self, rx_pin: str) -> None:
        """Handles the begin of a start bit at one of the chip's pins."""
        if rx_pin != self._pin("RX"):
            return
        if not self._listening():
            # FIDELITY:
            #   model: A frame that began while the receiver was off is lost as a whole.
            #   silicon: A receiver that is switched on during a frame may take a later 0 bit for a
            #     start bit.
            #   hides: A firmware that must cope with such garbage.
            self._ignoring = True
            return
        self._ignoring = False
        self._wake(0b10)  # on the start bit
        self.ISR["BUSY"] = 1
        if self._idle_event is not None:
            self._idle_event.cancel()
            self._idle_event = None
        self._update()

    def serial_arrived(self, rx_pin: str, word: int, baud: int, bits: int) -> None:
        """Handles the end of a stop bit at one of the chip's pins."""
        if rx_pin != self._pin("RX") or self._ignoring or not self._listening():
            return
        own_baud = self.baud
        if own_baud == 0:
            # FIDELITY:
            #   model: In Stop mode with UESM=1 a frame is received as if the kernel clock had its
            #     full speed from the start bit on.
            #   silicon: HSI16 starts first.
            #   hides: Bits that are lost where the baud rate is too high for the start-up.
            own_baud = baud
        if mismatch(baud, own_baud) > BAUD_TOLERANCE:
            self.report_once(
                "baud-rate",
                f"{rx_pin} receives {baud} baud while BRR={self.BRR.value:#x} makes {own_baud}",
            )
        received = sample(word, bits, baud, own_baud, self.word_bits)
        self.ISR["BUSY"] = 0
        self._take(self._arranged(received.word), framing_error=not received.stop_bit)
        self._update()

    def _listening(self) -> bool:
        """Whether the receiver is on and has its clocks, or may start them (UESM)."""
        if not (self.CR1["UE"] and self.CR1["RE"] and self.gate()):
            return False
        return bool(self._kernel_hz() or self.CR1["UESM"])

    def _take(self, word: int, *, framing_error: bool) -> None:
        if self.ISR["RXNE"] and not self.CR3["OVRDIS"]:
            self.ISR["ORE"] = 1  # RDR keeps the earlier word (40.5.3)
        else:
            self.RDR.value = word
            if framing_error:
                self.ISR["FE"] = 1
            if self.CR1["PCE"]:
                data = word & ((1 << self.word_bits - 1) - 1)
                if word >> self.word_bits - 1 != self._parity(data):
                    self.ISR["PE"] = 1
            self.ISR["RXNE"] = 1
        if word & 0xFF == self.CR2["ADD"] & 0xFF:
            self.ISR["CMF"] = 1
        self._wake(0b11)  # on RXNE
        # IDLE is set after a whole frame of high level that follows received data.
        if self._idle_event is not None:
            self._idle_event.cancel()
        self._idle_event = self.chip.schedule(
            self._bit_time(self._frame_half_bits()), self._idle, f"{self.name} line is idle"
        )

    def _wake(self, source: int) -> None:
        if self.CR1["UESM"] and self._kernel_hz() == 0 and self.CR3["WUS"] == source:
            self.ISR["WUF"] = 1

    def _idle(self) -> None:
        self._idle_event = None
        self.ISR["IDLE"] = 1
        self._update()

    # -- interrupt and DMA
    def _update(self) -> None:
        isr, cr1, cr3 = self.ISR, self.CR1, self.CR3
        on = bool(cr1["UE"])
        self.chip.set_interrupt(self._irq, on and self._interrupt.active)
        if self._dma is not None:
            transmit = on and bool(cr3["DMAT"] and cr1["TE"] and isr["TXE"])
            self._dma.drive(self._tx_request, transmit)
            self._dma.drive(self._rx_request, on and bool(cr3["DMAR"] and isr["RXNE"]))


class Usart(Uart):
    """USART1 to USART3, UART4, UART5."""

    GTPR = Register(0x10, 0, "rw", PSC=bits(7, 0), GT=bits(15, 8))
    RTOR = Register(0x14, 0, "rw", RTO=bits(23, 0), BLEN=bits(31, 24))

    def _clocks_per_divider(self) -> int:
        return 2 if self.CR1["OVER8"] else 1  # 40.5.4

    def _divider(self) -> int:
        brr = self.BRR.value & 0xFFFF
        # With OVER8 the fraction has three bits, one position lower (40.8.4).
        return brr & 0xFFF0 | (brr & 0b111) << 1 if self.CR1["OVER8"] else brr


class Lpuart(Uart):
    """LPUART1, whose finer divider allows 9600 baud from LSE."""

    _least_divider = 0x300  # 41.4.4

    def _clocks_per_divider(self) -> int:
        return 256

    def _divider(self) -> int:
        return self.BRR.value
