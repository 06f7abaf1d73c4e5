"""The simulated board as a target."""

from __future__ import annotations

from pathlib import Path

from facet.board.board import Board, load
from facet.cycles.parts import Parts
from facet.engine import engines
from facet.machine import DEFAULT_SEED, Machine
from facet.target.bench import Bench
from facet.target.simulated.board import SimulatedBoard

__all__ = ["SimulatedBoard", "simulate"]


def simulate(
    board: Board | str,
    firmware: Path,
    engine: str = engines.DEFAULT,
    cycles: Parts | None = None,
    seed: int = DEFAULT_SEED,
) -> Bench:
    """A simulated board with its firmware, powered on, no time passed.

    Args:
        board: a board, its name, or the path of its file.
        firmware: an ELF file for its chip, or a flat image of its flash.
        engine: the CPU engine's name.
        cycles: what the cycle count takes in; None: what the engine does where it is not asked.
        seed: what the chip's random number generator starts from.

    Raises:
        FacetError: there is no such board or engine, or the firmware does not fit the board.
    """
    loaded = load(board) if isinstance(board, str) else board
    return Bench(SimulatedBoard(Machine(loaded, firmware, engine, cycles, seed)))
