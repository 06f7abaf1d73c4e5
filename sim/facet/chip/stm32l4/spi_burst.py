"""A run of SPI frames that DMA feeds, moved in one call (RM0351 42.4.9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from facet.chip.peripheral import BusError
from facet.chip.stm32l4.dma_channel import Channel
from facet.chip.stm32l4.dma_requests import DmaRequests
from facet.time import Time
from facet.timeline import Event

if TYPE_CHECKING:
    from facet.chip.stm32l4.spi import Spi

FIFO_BYTES = 4
"""32-bit FIFOs in both directions (42.4.9)."""


class Burst:
    """A run of frames that DMA feeds, exchanged with the part in one call.

    The exchange happens when the first FIFO of frames was sent, because a driver may set up the
    receiving channel until then. The run ends when the last frame was on the wire.

    FIDELITY:
        model: The part sees a whole run of frames at its beginning: half of the DMA block, or what
            is left of it. Memory is read at the beginning of the run and written at its end.
        silicon: The data move frame by frame.
        hides: A firmware that changes the buffer during the transfer, reads it before the half- or
            transfer-complete flag, or aborts a run.
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
        """The number of frames in one of the channel's items."""
        return channel.peripheral_size // self._spi.frame_bytes

    def _plan(self, at: Time, action: Callable[[], None]) -> None:
        chip = self._spi.chip
        self._events.append(chip.schedule_at(max(at, chip.now), action, f"{self._spi.name} burst"))

    def _latch(self) -> None:
        """Determines the receiver and the length of the run, and exchanges the frames."""
        spi, tx = self._spi, self._tx
        rx = self._dma.channel(f"{spi.name}_RX") if spi.receives_by_dma else None
        if rx is not None and rx.mover is None and spi.batches(rx):
            self._rx = rx
            rx.mover = _Side(self, rx)
            self._frames = min(self._frames, rx.items_to_event() * self._per_item(rx))
            whole = max(self._per_item(rx), self._per_item(tx))
            self._frames = max(self._frames - self._frames % whole, whole)
        elif tx.circular:
            # An endless dummy transmission: the receiver is done, and the firmware will stop it.
            self._frames = min(self._frames, 16)
        self._exchange()
        # The channel's last item enters the FIFO a FIFO and a shift register before the wire: a
        # driver that deselects the part at TCIF does so too early.
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
        """The number of frames that were on the wire up to now."""
        spi = self._spi
        elapsed = spi.chip.now - self._start
        total = spi.frames_end(self._frames, self._start) - self._start
        return min(self._frames, self._frames * elapsed // total)

    def tx_level(self) -> int:
        """The number of bytes in the TXFIFO: full while the channel feeds it, then falling."""
        if not self._tx_done or self._tx.armed:
            return FIFO_BYTES
        left = self._frames - self.frames_done() - 1
        return max(0, min(FIFO_BYTES, left * self._spi.frame_bytes))

    def items_done(self, channel: Channel) -> int:
        """The number of items of `channel` that were transferred and not yet counted."""
        frames = self.frames_done()
        if channel is self._tx:
            if self._tx_done:
                return 0
            frames = min(self._frames, frames + self._ahead + 1)
        return frames // self._per_item(channel)

    def deliver(self) -> None:
        """Moves the frames received up to now to the RXFIFO, without a receiving channel."""
        if self._rx is None and self._received:
            done = self.frames_done() * self._spi.frame_bytes
            self._spi.receive(self._received[self._delivered : done])
            self._delivered = max(self._delivered, done)

    def halt(self) -> None:
        """Aborts the run; the frames that were on the wire are counted."""
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
        """Aborts the run, because EN of one of the channels was cleared."""
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
        """Handles the entry of the run's last item into the TXFIFO."""
        self._tx_done = True
        self._tx.mover = None
        self._tx.advance(self._frames // self._per_item(self._tx))
        if self._tx.armed:
            self._tx.mover = _Side(self, self._tx)  # this object also handles the next run

    def _finished(self) -> None:
        """Ends the run after its last bit."""
        spi = self._spi
        self.deliver()
        spi.routing.check_selection()
        self._tx.mover = None
        rx = self._rx
        if rx is not None:
            rx.mover = None
            self._take(self._frames // self._per_item(rx))
        spi.burst_over()


class _Side:
    """The mover of one of a burst's channels."""

    def __init__(self, burst: Burst, channel: Channel) -> None:
        self._burst = burst
        self._channel = channel

    def items_done(self) -> int:
        return self._burst.items_done(self._channel)

    def halt(self) -> None:
        self._burst.channel_off()


def swapped(halfwords: bytes) -> bytes:
    """The bytes with the order within each pair reversed."""
    swapped = bytearray(len(halfwords))
    swapped[0::2] = halfwords[1::2]
    swapped[1::2] = halfwords[0::2]
    return bytes(swapped)
