"""MCU debug component (RM0351, section 48.16)."""

from __future__ import annotations

from facet.chip.peripheral import ChipServices, Peripheral
from facet.chip.registers import Register, bit, bits


class Dbgmcu(Peripheral):
    """The DBGMCU, which is on the core's private bus and always clocked.

    Args:
        idcode: device and revision.
    """

    IDCODE = Register(0x00, 0, "ro", DEV_ID=bits(11, 0), REV_ID=bits(31, 16))
    # FIDELITY:
    #   model: DBG_SLEEP, DBG_STOP and DBG_STANDBY are only stored.
    #   silicon: The bits keep the clocks on in these modes for a debugger, which draws
    #     milliamperes.
    #   hides: A firmware that leaves the bits set.
    CR = Register(
        0x04,
        DBG_SLEEP=bit(0),
        DBG_STOP=bit(1),
        DBG_STANDBY=bit(2),
        TRACE_IOEN=bit(5),
        TRACE_MODE=bits(7, 6),
    )
    APB1FZR1 = Register(0x08)
    APB1FZR2 = Register(0x0C)
    APB2FZR = Register(0x10)

    def __init__(self, name: str, base: int, chip: ChipServices, *, idcode: int) -> None:
        super().__init__(name, base, chip)
        self._idcode = idcode

    def read_IDCODE(self) -> int:
        """The device and its revision."""
        return self._idcode
