"""The arithmetic and the limits of the STM32L47x's PLLs (RM0351 6.2.5, 6.4.4; DS10198 table 57)."""

from __future__ import annotations

from dataclasses import dataclass

from facet.clock import exceeds, falls_below

LOCK_TIME_US = 40
"""DS10198, PLL characteristics: t_LOCK 15 us typical, 40 us at most. A program that waits a
fixed time must allow for the longest."""

_INPUT_HZ = (4_000_000, 16_000_000)
_VCO_HZ = {1: (64_000_000, 344_000_000), 2: (64_000_000, 128_000_000)}
_OUTPUT_MAX_HZ = {1: 80_000_000, 2: 26_000_000}
_N = range(8, 87)


@dataclass(frozen=True)
class PllSettings:
    """The settings of a PLL.

    Args:
        source_hz: the clock before the divider M.
        m, n: input divider (1..8) and multiplier (8..86).
        r: divider of the R output (2, 4, 6, 8), which is PLLCLK.
        r_enabled: the R output is on.
        q: divider of the Q output (2, 4, 6, 8), which can be the 48 MHz clock.
        q_enabled: the Q output is on.
    """

    source_hz: int
    m: int
    n: int
    r: int
    r_enabled: bool
    q: int = 2
    q_enabled: bool = False

    @property
    def vco_hz(self) -> int:
        """The frequency of the oscillator inside in hertz."""
        return self.source_hz * self.n // self.m

    @property
    def r_hz(self) -> int:
        """The frequency of the R output in hertz; 0 while it is disabled."""
        return self.source_hz * self.n // (self.m * self.r) if self.r_enabled else 0

    @property
    def q_hz(self) -> int:
        """The frequency of the Q output in hertz; 0 while it is disabled."""
        return self.source_hz * self.n // (self.m * self.q) if self.q_enabled else 0

    def faults(self, voltage_range: int) -> list[str]:
        """The limits of the datasheet that these settings exceed, one phrase each."""
        found = []
        fed = self.source_hz // self.m
        if falls_below(fed, _INPUT_HZ[0]) or exceeds(fed, _INPUT_HZ[1]):
            found.append(f"input {fed / 1e6:g} MHz is not within 4..16 MHz")
        if self.n not in _N:
            found.append(f"PLLN={self.n} is not within 8..86")
        low, high = _VCO_HZ[voltage_range]
        if falls_below(self.vco_hz, low) or exceeds(self.vco_hz, high):
            found.append(
                f"VCO {self.vco_hz / 1e6:g} MHz is not within {low // 10**6}..{high // 10**6} MHz "
                f"(range {voltage_range})"
            )
        if exceeds(self.r_hz, _OUTPUT_MAX_HZ[voltage_range]):
            found.append(
                f"output R {self.r_hz / 1e6:g} MHz is above "
                f"{_OUTPUT_MAX_HZ[voltage_range] // 10**6} MHz (range {voltage_range})"
            )
        return found
