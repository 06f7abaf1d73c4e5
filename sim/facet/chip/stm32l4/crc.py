"""The CRC calculation unit (RM0351, section 15)."""

from __future__ import annotations

from facet.chip.peripheral import Peripheral
from facet.chip.registers import Register, bit, bits

_POLYNOMIAL_BITS = (32, 16, 8, 7)  # by CR.POLYSIZE (15.4.3)


class Crc(Peripheral):
    """The CRC unit. DR takes bytes, halfwords and words, the most significant bit first.

    FIDELITY:
        model: A result is available at once.
        silicon: The unit takes one AHB cycle a byte and stalls the bus when DR is read too early
            (15.3.3).
        hides: At most four cycles a word.
    """

    DR = Register(0x00, 0xFFFF_FFFF, "rw", DR=bits(31, 0))
    IDR = Register(0x04, 0, "rw", IDR=bits(7, 0))
    CR = Register(
        0x08,
        0,
        "rw",
        RESET=bit(0, "rs"),
        POLYSIZE=bits(4, 3),
        REV_IN=bits(6, 5),
        REV_OUT=bit(7),
    )
    INIT = Register(0x10, 0xFFFF_FFFF, "rw", CRC_INIT=bits(31, 0))
    POL = Register(0x14, 0x04C1_1DB7, "rw", POL=bits(31, 0))

    def write_CR(self, value: int, old: int) -> None:
        """Loads DR with INIT where RESET is set; the bit clears itself."""
        if self.CR["RESET"]:
            self.CR["RESET"] = 0
            self.DR.value = self.INIT.value & self._mask

    def write_DR(self, value: int, old: int) -> None:
        """Adds a byte, halfword or word to the calculation."""
        width = 8 * self.access_size
        data = value & ((1 << width) - 1)
        unit = (0, 8, 16, 32)[self.CR["REV_IN"]]
        if unit:
            data = _reversed_in_units(data, width, min(unit, width))
        remainder, mask = old & self._mask, self._mask
        top, polynomial = (mask >> 1) + 1, self.POL.value & mask
        for number in reversed(range(width)):
            out = bool(remainder & top) ^ (data >> number & 1)
            remainder = remainder << 1 & mask
            if out:
                remainder ^= polynomial
        self.DR.value = remainder

    def read_DR(self) -> int:
        """The remainder, with its bits reversed if REV_OUT is set."""
        size = _POLYNOMIAL_BITS[self.CR["POLYSIZE"]]
        if self.CR["REV_OUT"]:
            return _reversed_in_units(self.DR.value, size, size)
        return self.DR.value

    @property
    def _mask(self) -> int:
        return (1 << _POLYNOMIAL_BITS[self.CR["POLYSIZE"]]) - 1


def _reversed_in_units(data: int, width: int, unit: int) -> int:
    """Reverses the bits within each `unit` bits of a word of `width` bits."""
    text = f"{data:0{width}b}"
    return int("".join(text[at : at + unit][::-1] for at in range(0, width, unit)), 2)
