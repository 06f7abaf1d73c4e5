"""Frequencies and start-up times of the oscillators (RM0351 6.2 and 6.4.1; DS10198; DS11451)."""

from __future__ import annotations

from facet.time import ms, us

MSI_HZ = (
    *(100_000, 200_000, 400_000, 800_000, 1_000_000, 2_000_000),
    *(4_000_000, 8_000_000, 16_000_000, 24_000_000, 32_000_000, 48_000_000),
)
"""By MSIRANGE (RM0351 6.4.1)."""

MSI_PLL_MODE_HZ = tuple(
    # DS10198, MSI characteristics, "PLL mode, XTAL = 32.768 kHz" (98.304 kHz ... 48.005 MHz): the
    # oscillator locks to a whole multiple of LSE.
    32_768 * factor
    for factor in (3, 6, 12, 24, 31, 61, 122, 244, 488, 732, 977, 1465)
)

HSI16_HZ = 16_000_000
HSI48_HZ = 48_000_000
"""Of the STM32L43x (RM0394 6.2.4)."""
LSI_HZ = 32_000

MSI_STARTUP = tuple(us(t) for t in (20, 10, 8, 7, 6, 6, 6, 6, 6, 6, 6, 6))
"""By MSIRANGE; DS10198, MSI characteristics, t_SU(MSI), maximum."""
HSI16_STARTUP = us(1.2)
"""DS10198, HSI16 characteristics, t_su(HSI16), maximum."""
HSI48_STARTUP = us(6)
"""DS11451, HSI48 characteristics, t_su(HSI48), maximum."""
HSE_STARTUP = ms(2)
"""DS10198, HSE characteristics, t_SU(HSE), typical."""
LSI_STARTUP = us(130)
"""DS10198, LSI characteristics, t_SU(LSI), maximum."""
