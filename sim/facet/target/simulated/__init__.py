"""The simulated board as a target."""

from __future__ import annotations

from pathlib import Path

from facet.board.board import Board, load
from facet.cycles.parts import Parts
from facet.machine import DEFAULT_SEED, Machine
from facet.target.bench import Bench
from facet.target.simulated.board import SimulatedBoard

__all__ = ["SimulatedBoard", "simulate"]


def simulate(
    board: Board | str,
    firmware: Path,
    seed: int = DEFAULT_SEED,
    cycles: Parts = Parts.FULL,
) -> Bench:
    """A simulated board with its firmware, powered on, no time passed.

    Args:
        board: a board, its name, or the path of its file.
        firmware: an ELF file for its chip, or a flat image of its flash.
        seed: what the chip's random number generator starts from.
        cycles: what the cycle count includes.

    Raises:
        FacetError: there is no such board, or the firmware does not fit it.
    """
    loaded = load(board) if isinstance(board, str) else board
    return Bench(SimulatedBoard(Machine(loaded, firmware, seed=seed, cycles=cycles)))
