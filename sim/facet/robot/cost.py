"""Keywords: the cost of a decision."""

from __future__ import annotations

from robot.api import SkipExecution, logger
from robot.api.deco import keyword

from facet.robot.desk import Keywords, check
from facet.target.console import Console
from facet.target.core import Core
from facet.target.decision import PHASES


class CostKeywords(Keywords):
    """Core cycles and time, as the device reports them."""

    needs = (Console,)

    @keyword("A Decision Stays Within The Cycle Limits Of The Board")
    def within_cycle_limits(self) -> None:
        """Compares each phase and their sum with [limits] of the board file.

        Skips the test where the target does not count cycles by the cycle model.
        """
        core = self._bench.target.find(Core)
        if core is not None and not core.counts_cycles:
            raise SkipExecution(
                f"{core.engine} counts cycles as {core.cycle_count}, which no limit is for: "
                "choose CYCLES=full"
            )
        decision = self._bench.next_decision()
        counts = {phase: decision.cycles[phase] for phase in PHASES}
        counts["decision"] = decision.total_cycles
        over = []
        for phase, cycles in counts.items():
            limit = self._desk.limit(f"{phase}_cycles")
            logger.info(f"{phase}: {cycles} of {limit:.0f} cycles")
            if cycles > limit:
                over.append(f"{phase} took {cycles} cycles, its limit is {limit:.0f}")
        check(not over, "; ".join(over))

    @keyword("A Decision Takes At Most ${limit} Milliseconds")
    def takes_at_most(self, limit: float) -> None:
        """Compares the elapsed time of all phases, waiting included, with `limit`."""
        elapsed_ms = sum(self._bench.next_decision().us.values()) / 1000
        check(elapsed_ms <= limit, f"a decision took {elapsed_ms:.1f} ms, not {limit:g} ms")
