"""Keywords: the states of chip and camera between decisions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from robot.api import logger
from robot.api.deco import keyword

from facet.robot.desk import Keywords, check
from facet.state import MCU
from facet.target.clock import Clock
from facet.target.console import Console
from facet.target.states import States
from facet.time import Time, ms, parse
from facet.trace import Span

_CAMERA = "camera"


class SleepKeywords(Keywords):
    """Checks sleep modes and the camera's power.

    Those about decisions examine the time since `The Device Makes N Decisions` began.
    """

    needs = (Console, Clock, States)

    @keyword("The Device Sleeps Between Decisions")
    def sleeps_between_decisions(self) -> None:
        """Checks that the chip is in the board's sleep state after each result."""
        stays = self._sleeps()
        lines = [line for line in self._bench.lines if line.at >= self._desk.since]
        decisions = [line for line in lines if line.event == "result"]
        check(
            len(stays) >= len(decisions) > 0,
            f"{len(decisions)} decisions, and {len(stays)} stays in {self._sleep_state}",
        )

    @keyword("The Device Wakes Up Within ${tolerance} Of The Announced Time")
    def wakes_up_on_time(self, tolerance: str) -> None:
        """Checks each sleep that the device announced and that no command ended.

        The device is awake when it switches the camera on.
        """
        bench = self._bench
        starts = [stay.begin for stay in bench.states.stays(_CAMERA, "starting")]
        lines = [line for line in bench.lines if line.at >= self._desk.since]
        checked = 0
        for line, following in pairwise(lines):
            if line.event != "sleep" or following.event != "result":
                continue
            said_ms = (line.message or {})["ms"]
            woke = next(start for start in starts if start > line.at)
            late = Time(woke - line.at - ms(said_ms))
            logger.info(f"announced {said_ms} ms at {line.at}, woke up at {woke}")
            check(
                abs(late) <= parse(tolerance),
                f"it announced {said_ms} ms at {line.at} and woke up at {woke}, "
                f"{late.in_us:+.0f} us",
            )
            checked += 1
        check(checked > 0, "it announced no sleep that has ended")

    @keyword("The Camera Is Off While The Device Sleeps")
    def camera_is_off_during_sleep(self) -> None:
        """Checks the camera during each stay in the board's sleep state."""
        stays = self._sleeps()
        check(bool(stays), f"the chip was never in {self._sleep_state}")
        for camera in self._bench.states.spans(_CAMERA):
            for sleep in stays:
                overlap = min(camera.end, sleep.end) - max(camera.begin, sleep.begin)
                check(
                    camera.state.mode == "off" or overlap <= 0,
                    f"the camera was {camera.state} for {Time(overlap)} of the sleep that began "
                    f"at {sleep.begin}",
                )

    @keyword("The Camera Is ${mode}")
    def camera_is(self, mode: str) -> None:
        """Checks the present mode: ``off``, ``starting``, ``standby`` or ``streaming``."""
        now = self._bench.states.present(_CAMERA)
        check(now.mode == mode, f"the camera is {now}, not {mode}")

    @keyword("The Device Sleeps At Least ${percent} Percent Of ${span}")
    def sleeps_at_least(self, percent: float, span: str) -> None:
        """Lets `span` pass and checks the share of it in the board's sleep state."""
        bench, mode = self._bench, self._sleep_state
        begin = bench.now
        bench.run_for(parse(span))
        share = 100 * bench.states.time_in(MCU, mode, begin) / (bench.now - begin)
        logger.info(f"in {mode} for {share:.1f} % of {span}")
        check(share >= percent, f"the chip was in {mode} for {share:.1f} % of {span}")

    @keyword("The Core Waits In ${mode} During The Read-Out")
    def waits_during_readout(self, mode: str) -> None:
        """Checks that in the next decision the core is awake for less than half of the read-out."""
        bench = self._bench
        begin = bench.now
        decision = bench.next_decision()
        readout_us = decision.us["readout"]
        awake_us = decision.cycles["readout"] / (self._sysclk_hz() / 1e6)
        check(bench.states.time_in(MCU, mode, begin) > 0, f"the core was never in {mode}")
        check(
            awake_us < readout_us / 2,
            f"the core was awake for {awake_us:.0f} us of the {readout_us} us of the read-out",
        )

    @property
    def _sleep_state(self) -> str:
        return self._desk.board.sleep_state

    def _sleeps(self) -> Sequence[Span]:
        return self._bench.states.stays(MCU, self._sleep_state, self._desk.since)

    def _sysclk_hz(self) -> int:
        messages = (line.message or {} for line in self._bench.lines)
        return int(next(message["sysclk_hz"] for message in messages if "sysclk_hz" in message))
