"""Keywords: where the cycles go, and limits of them."""

from __future__ import annotations

from robot.api import logger
from robot.api.deco import keyword

from facet.profile.result import Profile
from facet.robot.desk import Keywords, check
from facet.target.profiler import Profiler


class ProfileKeywords(Keywords):
    """Cycles by phase, operator and function, and peak stacks; counted by the target."""

    needs = (Profiler,)

    @keyword("Profile The Firmware")
    def profile_firmware(self) -> None:
        """Counts where the cycles go from now on; best right behind `Power On The Board`."""
        self._bench.profiler.start()

    @keyword("The Phase ${phase} Takes At Most ${limit} Cycles")
    def phase_takes_at_most(self, phase: str, limit: float) -> None:
        """Compares the cycles in a phase since `Profile The Firmware` with `limit`."""
        _check(f"the phase {phase}", self._profile().phase_cycles(phase), limit, "cycles")

    @keyword("The Operator ${operator} Takes At Most ${limit} Cycles")
    def operator_takes_at_most(self, operator: str, limit: float) -> None:
        """Compares the mean cycles of an operator in one inference with `limit`.

        The operator is given by its place in the model, from 0, or as ``3 CONV_2D``.
        """
        cycles = self._profile().operator_cycles(operator)
        _check(f"the operator {operator}", cycles, limit, "cycles")

    @keyword("A Call Of ${function} Takes At Most ${limit} Cycles")
    def call_takes_at_most(self, function: str, limit: float) -> None:
        """Compares the mean cycles of a call, with all that the function calls, with `limit`."""
        _check(f"a call of {function}", self._profile().call_cycles(function), limit, "cycles")

    @keyword("The Stack Of ${thread} Takes At Most ${limit} Bytes")
    def stack_takes_at_most(self, thread: str, limit: float) -> None:
        """Compares the peak stack of ``main``, a thread or a handler with `limit`."""
        _check(f"the stack of {thread}", self._profile().stack_bytes(thread), limit, "bytes")

    def _profile(self) -> Profile:
        return self._bench.profiler.profile()


def _check(what: str, value: float, limit: float, unit: str) -> None:
    logger.info(f"{what}: {value:,.0f} of {limit:,.0f} {unit}")
    check(value <= limit, f"{what} took {value:,.0f} {unit}, its limit is {limit:,.0f}")
