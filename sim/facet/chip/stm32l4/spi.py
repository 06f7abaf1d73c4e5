"""SPI1 to SPI3 as a master (RM0351, section 42).

Polled and interrupt-driven frames are simulated one by one, with an event each. Where DMA feeds
the transmitter from empty FIFOs, a run of frames (up to the channel's half or end) is exchanged
with the part in one call, and its end is planned for the time that the wire needs: see `Burst`.
"""

from __future__ import annotations

from facet.board.ports import SpiMode
from facet.board.wiring import Wiring
from facet.chip.enabled_flags import EnabledFlags
from facet.chip.peripheral import ChipServices
from facet.chip.pins import PinRouter
from facet.chip.state import ACTIVE, IDLE
from facet.chip.stm32l4.dma_channel import Channel
from facet.chip.stm32l4.dma_requests import DmaRequests
from facet.chip.stm32l4.spi_burst import FIFO_BYTES, Burst, swapped
from facet.chip.stm32l4.spi_registers import SpiRegisters
from facet.chip.stm32l4.spi_routing import SpiRouting
from facet.clock import ClockSignal
from facet.time import Time
from facet.timeline import Event

_DS_8BIT = 0b0111  # CR2.DS; values below 0b0011 act as this one (42.6.2)

# Bits of CR1 and CR2 that must stay as they are while frames are on the wire (42.6.1, 42.6.2).
_CR1_WIRE_BITS = 0xFFBF & ~(1 << 8 | 1 << 12)  # all but SPE, SSI, CRCNEXT
_CR2_WIRE_BITS = 0x0F18  # DS, FRF, NSSP
_POLLS_LIMIT = 100  # a driver reads SR fewer times between filling the FIFO and setting SPE


