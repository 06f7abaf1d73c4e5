"""Keywords: the device starts, time goes by, nothing breaks the board's rules."""

from __future__ import annotations

from typing import Any

from robot.api.deco import keyword

from facet.robot.desk import Keywords, check
from facet.time import ms, parse


class PowerKeywords(Keywords):
    """Power, reset and time."""

    @keyword("Power On The Board")
    def power_on_the_board(self) -> dict[str, Any]:
        """A device fresh from power-on, past its boot message, which is returned."""
        return self._desk.power_on().wait_for_boot()

    @keyword("Power On The Board And Let It Fall Asleep")
    def power_on_and_let_it_fall_asleep(self) -> None:
        """Past its first decision, about whatever is before the camera."""
        bench = self._desk.power_on()
        bench.wait_for("sleep")
        bench.run_for(ms(100))

    @keyword("Let ${span} Pass")
    def let_pass(self, span: str) -> None:
        """Virtual time goes by: ``12s``, ``250ms``."""
        self._desk.bench.run_for(parse(span))

    @keyword("Within ${span} The Board Restarts Because Of ${cause}")
    def the_board_restarts(self, span: str, cause: str) -> None:
        """The next boot message names `cause`, such as ``watchdog``."""
        said = self._desk.bench.wait_for("boot", parse(span))["reset"]
        check(said == cause, f"the device restarted because of {said!r}, not {cause!r}")

    @keyword("No Rule Of The Board Is Broken")
    def no_rule_is_broken(self) -> None:
        """The firmware did nothing so far that would not work on the real board."""
        broken = "; ".join(str(violation) for violation in self._desk.bench.violations)
        check(not broken, broken)

    @keyword("The Device Says The Same In A Second Run")
    def same_in_a_second_run(self) -> None:
        """From power-on for as long as until now, with nobody touching it: byte for byte."""
        first = self._desk.bench
        spoken = [(line.at, line.text) for line in first.lines]
        view = first.camera.view
        second = self._desk.power_on()
        second.camera.view = view
        second.run_for(first.now)
        again = [(line.at, line.text) for line in second.lines]
        for number, (before, after) in enumerate(zip(spoken, again, strict=False), start=1):
            check(before == after, f"line {number} was {before}, and in the second run {after}")
        check(
            len(spoken) == len(again),
            f"it said {len(spoken)} lines, and in the second run {len(again)}",
        )
