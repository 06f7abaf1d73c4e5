"""The library that suites import."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from robot.api import logger
from robot.api.deco import library

from facet.board.board import load
from facet.firmware.build import FirmwareCache
from facet.firmware.classes import classes_of
from facet.model import bundle as model_bundle
from facet.robot.camera import CameraKeywords
from facet.robot.cost import CostKeywords
from facet.robot.desk import Desk
from facet.robot.faces import FaceKeywords
from facet.robot.faults import FaultKeywords
from facet.robot.power import PowerKeywords
from facet.robot.sleep import SleepKeywords
from facet.robot.terminal import TerminalKeywords


@library(scope="TEST")
class FacetLibrary(
    PowerKeywords,
    FaceKeywords,
    TerminalKeywords,
    SleepKeywords,
    CostKeywords,
    CameraKeywords,
    FaultKeywords,
):
    """Sentences about a device on a desk. Each test case has a desk of its own.

    Args:
        board: a board's name.
        model: what the device classifies with; its firmware is built where it is not there yet.
        firmware: an ELF file to take instead.

    Raises:
        FacetError: no such board.
    """

    def __init__(
        self, board: str = "nucleo_l476rg", model: str = "facet-small", firmware: str = ""
    ) -> None:
        given = Path(firmware) if firmware else None
        super().__init__(
            Desk(
                load(board),
                lambda: given or _build(board, model),
                lambda: classes_of(model, given),
            )
        )


@cache  # each test case has a library of its own
def _build(board: str, model: str) -> Path:
    return FirmwareCache().get(load(board), model_bundle.find(model), logger.console)
