"""DMA1 and DMA2: seven channels each, with requests selected by CSELR (RM0351, section 11).

A channel moves its items in one of two ways. Item by item: a peripheral holds its request active
and the controller moves one item after the other, as the silicon does. In blocks: a peripheral
whose timing is known in advance (SPI) becomes the channel's `Mover`, moves many items at once and
reports how many are done at any time.
"""

from __future__ import annotations

from collections.abc import Sequence

from facet.chip.peripheral import ChipServices, Peripheral
from facet.chip.registers import Register, bit, bits
from facet.chip.stm32l4.dma_channel import EN, GIF, HTIE, TCIE, TEIE, Channel
from facet.chip.stm32l4.dma_requests import DmaRequests
from facet.clock import ClockSignal
from facet.timeline import Event

CHANNELS = 7

# FIDELITY:
#   model: Every item takes 5 AHB cycles.
#   silicon: Arbitration, the APB bridge, flash wait states and the core's own accesses make it 5 to
#     10 cycles, and the core slows down.
#   hides: A DMA load that slows the core down or overruns a fast peripheral.
CYCLES_PER_ITEM = 5

_INTERRUPT_ENABLES = TCIE | HTIE | TEIE


class _MemoryCopy:
    """Moves a memory-to-memory block: half of it, then the rest."""

    def __init__(self, dma: Dma, channel: Channel) -> None:
        self._dma = dma
        self._channel = channel
        self._started = dma.chip.now
        self._count = channel.items_to_event()
        delay = dma.hclk.after(self._count * CYCLES_PER_ITEM) - self._started
        self._event = dma.chip.schedule(delay, self._finish, f"{channel.name} copies")

    def items_done(self) -> int:
        ticks = self._dma.hclk.ticks() - self._dma.hclk.ticks(self._started)
        return min(self._count, ticks // CYCLES_PER_ITEM)

    def halt(self) -> None:
        self._event.cancel()
        done = self.items_done()
        self._channel.mover = None
        self._channel.copy(done)

    def _finish(self) -> None:
        channel = self._channel
        channel.mover = None
        channel.copy(self._count)
        if channel.armed:
            channel.mover = _MemoryCopy(self._dma, channel)


class Dma(Peripheral):
    """A DMA controller.

    Args:
        name: DMA1 or DMA2, which determines the requests that CSELR selects.
        base: address of DMA_ISR.
        chip: the chip's services.
        hclk: the AHB clock.
        irqs: interrupt lines of channels 1 to 7.
    """

    ISR = Register(0x00, 0, "ro")
    IFCR = Register(0x04, 0, "wo")
    CSELR = Register(
        0xA8,
        0,
        "rw",
        C1S=bits(3, 0),
        C2S=bits(7, 4),
        C3S=bits(11, 8),
        C4S=bits(15, 12),
        C5S=bits(19, 16),
        C6S=bits(23, 20),
        C7S=bits(27, 24),
    )

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        hclk: ClockSignal,
        irqs: Sequence[int],
    ) -> None:
        super().__init__(name, base, chip)
        self.hclk = hclk
        self._irqs = irqs
        self._service: Event | None = None
        self.hub: DmaRequests | None = None
        for number in range(1, CHANNELS + 1):
            at = 0x08 + 0x14 * (number - 1)
            self.add_numbered(_ccr(at), "CCR{}", number)
            self.add_numbered(Register(at + 4, 0, "rw", NDT=bits(15, 0)), "CNDTR{}", number)
            self.add_numbered(Register(at + 8), "CPAR{}", number)
            self.add_numbered(Register(at + 12), "CMAR{}", number)
        self.channels = [Channel(self, number) for number in range(1, CHANNELS + 1)]
        hclk.subscribe(self.plan)

    def reset(self) -> None:
        """Carries out a system reset: all channels off."""
        for channel in self.channels:
            self.registers[f"CCR{channel.number}"].value = 0
        for channel in self.channels:
            channel.stop()
        super().reset()
        self._drive_interrupts()

    def raise_flags(self, number: int, flags: int) -> None:
        """Sets a channel's flags in ISR; the interrupt follows its enables."""
        self.ISR.value |= (flags | GIF) << 4 * (number - 1)
        self._drive_interrupts()

    def plan(self) -> None:
        """Plans the next item where a request is waiting."""
        if self._service is None and self.hclk.hz and self._next_channel() is not None:
            delay = self.hclk.after(CYCLES_PER_ITEM) - self.chip.now
            self._service = self.chip.schedule(delay, self._serve, f"{self.name} moves an item")

    # -- the firmware's accesses
    def write_IFCR(self, value: int, old: int) -> None:
        """Clears flags; CGIF clears all four flags of its channel (11.6.2)."""
        del old
        for number in range(CHANNELS):
            flags = value >> 4 * number & 0xF
            if flags & GIF:
                flags = 0xF
            left = self.ISR.value >> 4 * number & 0xF & ~flags
            if not left & ~GIF:
                left = 0
            self.ISR.value = self.ISR.value & ~(0xF << 4 * number) | left << 4 * number
        self.IFCR.value = 0
        self._drive_interrupts()

    def write_CCR(self, number: int, value: int, old: int) -> None:
        """Starts and stops the channel by EN; other bits are fixed while it is on (11.6.3)."""
        channel = self.channels[number - 1]
        register = self.registers[f"CCR{number}"]
        writable = _INTERRUPT_ENABLES | EN
        if old & EN and (value ^ old) & ~writable:
            register.value = old & ~writable | value & writable
            if value & EN:
                self._refused(f"CCR{number} reconfigured ({old:#x} -> {value:#x})", number)
        if old & EN and not value & EN:
            channel.stop()
        elif value & EN and not old & EN:
            channel.start()
            self._enabled(channel)
        self._drive_interrupts()

    def read_CNDTR(self, number: int) -> int:
        """The number of items that are left."""
        return self.channels[number - 1].remaining

    def write_CNDTR(self, number: int, value: int, old: int) -> None:
        """Refuses a change while the channel is on."""
        del value
        self._keep_while_enabled("CNDTR", number, old)

    def write_CPAR(self, number: int, value: int, old: int) -> None:
        """Refuses a change while the channel is on."""
        del value
        self._keep_while_enabled("CPAR", number, old)

    def write_CMAR(self, number: int, value: int, old: int) -> None:
        """Refuses a change while the channel is on."""
        del value
        self._keep_while_enabled("CMAR", number, old)

    def write_CSELR(self, value: int, old: int) -> None:
        """Plans an item where a running channel now has its request."""
        del value, old
        if self.hub is not None:
            for channel in self.channels:
                if channel.enabled:
                    self.hub.channel_enabled(channel)
        self.plan()

    def _keep_while_enabled(self, family: str, number: int, old: int) -> None:
        if self.channels[number - 1].enabled:
            self._refused(f"{family}{number} written", number)
            self.registers[f"{family}{number}"].value = old

    def _refused(self, what: str, number: int) -> None:
        self.violation(
            "dma-channel-enabled", f"{what} while CCR{number}.EN=1: the write is ignored"
        )

    def _enabled(self, channel: Channel) -> None:
        if channel.mem2mem:
            if channel.armed:
                channel.mover = _MemoryCopy(self, channel)
        elif self.hub is not None:
            self.hub.channel_enabled(channel)
            self.plan()

    # -- moving
    def _next_channel(self) -> Channel | None:
        if self.hub is None or not self.gate():
            return None
        waiting = [
            channel
            for channel in self.channels
            if channel.armed
            and channel.mover is None
            and not channel.mem2mem
            and self.hub.active_among(channel.requests)
        ]
        return min(waiting, key=lambda channel: channel.priority, default=None)

    def _serve(self) -> None:
        self._service = None
        channel = self._next_channel()
        if channel is not None:
            channel.move_one()
        self.plan()

    def _drive_interrupts(self) -> None:
        for number, line in enumerate(self._irqs, 1):
            flags = self.ISR.value >> 4 * (number - 1)
            enables = self.registers[f"CCR{number}"].value
            self.chip.set_interrupt(line, bool(flags & enables & _INTERRUPT_ENABLES))


def _ccr(offset: int) -> Register:
    """The declaration of a CCRx (11.6.3)."""
    return Register(
        offset,
        0,
        "rw",
        EN=bit(0),
        TCIE=bit(1),
        HTIE=bit(2),
        TEIE=bit(3),
        DIR=bit(4),
        CIRC=bit(5),
        PINC=bit(6),
        MINC=bit(7),
        PSIZE=bits(9, 8),
        MSIZE=bits(11, 10),
        PL=bits(13, 12),
        MEM2MEM=bit(14),
    )
