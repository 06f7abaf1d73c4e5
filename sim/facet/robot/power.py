"""Keywords: power, restarts and time."""

from __future__ import annotations

from typing import Any

from robot.api.deco import keyword

from facet.robot.desk import Keywords, check
from facet.target.clock import Clock
from facet.target.console import Console
from facet.time import ms, parse


class PowerKeywords(Keywords):
    """Powers the board on and lets time pass."""

    needs = (Console, Clock)

    @keyword("Power On The Board")
    def power_on_the_board(self) -> dict[str, Any]:
        """Powers the board on and waits for the boot message, which it returns."""
        self._desk.power_on()
        return self._bench.wait_for_boot()

    @keyword("Power On The Board And Wait Until It Sleeps")
    def power_on_and_wait_until_it_sleeps(self) -> None:
        """Powers the board on and waits until the first decision, about any picture, is over."""
        self._desk.power_on()
        bench = self._bench
        bench.wait_for("sleep")
        bench.run_for(ms(100))

    @keyword("Run The Board For ${span}")
    def run_the_board_for(self, span: str) -> None:
        """Lets time pass: ``12s``, ``250ms``."""
        self._bench.run_for(parse(span))

    @keyword("The Board Restarts Within ${span} Because Of ${cause}")
    def the_board_restarts(self, span: str, cause: str) -> None:
        """Checks the cause that the next boot message names, such as ``watchdog``."""
        said = self._bench.wait_for("boot", parse(span))["reset"]
        check(said == cause, f"the device restarted because of {said!r}, not {cause!r}")
