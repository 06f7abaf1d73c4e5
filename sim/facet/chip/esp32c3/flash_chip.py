"""The NOR flash in the module's package, as the commands of SPI1 see it.

Source: W25Q32JV datasheet, 7 (status registers), 8 (instructions), 9.6 (times).
"""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.esp32c3.memory_map import FLASH_BASE, FLASH_SIZE
from facet.chip.peripheral import ChipServices
from facet.time import ZERO, Time, ms, us

JEDEC_ID = bytes.fromhex("ef4016")
"""Manufacturer, type and capacity.

FIDELITY:
    model: The flash is a W25Q32JV with its typical times.
    silicon: Modules with flash chips of other vendors exist.
    hides: A driver that expects another flash, and an erasure that takes longer.
"""

PAGE_BYTES = 256
_BUSY, _WRITE_ENABLED = 1 << 0, 1 << 1  # of status register 1
_PROTECTION = 0b1_1111 << 2  # BP0 to BP2, TB, SEC

_PROGRAM_TIME = us(400)
_STATUS_TIME = ms(10)
_ERASURES = {
    # Command -> bytes and time.
    0x20: (4 << 10, ms(45)),
    0x52: (32 << 10, ms(120)),
    0xD8: (64 << 10, ms(150)),
    0xC7: (FLASH_SIZE, ms(10_000)),
    0x60: (FLASH_SIZE, ms(10_000)),
}
_READS = (0x03, 0x0B, 0x3B, 0x6B, 0xBB, 0xEB)
_STATUS_READS = {0x05: 0, 0x35: 1, 0x15: 2}
_STATUS_WRITES = {0x01: 0, 0x31: 1, 0x11: 2}
_WREN, _WRDI, _PROGRAM, _ID, _VOLATILE_WREN = 0x06, 0x04, 0x02, 0x9F, 0x50
_POWER_DOWN, _POWER_UP, _UNIQUE_ID, _SFDP = 0xB9, 0xAB, 0x4B, 0x5A
_KEEP = 0xFF  # programs no bit: drivers pad with it
_RESETS = (0x66, 0x99)
_RESUME, _SUSPEND, _LEAVE_QPI = 0x7A, 0x75, 0xFF


class FlashChip:
    """4 MB of flash.

    FIDELITY:
        model: The cache can read the flash while it erases or programs.
        silicon: Such a read gives wrong data.
        hides: A program that runs code from flash at that time.

    Args:
        chip: the chip's services, through which its bytes are reached.
        report: called with a rule and a message where a command has no effect.
    """

    def __init__(self, chip: ChipServices, report: Callable[[str, str], None]) -> None:
        self._chip = chip
        self._report = report
        self._status = bytearray(3)
        self._busy_until = ZERO
        self._powered_down = False

    @property
    def busy(self) -> bool:
        """Whether an erasure or programming is under way."""
        return self._chip.now < self._busy_until

    def command(self, code: int, address: int, data: bytes, count: int) -> bytes:
        """A command from its first bit to the end of CS.

        Args:
            code: the instruction.
            address: in bytes; 0 where it has none.
            data: bytes that follow.
            count: bytes to answer.
        """
        if code in _STATUS_READS:
            status = self._status[_STATUS_READS[code]] | (self.busy and code == 0x05)
            return bytes([status]) * count
        if self.busy:
            self._report("flash-busy", f"command {code:#04x} while the flash erases or programs")
            return b"\xff" * count
        if self._powered_down and code != _POWER_UP:
            self._report("flash-power-down", f"command {code:#04x} while the flash is powered down")
            return b"\xff" * count
        return self._execute(code, address, data, count)

    def _execute(self, code: int, address: int, data: bytes, count: int) -> bytes:
        if code in _READS:
            return bytes(self._byte(address + n) for n in range(count))
        if code == _ID:
            return (JEDEC_ID * count)[:count]
        if code in (_WREN, _VOLATILE_WREN):
            self._status[0] |= _WRITE_ENABLED
        elif code == _WRDI:
            self._status[0] &= ~_WRITE_ENABLED
        elif code == _PROGRAM:
            self._write("programming", _PROGRAM_TIME, lambda: self._program(address, data))
        elif code in _ERASURES:
            size, span = _ERASURES[code]
            self._write("erasing", span, lambda: self._erase(address & -size, size))
        elif code in _STATUS_WRITES:
            first = _STATUS_WRITES[code]
            self._write("a status", _STATUS_TIME, lambda: self._write_status(first, data))
        elif code in (_POWER_DOWN, _POWER_UP):
            self._powered_down = code == _POWER_DOWN
        elif code not in (*_RESETS, _RESUME, _SUSPEND, _LEAVE_QPI, _UNIQUE_ID, _SFDP):
            self._report(
                "not-modelled", f"command {code:#04x} of the flash is not modelled by Facet"
            )
        return b"\xff" * count

    def _byte(self, address: int) -> int:
        return self._chip.read_memory(FLASH_BASE + address % FLASH_SIZE, 1)[0]

    def _write(self, what: str, span: Time, action: Callable[[], None]) -> None:
        if not self._status[0] & _WRITE_ENABLED:
            self._report(
                "flash-write-disabled",
                f"{what} without a Write Enable (06h) before: no effect",
            )
            return
        self._status[0] &= ~_WRITE_ENABLED
        if self._status[0] & _PROTECTION and what != "a status":
            self._report(
                "not-modelled",
                f"status {self._status[0]:#04x}: protection of blocks is not modelled by Facet",
            )
        action()
        self._busy_until = Time(self._chip.now + span)

    def _write_status(self, first: int, data: bytes) -> None:
        for number, value in enumerate(data[: 3 - first], first):
            self._status[number] = value if number else value & ~(_BUSY | _WRITE_ENABLED)

    def _erase(self, address: int, size: int) -> None:
        self._chip.write_memory(FLASH_BASE + address % FLASH_SIZE, b"\xff" * size)

    def _program(self, address: int, data: bytes) -> None:
        """Programs within a page, at whose end the address starts again."""
        page = address % FLASH_SIZE & -PAGE_BYTES
        held = bytearray(self._chip.read_memory(FLASH_BASE + page, PAGE_BYTES))
        for number, byte in enumerate(data):
            place = (address + number) % PAGE_BYTES
            if byte != _KEEP and byte & ~held[place]:
                self._report(
                    "flash-not-erased",
                    f"{byte:#04x} programmed over {held[place]:#04x} at {page + place:#08x}: "
                    "programming only clears bits",
                )
            held[place] &= byte
        self._chip.write_memory(FLASH_BASE + page, bytes(held))
