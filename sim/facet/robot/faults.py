"""Keywords: what radiation, age and worse do to a chip."""

from __future__ import annotations

from robot.api.deco import keyword

from facet.chip import catalog
from facet.errors import FacetError
from facet.firmware.elf import demangled
from facet.robot.desk import Keywords

_BRANCH_TO_ITSELF = {
    "EM_ARM": b"\xfe\xe7",  # Armv7-M ARM, A7.7.12, B encoding T2: imm11 = -4 / 2
    "EM_RISCV": b"\x01\xa0",  # RISC-V unprivileged ISA, 16.5, C.J: imm = 0
}


class FaultKeywords(Keywords):
    """Faults of the chip itself."""

    _address = 0  # of the halfword of flash that went bad
    _word = b""  # and what it was

    @keyword("Hang It In ${function}")
    def hang(self, function: str) -> None:
        """A bad word in flash makes `function` (its name in the source) loop from now on.

        Raises:
            FacetError: the firmware has no such function, or several.
        """
        machine = self._desk.bench.machine
        symbols = machine.firmware.symbols.values()
        found = [symbol for symbol in symbols if demangled(symbol.name) == function]
        if len(found) != 1:
            raise FacetError(f"{len(found)} functions of the firmware are named {function!r}")
        self._address = found[0].address & ~1  # bit 0 says Thumb
        self._word = machine.read_memory(self._address, 2)
        loop = _BRANCH_TO_ITSELF[catalog.kind(machine.board).elf_machine]
        machine.write_memory(self._address, loop)

    @keyword("Mend The Flash")
    def mend_flash(self) -> None:
        """Undoes `Hang It In`."""
        self._desk.bench.machine.write_memory(self._address, self._word)
