"""Keywords: how the device spends the time between decisions."""

from __future__ import annotations

from itertools import pairwise

from robot.api import logger
from robot.api.deco import keyword

from facet.robot.desk import Keywords, check
from facet.time import ZERO, Time, ms, parse, s
from facet.trace import Span

_LONGEST_INTERVAL = s(3600 + 60)  # that the device takes, and a decision


class SleepKeywords(Keywords):
    """Sleep modes, and the camera's power while asleep."""

    _since = ZERO  # when the decisions that a scenario looks at began

    @keyword("Let It Decide ${count} Times")
    def let_it_decide(self, count: int) -> None:
        """By itself, at its interval; ends in the sleep after the last."""
        bench = self._desk.bench
        self._since = bench.now
        for _ in range(count):
            bench.wait_for("result", _LONGEST_INTERVAL)
            bench.wait_for("sleep")
        bench.run_for(ms(100))

    @keyword("It Sleeps Between Decisions")
    def sleeps_between_decisions(self) -> None:
        """After each result, until its interval is over, in the board's sleep state."""
        mode = self._sleep_state
        asleep = self._sleeps(mode)
        lines = [line for line in self._desk.bench.lines if line.at >= self._since]
        decisions = [line for line in lines if line.event == "result"]
        check(
            len(asleep) >= len(decisions) > 0,
            f"{len(decisions)} decisions, and it was in {mode} {len(asleep)} times",
        )

    @keyword("It Wakes On Time Within ${tolerance}")
    def wakes_on_time(self, tolerance: str) -> None:
        """Each sleep that it announced, and that no command cut short, lasts as long as it said.

        Awake means that it looks: it has switched the camera on.
        """
        bench = self._desk.bench
        looks = [span.begin for span in bench.spans("camera") if span.state == "starting"]
        lines = [line for line in bench.lines if line.at >= self._since]
        checked = 0
        for line, following in pairwise(lines):
            if line.event != "sleep" or following.event != "result":
                continue
            said_ms = (line.message or {})["ms"]
            woke = next(look for look in looks if look > line.at)
            late = Time(woke - line.at - ms(said_ms))
            logger.info(f"announced {said_ms} ms at {line.at}, woke at {woke}")
            check(
                abs(late) <= parse(tolerance),
                f"it announced {said_ms} ms at {line.at} and woke at {woke}, {late.in_us:+.0f} us",
            )
            checked += 1
        check(checked > 0, "it never announced a sleep that has ended")

    @keyword("The Camera Is Off While It Sleeps")
    def camera_is_off_while_asleep(self) -> None:
        """All through every stay in the board's sleep state."""
        asleep = self._sleeps(self._sleep_state)
        check(bool(asleep), f"it was never in {self._sleep_state}")
        for camera in self._desk.bench.spans("camera"):
            for sleep in asleep:
                overlap = min(camera.end, sleep.end) - max(camera.begin, sleep.begin)
                check(
                    camera.state == "off" or overlap <= 0,
                    f"the camera was {camera.state} for {Time(overlap)} of the sleep that began "
                    f"at {sleep.begin}",
                )

    @keyword("It Is Asleep For At Least ${percent} Percent Of ${span}")
    def asleep_for_a_share(self, percent: float, span: str) -> None:
        """Over the `span` that begins now."""
        bench, mode = self._desk.bench, self._sleep_state
        self._since = bench.now
        bench.run_for(parse(span))
        share = 100 * self._time_in(mode) / (bench.now - self._since)
        logger.info(f"in {mode} for {share:.1f} % of {span}")
        check(share >= percent, f"it was in {mode} for {share:.1f} % of {span}")

    @keyword("The Core Waits In ${mode} While A Frame Is Read Out")
    def waits_during_readout(self, mode: str) -> None:
        """In the next decision the core works for a small part of the read-out's time."""
        bench = self._desk.bench
        self._since = bench.now
        decision = bench.next_decision()
        readout_us = decision.us["readout"]
        awake_us = decision.cycles["readout"] / (self._sysclk_hz() / 1e6)
        check(self._time_in(mode) > 0, f"the core was never in {mode}")
        check(
            awake_us < readout_us / 2,
            f"the core was awake for {awake_us:.0f} us of the {readout_us} us of the read-out",
        )

    @property
    def _sleep_state(self) -> str:
        return self._desk.bench.board.sleep_state

    def _sleeps(self, mode: str) -> list[Span]:
        """Stays in `mode`; a state's name may go on with its clock."""
        spans = self._desk.bench.spans("mcu", self._since)
        return [span for span in spans if span.state.startswith(mode)]

    def _time_in(self, mode: str) -> Time:
        return sum((span.length for span in self._sleeps(mode)), ZERO)

    def _sysclk_hz(self) -> int:
        messages = (line.message or {} for line in self._desk.bench.lines)
        return int(next(message["sysclk_hz"] for message in messages if "sysclk_hz" in message))
