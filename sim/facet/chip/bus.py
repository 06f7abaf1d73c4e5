"""The chip's peripheral bus: finds the peripheral at an address and enforces its clock gate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from facet.chip.peripheral import BusError, ChipServices, Peripheral
from facet.errors import FacetError, InternalError


class Region(NamedTuple):
    """One line of the reference manual's memory map: a peripheral that exists on the chip."""

    name: str
    first: int
    last: int


class PeripheralBus:
    """Routes accesses by address.

    Args:
        chip: where violations are reported.
        memory_map: every peripheral that the chip has, so that a peripheral without a model is
            reported by its name when the firmware first accesses it.
    """

    def __init__(self, chip: ChipServices, memory_map: Sequence[Region]) -> None:
        self._chip = chip
        self._memory_map = memory_map
        self._peripherals: list[Peripheral] = []
        self._by_granule: dict[int, Peripheral] = {}
        self._reported: set[Region] = set()
        self._known: dict[int, Peripheral] = {}
        """Addresses that were accessed, at which a peripheral has a register."""

    _GRANULE = 10  # 1 KB: the pitch of ST's memory map; smaller blocks share one

    def attach(self, peripheral: Peripheral) -> None:
        """Makes `peripheral` answer at its base address."""
        self._peripherals.append(peripheral)
        last = peripheral.base + peripheral.size - 1
        for granule in range(peripheral.base >> self._GRANULE, (last >> self._GRANULE) + 1):
            self._by_granule[granule] = peripheral
        self._known.clear()

    @property
    def peripherals(self) -> Sequence[Peripheral]:
        """All modelled peripherals, in the order in which they were attached."""
        return self._peripherals

    def read(self, address: int, size: int) -> int:
        """The core or the DMA reads `size` bytes at `address`.

        Raises:
            InternalError: the peripheral's model failed; this is a fault of the model, whatever the
                firmware did.
        """
        peripheral = self._known.get(address)
        if peripheral is None or not peripheral.gate():
            peripheral = self._addressed(address, size, None)
            if peripheral is None:
                return 0
        try:
            return peripheral.read(address - peripheral.base, size)
        except (FacetError, InternalError, BusError):
            raise
        except Exception as error:
            raise self._model_failed(address, f"{size} bytes read", error) from error

    def write(self, address: int, size: int, value: int) -> None:
        """The core or the DMA writes `size` bytes at `address`.

        Raises:
            InternalError: as for `read`.
        """
        peripheral = self._known.get(address)
        if peripheral is None or not peripheral.gate():
            peripheral = self._addressed(address, size, value)
            if peripheral is None:
                return
        try:
            peripheral.write(address - peripheral.base, size, value)
        except (FacetError, InternalError, BusError):
            raise
        except Exception as error:
            raise self._model_failed(address, f"{value:#x} written", error) from error

    def describe(self, address: int) -> str:
        """The name of the register at `address`: ``SPI1_CR1``, or the bare address."""
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

    def _addressed(self, address: int, size: int, value: int | None) -> Peripheral | None:
        """The peripheral that takes an access; None, after a report, where none does.

        Args:
            value: what is written; None for a read.
        """
        verb = "read" if value is None else "written"
        peripheral = self._modelled_at(address)
        if peripheral is None:
            self._report_unmodelled(address, verb, size)
            return None
        if not peripheral.gate():
            offset = address - peripheral.base
            harmless = value is None or not peripheral.would_change(offset, size, value)
            rule, why = peripheral.refusal(harmless)
            self._chip.violation(rule, f"{self.describe(address)} {verb} while {why}")
            return None
        if not peripheral.has_register(address - peripheral.base):
            self._chip.violation(
                "no-such-register",
                f"{peripheral.name}+{address - peripheral.base:#x} {verb}: the offset is reserved",
            )
            return None
        self._known[address] = peripheral
        return peripheral

    def _report_unmodelled(self, address: int, verb: str, size: int) -> None:
        for region in self._memory_map:
            if region.first <= address <= region.last:
                if region not in self._reported:  # once: a driver accesses many registers
                    self._reported.add(region)
                    self._chip.violation(
                        "not-modelled",
                        f"{region.name} {verb} ({self.describe(address)}, {size} bytes): "
                        "Facet has no model of this peripheral",
                    )
                return
        self._chip.violation(
            "no-such-peripheral", f"{address:#010x} {verb}: the chip has nothing there"
        )

    def _model_failed(self, address: int, access: str, error: Exception) -> InternalError:
        return InternalError(
            f"{self.describe(address)}, {access}: the model failed with "
            f"{type(error).__name__}: {error}"
        )
