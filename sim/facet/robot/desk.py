"""What the groups of keywords share: the device on the desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from robot.api import logger

from facet.board.board import Board
from facet.dataset.labels import LabelSet
from facet.device.terminal import Line
from facet.errors import FacetError
from facet.target.bench import Bench


class Desk:
    """A board, its firmware and, after power-on, a device that runs.

    Args:
        board: the board.
        firmware: gives the ELF file for its flash; called at power-on.
        labels: gives the classes of the model in it; called when one is asked for.
    """

    def __init__(
        self, board: Board, firmware: Callable[[], Path], labels: Callable[[], LabelSet]
    ) -> None:
        self.board = board
        self._firmware = firmware
        self._labels = labels
        self._bench: Bench | None = None

    @property
    def bench(self) -> Bench:
        """The device.

        Raises:
            FacetError: nobody has powered it on.
        """
        if self._bench is None:
            raise FacetError("the board is off: begin with the keyword 'Power On The Board'")
        return self._bench

    @property
    def labels(self) -> LabelSet:
        """The classes that the device tells apart.

        Raises:
            FacetError: no such model, or a class is no emotion that any data set has.
        """
        return self._labels()

    def power_on(self) -> Bench:
        """A device fresh from power-on; what it says goes into Robot's log.

        Raises:
            FacetError: no such model, or the firmware does not build or does not fit the board.
        """
        self._bench = Bench(self.board, self._firmware())
        self._bench.terminal.on_line(_log)
        return self._bench

    def limit(self, name: str) -> float:
        """A limit of the board, from [limits] in its file.

        Raises:
            FacetError: it states none of that name.
        """
        try:
            return self.board.limits[name]
        except KeyError:
            raise FacetError(
                f"platforms/{self.board.name}.toml states no {name!r} under [limits]"
            ) from None


class Keywords:
    """A group of keywords.

    Args:
        desk: where the device is.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk


def _log(line: Line) -> None:
    logger.info(f"{line.at}  {line.text}")


def check(holds: bool, otherwise: str) -> None:
    """Fails the running scenario with the sentence `otherwise` unless `holds`.

    Raises:
        AssertionError: it does not hold.
    """
    if not holds:
        raise AssertionError(otherwise)
