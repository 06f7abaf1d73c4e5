"""Faults of a simulated board."""

from __future__ import annotations

from facet.chip import catalog
from facet.device.part import Breakable
from facet.errors import FacetError
from facet.firmware.elf import demangled
from facet.machine import Machine
from facet.target.parts import Parts

_BRANCH_TO_ITSELF = {
    "EM_ARM": b"\xfe\xe7",  # Armv7-M ARM, A7.7.12, B encoding T2: imm11 = -4 / 2
    "EM_RISCV": b"\x01\xa0",  # RISC-V unprivileged ISA, 16.5, C.J: imm = 0
}


class SimulatedFaults:
    """Breaks parts and flash; see `facet.target.faults.Faults`."""

    def __init__(self, machine: Machine, parts: Parts) -> None:
        self._machine = machine
        self._parts = parts
        self._intact: dict[int, bytes] = {}  # what `hang` has overwritten, by address

    def break_part(self, part: str, how: str) -> None:
        """Breaks a part."""
        broken = self._parts.part(part, Breakable)
        if how not in broken.failures:
            raise FacetError(
                f"{part} cannot be broken by {how!r}: there are {', '.join(broken.failures)}"
            )
        broken.fail(how)

    def repair_part(self, part: str) -> None:
        """Repairs a part."""
        self._parts.part(part, Breakable).repair()

    def hang(self, function: str) -> None:
        """Makes a function loop for ever."""
        machine = self._machine
        symbols = machine.firmware.symbols.values()
        found = [symbol for symbol in symbols if demangled(symbol.name) == function]
        if len(found) != 1:
            raise FacetError(f"{len(found)} functions of the firmware are named {function!r}")
        address = found[0].address & ~1  # bit 0 means Thumb
        loop = _BRANCH_TO_ITSELF[catalog.kind(machine.board).elf_machine]
        self._intact.setdefault(address, machine.read_memory(address, len(loop)))
        machine.write_memory(address, loop)

    def repair_flash(self) -> None:
        """Restores the flash."""
        for address, code in self._intact.items():
            self._machine.write_memory(address, code)
        self._intact.clear()
