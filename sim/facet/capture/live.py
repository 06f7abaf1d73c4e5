"""Takes the pictures of a class from a camera, with prompts for the person."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from facet.capture.display import Display, light_advice
from facet.capture.keyboard import Answer
from facet.capture.source import Source
from facet.capture.take import Taker
from facet.dataset.frame import GrayImage
from facet.errors import FacetError

ANGLES: Final = (
    "look straight at the camera",
    "turn a little to the left",
    "turn a little to the right",
    "chin a little up",
    "chin a little down",
    "come a little closer",
    "go a little further away",
    "tilt your head a little",
)
"""Prompts in turn, each for an equal part of the pictures: a set with a single angle teaches that
angle only."""

_PATIENCE_s: Final = 30.0
"""Without a new picture for so long, the camera is covered or its picture is frozen."""


class Answers(Protocol):
    """Gives the user's answers."""

    def answer(self, idle: Callable[[], object]) -> Answer:
        """Waits for the answer, and calls ``idle`` in the meantime where that is possible."""


@dataclass
class Sitting:
    """A person in front of a camera.

    Args:
        camera: gives a picture at each call.
        answers: the person's keyboard.
        display: what the person sees.
        countdown_s: from ENTER to the first picture.
        interval_s: between pictures that are kept.
        now_s: a clock, in seconds.
    """

    camera: Source
    answers: Answers
    display: Display
    countdown_s: float = 3.0
    interval_s: float = 0.2
    now_s: Callable[[], float] = time.monotonic

    def take(self, taker: Taker) -> Answer:
        """Prompts for a class and takes its pictures until there are enough.

        Returns:
            what the person chose: GO where the class was taken.

        Raises:
            FacetError: the camera gives no picture, or the same picture for half a minute.
        """
        text = (
            f"{taker.label}: {taker.missing} to take, {taker.there} there. Show a {taker.label} "
            "face inside the picture.\nIn the terminal: ENTER begins, s skips the class, q quits"
        )
        self._show(taker, None, text)
        chosen = self.answers.answer(lambda: self._preview(taker, text))
        if chosen is not Answer.GO:
            return chosen
        self._count_down(taker)
        self._take(taker)
        return chosen

    def _preview(self, taker: Taker, text: str) -> GrayImage | None:
        """Shows the camera's next picture, which it returns."""
        square = taker.square(self._picture())
        advice = "no face found" if square is None else light_advice(square)
        self._show(taker, square, f"{text}\n{advice}")
        return square

    def _count_down(self, taker: Taker) -> None:
        end_s = self.now_s() + self.countdown_s
        while (left_s := end_s - self.now_s()) > 0:
            self._preview(taker, f"{taker.label} in {int(left_s) + 1} ...")

    def _take(self, taker: Taker) -> None:
        due_s = kept_s = self.now_s()
        while taker.missing:
            angle = ANGLES[taker.there * len(ANGLES) // taker.wanted]
            square = self._preview(taker, f"{taker.label}: {angle}")
            now_s = self.now_s()
            if now_s < due_s:
                continue
            if taker.offer(square):
                kept_s, due_s = now_s, now_s + self.interval_s
            elif now_s - kept_s > _PATIENCE_s:
                raise FacetError(
                    f"{self.camera.name}: no new picture for {_PATIENCE_s:.0f} s; is it covered, "
                    "is its picture frozen, is there a face? The pictures so far are kept; the "
                    "same command continues from there"
                )

    def _picture(self) -> GrayImage:
        picture = self.camera.read()
        if picture is None:
            raise FacetError(f"{self.camera.name} has ended")
        return picture

    def _show(self, taker: Taker, square: GrayImage | None, text: str) -> None:
        self.display.show(square, text, taker.there, taker.wanted)
