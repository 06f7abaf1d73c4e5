"""The private peripheral bus: which block of registers answers at an address.

Source: ARM DDI 0403E, B3.1.1 and C1.
"""

from __future__ import annotations

from typing import Final, Protocol

from facet.engine.armv7m.dwt import Dwt
from facet.engine.armv7m.mpu import Mpu
from facet.engine.armv7m.scb import BASE, WRITE_1_TO_CLEAR, Scb
from facet.engine.armv7m.systick import SysTick

# Without the page at 0xE004_2000, which ST gives to DBGMCU.
PPB_WINDOWS: Final = ((0xE000_0000, 0x4_2000), (0xE004_3000, 0xB_D000))

_ITM = range(0xE000_0000, 0xE000_1000)
_DWT = range(0xE000_1000, 0xE000_2000)
_SYSTICK = range(0xE000_E010, 0xE000_E020)
_SCS = range(BASE, BASE + 0x1000)
_SHPR = range(0xE000_ED18, 0xE000_ED24)
_TPIU = range(0xE004_0000, 0xE004_1000)
_LABELS = (
    (range(0xE000_2000, 0xE000_3000), "FPB"),
    (_TPIU, "TPIU"),
    (range(0xE004_1000, 0xE004_2000), "ETM"),
)


class ScsListener(Protocol):
    """Receives accesses that no register answers."""

    def unknown_register(self, address: int, write: bool) -> None:
        """The model has no register at `address`."""


class SystemControlSpace:
    """SysTick, DWT, SCB and what else lies on the private peripheral bus, without the NVIC.

    Args:
        scb, systick, dwt, mpu: the blocks.
        listener: receives accesses that none of them answers.
    """

    def __init__(
        self, scb: Scb, systick: SysTick, dwt: Dwt, mpu: Mpu, listener: ScsListener
    ) -> None:
        self._scb = scb
        self._systick = systick
        self._dwt = dwt
        self._mpu = mpu
        self._listener = listener

    def read(self, address: int, size: int) -> int:
        """Reads `size` bytes."""
        word = self._read_word(address & ~3)
        return word >> 8 * (address & 3) & ((1 << 8 * size) - 1)

    def write(self, address: int, size: int, value: int) -> None:
        """Writes `size` bytes; other bytes of the word keep what they hold."""
        if address in _SHPR:
            for n in range(size):
                self._scb.write_priority(4 + address - _SHPR.start + n, value >> 8 * n & 0xFF)
            return
        word_address = address & ~3
        if size < 4:
            shift, lane = 8 * (address & 3), (1 << 8 * size) - 1
            clears = word_address - BASE in WRITE_1_TO_CLEAR
            old = 0 if clears else self._read_word(word_address)
            value = old & ~(lane << shift) | (value & lane) << shift
        self._write_word(word_address, value)

    def _read_word(self, address: int) -> int:
        if address in _SYSTICK:
            return self._systick.read(address - _SYSTICK.start)
        if address in _DWT:
            return self._dwt.read(address - _DWT.start)
        if address in _ITM or address in _TPIU:
            return 0  # nothing listens to the trace
        if self._mpu.holds(address - BASE):
            return self._mpu.read(address - BASE)
        value = self._scb.read(address - BASE) if address in _SCS else None
        if value is None:
            self._listener.unknown_register(address, False)
            return 0
        return value

    def _write_word(self, address: int, value: int) -> None:
        if address in _SYSTICK:
            self._systick.write(address - _SYSTICK.start, value)
        elif address in _DWT:
            self._dwt.write(address - _DWT.start, value)
        elif address in _ITM or address in _TPIU:
            pass
        elif self._mpu.holds(address - BASE):
            self._mpu.write(address - BASE, value)
        elif address not in _SCS or not self._scb.write(address - BASE, value):
            self._listener.unknown_register(address, True)


def label_of(address: int) -> str:
    """The block that lies at an address, for messages."""
    for where, label in _LABELS:
        if address in where:
            return label
    return "a core register"
