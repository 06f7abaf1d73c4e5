"""DMA1 and DMA2: seven channels each, their requests chosen by CSELR (RM0351, section 11).

Two ways lead through a channel. Item by item: a peripheral holds its request active and the
controller moves one item after the other, as the silicon does. In blocks: a peripheral whose
timing is known beforehand (SPI) becomes the channel's `Mover`, moves many items at once and says
how many are done at any moment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from facet.chip.peripheral import BusError, ChipServices, Peripheral
from facet.chip.registers import Register, bit, bits
from facet.chip.stm32l4.dma_map import REQUESTS, place_of
from facet.clock import ClockSignal
from facet.timeline import Event

CHANNELS = 7

# FIDELITY:
#   model: Every item takes 5 AHB cycles.
#   silicon: Arbitration, the APB bridge, flash wait states and the core's own accesses make it 5 to
#     10 cycles, and the core slows down.
#   hides: A DMA load that slows the core down or overruns a fast peripheral.
CYCLES_PER_ITEM = 5

_EN, _TCIE, _HTIE, _TEIE = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_INTERRUPT_ENABLES = _TCIE | _HTIE | _TEIE
# The flags of one channel in ISR and IFCR (11.6.1), four bits a channel.
_GIF, _TCIF, _HTIF, _TEIF = 1 << 0, 1 << 1, 1 << 2, 1 << 3


class Mover(Protocol):
    """Whoever moves a channel's items in blocks."""

    def items_done(self) -> int:
        """Items moved up to now that the channel has not been told of by `advance`."""

    def halt(self) -> None:
        """The firmware switches the channel off: settle what is done, move no more."""


class RequestLine(NamedTuple):
    """Where a peripheral's DMA request comes from."""

    data_register: int
    to_peripheral: bool
    on_armed: Callable[[], None] | None


