"""The chip's peripheral bus: finds the peripheral behind an address and enforces its clock gate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from facet.chip.peripheral import ChipServices, Peripheral


class Region(NamedTuple):
    """One line of the reference manual's memory map: a peripheral that exists on the chip."""

    name: str
    first: int
    last: int


class PeripheralBus:
    """Routes accesses by address.

    Args:
        chip: where violations are reported.
        memory_map: every peripheral that the chip has, so that one that Facet does not model is
            named when the firmware first touches it.
    """

    def __init__(self, chip: ChipServices, memory_map: Sequence[Region]) -> None:
        self._chip = chip
        self._memory_map = memory_map
        self._peripherals: list[Peripheral] = []
        self._by_granule: dict[int, Peripheral] = {}
        self._named: set[Region] = set()

    _GRANULE = 10  # 1 KB: the pitch of ST's memory map; smaller blocks share one

    def attach(self, peripheral: Peripheral) -> None:
        """Makes `peripheral` answer at its base address."""
        self._peripherals.append(peripheral)
        last = peripheral.base + peripheral.size - 1
        for granule in range(peripheral.base >> self._GRANULE, (last >> self._GRANULE) + 1):
            self._by_granule[granule] = peripheral

    @property
    def peripherals(self) -> Sequence[Peripheral]:
        """All that are modelled, in the order they were attached."""
        return self._peripherals

    def read(self, address: int, size: int) -> int:
        """The core or the DMA reads `size` bytes at `address`."""
        peripheral = self._find(address, "read", size)
        if peripheral is None:
            return 0
        if not peripheral.gate():
            self._unclocked(peripheral, address, "read")
            return 0
        try:
            return peripheral.read(address - peripheral.base, size)
        except KeyError:
            self._no_register(peripheral, address, "read")
            return 0

    def write(self, address: int, size: int, value: int) -> None:
        """The core or the DMA writes `size` bytes at `address`."""
        peripheral = self._find(address, "written", size)
        if peripheral is None:
            return
        if not peripheral.gate():
            self._unclocked(peripheral, address, "written")
            return
        try:
            peripheral.write(address - peripheral.base, size, value)
        except KeyError:
            self._no_register(peripheral, address, "written")

    def describe(self, address: int) -> str:
        """The register at `address` for a person: ``SPI1_CR1``, or the bare address."""
        peripheral = self._modelled_at(address)
        if peripheral is not None:
            name = peripheral.register_name(address - peripheral.base)
            return f"{peripheral.name}_{name or hex(address - peripheral.base)}"
        for region in self._memory_map:
            if region.first <= address <= region.last:
                return f"{region.name}+{address - region.first:#x}"
        return f"{address:#010x}"

    def _modelled_at(self, address: int) -> Peripheral | None:
        peripheral = self._by_granule.get(address >> self._GRANULE)
        if peripheral is not None and address >= peripheral.base + peripheral.size:
            return None  # a smaller block behind it in the same granule
        return peripheral

    def _find(self, address: int, verb: str, size: int) -> Peripheral | None:
        peripheral = self._modelled_at(address)
        if peripheral is None:
            for region in self._memory_map:
                if region.first <= address <= region.last:
                    if region not in self._named:  # once: a driver touches many registers
                        self._named.add(region)
                        self._chip.violation(
                            "not-modelled",
                            f"{region.name} {verb} ({self.describe(address)}, {size} bytes): "
                            "Facet has no model of this peripheral",
                        )
                    return None
            self._chip.violation(
                "no-such-peripheral", f"{address:#010x} {verb}: the chip has nothing there"
            )
        return peripheral

    def _unclocked(self, peripheral: Peripheral, address: int, verb: str) -> None:
        rule, why = peripheral.refusal()
        self._chip.violation(rule, f"{self.describe(address)} {verb} while {why}")

    def _no_register(self, peripheral: Peripheral, address: int, verb: str) -> None:
        self._chip.violation(
            "no-such-register",
            f"{peripheral.name}+{address - peripheral.base:#x} {verb}: "
            "no register is modelled there",
        )
