"""Keywords: what a decision costs."""

from __future__ import annotations

from robot.api import logger
from robot.api.deco import keyword

from facet.robot.desk import Keywords, check
from facet.target.decision import PHASES


class CostKeywords(Keywords):
    """Core cycles."""

    @keyword("A Decision Stays Within The Board's Limits Of Cycles")
    def within_limits_of_cycles(self) -> None:
        """Each phase and the whole, against [limits] of the board's file."""
        decision = self._desk.bench.next_decision()
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
        """Elapsed time of all phases, sleep while waiting included."""
        elapsed_ms = sum(self._desk.bench.next_decision().us.values()) / 1000
        check(elapsed_ms <= limit, f"a decision took {elapsed_ms:.1f} ms, not {limit:g} ms")
