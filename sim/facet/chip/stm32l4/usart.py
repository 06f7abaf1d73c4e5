"""USART1 to USART3, UART4, UART5 and LPUART1, asynchronous (RM0351, sections 40 and 41)."""

from __future__ import annotations

from collections.abc import Callable

from facet.board.wiring import Wiring
from facet.chip.peripheral import ChipServices, Peripheral
from facet.chip.pins import PinRouter
from facet.chip.registers import Register, bit, bits
from facet.chip.state import ACTIVE, IDLE
from facet.chip.stm32l4.dma import DmaRequests
from facet.device.serial_frame import BAUD_TOLERANCE, mismatch, sample
from facet.time import NEVER, PS_PER_S, Time
from facet.timeline import Event

_ISR_RESET = 0x00C0  # TXE, TC

# Modes that would change what is on the wire. Named when UE is set with one of them.
_UNMODELLED = {
    "CR2": ("ABREN", "RTOEN", "LINEN", "CLKEN", "RXINV", "TXINV"),
    "CR3": ("RTSE", "CTSE", "SCEN", "HDSEL", "IREN", "DEM"),
    "CR1": ("MME",),
}


class Uart(Peripheral):
    """What the USARTs, the UARTs and the LPUART have in common.

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

    CR1 = Register(
        0x00,
        0,
        "rw",
        UE=bit(0),
        UESM=bit(1),
        RE=bit(2),
        TE=bit(3),
        IDLEIE=bit(4),
        RXNEIE=bit(5),
        TCIE=bit(6),
        TXEIE=bit(7),
        PEIE=bit(8),
        PS=bit(9),
        PCE=bit(10),
        WAKE=bit(11),
        M0=bit(12),
        MME=bit(13),
        CMIE=bit(14),
        OVER8=bit(15),
        DEDT=bits(20, 16),
        DEAT=bits(25, 21),
        RTOIE=bit(26),
        EOBIE=bit(27),
        M1=bit(28),
    )
    CR2 = Register(
        0x04,
        0,
        "rw",
        ADDM7=bit(4),
        LBDL=bit(5),
        LBDIE=bit(6),
        LBCL=bit(8),
        CPHA=bit(9),
        CPOL=bit(10),
        CLKEN=bit(11),
        STOP=bits(13, 12),
        LINEN=bit(14),
        SWAP=bit(15),
        RXINV=bit(16),
        TXINV=bit(17),
        DATAINV=bit(18),
        MSBFIRST=bit(19),
        ABREN=bit(20),
        ABRMOD=bits(22, 21),
        RTOEN=bit(23),
        ADD=bits(31, 24),
    )
    CR3 = Register(
        0x08,
        0,
        "rw",
        EIE=bit(0),
        IREN=bit(1),
        IRLP=bit(2),
        HDSEL=bit(3),
        NACK=bit(4),
        SCEN=bit(5),
        DMAR=bit(6),
        DMAT=bit(7),
        RTSE=bit(8),
        CTSE=bit(9),
        CTSIE=bit(10),
        ONEBIT=bit(11),
        OVRDIS=bit(12),
        DDRE=bit(13),
        DEM=bit(14),
        DEP=bit(15),
        SCARCNT=bits(19, 17),
        WUS=bits(21, 20),
        WUFIE=bit(22),
        UCESM=bit(23),
    )
    BRR = Register(0x0C, 0, "rw", BRR=bits(19, 0))
    RQR = Register(
        0x18, 0, "wo", ABRRQ=bit(0), SBKRQ=bit(1), MMRQ=bit(2), RXFRQ=bit(3), TXFRQ=bit(4)
    )
    ISR = Register(
        0x1C,
        _ISR_RESET,
        "ro",
        PE=bit(0),
        FE=bit(1),
        NF=bit(2),
        ORE=bit(3),
        IDLE=bit(4),
        RXNE=bit(5),
        TC=bit(6),
        TXE=bit(7),
        LBDF=bit(8),
        CTSIF=bit(9),
        CTS=bit(10),
        RTOF=bit(11),
        EOBF=bit(12),
        ABRE=bit(14),
        ABRF=bit(15),
        BUSY=bit(16),
        CMF=bit(17),
        SBKF=bit(18),
        RWU=bit(19),
        WUF=bit(20),
        TEACK=bit(21),
        REACK=bit(22),
    )
    ICR = Register(0x20, 0, "wo")
    RDR = Register(0x24, 0, "ro", RDR=bits(8, 0))
    TDR = Register(0x28, 0, "rw", TDR=bits(8, 0))

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
        super().__init__(name, base, chip)
        self._kernel_hz = kernel_hz
        self._wiring = wiring
        self._pins = pins
        self._irq = irq
        self._dma = dma
        self._shifting: int | None = None  # the word in the transmit shift register
        self._tx_free_at = Time(0)  # the idle frame that follows TE ends here
        self._tx_event: Event | None = None
        self._idle_event: Event | None = None
        self._deaf = False  # a frame began before the receiver was on
        self._told: set[str] = set()
        wiring.serial_listen(self)
        if dma is not None:
            tdr, rdr = base + type(self).TDR.offset, base + type(self).RDR.offset
            dma.connect(f"{name}_TX", tdr, to_peripheral=True)
            dma.connect(f"{name}_RX", rdr, to_peripheral=False)

    def reset(self) -> None:
        """As after a system reset: frames under way are lost."""
        self._abandon()
        super().reset()
        self._update()

    def before_stop(self) -> None:
        """A frame under way would be cut: the clock stops in its midst."""
        if self._shifting is not None or not self.ISR["TXE"]:
            self.violation(
                "stop-while-transmitting",
                f"Stop mode entered while ISR.TC=0: the frame on {self._tx_pin() or 'TX'} is cut",
            )

    # -- format and speed
    @property
    def word_bits(self) -> int:
        """Bits between start and stop, parity among them (CR1.M)."""
        return {0b00: 8, 0b01: 9, 0b10: 7}.get(self.CR1["M1"] << 1 | self.CR1["M0"], 8)

    @property
    def baud(self) -> int:
        """Bits a second that BRR makes of the kernel clock now; 0 when it stands still."""
        divider = self._divider()
        return self._kernel_hz() * self._clocks_per_divider() // divider if divider else 0

    def _clocks_per_divider(self) -> int:
        """What the kernel clock is multiplied with before the divider."""
        raise NotImplementedError

    def _divider(self) -> int:
        """What BRR divides by."""
        raise NotImplementedError

    def _bit_time(self, half_bits: int) -> Time:
        """The time of `half_bits` halves of a bit, exactly."""
        clock = 2 * self._kernel_hz() * self._clocks_per_divider()
        if clock == 0:
            return NEVER
        return Time(-(-half_bits * self._divider() * PS_PER_S // clock))

    def _frame_half_bits(self) -> int:
        stop_half_bits = (2, 1, 4, 3)[self.CR2["STOP"]]  # 1, 0.5, 2 and 1.5 bits
        return 2 * (1 + self.word_bits) + stop_half_bits

    def _parity(self, data: int) -> int:
        """The parity bit of `data` (CR1.PS: 0 even, 1 odd)."""
        return data.bit_count() & 1 ^ self.CR1["PS"]

    def _on_wire(self, data: int) -> int:
        """TDR's word as it goes out, first bit lowest."""
        bits_ = self.word_bits
        word = data & ((1 << bits_) - 1)
        if self.CR1["PCE"]:
            word &= (1 << bits_ - 1) - 1
            word |= self._parity(word) << bits_ - 1
        return self._arranged(word)

    def _arranged(self, word: int) -> int:
        """Applies DATAINV and MSBFIRST; its own inverse."""
        bits_ = self.word_bits
        if self.CR2["DATAINV"]:
            word ^= (1 << bits_) - 1
        if self.CR2["MSBFIRST"]:
            word = int(f"{word:0{bits_}b}"[::-1], 2)
        return word

    def _pin(self, signal: str) -> str | None:
        if self.CR2["SWAP"]:
            signal = {"TX": "RX", "RX": "TX"}[signal]
        return self._pins.pin_of(f"{self.name}_{signal}")

    def _tx_pin(self) -> str | None:
        return self._pin("TX")

    # -- the firmware's accesses
    def write_CR1(self, value: int, old: int) -> None:
        """UE, TE and RE switch; enables of interrupts."""
        fields = type(self).CR1.fields
        if value & ~old & fields["UE"].mask:
            self._enabled()
        elif old & ~value & fields["UE"].mask:
            if self._shifting is not None:
                self.violation(
                    "usart-disabled-while-sending", "CR1.UE cleared while ISR.TC=0: a frame is cut"
                )
            self._abandon()
            self.ISR.value = _ISR_RESET
        if self.CR1["UE"]:
            fixed = sum(fields[name].mask for name in ("M0", "M1", "PCE", "PS", "OVER8"))
            if old & fields["UE"].mask and (value ^ old) & fixed:
                self.violation(
                    "usart-enabled", "CR1's frame format changed while CR1.UE=1 (M, PCE, PS, OVER8)"
                )
            if self.CR1["TE"] and not self.ISR["TEACK"]:
                # TE sends an idle frame first (40.5.2).
                self._tx_free_at = self.chip.now + self._bit_time(self._frame_half_bits())
            # FIDELITY: TEACK and REACK follow at once; on silicon after some kernel clock periods;
            # a wait for them that is missing is not noticed.
            self.ISR["TEACK"] = self.CR1["TE"]
            self.ISR["REACK"] = self.CR1["RE"]
        self._update()

    def write_CR2(self, value: int, old: int) -> None:
        """Mostly fixed while UE=1 (40.8.2)."""
        self._fixed_while_enabled("CR2", value, old, ~(0x7 << 8))

    def write_CR3(self, value: int, old: int) -> None:
        """Mostly fixed while UE=1 (40.8.3); DMA and interrupt enables are not."""
        fields = type(self).CR3.fields
        free = sum(fields[n].mask for n in ("EIE", "CTSIE", "DMAT", "DMAR", "WUFIE", "UCESM"))
        self._fixed_while_enabled("CR3", value, old, ~free)
        self._update()

    def write_BRR(self, value: int, old: int) -> None:
        """Fixed while UE=1 (40.8.4)."""
        self._fixed_while_enabled("BRR", value, old, -1)

    def write_RQR(self, value: int, old: int) -> None:
        """RXFRQ drops the received byte."""
        fields = type(self).RQR.fields
        if value & fields["RXFRQ"].mask:
            self.ISR["RXNE"] = 0
        for name in ("SBKRQ", "MMRQ", "ABRRQ"):
            if value & fields[name].mask:
                self._not_modelled(f"RQR.{name}")
        self.RQR.value = 0
        self._update()

    def write_ICR(self, value: int, old: int) -> None:
        """Clears flags of ISR."""
        self.ISR.value &= ~(value & self._CLEARABLE)
        self.ICR.value = 0
        self._update()

    def read_RDR(self) -> int:
        """Takes the received word; RXNE goes."""
        self.ISR["RXNE"] = 0
        self._update()
        return self.RDR.value

    def write_TDR(self, value: int, old: int) -> None:
        """Hands over a word to send; TXE and TC go."""
        if not (self.CR1["UE"] and self.CR1["TE"]):
            off = "UE" if not self.CR1["UE"] else "TE"
            self._tell("usart-disabled", f"TDR written while CR1.{off}=0: nothing is sent")
            return
        if not self.ISR["TXE"]:
            self.violation(
                "usart-tdr-overwritten", "TDR written while ISR.TXE=0: the word before is lost"
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
        self._told.clear()
        for register, names in _UNMODELLED.items():
            for name in names:
                if self.registers[register][name]:
                    self._not_modelled(f"{register}.{name}=1")
        if self._divider() < self._least_divider:
            self._tell(
                "baud-rate",
                f"BRR={self.BRR.value:#x} makes a divider below {self._least_divider:#x}: "
                "no baud rate comes of it",
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
            self._tell(
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
        """The last stop bit has ended."""
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
        """A start bit begins at one of the chip's pins."""
        if rx_pin != self._pin("RX"):
            return
        if not self._listening():
            # FIDELITY: a frame that began while the receiver was off is lost as a whole; silicon
            # that is switched on in its midst may take a later 0 bit for a start bit; a firmware
            # that must cope with such garbage is not tried.
            self._deaf = True
            return
        self._deaf = False
        self._wake(0b10)  # on the start bit
        self.ISR["BUSY"] = 1
        if self._idle_event is not None:
            self._idle_event.cancel()
            self._idle_event = None
        self._update()

    def serial_arrived(self, rx_pin: str, word: int, baud: int, bits: int) -> None:
        """A stop bit ends at one of the chip's pins."""
        if rx_pin != self._pin("RX") or self._deaf or not self._listening():
            return
        own_baud = self.baud
        if own_baud == 0:
            # FIDELITY: in Stop mode with UESM=1 the frame is received as if the kernel clock had
            # been at its right speed from the start bit on; silicon starts HSI16 for it first;
            # hides the bits that are lost where the baud rate is too high for that.
            own_baud = baud
        if mismatch(baud, own_baud) > BAUD_TOLERANCE:
            self._tell(
                "baud-rate",
                f"{rx_pin} receives {baud} baud while BRR={self.BRR.value:#x} makes {own_baud}",
            )
        received = sample(word, bits, baud, own_baud, self.word_bits)
        self.ISR["BUSY"] = 0
        self._take(self._arranged(received.word), framing_error=not received.stop_bit)
        self._update()

    def _listening(self) -> bool:
        """UE, RE, a clock on the bus side, and a kernel clock or the leave to start one (UESM)."""
        if not (self.CR1["UE"] and self.CR1["RE"] and self.gate()):
            return False
        return bool(self._kernel_hz() or self.CR1["UESM"])

    def _take(self, word: int, *, framing_error: bool) -> None:
        if self.ISR["RXNE"] and not self.CR3["OVRDIS"]:
            self.ISR["ORE"] = 1  # RDR keeps the word before (40.5.3)
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
        # IDLE comes after a whole frame of high level that follows received data.
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
        active = bool(
            (isr["TXE"] and cr1["TXEIE"])
            or (isr["TC"] and cr1["TCIE"])
            or ((isr["RXNE"] or isr["ORE"]) and cr1["RXNEIE"])
            or (isr["IDLE"] and cr1["IDLEIE"])
            or (isr["PE"] and cr1["PEIE"])
            or (isr["CMF"] and cr1["CMIE"])
            or ((isr["FE"] or isr["NF"] or isr["ORE"]) and cr3["EIE"])
            or (isr["WUF"] and cr3["WUFIE"])
        )
        self.chip.set_interrupt(self._irq, active and bool(cr1["UE"]))
        if self._dma is not None:
            on = cr1["UE"]
            transmit = bool(on and cr1["TE"] and isr["TXE"] and cr3["DMAT"])
            self._dma.drive(f"{self.name}_TX", transmit)
            self._dma.drive(f"{self.name}_RX", bool(on and isr["RXNE"] and cr3["DMAR"]))

    def _tell(self, rule: str, message: str) -> None:
        """Reports once between two switchings-on."""
        if message not in self._told:
            self._told.add(message)
            self.violation(rule, message)

    def _not_modelled(self, what: str) -> None:
        self._tell("not-modelled", f"{what} is not modelled by Facet")


class Usart(Uart):
    """USART1 to USART3, UART4, UART5."""

    GTPR = Register(0x10, 0, "rw", PSC=bits(7, 0), GT=bits(15, 8))
    RTOR = Register(0x14, 0, "rw", RTO=bits(23, 0), BLEN=bits(31, 24))

    def _clocks_per_divider(self) -> int:
        return 2 if self.CR1["OVER8"] else 1  # 40.5.4

    def _divider(self) -> int:
        brr = self.BRR.value & 0xFFFF
        # With OVER8 the fraction has three bits, which stand one place too low (40.8.4).
        return brr & 0xFFF0 | (brr & 0b111) << 1 if self.CR1["OVER8"] else brr


class Lpuart(Uart):
    """LPUART1: a finer divider, which lets it run from LSE at 9600 baud."""

    _least_divider = 0x300  # 41.4.4

    def _clocks_per_divider(self) -> int:
        return 256

    def _divider(self) -> int:
        return self.BRR.value
