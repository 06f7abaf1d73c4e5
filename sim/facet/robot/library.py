"""The Robot Framework library `FacetLibrary`: all groups of keywords."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from robot.api import FatalError, logger
from robot.api.deco import library

from facet.board.board import Board, load, without
from facet.cycles.parts import Parts
from facet.engine import engines
from facet.errors import FacetError
from facet.firmware.build import FirmwareCache
from facet.firmware.classes import classes_of
from facet.machine import Machine
from facet.model import bundle as model_bundle
from facet.robot.any_firmware import AnyFirmwareKeywords
from facet.robot.camera import CameraKeywords
from facet.robot.cost import CostKeywords
from facet.robot.desk import Desk, Keywords
from facet.robot.faces import FaceKeywords
from facet.robot.faults import FaultKeywords
from facet.robot.power import PowerKeywords
from facet.robot.profile import ProfileKeywords
from facet.robot.repeat import RepeatKeywords
from facet.robot.rules import RuleKeywords
from facet.robot.sleep import SleepKeywords
from facet.robot.terminal import TerminalKeywords
from facet.target.simulated import SimulatedBoard
from facet.target.target import Target

GROUPS: Final[tuple[type[Keywords], ...]] = (
    PowerKeywords,
    RuleKeywords,
    FaceKeywords,
    TerminalKeywords,
    SleepKeywords,
    CostKeywords,
    ProfileKeywords,
    CameraKeywords,
    FaultKeywords,
    RepeatKeywords,
    AnyFirmwareKeywords,
)
"""The groups of keywords; each names the capabilities that it needs."""


@library(scope="TEST")
class FacetLibrary:
    """Keywords about a device on a board. Each test case has a device of its own.

    A keyword skips its test, with the reason, where the target lacks a capability that the keyword
    needs. A library for another kind of target, such as a real board, overrides `open_target`.

    Args:
        board: a board's name, or the path of a board file (.toml).
        model: the model of the device; its firmware is built where it is missing.
        firmware: an ELF file to run in place of it.
        absent: names of parts to leave out of the board, separated by commas.
        engine: the CPU engine.
        cycles: what the cycle count takes in: core, flash or full; by the engine where it is empty.
    """

    def __init__(
        self,
        board: str = "nucleo_l476rg",
        model: str = "facet-small",
        firmware: str = "",
        absent: str = "",
        engine: str = engines.DEFAULT,
        cycles: str = "",
    ) -> None:
        # Nothing that may fail is done here: Robot would report a failure as missing keywords.
        self._board = board
        self._model = model
        self._firmware = Path(firmware) if firmware else None
        self._engine = engine
        self._cycles = cycles
        parts = [name.strip() for name in absent.split(",") if name.strip()]
        desk = Desk(
            lambda: without(load(board), parts),
            self.open_target,
            lambda: classes_of(model, self._firmware),
        )
        self._keywords: dict[str, Callable[..., Any]] = {}
        for group in GROUPS:
            for name, method in keywords_of(group(desk)):
                if name in self._keywords:
                    raise TypeError(f"{group.__name__}.{name}: another group has this keyword")
                self._keywords[name] = method

    def open_target(self, board: Board) -> Target:
        """Powers on a simulated board.

        Raises:
            FacetError: there is no such model or engine, or the firmware does not build or fit the
                board.
        """
        try:
            engines.select(self._engine)
        except FacetError as error:
            raise FatalError(str(error)) from None  # as for every other test of the run
        firmware = self._firmware or _build(self._board, self._model)
        return SimulatedBoard(Machine(board, firmware, self._engine, Parts.named(self._cycles)))

    # -- what Robot Framework calls
    def get_keyword_names(self) -> list[str]:
        """The names of the methods that are keywords."""
        return list(self._keywords)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        keywords: dict[str, Callable[..., Any]] = self.__dict__.get("_keywords", {})
        if name not in keywords:
            raise AttributeError(name)
        return keywords[name]


def keywords_of(group: Keywords) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The methods of a group that are keywords, by name."""
    for name in vars(type(group)):
        method = getattr(group, name) if not name.startswith("_") else None
        if hasattr(method, "robot_name"):
            assert callable(method)
            yield name, method


@cache  # each test case has a library of its own
def _build(board: str, model: str) -> Path:
    return FirmwareCache().get(load(board), model_bundle.find(model), logger.console)
