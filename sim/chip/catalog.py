"""The chips that a board file may name, each with the core that runs its code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sim.board import Board
from sim.chip.protocol import Chip
from sim.chip.stm32l4 import memory_map
from sim.chip.stm32l4.chip import Host, Stm32L476
from sim.engine.protocol import Engine
from sim.engine.unicorn.cortex_m.core import CortexM4
from sim.errors import FacetError
from sim.events import EventQueue
from sim.wiring import Wiring

ChipAndCore: TypeAlias = tuple[Chip, Engine]


@dataclass(frozen=True)
class ChipKind:
    """A chip by its order code.

    Attributes:
        elf_machine: what the ELF header of its firmware names.
        build: makes the chip and its core, wired to the board.
    """

    elf_machine: str
    build: Callable[[Host, Wiring, Board, EventQueue], ChipAndCore]


def _stm32l476(host: Host, wiring: Wiring, board: Board, events: EventQueue) -> ChipAndCore:
    chip = Stm32L476(host, wiring, board)
    core = CortexM4(
        memory_map.FLASH_BASE,
        memory_map.FLASH_SIZE,
        len(chip.interrupt_names),
        chip.hclk,
        events,
    )

    def flash_changed() -> None:
        timing = chip.flash_timing
        core.set_flash_timing(timing.wait_states, timing.icache, timing.prefetch)

    chip.flash_timing.subscribe(flash_changed)
    return chip, core


_CHIPS = {"stm32l476rg": ChipKind("EM_ARM", _stm32l476)}


def kind(board: Board) -> ChipKind:
    """The chip that `board` carries.

    Raises:
        FacetError: its board file names none that there is.
    """
    try:
        return _CHIPS[board.chip]
    except KeyError:
        raise FacetError(
            f"{board.name}: no chip {board.chip!r}; there are {', '.join(sorted(_CHIPS))}"
        ) from None
