"""The desk with the device under test, which all groups of keywords share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from robot.api import SkipExecution, logger

from facet.board.board import Board
from facet.dataset.labels import LabelSet
from facet.errors import FacetError
from facet.robot.metadata import report_boot, report_target
from facet.target.bench import Bench
from facet.target.console import Console
from facet.target.line import Line
from facet.target.target import CapabilityMissingError, Target
from facet.time import ZERO, Time


class Desk:
    """A place for one device at a time; it is empty before power-on.

    Args:
        load_board: reads the board; called when a keyword first needs it, so that a mistake in its
            name is reported by that keyword.
        open_target: powers the board on and returns it as a target.
        load_labels: reads the classes of the device's model; called when a keyword needs them.
    """

    def __init__(
        self,
        load_board: Callable[[], Board],
        open_target: Callable[[Board], Target],
        load_labels: Callable[[], LabelSet],
    ) -> None:
        self._load_board = load_board
        self._open_target = open_target
        self._load_labels = load_labels
        self._board: Board | None = None
        self._bench: Bench | None = None
        self.since: Time = ZERO
        """The beginning of the period that keywords about the past examine."""

    @property
    def board(self) -> Board:
        """The board.

        Raises:
            FacetError: there is no such board.
        """
        if self._board is None:
            self._board = self._load_board()
        return self._board

    @property
    def bench(self) -> Bench:
        """The device.

        Raises:
            FacetError: it has not been powered on.
        """
        if self._bench is None:
            raise FacetError("the board is off: begin with the keyword 'Power On The Board'")
        return self._bench

    @property
    def labels(self) -> LabelSet:
        """The classes of the device's model.

        Raises:
            FacetError: there is no such model, or no data set has one of its classes.
        """
        return self._load_labels()

    def power_on(self) -> Bench:
        """Puts a device on the desk that was just powered on; its output goes into Robot's log.

        Raises:
            FacetError: there is no such board or model, or the firmware does not build or fit.
        """
        target = self._open_target(self.board)
        report_target(target)
        self._bench = Bench(target)
        self.since = ZERO
        console = target.find(Console)
        if console is not None:
            console.on_line(_log)
        return self._bench

    def limit(self, name: str) -> float:
        """A limit of the board, from [limits] in its file.

        Raises:
            FacetError: the file has none of that name.
        """
        limit = self.board.limits.get(name)
        if limit is None:
            raise FacetError(f"{self.board.source} has no {name!r} under [limits]")
        return limit


class Keywords:
    """A group of keywords.

    Args:
        desk: where the device is.
    """

    needs: ClassVar[tuple[type[Any], ...]] = ()
    """The capabilities that the target must have for the keywords of this group."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def _bench(self) -> Bench:
        """The device; skips the test, with the reason, where it lacks what the group needs."""
        bench = self._desk.bench
        try:
            bench.target.need(*self.needs)
        except CapabilityMissingError as error:
            raise SkipExecution(str(error)) from None
        return bench


def _log(line: Line) -> None:
    logger.info(f"{line.at}  {line.text}")
    if line.event == "boot":
        report_boot(line.message or {})


def check(holds: bool, otherwise: str) -> None:
    """Fails the test with the message `otherwise` unless `holds`.

    Raises:
        AssertionError: it does not hold.
    """
    if not holds:
        raise AssertionError(otherwise)
