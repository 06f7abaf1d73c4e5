"""The flags of RCC_CSR by the cause of a reset (RM0351 6.1 and 6.4.29)."""

from __future__ import annotations

RESET_FLAGS = {
    # An internal reset also pulls NRST low, so that PINRSTF accompanies it (RM0351 6.1.2).
    "power-on": ("BORRSTF", "PINRSTF"),
    "shutdown": ("BORRSTF", "PINRSTF"),
    "pin": ("PINRSTF",),
    "software": ("SFTRSTF", "PINRSTF"),
    "watchdog": ("IWDGRSTF", "PINRSTF"),
    "window-watchdog": ("WWDGRSTF", "PINRSTF"),
    "option-bytes": ("OBLRSTF", "PINRSTF"),
    "low-power": ("LPWRRSTF", "PINRSTF"),
    "standby": (),
}
"""The flags of RCC_CSR that each cause sets."""

RESET_CAUSES = frozenset(RESET_FLAGS)
