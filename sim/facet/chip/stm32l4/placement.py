"""Where a programmer or a debugger puts a firmware (PM0214, 2.4.4: vector table)."""

from __future__ import annotations

from facet.chip.stm32l4 import memory_map as mm
from facet.chip.stm32l4.variants import Variant
from facet.firmware.elf import Firmware, Segment
from facet.firmware.flat import FlatImage, refused
from facet.firmware.placement import Placement, RamStart


def place(variant: Variant, firmware: Firmware | FlatImage) -> Placement:
    """Where the bytes of a firmware go.

    Args:
        variant: the chip.
        firmware: an ELF file, or a flat image of the flash.

    Raises:
        FacetError: the core would not start from a flat image.
    """
    if isinstance(firmware, FlatImage):
        why = _objection(variant, firmware.data)
        if why is not None:
            raise refused(firmware, why)
        return Placement([Segment(mm.FLASH_BASE, firmware.data)])
    for_ram = [segment for segment in firmware.segments if _in_ram(variant, segment.address)]
    if len(for_ram) == len(firmware.segments) and _in_ram(variant, firmware.entry):
        return _place_in_ram(variant, firmware)
    notes = [
        f"{len(segment.data)} bytes at {segment.address:#010x} are for RAM, which a programmer "
        "does not write: give their section a load address in flash (AT> FLASH) and copy it at the "
        "start"
        for segment in for_ram
    ]
    return Placement([each for each in firmware.segments if each not in for_ram], notes=notes)


def _place_in_ram(variant: Variant, firmware: Firmware) -> Placement:
    entry = firmware.entry
    note = (
        f"the program is for RAM: it is written there and started at {entry:#010x}, as a debugger "
        "does"
    )
    first = min(firmware.segments, key=lambda segment: segment.address)
    stack = None
    if len(first.data) >= 8:
        top, vector = (int.from_bytes(first.data[at : at + 4], "little") for at in (0, 4))
        if vector | 1 == entry | 1 and _is_stack(variant, top):
            stack = top
            note += f", with SP={stack:#010x} from its vector table"
    note += "; the flash is empty, so that a reset ends it"
    return Placement([], RamStart(firmware.segments, entry, stack), [note])


def _in_ram(variant: Variant, address: int) -> bool:
    return any(
        region.writable and region.base <= address < region.base + region.size
        for region in variant.memory
    )


def _is_stack(variant: Variant, pointer: int) -> bool:
    return pointer % 4 == 0 and any(
        region.writable and region.base < pointer <= region.base + region.size
        for region in variant.memory
    )


def _objection(variant: Variant, image: bytes) -> str | None:
    """Why the core would not start from `image`, the flash from its first byte; None: it would."""
    if len(image) < 8:
        return f"it has {len(image)} bytes, not even the stack pointer and the reset vector"
    stack, reset = (int.from_bytes(image[at : at + 4], "little") for at in (0, 4))
    if not _is_stack(variant, stack):
        return f"its first word, the stack pointer {stack:#010x}, is not in SRAM"
    if not reset & 1 or reset - mm.FLASH_BASE not in range(len(image)):
        return f"its second word, the reset vector {reset:#010x}, is not in its own Thumb code"
    return None
