"""A channel of a DMA controller: registers and position in the block (RM0351, section 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from facet.chip.peripheral import BusError
from facet.chip.stm32l4.dma_map import REQUESTS

if TYPE_CHECKING:
    from facet.chip.stm32l4.dma import Dma

EN, TCIE, HTIE, TEIE = 1 << 0, 1 << 1, 1 << 2, 1 << 3
"""Bits of CCRx; ISR has its flags at the same positions, four per channel, with GIF for EN."""
GIF, TCIF, HTIF, TEIF = EN, TCIE, HTIE, TEIE


class Mover(Protocol):
    """A peripheral that moves a channel's items in blocks."""

    def items_done(self) -> int:
        """The number of items that were moved and not yet reported by `advance`."""

    def halt(self) -> None:
        """Reports the items that are done and stops, because the channel is switched off."""


class Channel:
    """One channel: its registers and its position in the block.

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
        return bool(self._ccr.value & EN)

    @property
    def mem2mem(self) -> bool:
        """CCR.MEM2MEM: the channel needs no request."""
        return bool(self._ccr["MEM2MEM"])

    @property
    def to_peripheral(self) -> bool:
        """CCR.DIR: the channel reads at CMAR and writes at CPAR."""
        return bool(self._ccr["DIR"])

    @property
    def circular(self) -> bool:
        """CCR.CIRC."""
        return bool(self._ccr["CIRC"])

    @property
    def priority(self) -> tuple[int, int]:
        """The sort key of the arbiter: CCR.PL, then the number (11.4.3)."""
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
        """The number of items that are left, as CNDTR reads."""
        return self._cndtr.value - (self.mover.items_done() if self.mover else 0)

    @property
    def armed(self) -> bool:
        """Whether the channel would serve a request."""
        return self.enabled and self._cndtr.value > 0 and self._dma.gate()

    def start(self) -> None:
        """Loads the pointers from the registers, after CCR.EN was set (11.4.4)."""
        self._block = self._cndtr.value
        self._index = 0
        self.complaints.clear()

    def stop(self) -> None:
        """Stops the channel, after CCR.EN was cleared."""
        if self.mover is not None:
            mover = self.mover
            mover.halt()
            self.mover = None

    def items_to_event(self) -> int:
        """The number of items until the half-transfer or the transfer-complete flag.

        It is a whole block or more where the channel is circular and neither flag can interrupt.
        """
        left = self._cndtr.value
        if self.circular and not self._ccr.value & (TCIE | HTIE):
            # FIDELITY:
            #   model: A circular channel without interrupts is moved past its flags in blocks.
            #   silicon: HTIF and TCIF are set at the half and at the end of each lap.
            #   hides: A program that polls the flags sees them late.
            return 1 << 16
        half = self._block // 2
        return half - self._index if self._index < half else left

    def fetch(self, count: int) -> bytes:
        """The next `count` items from memory, in the width of the peripheral (11.4.5)."""
        return b"".join(self._fetch_run(index, run) for index, run in self._runs(count))

    def store(self, items: bytes) -> None:
        """Writes items from the peripheral to memory, from the present position on."""
        taken = 0
        for index, run in self._runs(len(items) // self.peripheral_size):
            size = run * self.peripheral_size
            self._store_run(index, items[taken : taken + size])
            taken += size

    def advance(self, count: int) -> None:
        """Updates CNDTR and the flags after `count` items."""
        flags = 0
        half = self._block // 2
        for _, run in self._runs(count):
            before = self._index
            self._index += run
            if before < half <= self._index:
                flags |= HTIF
            if self._index == self._block:
                flags |= TCIF | (HTIF if self._block == 1 else 0)
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
        """Handles a bus error: TEIF is set and EN is cleared (11.4.6)."""
        self._ccr["EN"] = 0
        self.mover = None
        self._dma.violation(
            "dma-bus-error",
            f"transfer error on channel {self.number}: no memory or peripheral at {where}",
        )
        self._dma.raise_flags(self.number, TEIF)

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
    """Items of `wide` bytes as items of `narrow` bytes, cut or padded with zeros (11.4.5)."""
    if wide == narrow:
        return items
    keep, fill = min(wide, narrow), bytes(max(0, narrow - wide))
    return b"".join(items[at : at + keep] + fill for at in range(0, len(items), wide))
