"""The times that resets and the ends of low-power modes take (DS10198)."""

from __future__ import annotations

from facet.time import Time, us

SLEEP_WAKEUP_CYCLES = 6
"""DS10198, low-power mode wakeup timings, t_WUSLEEP."""

RESET_TIME = {
    # DS10198: t_WUSTBY with MSI at 4 MHz, t_WUSHDN (both typical), t_RSTTEMPO (maximum).
    "standby": us(20.1),
    "shutdown": us(256),
    "power-on": us(400),
}
"""The time for which the core is held in reset, by the cause."""

_STOP_WAKEUP_US = {
    # DS10198, low-power mode wakeup timings, "wakeup in flash", typical: mode -> HSI16 in range 1
    # and 2, then MSI at 48 MHz (range 1), 24 MHz and 4 MHz (range 2).
    "stop0": (4.7, 4.5, 5.6, 5.7, 6.6),
    "stop1": (6.3, 6.3, 6.2, 6.3, 8.0),
    "stop2": (7.3, 7.3, 8.0, 8.1, 10.6),
}
STOP_MODES = frozenset(_STOP_WAKEUP_US)


def stop_wakeup(mode: str, *, on_hsi16: bool, msi_hz: int, voltage_range: int) -> Time:
    """The time from the event that ends a Stop mode until the core continues.

    Args:
        mode: "stop0", "stop1" or "stop2".
        on_hsi16: RCC_CFGR.STOPWUCK.
        msi_hz: the frequency of MSI after the wake-up, where it is not HSI16.
        voltage_range: 1 or 2.
    """
    hsi_range1, hsi_range2, msi48, msi24, msi4 = _STOP_WAKEUP_US[mode]
    if on_hsi16:
        return us(hsi_range1 if voltage_range == 1 else hsi_range2)
    if msi_hz >= 40_000_000:
        return us(msi48)
    # FIDELITY:
    #   model: Between the rows of the data sheet the wake-up time is a + n / f_MSI, a line
    #     through the two rows of range 2.
    #   silicon: The time differs by range, and for code in SRAM.
    #   hides: A wake-up that differs by about 1 us.
    cycles = (msi4 - msi24) / (1 / 4 - 1 / 24)
    return us(msi24 - cycles / 24 + cycles * 1e6 / msi_hz)
