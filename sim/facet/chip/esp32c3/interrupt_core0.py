"""INTERRUPT_CORE0: the mapping of interrupt sources to CPU interrupts (TRM, chapter 8)."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.esp32c3.memory_map import SOURCE_NAMES
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bits

CPU_INTERRUPTS = range(1, 32)  # number 0 means: none


class InterruptMatrix(GatedPeripheral):
    """The matrix of 62 sources and 31 CPU interrupts, which offers the core one interrupt.

    Args:
        name: INTERRUPT_CORE0.
        base: address of the first map register.
        chip: the chip's services.
    """

    CORE_0_INTR_STATUS0 = Register(0xF8, 0, "ro")
    CORE_0_INTR_STATUS1 = Register(0xFC, 0, "ro")
    CPU_INT_ENABLE = Register(0x104)
    CPU_INT_TYPE = Register(0x108)
    CPU_INT_CLEAR = Register(0x10C)
    CPU_INT_EIP_STATUS = Register(0x110, 0, "ro")
    CPU_INT_THRESH = Register(0x194, 0, "rw", CPU_INT_THRESH=bits(3, 0))

    def __init__(self, name: str, base: int, chip: ChipServices) -> None:
        super().__init__(name, base, chip)
        for source in SOURCE_NAMES:
            self.add_numbered(
                Register(4 * source, 0, "rw", MAP=bits(4, 0)), "CORE_0_INTR_MAP{}", source
            )
        for number in range(32):
            self.add_numbered(
                Register(0x114 + 4 * number, 0, "rw", MAP=bits(3, 0)), "CPU_INT_PRI{}", number
            )
        self.offer: Callable[[int], None] = lambda _number: None
        """Called with the CPU interrupt that the core must take; 0 for none."""
        self._active = 0  # a bit for each source
        self._lines = 0  # a bit for each CPU interrupt: some source mapped to it is active
        self._edges = 0  # rising edges that wait for CPU_INT_CLEAR
        self._offered = 0

    def reset(self) -> None:
        """Carries out a reset: no source is mapped."""
        super().reset()
        self._lines = self._edges = 0
        self._update()

    def source_changed(self, source: int, active: bool) -> None:
        """Takes a change of a peripheral's interrupt."""
        before = self._active
        self._active = before | 1 << source if active else before & ~(1 << source)
        if self._active != before:
            self._update()

    @property
    def pending(self) -> int:
        """The CPU interrupt that the core must take; 0 for none."""
        return self._offered

    # -- the firmware's accesses
    def read_CORE_0_INTR_STATUS0(self) -> int:
        """Gives the state of sources 0 to 31."""
        return self._active & 0xFFFF_FFFF

    def read_CORE_0_INTR_STATUS1(self) -> int:
        """Gives the state of sources 32 to 61."""
        return self._active >> 32

    def write_CORE_0_INTR_MAP(self, source: int, value: int, old: int) -> None:
        """Maps a source to a CPU interrupt."""
        self._update()

    def write_CPU_INT_PRI(self, number: int, value: int, old: int) -> None:
        """Changes the priority of a CPU interrupt."""
        self._update()

    def write_CPU_INT_ENABLE(self, value: int, old: int) -> None:
        """Enables and disables CPU interrupts."""
        self._update()

    def write_CPU_INT_TYPE(self, value: int, old: int) -> None:
        """Selects level (0) or edge (1)."""
        self._edges &= value
        self._update()

    def write_CPU_INT_CLEAR(self, value: int, old: int) -> None:
        """Clears edges; the manual's driver writes 1, then 0."""
        self._edges &= ~value
        self._update()

    def write_CPU_INT_THRESH(self, value: int, old: int) -> None:
        """Masks lower priorities."""
        self._update()

    # -- state
    def _update(self) -> None:
        lines = 0
        sources, source = self._active, 0
        while sources:
            if sources & 1:
                lines |= 1 << self.registers[f"CORE_0_INTR_MAP{source}"].value
            sources >>= 1
            source += 1
        lines &= ~1
        self._edges |= lines & ~self._lines & self.CPU_INT_TYPE.value
        self._lines = lines
        pending = lines & ~self.CPU_INT_TYPE.value | self._edges
        self.CPU_INT_EIP_STATUS.value = pending & self.CPU_INT_ENABLE.value
        offered = self._highest(self.CPU_INT_EIP_STATUS.value)
        if offered != self._offered:
            self._offered = offered
            self.offer(offered)

    def _highest(self, pending: int) -> int:
        """The pending interrupt of the highest priority; of equals the lowest number (8.3.3)."""
        best, best_priority = 0, 0
        threshold = self.CPU_INT_THRESH.value
        for number in CPU_INTERRUPTS:
            if pending >> number & 1:
                priority = self.registers[f"CPU_INT_PRI{number}"].value
                if priority > best_priority and priority >= threshold:
                    best, best_priority = number, priority
        return best