class Spi(SpiRegisters):
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
        self.routing = SpiRouting(name, wiring, pins, self.report_once)
        self._irq = irq
        self._dma = dma
        # Frames in the layout of the core's accesses: one byte, or two with the low byte first.
        self._interrupt = EnabledFlags(
            self.SR,
            (("TXE",), self.CR2, "TXEIE"),
            (("RXNE",), self.CR2, "RXNEIE"),
            (("OVR", "MODF"), self.CR2, "ERRIE"),
        )
        self._tx_fifo = bytearray()
        self._rx_fifo = bytearray()
        self._shifting: bytes | None = None  # the frame in the shift register
        self._shift_end: Event | None = None
        self._burst: Burst | None = None
        self._modf_read = False
        self._idle_polls = 0  # reads of SR since DR was written with SPE off
        self._data_read = False
        if dma is not None:
            address = base + type(self).DR.offset
            dma.connect(f"{name}_RX", address, to_peripheral=False, on_armed=self._update)
            dma.connect(f"{name}_TX", address, to_peripheral=True, on_armed=self._update)

    def reset(self) -> None:
        """Carries out a system reset: frames under way are lost."""
        self._stop_shifting()
        super().reset()
        self._tx_fifo.clear()
        self._rx_fifo.clear()
        self._modf_read = self._data_read = False
        self.routing.release_nss()
        self._update()

    def before_stop(self) -> None:
        """Reports a running frame, which a Stop mode would cut."""
        if self._busy:
            self.violation("stop-while-busy", "Stop mode entered while SR.BSY=1")

    # -- what is on the wire
    @property
    def frame_bits(self) -> int:
        """The frame's length in bits (CR2.DS)."""
        return (self.CR2["DS"] if self.CR2["DS"] >= 0b0011 else _DS_8BIT) + 1

    @property
    def frame_bytes(self) -> int:
        """The number of FIFO bytes of a frame (42.4.9)."""
        return 1 if self.frame_bits <= 8 else 2

    @property
    def mode(self) -> SpiMode:
        """The present settings of the clock."""
        hz = self._pclk.hz >> (self.CR1["BR"] + 1)
        return SpiMode(hz, self.CR1["CPOL"], self.CR1["CPHA"], bool(self.CR1["LSBFIRST"]))

    def frames_end(self, frames: int, start: Time) -> Time:
        """The time when `frames` frames end that are sent from `start` on without a pause."""
        # NSSP puts a clock period with NSS high between frames (42.4.12).
        gap = 1 if self.CR2["NSSP"] and not self.CR1["CPHA"] and not self.CR2["FRF"] else 0
        clocks = frames * (self.frame_bits + gap)
        cycles = clocks << (self.CR1["BR"] + 1)
        return self._pclk.time_of(self._pclk.ticks(start) + cycles)

    def exchange(self, frames: bytes) -> bytes:
        """Exchanges frames in the layout of the FIFOs with the selected parts."""
        # The high byte is first on the wire.
        swap = self.frame_bytes == 2 and not self.CR1["LSBFIRST"]
        back = self._wiring.spi_exchange(
            self.routing.routed, swapped(frames) if swap else frames, self.mode
        )
        return swapped(back) if swap else back

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
        """Starts and stops by SPE; reports changes during a frame and mode faults."""
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
        """Changes interrupt and DMA enables, frame size and FIFO threshold."""
        if self._busy and (value ^ old) & _CR2_WIRE_BITS:
            self.violation(
                "spi-changed-while-busy",
                f"CR2 changed from {old:#06x} to {value:#06x} while SR.BSY=1",
            )
        for field in ("LDMA_RX", "LDMA_TX"):
            if self.CR2[field]:
                self.not_modelled(f"CR2.{field}: DMA with an odd number of packed bytes")
        self._update()

    def read_SR(self) -> int:
        """Gives the present flags; the read is part of the clearing sequences of OVR and MODF."""
        if self._burst is not None:
            self._update()  # other changes of the flags were already made
        if self._tx_fifo and not self.CR1["SPE"]:
            # A driver may fill the FIFO before it sets SPE (42.4.7), but may not wait for it then.
            self._idle_polls += 1
            if self._idle_polls == _POLLS_LIMIT:
                self.report_once(
                    "spi-disabled",
                    "SR polled repeatedly while data waits in the TXFIFO and CR1.SPE=0: "
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
        self._idle_polls = 0
        # A 16-bit or 32-bit access with 8-bit frames sends two frames (42.4.9, data packing), a
        # common mistake in drivers.
        count = max(self.frame_bytes, 1 if self.access_size == 1 else 2)
        if len(self._tx_fifo) + count > FIFO_BYTES:
            self.violation("spi-tx-overrun", "DR written while the TXFIFO is full: data is lost")
            return
        self._tx_fifo += (value & 0xFFFF).to_bytes(2, "little")[:count]
        self._next_frame()
        self._update()

    # -- switching on and off
    def _enabled(self) -> None:
        self.forget_reports()
        if not self.CR1["MSTR"]:
            self.not_modelled("slave mode (CR1.MSTR=0)")
        if self.CR2["FRF"]:
            self.not_modelled("TI frame format (CR2.FRF=1)")
        if self.CR1["CRCEN"]:
            self.not_modelled("hardware CRC (CR1.CRCEN=1)")
        if self.CR1["BIDIMODE"] and not self.CR1["BIDIOE"]:
            self.not_modelled("half-duplex receive (CR1.BIDIMODE=1, BIDIOE=0)")
        if self.frame_bits not in (8, 16):
            self.not_modelled(f"frames of {self.frame_bits} bits (CR2.DS)")
        if self.CR1["MSTR"] and self.CR2["SSOE"] and not self.CR1["SSM"]:
            self.routing.drive_nss()
        self._next_frame()

    def _disabled(self) -> None:
        if self._receive_only:
            pass  # a receive-only master ends by clearing SPE during a frame (42.4.8)
        elif self._busy:
            self.violation(
                "spi-disabled-while-busy",
                "CR1.SPE cleared while SR.BSY=1: the frames on the wire are cut off",
            )
        self._stop_shifting()
        self._tx_fifo.clear()
        self.routing.release_nss()

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
        return self.routing.nss_is_low

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
        """Loads the shift register if it is free and a frame is ready."""
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
        self.routing.check_selection()
        self.receive(self.exchange(frame))
        self._next_frame()
        if self._shifting is None:
            self.chip.state(self.name, IDLE)
        self._update()

    def receive(self, frames: bytes) -> None:
        """Puts received frames into the RXFIFO; those without room are lost and set OVR."""
        if self.CR1["BIDIMODE"]:
            return
        room = FIFO_BYTES - len(self._rx_fifo)
        self._rx_fifo += frames[:room]
        if len(frames) > room:
            self.SR["OVR"] = 1

    def _look_up_pins(self) -> None:
        full_duplex = not self.CR1["BIDIMODE"]
        self.routing.look_up(
            sends=not self._receive_only,
            receives=full_duplex,
            needs_miso=bool(self.CR2["RXDMAEN"]),
        )

    # -- flags, interrupt, DMA
    def _update(self) -> None:
        """Updates the flags, and from them the interrupt and the DMA requests."""
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
        self.chip.set_interrupt(self._irq, self._interrupt.active)
        if self._dma is None:
            return
        if self._burst is None:
            transmit = bool(self.SR["TXE"] and cr2["TXDMAEN"] and self._running)
            self._dma.drive(f"{self.name}_TX", transmit)
            self._dma.drive(f"{self.name}_RX", bool(self.SR["RXNE"] and cr2["RXDMAEN"]))
            if transmit and not self._busy:
                self._try_burst(self._dma)

    def _try_burst(self, dma: DmaRequests) -> None:
        """Starts a `Burst` where the transmission can be moved in blocks."""
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
        self._burst = Burst(self, dma, channel)
        self.chip.state(self.name, ACTIVE)

    def batches(self, channel: Channel) -> bool:
        """Whether a channel's items are whole frames at DR, so that blocks can be exchanged."""
        size = channel.peripheral_size
        receives = not channel.to_peripheral
        # With FRXTH=0 the receiver asks only for pairs of bytes: a channel that takes single
        # bytes then leaves the last one in the FIFO, which only frames one by one reproduce.
        threshold_fits = not receives or self.CR2["FRXTH"] == (1 if size == 1 else 0)
        return (
            channel.peripheral_address == self.base + type(self).DR.offset
            and not channel.peripheral_increments
            and self.frame_bits in (8, 16)
            and size in ((1, 2) if self.frame_bits == 8 else (2,))
            and threshold_fits
        )

    def burst_over(self) -> None:
        """Ends a burst; the channel may start the next one at once."""
        self._burst = None
        self._update()
        if self._burst is None:
            self.chip.state(self.name, IDLE)

    @property
    def receives_by_dma(self) -> bool:
        """Whether DMA reads the received frames (CR2.RXDMAEN)."""
        return bool(self.CR2["RXDMAEN"])
