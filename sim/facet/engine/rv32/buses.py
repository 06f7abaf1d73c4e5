"""The buses of the ESP32-C3's core (TRM, table 3.3-1)."""

from __future__ import annotations

INSTRUCTION_BUS = range(0x4000_0000, 0x4400_0000)
"""ROM, SRAM and flash for code: data goes over it in aligned words only."""
DATA_BUS = range(0x3C00_0000, 0x4000_0000)
"""ROM, SRAM and flash for data: no code is fetched from there."""
DATA_FLASH = range(0x3C00_0000, 0x3C80_0000)
"""The flash within it, read through the cache."""
