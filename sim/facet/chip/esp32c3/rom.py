"""What the ROM does before the application runs (TRM, chapter 7; esp32c3-direct-boot-example)."""

from __future__ import annotations

from facet.chip.esp32c3.memory_map import DROM_BASE, FLASH_SIZE, FLASH_WINDOW_SIZE, IROM_BASE
from facet.errors import FacetError
from facet.time import ms

MAGIC = bytes.fromhex("1d04dbae")  # 0xaedb041d, twice
ENTRY = IROM_BASE + 8  # the instruction after the magic numbers

# FIDELITY:
#   model: The ROM's start-up is not executed. It takes a fixed time: 10 ms for the banner, the rest
#     is a guess.
#   silicon: The time depends on the flash and on the kind of reset.
#   hides: A start-up time that matters.
START_UP = ms(15)

BOOT_PIN = 9  # low at reset: download (datasheet, section 3.3)
BANNER_PIN, BANNER_BAUD = "GPIO21", 115_200
_RESET_NAMES = {
    # RESET_STATE.RESET_CAUSE_PROCPU -> the ROM's name for it.
    0x01: "POWERON",
    0x03: "RTC_SW_SYS_RST",
    0x05: "DSLEEP",
    0x07: "TG0WDT_SYS_RST",
    0x08: "TG1WDT_SYS_RST",
    0x09: "RTCWDT_SYS_RST",
    0x0B: "TG0WDT_CPU_RST",
    0x0C: "RTC_SW_CPU_RST",
    0x0D: "RTCWDT_CPU_RST",
    0x0F: "BROWN_OUT_RST",
    0x10: "RTCWDT_RTC_RST",
    0x11: "TG1WDT_CPU_RST",
    0x12: "SUPER_WDT_RST",
}


def banner(reset_code: int) -> bytes:
    """What the ROM prints on UART0 before it starts the application.

    FIDELITY:
        model: The boot mode always reads 0xc, and the line "Saved PC" after a watchdog's reset is
            left out.
        silicon: The mode shows the strapping pins.
        hides: A host program that reads these lines.

    Args:
        reset_code: RTC_CNTL_RESET_STATE.RESET_CAUSE_PROCPU.
    """
    lines = (
        "ESP-ROM:esp32c3-api1-20210207",
        "Build:Feb  7 2021",
        f"rst:{reset_code:#x} ({_RESET_NAMES[reset_code]}),boot:0xc (SPI_FAST_FLASH_BOOT)",
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


def objection(image: bytes) -> str | None:
    """Why the ROM would not start the program at the flash's beginning; None where it would.

    Args:
        image: the flash from its first byte.
    """
    head = image[: 2 * len(MAGIC)]
    if head == MAGIC * 2:
        return None
    return (
        "the image has no direct-boot header: the ESP32-C3's ROM starts flash that begins with "
        f"0xaedb041d twice, this begins with {head.hex(' ') or 'nothing'}; link the two words at "
        f"{IROM_BASE:#010x} (an ESP-IDF image, which needs a second-stage bootloader, does not "
        "run here)"
    )


def check_image(image: bytes) -> None:
    """Raises FacetError with the `objection` to an image, if there is one."""
    why = objection(image)
    if why is not None:
        raise FacetError(why)


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
