"""Keywords: the rules of the board."""

from __future__ import annotations

from robot.api import logger
from robot.api.deco import keyword

from facet.robot.desk import Keywords, check
from facet.target.bench import Bench
from facet.target.core import Core
from facet.target.rules import Rules


class RuleKeywords(Keywords):
    """Checks that the firmware did nothing that would not work on the real board."""

    needs = (Rules,)

    @keyword("No Rule Of The Board Is Broken")
    def no_rule_is_broken(self, strict: bool = False) -> None:
        """Fails if the firmware has broken a rule, or the core locked up, since power-on.

        Only errors fail. With ``strict=True`` warnings fail too: accesses that the hardware
        ignores.
        """
        _check_rules(self._bench, strict)

    @keyword("The Rule ${rule} May Be Broken")
    def the_rule_may_be_broken(self, rule: str) -> None:
        """Declares that the firmware may break a rule, such as ``watchdog`` to test a reset."""
        self._bench.rules.allow(rule)

    @keyword("No Broken Rule Was Reported")
    def no_broken_rule_was_reported(self, strict: bool = False) -> None:
        """Fails, in a teardown, as `No Rule Of The Board Is Broken` does.

        A target that cannot check the rules, such as a real board, reports none; the log then says
        so, and the test is not skipped.
        """
        bench = self._desk.bench
        if bench.target.find(Rules) is None:
            logger.info(f"{bench.target.title} does not check the rules of the board")
        else:
            _check_rules(bench, strict)


def _check_rules(bench: Bench, strict: bool) -> None:
    broken = bench.violations if strict else bench.errors
    check(not broken, "; ".join(str(violation) for violation in broken))
    core = bench.target.find(Core)
    if core is not None:
        check(not core.locked_up, f"the core locked up at {core.where}")
