"""The chips that a board file may name, each with the core that runs its code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from facet.board.board import Board
from facet.board.wiring import Wiring
from facet.chip.esp32c3 import flash_image as esp32c3_flash
from facet.chip.esp32c3 import memory_map as esp32c3_map
from facet.chip.esp32c3 import rom as esp32c3_rom
from facet.chip.esp32c3.chip import Esp32C3
from facet.chip.peripheral import ChipServices
from facet.chip.protocol import Chip
from facet.chip.stm32l4 import memory_map
from facet.chip.stm32l4.chip import Stm32L4
from facet.chip.stm32l4.placement import place as place_stm32l4
from facet.chip.stm32l4.variants import STM32L432KC, STM32L476RG, Variant
from facet.cycles.rv32imc import line_fill_cycles
from facet.engine.protocol import Engine, EngineFactory
from facet.errors import FacetError
from facet.firmware.elf import Firmware
from facet.firmware.flat import FlatImage
from facet.firmware.placement import Placement
from facet.timeline import EventQueue

ChipAndCore: TypeAlias = tuple[Chip, Engine]


@dataclass(frozen=True)
class ChipKind:
    """A chip by its order code.

    Attributes:
        elf_machine: the machine in the ELF header of its firmware.
        build: makes the chip and its core, wired to the board.
        place: where the bytes of a firmware go.
        rom_functions: the functions of the chip's ROM by name, with the address of each one.
    """

    elf_machine: str
    build: Callable[[ChipServices, Wiring, Board, EventQueue, EngineFactory], ChipAndCore]
    place: Callable[[Firmware | FlatImage], Placement]
    rom_functions: Callable[[], Mapping[str, int]] = dict


def _stm32l4(
    variant: Variant,
    host: ChipServices,
    wiring: Wiring,
    board: Board,
    events: EventQueue,
    engine: EngineFactory,
) -> ChipAndCore:
    chip = Stm32L4(host, wiring, board, variant)
    core = engine.cortex_m4(
        memory_map.FLASH_BASE,
        variant.flash_size,
        len(chip.interrupt_names),
        chip.hclk,
        events,
    )

    chip.send_event = core.send_event

    def flash_changed() -> None:
        timing = chip.flash_timing
        core.set_flash_timing(timing.wait_states, timing.icache, timing.dcache, timing.prefetch)

    def buses_changed() -> None:
        for number, (base, pclk) in enumerate(chip.peripheral_buses):
            wait = memory_map.bridge_cycles(chip.hclk.hz, pclk.hz)
            core.set_bridge(number, base, memory_map.APB_SIZE, wait)

    for clock in (chip.hclk, *(pclk for _, pclk in chip.peripheral_buses)):
        clock.subscribe(buses_changed)
    chip.flash_timing.subscribe(flash_changed)
    chip.flash_timing.on_cache_reset = core.flush_flash_caches
    return chip, core


def _esp32c3(
    host: ChipServices,
    wiring: Wiring,
    board: Board,
    events: EventQueue,
    engine: EngineFactory,
) -> ChipAndCore:
    del board, events  # the chip's only crystal is in its module
    chip = Esp32C3(host, wiring)
    core = engine.rv32imc(reset_vector=esp32c3_rom.RESET_VECTOR)
    core.route_interrupt = chip.interrupt_core0.source_changed
    chip.interrupt_core0.offer = core.offer_interrupt
    chip.hold_core, chip.release_core = core.hold, core.release
    chip.extmem.on_invalidate = core.flush_flash_cache
    chip.mmu.on_change = partial(core.remap, chip.mmu.windows)
    core.why_unmapped = chip.mmu.why_unmapped
    core.describe_hole = esp32c3_rom.why_absent

    def flash_changed() -> None:
        if chip.hclk.hz:
            spi = chip.flash_spi
            core.set_flash_cache(
                esp32c3_map.FLASH_WINDOWS, line_fill_cycles(chip.hclk.hz, spi.hz, spi.read_mode)
            )

    chip.hclk.subscribe(flash_changed)
    chip.flash_spi.on_change = flash_changed
    return chip, core


def _stm32l4_kind(variant: Variant) -> ChipKind:
    return ChipKind("EM_ARM", partial(_stm32l4, variant), partial(place_stm32l4, variant))


_CHIPS = {
    "esp32c3": ChipKind("EM_RISCV", _esp32c3, esp32c3_flash.place, esp32c3_rom.entry_points),
    "stm32l432kc": _stm32l4_kind(STM32L432KC),
    "stm32l476rg": _stm32l4_kind(STM32L476RG),
}


def kind(board: Board) -> ChipKind:
    """The chip that `board` carries.

    Raises:
        FacetError: its board file names an unknown chip.
    """
    try:
        return _CHIPS[board.chip]
    except KeyError:
        raise FacetError(
            f"{board.name}: no chip {board.chip!r}; there are {', '.join(sorted(_CHIPS))}"
        ) from None
