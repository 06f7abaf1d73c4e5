"""Keywords: repetition of a run."""

from __future__ import annotations

from robot.api.deco import keyword

from facet.robot.desk import Keywords, check
from facet.target.clock import Clock
from facet.target.console import Console
from facet.target.scene import Scene


class RepeatKeywords(Keywords):
    """Repeats a run."""

    needs = (Console, Clock, Scene)

    @keyword("A Second Run Gives The Same Output")
    def second_run_gives_the_same_output(self) -> None:
        """Repeats the run from power-on until now, without commands, and compares each byte."""
        first = self._bench
        before = [(line.at, line.text) for line in first.lines]
        self._desk.power_on()
        second = self._bench
        second.scene.view = first.scene.view
        second.run_until(first.now)
        after = [(line.at, line.text) for line in second.lines]
        for number, (old, new) in enumerate(zip(before, after, strict=False), start=1):
            check(old == new, f"line {number} was {old}, and in the second run {new}")
        check(
            len(before) == len(after),
            f"the first run gave {len(before)} lines, the second {len(after)}",
        )
