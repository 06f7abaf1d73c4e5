"""A second-stage bootloader of Facet's own, in C, for applications that came without one.

`bootloader.elf` is built from this folder by `facet.chip.esp32c3.build`; a real ESP32-C3 could run
it as well.
"""

from __future__ import annotations

from facet.chip.esp32c3 import built, esp_image
from facet.firmware.elf import Segment


def image(flash_mode: int, flash_size_clock: int) -> bytes:
    """The bootloader as an image that the ROM loads.

    Args:
        flash_mode, flash_size_clock: the header's bytes on how the flash is read.

    Raises:
        FacetError: bootloader.elf is damaged.
    """
    program = built.program(__package__, "bootloader")
    segments = [Segment(address, data) for address, data in program.contents.items()]
    return esp_image.make(segments, program.entry, flash_mode, flash_size_clock)
