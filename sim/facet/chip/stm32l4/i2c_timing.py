"""The frequency of SCL that an I2C generates (RM0351 39.4.9)."""

from __future__ import annotations

from facet.chip.registers import RegisterState
from facet.time import PS_PER_S

FAST_MODE_HZ = 400_000
FAST_MODE_PLUS_HZ = 1_000_000

# FIDELITY:
#   model: The synchronization delays tSYNC1 and tSYNC2 (39.4.9) are four kernel clocks, 80 ns of
#     analog filter at each edge, and 200 ns for both edges, as with about 4.7 kOhm and 50 pF.
#   silicon: The delays depend on the filter, the pull-ups and the capacitance of the bus.
#   hides: SCL is some per cent faster or slower than on a given board.
_FILTER_NS = 80
_EDGES_NS = 200


def scl_hz(timingr: RegisterState, cr1: RegisterState, kernel_hz: int) -> int:
    """The frequency of SCL in hertz; 0 while the kernel clock is stopped.

    Args:
        timingr: I2C_TIMINGR.
        cr1: I2C_CR1, whose noise filters delay the edges.
        kernel_hz: the kernel clock in hertz.
    """
    if kernel_hz == 0:
        return 0
    periods = (timingr["SCLL"] + 1 + timingr["SCLH"] + 1) * (timingr["PRESC"] + 1)
    periods += 4 + 2 * cr1["DNF"]
    delays_ns = _EDGES_NS + (0 if cr1["ANFOFF"] else 2 * _FILTER_NS)
    return PS_PER_S // (periods * PS_PER_S // kernel_hz + delays_ns * 1000)