class Channel:
    """One channel: its registers and its place in the block that it moves.

    Args:
        dma: the controller.
        number: 1 to 7.
    """

    def __init__(self, dma: Dma, number: int) -> None:
        self._dma = dma
        self.number = number
        self.name = f"{dma.name} channel {number}"
        self.mover: Mover | None = None
        self.complaints: set[str] = set()
        self._ccr = dma.registers[f"CCR{number}"]
        self._cndtr = dma.registers[f"CNDTR{number}"]
        self._cpar = dma.registers[f"CPAR{number}"]
        self._cmar = dma.registers[f"CMAR{number}"]
        self._block = 0  # CNDTR when the channel was enabled
        self._index = 0  # items of the block that are done

    # -- configuration
    @property
    def enabled(self) -> bool:
        """CCR.EN."""
        return bool(self._ccr.value & _EN)

    @property
    def mem2mem(self) -> bool:
        """CCR.MEM2MEM: runs without a request."""
        return bool(self._ccr["MEM2MEM"])

    @property
    def to_peripheral(self) -> bool:
        """CCR.DIR: reads at CMAR and writes at CPAR."""
        return bool(self._ccr["DIR"])

    @property
    def circular(self) -> bool:
        """CCR.CIRC."""
        return bool(self._ccr["CIRC"])

    @property
    def priority(self) -> tuple[int, int]:
        """Sorts channels as the arbiter does: by CCR.PL, then by number (11.4.3)."""
        return -self._ccr["PL"], self.number

    @property
    def peripheral_size(self) -> int:
        """Bytes of an item at CPAR (CCR.PSIZE)."""
        return 1 << min(self._ccr["PSIZE"], 2)

    @property
    def memory_size(self) -> int:
        """Bytes of an item at CMAR (CCR.MSIZE)."""
        return 1 << min(self._ccr["MSIZE"], 2)

    @property
    def peripheral_increments(self) -> bool:
        """CCR.PINC."""
        return bool(self._ccr["PINC"])

    @property
    def peripheral_address(self) -> int:
        """CPAR, aligned to the item's size as the hardware does (11.6.5)."""
        return self._cpar.value & -self.peripheral_size

    @property
    def select(self) -> int:
        """CSELR.CxS of this channel."""
        return self._dma.CSELR[f"C{self.number}S"]

    @property
    def requests(self) -> tuple[str, ...]:
        """The requests that CSELR lets through to this channel."""
        return REQUESTS.get((self._dma.name, self.number, self.select), ())

    # -- progress
    @property
    def remaining(self) -> int:
        """Items left, as CNDTR reads."""
        return self._cndtr.value - (self.mover.items_done() if self.mover else 0)

    @property
    def armed(self) -> bool:
        """Would move an item if its request came."""
        return self.enabled and self._cndtr.value > 0 and self._dma.gate()

    def start(self) -> None:
        """CCR.EN was set: the pointers are loaded from the registers (11.4.4)."""
        self._block = self._cndtr.value
        self._index = 0
        self.complaints.clear()

    def stop(self) -> None:
        """CCR.EN was cleared."""
        if self.mover is not None:
            mover = self.mover
            mover.halt()
            self.mover = None

    def items_to_event(self) -> int:
        """Items until the half-transfer or the transfer-complete flag; a whole lap or more when
        the channel circles and neither can raise an interrupt.
        """
        left = self._cndtr.value
        if self.circular and not self._ccr.value & (_TCIE | _HTIE):
            # FIDELITY:
            #   model: A circular channel without interrupts is moved past its flags in blocks.
            #   silicon: HTIF and TCIF are set at the half and at the end of each lap.
            #   hides: A program that polls the flags sees them late.
            return 1 << 16
        half = self._block // 2
        return half - self._index if self._index < half else left

    def fetch(self, count: int) -> bytes:
        """The next `count` items from memory, each as wide as at the peripheral (11.4.5)."""
        return b"".join(self._fetch_run(index, run) for index, run in self._runs(count))

    def store(self, items: bytes) -> None:
        """Puts items that came from the peripheral into memory, from the present place on."""
        taken = 0
        for index, run in self._runs(len(items) // self.peripheral_size):
            size = run * self.peripheral_size
            self._store_run(index, items[taken : taken + size])
            taken += size

    def advance(self, count: int) -> None:
        """`count` items are done: CNDTR and the flags follow."""
        flags = 0
        half = self._block // 2
        for _, run in self._runs(count):
            before = self._index
            self._index += run
            if before < half <= self._index:
                flags |= _HTIF
            if self._index == self._block:
                flags |= _TCIF | (_HTIF if self._block == 1 else 0)
                if self.circular:
                    self._index = 0
        self._cndtr.value = self._block - self._index
        if flags:
            self._dma.raise_flags(self.number, flags)

    def move_one(self) -> None:
        """Moves one item between CPAR and CMAR."""
        size = self.peripheral_size
        address = self.peripheral_address
        if self.peripheral_increments:
            address += self._index * size
        try:
            if self.to_peripheral:
                item = self.fetch(1)
                self._dma.chip.write_memory(address, item)
            else:
                self.store(self._dma.chip.read_memory(address, size))
        except BusError:
            self.fail(f"{address:#010x} or {self._memory_address(self._index):#010x}")
            return
        self.advance(1)

    def copy(self, count: int) -> None:
        """Moves `count` items of a memory-to-memory block."""
        size = self.peripheral_size
        chip = self._dma.chip
        try:
            for index, run in self._runs(count):
                first = self.peripheral_address
                if self.peripheral_increments:
                    first += index * size
                if self.to_peripheral:
                    items = self._fetch_run(index, run)
                    if self.peripheral_increments:
                        chip.write_memory(first, items)
                    else:
                        for at in range(0, len(items), size):
                            chip.write_memory(first, items[at : at + size])
                elif self.peripheral_increments:
                    self._store_run(index, chip.read_memory(first, run * size))
                else:
                    items = b"".join(chip.read_memory(first, size) for _ in range(run))
                    self._store_run(index, items)
        except BusError:
            self.fail(f"{self.peripheral_address:#010x} or {self._cmar.value:#010x}")
            return
        self.advance(count)

    def fail(self, where: str) -> None:
        """A bus error: the hardware sets TEIF and clears EN (11.4.6)."""
        self._ccr["EN"] = 0
        self.mover = None
        self._dma.violation(
            "dma-bus-error", f"transfer error on channel {self.number}: nothing answers at {where}"
        )
        self._dma.raise_flags(self.number, _TEIF)

    def _runs(self, count: int) -> list[tuple[int, int]]:
        """Splits the next `count` items at the ends of the block: (first index, items)."""
        runs: list[tuple[int, int]] = []
        index = self._index
        while count > 0 and index < self._block:
            run = min(count, self._block - index)
            runs.append((index, run))
            count -= run
            index = 0 if self.circular else self._block
        return runs

    def _memory_address(self, index: int) -> int:
        step = self.memory_size if self._ccr["MINC"] else 0
        return (self._cmar.value & -self.memory_size) + index * step

    def _fetch_run(self, index: int, count: int) -> bytes:
        wide, narrow = self.memory_size, self.peripheral_size
        first = self._memory_address(index)
        chip = self._dma.chip
        if not self._ccr["MINC"]:
            return _resized(chip.read_memory(first, wide), wide, narrow) * count
        return _resized(chip.read_memory(first, wide * count), wide, narrow)

    def _store_run(self, index: int, items: bytes) -> None:
        resized = _resized(items, self.peripheral_size, self.memory_size)
        if not self._ccr["MINC"]:
            resized = resized[-self.memory_size :]  # each item overwrote the one before
        self._dma.chip.write_memory(self._memory_address(index), resized)


def _resized(items: bytes, wide: int, narrow: int) -> bytes:
    """Items of `wide` bytes as items of `narrow` bytes: cut, or filled with zeros (11.4.5)."""
    if wide == narrow:
        return items
    keep, fill = min(wide, narrow), bytes(max(0, narrow - wide))
    return b"".join(items[at : at + keep] + fill for at in range(0, len(items), wide))


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
        name: DMA1 or DMA2, which decides what CSELR selects.
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
        """As after a system reset: all channels off."""
        for channel in self.channels:
            self.registers[f"CCR{channel.number}"].value = 0
        for channel in self.channels:
            channel.stop()
        super().reset()
        self._drive_interrupts()

    def raise_flags(self, number: int, flags: int) -> None:
        """Sets a channel's flags in ISR; the interrupt follows its enables."""
        self.ISR.value |= (flags | _GIF) << 4 * (number - 1)
        self._drive_interrupts()

    def plan(self) -> None:
        """Something may wait for a transfer: plan the next item."""
        if self._service is None and self.hclk.hz and self._next_channel() is not None:
            delay = self.hclk.after(CYCLES_PER_ITEM) - self.chip.now
            self._service = self.chip.schedule(delay, self._serve, f"{self.name} moves an item")

    # -- the firmware's accesses
    def write_IFCR(self, value: int, old: int) -> None:
        """Clears flags; CGIF clears all four of its channel (11.6.2)."""
        del old
        for number in range(CHANNELS):
            flags = value >> 4 * number & 0xF
            if flags & _GIF:
                flags = 0xF
            left = self.ISR.value >> 4 * number & 0xF & ~flags
            if not left & ~_GIF:
                left = 0
            self.ISR.value = self.ISR.value & ~(0xF << 4 * number) | left << 4 * number
        self.IFCR.value = 0
        self._drive_interrupts()

    def write_CCR(self, number: int, value: int, old: int) -> None:
        """EN starts and stops the channel; the rest is fixed while it is on (11.6.3)."""
        channel = self.channels[number - 1]
        register = self.registers[f"CCR{number}"]
        writable = _INTERRUPT_ENABLES | _EN
        if old & _EN and (value ^ old) & ~writable:
            register.value = old & ~writable | value & writable
            if value & _EN:
                self._refused(f"CCR{number} reconfigured ({old:#x} -> {value:#x})", number)
        if old & _EN and not value & _EN:
            channel.stop()
        elif value & _EN and not old & _EN:
            channel.start()
            self._enabled(channel)
        self._drive_interrupts()

    def read_CNDTR(self, number: int) -> int:
        """Items left at this moment."""
        return self.channels[number - 1].remaining

    def write_CNDTR(self, number: int, value: int, old: int) -> None:
        """Fixed while the channel is on."""
        del value
        self._keep_while_enabled("CNDTR", number, old)

    def write_CPAR(self, number: int, value: int, old: int) -> None:
        """Fixed while the channel is on."""
        del value
        self._keep_while_enabled("CPAR", number, old)

    def write_CMAR(self, number: int, value: int, old: int) -> None:
        """Fixed while the channel is on."""
        del value
        self._keep_while_enabled("CMAR", number, old)

    def write_CSELR(self, value: int, old: int) -> None:
        """A running channel may find its request now."""
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


class DmaRequests:
    """The request lines between the peripherals and the DMA controllers.

    Args:
        controllers: DMA1 and DMA2.
    """

    def __init__(self, controllers: Sequence[Dma]) -> None:
        self._controllers = controllers
        self._active: set[str] = set()
        self._lines: dict[str, RequestLine] = {}
        for dma in controllers:
            dma.hub = self

    def connect(
        self,
        request: str,
        data_register: int,
        *,
        to_peripheral: bool,
        on_armed: Callable[[], None] | None = None,
    ) -> None:
        """A peripheral makes its request line known.

        Args:
            request: as the manual's tables of 11.3.2 call it, such as ``SPI1_RX``.
            data_register: the address that a channel for it must point at.
            to_peripheral: the channel writes into the register.
            on_armed: called when a channel that serves the request was enabled.
        """
        self._lines[request] = RequestLine(data_register, to_peripheral, on_armed)

    def drive(self, request: str, active: bool) -> None:
        """A peripheral raises its request or takes it back."""
        if active == (request in self._active):
            return
        if not active:
            self._active.discard(request)
            return
        self._active.add(request)
        if self.channel(request) is None:
            self._look_for_wrong_channel(request)
        for dma in self._controllers:
            dma.plan()

    def active_among(self, requests: tuple[str, ...]) -> bool:
        """Whether one of `requests` is raised."""
        return any(request in self._active for request in requests)

    def channel(self, request: str) -> Channel | None:
        """The enabled channel with items left that serves `request`, or None."""
        for dma in self._controllers:
            for channel in dma.channels:
                if channel.armed and not channel.mem2mem and request in channel.requests:
                    return channel
        return None

    def channel_enabled(self, channel: Channel) -> None:
        """Called by a controller when a channel was enabled or its request chosen anew."""
        for request in sorted(self._active):
            if self.channel(request) is None:
                self._look_for_wrong_channel(request)
        for request in channel.requests:
            line = self._lines.get(request)
            if line is not None and line.on_armed is not None:
                line.on_armed()

    def _look_for_wrong_channel(self, request: str) -> None:
        """Reports an enabled channel that points at the register but listens to another request."""
        line = self._lines.get(request)
        if line is None:
            return
        for dma in self._controllers:
            for channel in dma.channels:
                if (
                    channel.armed
                    and not channel.mem2mem
                    and channel.to_peripheral == line.to_peripheral
                    and channel.peripheral_address == line.data_register
                    and request not in channel.requests
                    and request not in channel.complaints
                ):
                    channel.complaints.add(request)
                    selected = "/".join(channel.requests) or "nothing"
                    dma.violation(
                        "dma-request-not-selected",
                        f"channel {channel.number} is set up for {request}, but "
                        f"CSELR.C{channel.number}S={channel.select} selects {selected}: "
                        f"{request} waits for ever; it is wired to {place_of(request)}",
                    )
