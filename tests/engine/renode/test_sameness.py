"""Renode and Unicorn run the same firmware on the same board: what the board does is the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from facet.board.board import load
from facet.cycles.parts import Parts
from facet.dataset import EMOTIONS, Frame, draw_face
from facet.device.camera import Camera
from facet.engine.armv7m import dwt, systick
from facet.engine.rv32 import csr
from facet.engine.unicorn.cortex_m.core import CortexM4
from facet.evaluation.evaluate import show_each
from facet.evaluation.recorder import InputRecorder
from facet.firmware.build import FirmwareCache
from facet.model.bundle import find
from facet.state import MCU
from facet.target.bench import Bench
from facet.target.core import Core
from facet.target.simulated import simulate
from facet.time import ms
from tests.cli import programs
from tests.engines_under_test import NEEDS_RENODE

pytestmark = [*NEEDS_RENODE, pytest.mark.slow]

BOARDS = ("nucleo_l476rg", "nucleo_l432kc", "esp32c3_devkitm")
PROGRAMS = ("FORGOT_A_CLOCK", "DEINITIALIZES", "IS_BITTEN", "LOCKS_UP", "HELLO")
FRAMES = 3
FIRST_SEED = 6_000_000
LONG = 1_000_000  # instructions between two reads of the cycle counter: an inference

TICK = 5  # instructions of the firmware's SysTick_Handler

_TIMES = re.compile(rb'"cycles":\{[^}]*\}|"us":\{[^}]*\}')
"""The fields of a result that depend on how cycles are counted."""


@dataclass(frozen=True)
class Seen:
    """What a board did with the frames.

    Attributes:
        serial: the bytes of the UART.
        pictures: the camera's bytes, by frame.
        inputs: what the firmware gave to its network, by frame.
        scores: its int8 outputs, by frame.
        sleeps: the modes of the chip in which it does not run, in order.
        broken: the violations, and what has no model.
        inferences: instructions of each.
        phases: cycles of the first decision.
    """

    serial: bytes
    pictures: list[bytes]
    inputs: list[bytes]
    scores: list[tuple[int, ...]]
    sleeps: list[str]
    broken: list[str]
    inferences: list[int]
    phases: dict[str, int]


def faces() -> list[Frame]:
    """Drawn people, each between two emotions, so that the outputs vary."""
    drawn = []
    for n in range(FRAMES):
        one, other = (draw_face(EMOTIONS[(n + k) % 5], FIRST_SEED + n).gray for k in (0, 1))
        drawn.append(Frame(one // 2 + other // 2, EMOTIONS[n % 5], f"{n}", "drawn"))
    return drawn


@cache
def seen(board: str, engine: str, cycles: Parts | None = None) -> Seen:
    """Runs the frames once for each board, engine and way to count cycles."""
    firmware = FirmwareCache().get(load(board), find("facet-small"))
    with counter_reads() as start:
        bench = simulate(board, firmware, engine, cycles)
        camera, recorder = bench.part("camera", Camera), InputRecorder(bench)
        frames = faces()
        bench.show(frames[0])
        bench.wait_for_boot()
        counts = start(bench)
        outcomes, pictures = [], []
        for outcome in show_each(bench, frames, recorder=recorder):
            outcomes.append(outcome)
            assert camera.last_frame is not None
            pictures.append(camera.last_frame.data)
    decisions = [outcome.decision for outcome in outcomes if outcome.decision is not None]
    inputs = [o.network_input for o in outcomes if o.network_input is not None]
    assert len(decisions) == len(inputs) == FRAMES
    return Seen(
        bench.console.data,
        pictures,
        [np.asarray(each).tobytes() for each in inputs],
        [decision.scores for decision in decisions],
        sleeps(bench),
        broken(bench),
        [count for begin, end in pairwise(counts) if (count := end - begin) > LONG],
        dict(decisions[0].cycles),
    )


def broken(bench: Bench) -> list[str]:
    """The violations, and what has no model, without their times."""
    return [f"{v.rule}: {v.message}, {v.where}" for v in (*bench.violations, *bench.not_modelled)]


@contextmanager
def counter_reads() -> Iterator[Callable[[Bench], list[int]]]:
    """Notes the instruction count at each read of CYCCNT (STM32L4) or mpccr (ESP32-C3).

    The firmware measures each phase by two reads. Those of its SysTick_Handler are left out: how
    often it runs within a phase depends on the cycles. Gives a function that starts to note a
    board's reads, in the list that it returns.
    """
    counts: list[int] = []
    ticks = 0
    cores: list[Core] = []
    of_the_csr, of_the_dwt = csr.ControlRegisters.read, dwt.Dwt.read

    of_the_tick = systick.SysTick._wrap

    def wrap(counter: systick.SysTick) -> None:
        nonlocal ticks
        ticks += 1
        of_the_tick(counter)

    def note_read() -> None:
        counts.extend(core.instructions - TICK * ticks for core in cores)

    def read_csr(registers: csr.ControlRegisters, number: int) -> int:
        note_read()
        return of_the_csr(registers, number)

    def read_dwt(registers: dwt.Dwt, offset: int) -> int:
        note_read()
        return of_the_dwt(registers, offset)

    def start(bench: Bench) -> list[int]:
        cores.append(bench.core)
        return counts

    with (
        patch.object(csr.ControlRegisters, "read", read_csr),
        patch.object(dwt.Dwt, "read", read_dwt),
        patch.object(systick.SysTick, "_wrap", wrap),
        patch.object(CortexM4, "_show_cyccnt", lambda _: None),  # else C reads CYCCNT
    ):
        yield start


def sleeps(bench: Bench) -> list[str]:
    """The modes of the chip besides running, in order; how often a wait wakes depends on cycles."""
    modes = (str(span.state.mode) for span in bench.states.spans(MCU))
    return [mode for mode, _ in groupby(mode for mode in modes if mode != "run")]


def masked(serial: bytes) -> bytes:
    """Serial output without the fields of time and cycles."""
    return _TIMES.sub(b"", serial)


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("cycles", [None, Parts.FULL], ids=["instructions", "full"])
def test_the_device_says_and_does_the_same(board: str, cycles: Parts | None) -> None:
    unicorn, renode = seen(board, "unicorn"), seen(board, "renode", cycles)
    assert len(set(unicorn.scores)) > 1, "the outputs do not vary"
    assert b'"cycles"' in unicorn.serial
    assert masked(renode.serial) == masked(unicorn.serial)
    assert renode.pictures == unicorn.pictures
    assert renode.inputs == unicorn.inputs
    assert renode.scores == unicorn.scores
    assert renode.sleeps == unicorn.sleeps
    assert renode.broken == unicorn.broken


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("cycles", [None, Parts.FULL], ids=["instructions", "full"])
def test_an_inference_is_the_same_number_of_instructions(board: str, cycles: Parts | None) -> None:
    unicorn = seen(board, "unicorn").inferences
    assert len(unicorn) == FRAMES
    assert seen(board, "renode", cycles).inferences == unicorn


@pytest.mark.parametrize("board", BOARDS)
@pytest.mark.parametrize("parts", list(Parts))
def test_the_cycle_model_counts_the_same(board: str, parts: Parts) -> None:
    """The blocks are cut differently: what code and data wait for differs by some cycles."""
    unicorn, renode = seen(board, "unicorn", parts), seen(board, "renode", parts)
    closeness = {Parts.CORE: 1e-6, Parts.FLASH: 1e-4, Parts.FULL: 2e-3}[parts]
    assert renode.phases["inference"] == pytest.approx(unicorn.phases["inference"], rel=closeness)
    for phase, cycles in unicorn.phases.items():
        assert renode.phases[phase] == pytest.approx(cycles, rel=0.01), phase


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("cycles", [None, Parts.FULL], ids=["instructions", "full"])
def test_a_wrong_program_breaks_the_same_rules(
    name: str, cycles: Parts | None, tmp_path: Path
) -> None:
    elf = programs.build(getattr(programs, name), tmp_path)
    benches = [
        simulate("nucleo_l476rg", elf, engine, parts)
        for engine, parts in (("unicorn", None), ("renode", cycles))
    ]
    for bench in benches:
        bench.run_for(ms(50))
    unicorn, renode = benches
    assert broken(renode) == broken(unicorn)
    assert bool(broken(unicorn)) == (name != "HELLO")
    assert renode.console.data == unicorn.console.data
    assert renode.locked_up == unicorn.locked_up
