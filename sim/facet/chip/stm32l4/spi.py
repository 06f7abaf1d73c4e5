"""SPI1 to SPI3 as a master (RM0351, section 42).

Polled and interrupt-driven frames go one by one, an event each. Where DMA feeds the transmitter
from empty FIFOs, a run of frames (up to the channel's half or end) is exchanged with the part in
one call and its completion planned for the time that the wire needs: see `_Burst`.
"""

from __future__ import annotations

from collections.abc import Callable

from facet.board.ports import SpiMode
from facet.board.wiring import SpiPins, Wiring
from facet.chip.peripheral import BusError, ChipServices, Peripheral
from facet.chip.pins import PinRouter
from facet.chip.registers import Register, bit, bits
from facet.chip.state import ACTIVE, IDLE
from facet.chip.stm32l4.dma import Channel, DmaRequests
from facet.clock import ClockSignal
from facet.time import Time
from facet.timeline import Event

FIFO_BYTES = 4  # 32-bit FIFOs in both directions (42.4.9)
_DS_8BIT = 0b0111  # CR2.DS; values below 0b0011 are taken as this one (42.6.2)

# Bits of CR1 and CR2 that must stay as they are while frames are on the wire (42.6.1, 42.6.2).
_CR1_WIRE_BITS = 0xFFBF & ~(1 << 8 | 1 << 12)  # all but SPE, SSI, CRCNEXT
_CR2_WIRE_BITS = 0x0F18  # DS, FRF, NSSP
_POLLS_IN_VAIN = 100  # reads of SR that no driver makes between filling the FIFO and setting SPE


