"""The library of keywords on a target that has a console only, for the suites of tests."""

from __future__ import annotations

from robot.api.deco import library

from facet.board.board import Board
from facet.robot import FacetLibrary
from facet.target.target import Target
from tests.target.scripted import scripted_target


@library(scope="TEST")
class scripted_library(FacetLibrary):  # noqa: N801 - Robot looks for the module's name
    """A library for another kind of target."""

    def open_target(self, board: Board) -> Target:
        return scripted_target(board)
