"""Keywords: the rules of the board."""

from __future__ import annotations

from robot.api import logger
from robot.api.deco import keyword

from facet.robot.desk import Keywords, check
from facet.target.rules import Rules


class RuleKeywords(Keywords):
    """Checks that the firmware did nothing that would not work on the real board."""

    needs = (Rules,)

    @keyword("No Rule Of The Board Is Broken")
    def no_rule_is_broken(self) -> None:
        """Fails where the firmware has broken a rule since power-on."""
        _check_rules(self._bench.rules)

    @keyword("No Broken Rule Was Reported")
    def no_broken_rule_was_reported(self) -> None:
        """As `No Rule Of The Board Is Broken`, for teardowns.

        A target that cannot check the rules, such as a real board, reports none; the log then says
        so, and the test is not skipped.
        """
        rules = self._desk.bench.target.find(Rules)
        if rules is None:
            logger.info(f"{self._desk.bench.target.title} does not check the rules of the board")
        else:
            _check_rules(rules)


def _check_rules(rules: Rules) -> None:
    check(not rules.violations, "; ".join(str(violation) for violation in rules.violations))