class Spi(Peripheral):
    """An SPI master.

    Args:
        name: such as SPI1; its pins' and DMA requests' names begin with it.
        base: address of SPI_CR1.
        chip: the chip's services.
        pclk: its APB clock.
        wiring: the board.
        pins: the GPIO's routing.
        irq: its interrupt line.
        dma: the DMA request lines, if the chip's DMA is modelled.
    """

    CR1 = Register(
        0x00,
        0,
        "rw",
        CPHA=bit(0),
        CPOL=bit(1),
        MSTR=bit(2),
        BR=bits(5, 3),
        SPE=bit(6),
        LSBFIRST=bit(7),
        SSI=bit(8),
        SSM=bit(9),
        RXONLY=bit(10),
        CRCL=bit(11),
        CRCNEXT=bit(12),
        CRCEN=bit(13),
        BIDIOE=bit(14),
        BIDIMODE=bit(15),
    )
    CR2 = Register(
        0x04,
        0x0700,
        "rw",
        RXDMAEN=bit(0),
        TXDMAEN=bit(1),
        SSOE=bit(2),
        NSSP=bit(3),
        FRF=bit(4),
        ERRIE=bit(5),
        RXNEIE=bit(6),
        TXEIE=bit(7),
        DS=bits(11, 8),
        FRXTH=bit(12),
        LDMA_RX=bit(13),
        LDMA_TX=bit(14),
    )
    SR = Register(
        0x08,
        0x0002,
        "ro",
        RXNE=bit(0),
        TXE=bit(1),
        CRCERR=bit(4, "rc_w0"),
        MODF=bit(5),
        OVR=bit(6),
        BSY=bit(7),
        TIFRFE=bit(8),
        FRLVL=bits(10, 9),
        FTLVL=bits(12, 11),
    )
    DR = Register(0x0C, 0, "rw", DR=bits(15, 0))
    CRCPR = Register(0x10, 0x0007, "rw", CRCPOLY=bits(15, 0))
    RXCRCR = Register(0x14, 0, "ro", RxCRC=bits(15, 0))
    TXCRCR = Register(0x18, 0, "ro", TxCRC=bits(15, 0))

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        pclk: ClockSignal,
        wiring: Wiring,
        pins: PinRouter,
        irq: int,
        dma: DmaRequests | None = None,
    ) -> None:
        super().__init__(name, base, chip)
        self._pclk = pclk
        self._wiring = wiring
        self._pins = pins
        self._irq = irq
        self._dma = dma
        # Frames as the core's accesses lay them out: one byte, or two with the low one first.
        self._tx_fifo = bytearray()
        self._rx_fifo = bytearray()
        self._shifting: bytes | None = None  # the frame in the shift register
        self._shift_end: Event | None = None
        self._burst: _Burst | None = None
        self._routed = SpiPins(None, None, None)  # when the frame or burst under way began
        self._selected: list[SpiPins] = []  # parts, when the frame or burst under way began
        self._modf_read = False
        self._polls_in_vain = 0  # reads of SR since DR was written with SPE off
        self._data_read = False
        self._told: set[str] = set()
        self._nss_pin: str | None = None
        if dma is not None:
            address = base + type(self).DR.offset
            dma.connect(f"{name}_RX", address, to_peripheral=False, on_armed=self._update)
            dma.connect(f"{name}_TX", address, to_peripheral=True, on_armed=self._update)

    def reset(self) -> None:
        """As after a system reset: frames under way are lost."""
        self._stop_shifting()
        super().reset()
        self._tx_fifo.clear()
        self._rx_fifo.clear()
        self._modf_read = self._data_read = False
        self._release_nss()
        self._update()

    def before_stop(self) -> None:
        """A frame under way would be cut."""
        if self._busy:
            self.violation("stop-while-busy", "Stop mode entered while SR.BSY=1")

    # -- what is on the wire
    @property
    def frame_bits(self) -> int:
        """CR2.DS in bits."""
        return (self.CR2["DS"] if self.CR2["DS"] >= 0b0011 else _DS_8BIT) + 1

    @property
    def frame_bytes(self) -> int:
        """FIFO bytes that a frame takes (42.4.9)."""
        return 1 if self.frame_bits <= 8 else 2

    @property
    def mode(self) -> SpiMode:
        """How the clock is set up now."""
        hz = self._pclk.hz >> (self.CR1["BR"] + 1)
        return SpiMode(hz, self.CR1["CPOL"], self.CR1["CPHA"], bool(self.CR1["LSBFIRST"]))

    def frames_end(self, frames: int, start: Time) -> Time:
        """When `frames` frames sent without a pause from `start` on are through."""
        # NSSP parts the frames by a clock period in which NSS is high (42.4.12).
        gap = 1 if self.CR2["NSSP"] and not self.CR1["CPHA"] and not self.CR2["FRF"] else 0
        clocks = frames * (self.frame_bits + gap)
        cycles = clocks << (self.CR1["BR"] + 1)
        return self._pclk.time_of(self._pclk.ticks(start) + cycles)

    def exchange(self, frames: bytes) -> bytes:
        """Frames, laid out as in the FIFOs, out to the selected parts and in from them."""
        swap = self.frame_bytes == 2 and not self.CR1["LSBFIRST"]  # the high byte goes first
        back = self._wiring.spi_exchange(
            self._routed, _swapped(frames) if swap else frames, self.mode
        )
        return _swapped(back) if swap else back

    @property
    def _busy(self) -> bool:
        return self._shifting is not None or self._burst is not None or bool(self._tx_fifo)

    @property
    def _running(self) -> bool:
        return bool(self.CR1["SPE"] and self.CR1["MSTR"])

    @property
    def _receive_only(self) -> bool:
        return bool(self.CR1["RXONLY"] and not self.CR1["BIDIMODE"])

    # -- the firmware's accesses
    def write_CR1(self, value: int, old: int) -> None:
        """SPE starts and stops; changes under way and MODF are checked."""
        changed = value ^ old
        if self._busy and changed & _CR1_WIRE_BITS:
            self.violation(
                "spi-changed-while-busy",
                f"CR1 changed from {old:#06x} to {value:#06x} while SR.BSY=1",
            )
        if self._modf_read:
            self.SR["MODF"] = 0
            self._modf_read = False
        spe = type(self).CR1.fields["SPE"].mask
        if changed & value & spe:
            self._enabled()
        elif changed & spe:
            self._disabled()
        self._check_mode_fault()
        self._update()

    def write_CR2(self, value: int, old: int) -> None:
        """Interrupt and DMA enables, frame size, FIFO threshold."""
        if self._busy and (value ^ old) & _CR2_WIRE_BITS:
            self.violation(
                "spi-changed-while-busy",
                f"CR2 changed from {old:#06x} to {value:#06x} while SR.BSY=1",
            )
        for field in ("LDMA_RX", "LDMA_TX"):
            if self.CR2[field]:
                self._not_modelled(f"CR2.{field}: DMA with an odd number of packed bytes")
        self._update()

    def read_SR(self) -> int:
        """The flags at this moment; ends the clearing sequences of OVR and MODF."""
        if self._burst is not None:
            self._update()  # what else changes the flags has already done so
        if self._tx_fifo and not self.CR1["SPE"]:
            # To fill the FIFO before SPE is set is legal (42.4.7); to wait for it is not.
            self._polls_in_vain += 1
            if self._polls_in_vain == _POLLS_IN_VAIN:
                self._tell(
                    "spi-disabled",
                    "SR polled again and again while data waits in the TXFIFO and CR1.SPE=0: "
                    "nothing is sent before SPE is set",
                )
        value = self.SR.value
        if self.SR["OVR"] and self._data_read:
            # The clearing sequence: DR is read, then SR (42.4.10).
            self.SR["OVR"] = 0
            self._update()
        self._data_read = False
        self._modf_read = bool(value & type(self).SR.fields["MODF"].mask)
        return value

    def read_DR(self) -> int:
        """Takes one byte from the RXFIFO, or two (8-bit or wider access)."""
        if self._burst is not None:
            self._burst.deliver()
        self._data_read = True
        count = 1 if self.access_size == 1 else 2
        taken = bytes(self._rx_fifo[:count])
        del self._rx_fifo[:count]
        self._update()
        return int.from_bytes(taken, "little")

    def write_DR(self, value: int, old: int) -> None:
        """Puts one byte into the TXFIFO, or two (8-bit or wider access)."""
        del old
        self.DR.value = 0  # the receiver's side is another register: see read_DR
        self._polls_in_vain = 0
        # A 16-bit or 32-bit access with 8-bit frames sends two of them (42.4.9, data packing): the
        # classic trap of a plain register write to DR.
        count = max(self.frame_bytes, 1 if self.access_size == 1 else 2)
        if len(self._tx_fifo) + count > FIFO_BYTES:
            self.violation("spi-tx-overrun", "DR written while the TXFIFO is full: data is lost")
            return
        self._tx_fifo += (value & 0xFFFF).to_bytes(2, "little")[:count]
        self._next_frame()
        self._update()

    # -- switching on and off
    def _enabled(self) -> None:
        self._told.clear()
        if not self.CR1["MSTR"]:
            self._not_modelled("slave mode (CR1.MSTR=0)")
        if self.CR2["FRF"]:
            self._not_modelled("TI frame format (CR2.FRF=1)")
        if self.CR1["CRCEN"]:
            self._not_modelled("hardware CRC (CR1.CRCEN=1)")
        if self.CR1["BIDIMODE"] and not self.CR1["BIDIOE"]:
            self._not_modelled("half-duplex receive (CR1.BIDIMODE=1, BIDIOE=0)")
        if self.frame_bits not in (8, 16):
            self._not_modelled(f"frames of {self.frame_bits} bits (CR2.DS)")
        if self.CR1["MSTR"] and self.CR2["SSOE"] and not self.CR1["SSM"]:
            self._nss_pin = self._pins.pin_of(f"{self.name}_NSS")
            if self._nss_pin is not None:
                self._wiring.net(self._nss_pin).drive(f"{self.name}_NSS", 0)
        self._next_frame()

    def _disabled(self) -> None:
        if self._receive_only:
            pass  # clearing SPE during a frame is how a receive-only master ends (42.4.8)
        elif self._busy:
            self.violation(
                "spi-disabled-while-busy",
                "CR1.SPE cleared while SR.BSY=1: the frames under way are cut off",
            )
        self._stop_shifting()
        self._tx_fifo.clear()
        self._release_nss()

    def _release_nss(self) -> None:
        if self._nss_pin is not None:
            self._wiring.net(self._nss_pin).drive(f"{self.name}_NSS", None)
            self._nss_pin = None

    def _stop_shifting(self) -> None:
        if self._burst is not None:
            self._burst.halt()
        if self._shift_end is not None:
            self._shift_end.cancel()
        self._shift_end = None
        self._shifting = None
        self._burst = None

    def _would_fault(self) -> bool:
        """Whether the internal NSS of a master is low now (42.4.5)."""
        if self.CR1["SSM"]:
            return not self.CR1["SSI"]
        if self.CR2["SSOE"]:
            return False
        pin = self._pins.pin_of(f"{self.name}_NSS")
        # FIDELITY: an NSS input that no pin is routed to reads low; the manual does not say what
        # the unconnected input of the silicon reads; a wrong MODF where a real chip runs.
        return pin is None or self._wiring.net(pin).level == 0

    def _check_mode_fault(self) -> None:
        if self._running and self._would_fault():
            self._stop_shifting()
            self.SR["MODF"] = 1
            self.CR1["SPE"] = 0
            self.CR1["MSTR"] = 0
            source = "CR1.SSI=0 with SSM=1" if self.CR1["SSM"] else "the NSS input is low (SSM=0)"
            self.violation("spi-mode-fault", f"MODF: {source}; SPE and MSTR are cleared")

    # -- frames one by one
    def _next_frame(self) -> None:
        """Loads the shift register if it is free and there is something to clock."""
        if self._shifting is not None or self._burst is not None or not self._running:
            return
        if self._receive_only:
            frame = b"\xff" * self.frame_bytes
        elif self._tx_fifo:
            frame = bytes(self._tx_fifo[: self.frame_bytes])
            del self._tx_fifo[: self.frame_bytes]
        else:
            return
        self._look_up_pins()
        self._shifting = frame
        self.chip.state(self.name, ACTIVE)
        now = self.chip.now
        end = self.frames_end(1, now)
        self._shift_end = self.chip.schedule_at(end, self._frame_done, f"{self.name} frame")

    def _frame_done(self) -> None:
        frame = self._shifting
        assert frame is not None
        self._shifting = None
        self._shift_end = None
        self.check_selection()
        self.receive(self.exchange(frame))
        self._next_frame()
        if self._shifting is None:
            self.chip.state(self.name, IDLE)
        self._update()

    def receive(self, frames: bytes) -> None:
        """Frames have come in: into the RXFIFO, or lost with OVR."""
        if self.CR1["BIDIMODE"]:
            return
        room = FIFO_BYTES - len(self._rx_fifo)
        self._rx_fifo += frames[:room]
        if len(frames) > room:
            self.SR["OVR"] = 1

    def _look_up_pins(self) -> None:
        """Notes the routed pins and parts, and reports what cannot work."""
        self._routed = SpiPins(
            self._pins.pin_of(f"{self.name}_SCK"),
            self._pins.pin_of(f"{self.name}_MISO"),
            self._pins.pin_of(f"{self.name}_MOSI"),
        )
        if self._routed.sck is None:
            self._unrouted("SCK")
        if self._routed.mosi is None and not self._receive_only:
            self._unrouted("MOSI")
        self._selected = self._wiring.spi_selected(self._routed.sck)
        needs_miso = self.CR2["RXDMAEN"] or any(part.miso for part in self._selected)
        if self._routed.miso is None and needs_miso and not self.CR1["BIDIMODE"]:
            self._unrouted("MISO")

    def check_selection(self) -> None:
        """Reports a chip select that moved while the frames of `_look_up_pins` were clocked."""
        if self._wiring.spi_selected(self._routed.sck) != self._selected:
            self._tell(
                "spi-select-moved",
                "a chip select changed while SR.BSY=1: the part sees a cut frame",
            )

    def _unrouted(self, signal: str) -> None:
        self._tell(
            "wrong-pin-function",
            f"transfer while no pin is in the alternate function {self.name}_{signal}",
        )

    def _tell(self, rule: str, message: str) -> None:
        """Reports once between two switchings-on, for a loop would repeat it for each frame."""
        if message not in self._told:
            self._told.add(message)
            self.violation(rule, message)

    def _not_modelled(self, what: str) -> None:
        self._tell("not-modelled", f"{what} is not modelled by Facet")

    # -- flags, interrupt, DMA
    def _update(self) -> None:
        """Flags from state; interrupt and DMA requests from flags."""
        if self._burst is not None:
            self._burst.deliver()
            level = self._burst.tx_level()
        else:
            level = len(self._tx_fifo)
        received = len(self._rx_fifo)
        self.SR["FTLVL"] = min(level, 3)
        self.SR["FRLVL"] = min(received, 3)
        self.SR["TXE"] = int(level <= FIFO_BYTES // 2)
        self.SR["RXNE"] = int(received >= (1 if self.CR2["FRXTH"] else 2))
        self.SR["BSY"] = int(self._busy)
        cr2 = self.CR2
        self.chip.set_interrupt(
            self._irq,
            bool(
                (self.SR["TXE"] and cr2["TXEIE"])
                or (self.SR["RXNE"] and cr2["RXNEIE"])
                or ((self.SR["OVR"] or self.SR["MODF"]) and cr2["ERRIE"])
            ),
        )
        if self._dma is None:
            return
        if self._burst is None:
            transmit = bool(self.SR["TXE"] and cr2["TXDMAEN"] and self._running)
            self._dma.drive(f"{self.name}_TX", transmit)
            self._dma.drive(f"{self.name}_RX", bool(self.SR["RXNE"] and cr2["RXDMAEN"]))
            if transmit and not self._busy:
                self._try_burst(self._dma)

    def _try_burst(self, dma: DmaRequests) -> None:
        """Hands the transmission to a `_Burst` where it can be moved in blocks."""
        channel = dma.channel(f"{self.name}_TX")
        if (
            channel is None
            or channel.mover is not None
            or self._receive_only
            or not self.batches(channel)
            # What an earlier transfer left in the RXFIFO is the receiving channel's first item.
            or (self._rx_fifo and self.CR2["RXDMAEN"] and dma.channel(f"{self.name}_RX"))
            # A CPU that reads the received frames by interrupt needs them one by one.
            or (self.CR2["RXNEIE"] and not self.CR2["RXDMAEN"])
        ):
            return
        self._look_up_pins()
        dma.drive(f"{self.name}_TX", False)
        self._burst = _Burst(self, dma, channel)
        self.chip.state(self.name, ACTIVE)

    def batches(self, channel: Channel) -> bool:
        """Whether a channel's items are whole frames at DR, so that blocks can be exchanged."""
        size = channel.peripheral_size
        receives = not channel.to_peripheral
        # With FRXTH=0 the receiver asks only for pairs of bytes: a channel that takes single
        # bytes then leaves the last one behind. Item by item this comes out by itself.
        threshold_fits = not receives or self.CR2["FRXTH"] == (1 if size == 1 else 0)
        return (
            channel.peripheral_address == self.base + type(self).DR.offset
            and not channel.peripheral_increments
            and self.frame_bits in (8, 16)
            and size in ((1, 2) if self.frame_bits == 8 else (2,))
            and threshold_fits
        )

    def burst_over(self) -> None:
        """A burst came to its end; the channel may go on in the same breath."""
        self._burst = None
        self._update()
        if self._burst is None:
            self.chip.state(self.name, IDLE)

    @property
    def receives_by_dma(self) -> bool:
        """CR2.RXDMAEN."""
        return bool(self.CR2["RXDMAEN"])


class _Burst:
    """A run of frames that DMA feeds: exchanged with the part at once, finished when the wire is.

    The exchange happens when the first FIFO's worth of frames is through, because only then must
    the receiving channel be armed: until there a driver may still be setting it up.

    FIDELITY: the part sees a whole run of frames (half of the DMA block, or all that is left) at
    its beginning, and memory is read at the run's beginning and written at its end; silicon does
    it frame by frame; a firmware that changes the buffer during the transfer, reads it before the
    half- or transfer-complete flag, or aborts in the midst of a run is not shown its mistake.
    """

    def __init__(self, spi: Spi, dma: DmaRequests, tx: Channel) -> None:
        self._spi = spi
        self._dma = dma
        self._tx = tx
        self._rx: Channel | None = None
        self._start = spi.chip.now
        self._ahead = FIFO_BYTES // spi.frame_bytes  # frames
        self._frames = tx.items_to_event() * self._per_item(tx)
        self._latched = False
        self._received = b""
        self._delivered = 0  # bytes of it that went to the RXFIFO
        self._tx_done = False
        self._events: list[Event] = []
        tx.mover = _Side(self, tx)
        self._plan(spi.frames_end(min(self._ahead, self._frames), self._start), self._latch)

    def _per_item(self, channel: Channel) -> int:
        """Frames in one of the channel's items."""
        return channel.peripheral_size // self._spi.frame_bytes

    def _plan(self, at: Time, action: Callable[[], None]) -> None:
        chip = self._spi.chip
        self._events.append(chip.schedule_at(max(at, chip.now), action, f"{self._spi.name} burst"))

    def _latch(self) -> None:
        """Fixes who receives and how long the run is, and exchanges it."""
        spi, tx = self._spi, self._tx
        rx = self._dma.channel(f"{spi.name}_RX") if spi.receives_by_dma else None
        if rx is not None and rx.mover is None and spi.batches(rx):
            self._rx = rx
            rx.mover = _Side(self, rx)
            self._frames = min(self._frames, rx.items_to_event() * self._per_item(rx))
            whole = max(self._per_item(rx), self._per_item(tx))
            self._frames = max(self._frames - self._frames % whole, whole)
        elif tx.circular:
            # A dummy that is sent without end: the receiver is done, the firmware about to stop it.
            self._frames = min(self._frames, 16)
        self._exchange()
        # The channel has written its last item when that one enters the FIFO, a FIFO and a shift
        # register ahead of the wire: a driver that takes TCIF for the end deselects too early.
        ahead = self._ahead + 1
        self._plan(spi.frames_end(max(self._frames - ahead, 0), self._start), self._tx_finished)
        self._plan(spi.frames_end(self._frames, self._start), self._finished)

    def _exchange(self) -> None:
        tx = self._tx
        self._latched = True
        try:
            self._received = self._spi.exchange(tx.fetch(self._frames // self._per_item(tx)))
        except BusError:
            tx.fail("CMAR")
            self._frames = 0

    def frames_done(self) -> int:
        """Frames that the wire has carried by now."""
        spi = self._spi
        elapsed = spi.chip.now - self._start
        total = spi.frames_end(self._frames, self._start) - self._start
        return min(self._frames, self._frames * elapsed // total)

    def tx_level(self) -> int:
        """Bytes in the TXFIFO: full while the channel feeds it, then running dry."""
        if not self._tx_done or self._tx.armed:
            return FIFO_BYTES
        left = self._frames - self.frames_done() - 1
        return max(0, min(FIFO_BYTES, left * self._spi.frame_bytes))

    def items_done(self, channel: Channel) -> int:
        """Items of `channel` that are through but not yet counted."""
        frames = self.frames_done()
        if channel is self._tx:
            if self._tx_done:
                return 0
            frames = min(self._frames, frames + self._ahead + 1)
        return frames // self._per_item(channel)

    def deliver(self) -> None:
        """Without a receiving channel, moves what has come in by now to the RXFIFO."""
        if self._rx is None and self._received:
            done = self.frames_done() * self._spi.frame_bytes
            self._spi.receive(self._received[self._delivered : done])
            self._delivered = max(self._delivered, done)

    def halt(self) -> None:
        """Stops in the midst: what the wire has carried is settled."""
        for event in self._events:
            event.cancel()
        if not self._latched:
            self._frames = self.frames_done()
            self._exchange()
        tx_items = self.items_done(self._tx)
        rx_items = self.items_done(self._rx) if self._rx is not None else 0
        self.deliver()
        self._tx.mover = None
        if tx_items:
            self._tx.advance(tx_items)
        if self._rx is not None:
            self._rx.mover = None
            self._take(rx_items)

    def channel_off(self) -> None:
        """The firmware cleared EN of one of the channels."""
        self.halt()
        self._spi.burst_over()

    def _take(self, items: int) -> None:
        assert self._rx is not None
        if items == 0:
            return
        try:
            self._rx.store(self._received[: items * self._rx.peripheral_size])
        except BusError:
            self._rx.fail("CMAR")
            return
        self._rx.advance(items)

    def _tx_finished(self) -> None:
        """The last item of the run went into the TXFIFO."""
        self._tx_done = True
        self._tx.mover = None
        self._tx.advance(self._frames // self._per_item(self._tx))
        if self._tx.armed:
            self._tx.mover = _Side(self, self._tx)  # the next run is ours, too

    def _finished(self) -> None:
        """The last bit of the run is through."""
        spi = self._spi
        self.deliver()
        spi.check_selection()
        self._tx.mover = None
        rx = self._rx
        if rx is not None:
            rx.mover = None
            self._take(self._frames // self._per_item(rx))
        spi.burst_over()


class _Side:
    """One of a burst's channels, as the DMA sees its mover."""

    def __init__(self, burst: _Burst, channel: Channel) -> None:
        self._burst = burst
        self._channel = channel

    def items_done(self) -> int:
        return self._burst.items_done(self._channel)

    def halt(self) -> None:
        self._burst.channel_off()


def _swapped(halfwords: bytes) -> bytes:
    """The bytes of each pair in the other order."""
    swapped = bytearray(len(halfwords))
    swapped[0::2] = halfwords[1::2]
    swapped[1::2] = halfwords[0::2]
    return bytes(swapped)
