"""A check that the flash begins with a vector table (PM0214, 2.4.4)."""

from __future__ import annotations

from facet.chip.stm32l4 import memory_map as mm
from facet.chip.stm32l4.variants import Variant


def objection(variant: Variant, image: bytes) -> str | None:
    """The reason why the core cannot start from `image`; None where it can.

    Args:
        variant: the chip.
        image: the flash from its first byte.
    """
    if len(image) < 8:
        return f"it has {len(image)} bytes, not even the stack pointer and the reset vector"
    stack, reset = (int.from_bytes(image[at : at + 4], "little") for at in (0, 4))
    sram1 = variant.sram1_size + (variant.sram2_size if variant.sram2_follows_sram1 else 0)
    memories = ((mm.SRAM1_BASE, sram1), (mm.SRAM2_BASE, variant.sram2_size))
    if stack % 4 or not any(base < stack <= base + size for base, size in memories):
        return f"its first word, the stack pointer {stack:#010x}, is not in SRAM"
    if not reset & 1 or reset - mm.FLASH_BASE not in range(len(image)):
        return f"its second word, the reset vector {reset:#010x}, is not in its own Thumb code"
    return None
