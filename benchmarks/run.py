"""Measure the simulator's speed on this machine; print a table and write out/bench.json.

    python -m benchmarks
    python -m benchmarks --engine renode

Runs that are compared take turns, so that all meet the same machine: without `--cycles`, the whole
cycle model and parts of it; with another engine than Unicorn, this engine and Unicorn. All runs of
Facet use the real firmware; `--cycles` chooses what the cycles include. Each figure is the best of
several repetitions, because other work on the machine can only slow a run down.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from benchmarks.polling import build as build_polling
from facet.board.board import load
from facet.cli.console import show
from facet.cli.firmware import chosen_firmware
from facet.cli.params import board_option, cycles_option, engine_option, model_option
from facet.cycles.parts import Parts
from facet.dataset.frame import Frame
from facet.dataset.loaders import load_frames
from facet.engine import engines
from facet.errors import FacetError
from facet.evaluation.evaluate import CHUNK, Setup, evaluate
from facet.evaluation.workers import cores
from facet.files import write_file
from facet.garbage import collect_rarely
from facet.machine import Machine
from facet.model.bundle import find
from facet.progress import Progress
from facet.report.run_folder import as_json
from facet.report.tables import plain_table
from facet.target.bench import Bench
from facet.target.simulated import SimulatedBoard, simulate
from facet.time import Time, ms, of_ticks, us

_REPETITIONS = 5


@dataclass(frozen=True)
class Speed:
    """Simulated work and the host's time for it.

    Attributes:
        instructions, cycles: of the simulated core.
        wall_s: elapsed time.
        cpu_s: processor time; less than `wall_s` on a busy machine.
    """

    instructions: int
    cycles: int
    wall_s: float
    cpu_s: float

    @property
    def instructions_per_second(self) -> float:
        """Simulated instructions per second of elapsed time."""
        return self.instructions / self.wall_s

    def as_json(self) -> dict[str, float]:
        """Returns the figures by name."""
        return {
            "instructions": self.instructions,
            "cycles": self.cycles,
            "wall_s": round(self.wall_s, 6),
            "cpu_s": round(self.cpu_s, 6),
            "instructions_per_second": round(self.instructions_per_second),
            "instructions_per_cpu_second": round(self.instructions / self.cpu_s),
        }


def measure(bench: Bench, until: Time) -> Speed:
    """Measures the speed of a bench from now until a virtual time."""
    core = bench.core
    instructions, cycles = core.instructions, core.cycles
    begun, begun_cpu = time.perf_counter(), time.process_time()
    bench.run_until(until)
    wall_s, cpu_s = time.perf_counter() - begun, time.process_time() - begun_cpu
    return Speed(core.instructions - instructions, core.cycles - cycles, wall_s, cpu_s)


@dataclass(frozen=True)
class Decisions:
    """The speed of an engine.

    Attributes:
        inference: of the inference phase.
        whole: of a whole decision with its sleep.
        profiled: of the inference phase with full profiling; None where the engine has none.
    """

    inference: Speed
    whole: Speed
    profiled: Speed | None

    def as_json(self) -> dict[str, dict[str, float]]:
        """Returns the figures by name."""
        figures = {"inference": self.inference, "whole_decision": self.whole}
        if self.profiled is not None:
            figures["inference_profiled"] = self.profiled
        return {name: speed.as_json() for name, speed in figures.items()}


@dataclass(frozen=True)
class Polling:
    """The speed of a program that reads one register in a loop.

    Attributes:
        skipped: rounds that cannot end are skipped, as by default.
        executed: each round is executed.
    """

    skipped: Speed
    executed: Speed

    def as_json(self) -> dict[str, dict[str, float]]:
        """Returns the figures by name."""
        return {"skipped": self.skipped.as_json(), "executed": self.executed.as_json()}


def decisions(setups: Sequence[Setup], progress: Progress) -> list[Decisions]:
    """Measures the speed of an inference, of a whole decision, and of a profiled inference.

    The runs of all setups take turns.

    The inference phase ends where the result line begins, and the line states its length. Each run
    from power-on is the same to the cycle: a first run finds the times of the phase, and the
    measured runs use them.
    """
    frame = load_frames("drawn", limit=1)[0]
    progress.advance(0, "decisions and their inference phases")
    scouted = []
    for setup in setups:
        scout = _decided_once(setup, frame)
        decision = scout.next_decision()
        progress.advance()
        line_time = of_ticks(10 * (len(scout.lines[-1].text) + 2), scout.board.terminal.baud)
        margin = us(decision.us["inference"] // 20)
        end = decision.at - line_time
        scouted.append((decision.at, end - us(decision.us["inference"]) + margin, end - margin))
    inference: list[list[Speed]] = [[] for _ in setups]
    whole: list[list[Speed]] = [[] for _ in setups]
    profiled: list[list[Speed]] = [[] for _ in setups]
    for _ in range(_REPETITIONS):
        for n, (setup, (at, begin, end)) in enumerate(zip(setups, scouted, strict=True)):
            bench = _decided_once(setup, frame)
            whole[n].append(measure(bench, at))
            progress.advance()
            bench = _decided_once(setup, frame)
            bench.run_until(begin)
            inference[n].append(measure(bench, end))
            progress.advance()
            if setup.engine == engines.DEFAULT:
                bench = _decided_once(setup, frame, profiled=True)
                bench.run_until(begin)
                profiled[n].append(measure(bench, end))
                progress.advance()
    best = partial(min, key=_per_instruction)
    return [
        Decisions(best(inference[n]), best(whole[n]), best(profiled[n]) if profiled[n] else None)
        for n in range(len(setups))
    ]


def _decided_once(setup: Setup, frame: Frame, profiled: bool = False) -> Bench:
    """Returns a board after its first decision: all its code has been translated once."""
    bench = simulate(setup.board, setup.firmware, setup.engine, setup.cycles)
    if profiled:
        bench.profiler.start()
    bench.show(frame)
    bench.wait_for_boot()
    bench.next_decision()
    return bench


def _per_instruction(speed: Speed) -> float:
    return speed.wall_s / speed.instructions


def evaluation(setup: Setup, jobs: int) -> dict[str, float]:
    """Measures `facet eval` with `jobs` processes, including their start."""
    frames = load_frames("drawn", limit=2 * CHUNK * jobs)
    begun = time.perf_counter()
    evaluate(setup, frames, jobs)
    wall_s = time.perf_counter() - begun
    return {
        "jobs": jobs,
        "frames": len(frames),
        "wall_s": round(wall_s, 3),
        "frames_per_second": round(len(frames) / wall_s, 3),
    }


def polling(setup: Setup) -> Polling:
    """Measures a program that reads one register in a loop for 0.2 s of virtual time."""
    speeds = []
    with tempfile.TemporaryDirectory(prefix="facet-bench-") as folder:
        board = load(setup.board)
        elf = build_polling(board, Path(folder))
        for skip in (True, False):
            machine = Machine(board, elf, setup.engine, setup.cycles)
            machine.skip_waiting_loops(skip)
            bench = Bench(SimulatedBoard(machine))
            bench.run_until(ms(1))
            speeds.append(measure(bench, ms(201)))
    return Polling(*speeds)


def start_up(setup: Setup, progress: Progress) -> float:
    """Measures the seconds from the start of `facet run` to the first byte that the board sends."""
    spent = []
    elf = setup.firmware
    command = [sys.executable, "-m", "facet", "run", str(elf), "--board", setup.board, "--for"]
    command += ["1s", "--engine", setup.engine]
    if setup.cycles is not None:
        command += ["--cycles", setup.cycles.value]
    progress.advance(0, "the start of `facet run`")
    for _ in range(_REPETITIONS):
        begun = time.perf_counter()
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
        ) as run:
            assert run.stdout is not None
            if not run.stdout.read(1):
                raise FacetError(f"{elf} sends nothing within 1 s of virtual time")
            spent.append(time.perf_counter() - begun)
            run.stdout.read()
        progress.advance()
    return min(spent)


@click.command()
@board_option
@model_option
@engine_option
@cycles_option
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default="out/bench.json",
    show_default=True,
    help="The file for the figures.",
)
def main(board: str, model: str, engine: str, cycles: Parts | None, json_file: Path) -> None:
    """Measure the simulator's speed with a board's real firmware."""
    collect_rarely()
    try:
        elf = chosen_firmware(board, model, None)
        report(Setup(board, elf, engine, cycles), find(model).name, json_file)
    except FacetError as error:
        raise click.ClickException(str(error)) from None


def report(setup: Setup, model: str, out: Path) -> None:
    """Measures, writes the figures and prints them."""
    all_cores = cores()
    numbers_of_jobs = sorted({1, all_cores})
    rates = []
    setups = [setup]
    if setup.engine != engines.DEFAULT:
        setups.append(replace(setup, engine=engines.DEFAULT))
    elif setup.cycles is None:
        setups += [replace(setup, cycles=parts) for parts in (Parts.FLASH, Parts.CORE)]
    runs = (1 + 2 * _REPETITIONS) * len(setups) + 2 * _REPETITIONS + len(numbers_of_jobs)
    with Progress("benchmark runs", total=runs) as progress:
        speeds = decisions(setups, progress)
        for jobs in numbers_of_jobs:
            progress.advance(0, f"`facet eval`, jobs: {jobs}")
            rates.append(evaluation(setup, jobs))
            progress.advance()
        first_byte_s = start_up(setup, progress)
        waiting = polling(setup)
    core = simulate(setup.board, setup.firmware, setup.engine, setup.cycles).core
    figures: dict[str, Any] = {
        "machine": f"{os.uname().machine}, {all_cores} cores",
        "board": setup.board,
        "model": model,
        "engine": core.engine,
        "cycle_count": core.cycle_count,
        "cycle_accounting": core.counts_cycles,
        **speeds[0].as_json(),
        "paired": {_name(s): speed.as_json() for s, speed in zip(setups, speeds, strict=True)},
        "polling": waiting.as_json(),
        "eval": rates,
        "run_first_byte_s": round(first_byte_s, 3),
    }
    write_file(out, as_json(figures))
    table = plain_table("what", "figure", "run", numbers=["figure"])
    click.echo(f"{model} on {setup.board}, {figures['machine']}")
    click.echo(f"engine: {core.engine}; cycles: {core.cycle_count}")
    for each, speed in zip(setups, speeds, strict=True):
        of = f" ({_name(each)})" if len(setups) > 1 else ""
        table.add_row("inference", _million(speed.inference), f"the inference phase alone{of}")
        table.add_row("whole decision", _million(speed.whole), f"sleep, wake, to report{of}")
        if speed.profiled is not None:
            share = _per_cpu_second(speed.profiled) / _per_cpu_second(speed.inference)
            what = f"the inference phase with full profiling: {share:.0%}{of}"
            table.add_row("profiled", _million(speed.profiled), what)
    table.add_row("polling", _million(waiting.skipped), "a register is read in a loop")
    table.add_row("polling", _million(waiting.executed), "the same, each round executed")
    for rate in rates:
        table.add_row(
            "facet eval",
            f"{rate['frames_per_second']:.2f} frames/s",
            f"{rate['frames']} drawn faces, jobs: {rate['jobs']}, start included",
        )
    table.add_row("facet run", f"{first_byte_s:.2f} s", "from the command to the first UART byte")
    show(table)
    click.echo(f"figures: {out}")


def _name(setup: Setup) -> str:
    cycles = f", cycles {setup.cycles.value}" if setup.cycles is not None else ""
    return f"{setup.engine}{cycles}"


def _per_cpu_second(speed: Speed) -> float:
    return speed.instructions / speed.cpu_s


def _million(speed: Speed) -> str:
    cpu = _per_cpu_second(speed)
    return f"{speed.instructions_per_second / 1e6:.0f} M instr/s ({cpu / 1e6:.0f} by CPU time)"


if __name__ == "__main__":
    main()
