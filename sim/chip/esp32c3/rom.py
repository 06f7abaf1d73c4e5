"""What the ROM does before the application runs (TRM, chapter 7; esp32c3-direct-boot-example)."""

from __future__ import annotations

from sim.chip.esp32c3.memory_map import DROM_BASE, FLASH_SIZE, FLASH_WINDOW_SIZE, IROM_BASE
from sim.errors import FacetError
from sim.time import Time, ms

MAGIC = bytes.fromhex("1d04dbae")  # 0xaedb041d, twice
ENTRY = IROM_BASE + 8  # the instruction after the magic numbers

# FIDELITY: the ROM's code is not run: its start-up takes a fixed time, it prints no banner on UART0
# and calls to its functions are faults; silicon prints some 100 bytes at 115200 baud (about 10 ms),
# then reads the flash; a start-up time that matters, and a host that chokes on the banner, are not
# shown.
START_UP = ms(15)


def check_image(head: bytes) -> None:
    """Raises FacetError where the ROM would not start the program at the flash's beginning.

    Args:
        head: the first eight bytes of the flash.
    """
    if head != MAGIC * 2:
        raise FacetError(
            "the image has no direct-boot header: the ESP32-C3's ROM starts flash that begins with "
            f"0xaedb041d twice, this begins with {head.hex(' ')}; link the two words at "
            f"{IROM_BASE:#010x} (an ESP-IDF image, which needs a second-stage bootloader, does not "
            "run here)"
        )


def flash_address(load_address: int) -> int:
    """Where a programmer puts what an ELF file wants loaded at `load_address`.

    Load addresses are offsets in the flash, as Espressif's example links them, or lie in one of the
    windows through which the CPU sees the flash.

    Raises:
        FacetError: `load_address` is not in the flash.
    """
    if 0 <= load_address < FLASH_SIZE:
        return IROM_BASE + load_address
    if DROM_BASE <= load_address < DROM_BASE + FLASH_WINDOW_SIZE:
        return IROM_BASE + load_address - DROM_BASE
    if not IROM_BASE <= load_address < IROM_BASE + FLASH_WINDOW_SIZE:
        raise FacetError(
            f"the image wants bytes loaded at {load_address:#010x}, which is not in the flash: "
            "direct boot loads nothing into RAM; give such sections a load address in flash (AT>) "
            "and copy them in the start-up code"
        )
    return load_address


def start_up_time() -> Time:
    """How long the ROM takes from reset to the application's first instruction."""
    return START_UP
