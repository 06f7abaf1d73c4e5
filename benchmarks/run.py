"""Measure the simulator's speed on this machine; print a table and write out/bench.json.

    python -m benchmarks

All runs use the real firmware; `--cycles` chooses what the cycles include. Each figure is the best
of several repetitions, because other work on the machine can only slow a run down.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from facet.cli.console import show
from facet.cli.firmware import chosen_firmware
from facet.cli.params import board_option, cycles_option, model_option
from facet.cycles.parts import Parts
from facet.dataset.frame import Frame
from facet.dataset.loaders import load_frames
from facet.errors import FacetError
from facet.evaluation.evaluate import CHUNK, evaluate
from facet.evaluation.workers import cores
from facet.files import write_file
from facet.model.bundle import find
from facet.progress import Progress
from facet.report.run_folder import as_json
from facet.report.tables import plain_table
from facet.target.bench import Bench
from facet.target.simulated import simulate
from facet.time import Time, of_ticks, us

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


def decisions(
    board: str, elf: Path, cycles: Parts, progress: Progress
) -> tuple[Speed, Speed, Speed]:
    """Measures the speed of an inference, of a whole decision, and of a profiled inference.

    The inference phase ends where the result line begins, and the line states its length. Each run
    from power-on is the same to the cycle: a first run finds the times of the phase, and the
    measured runs use them.
    """
    frame = load_frames("drawn", limit=1)[0]
    progress.advance(0, "decisions and their inference phases")
    scout = _decided_once(board, elf, frame, cycles)
    decision = scout.next_decision()
    progress.advance()
    line_time = of_ticks(10 * (len(scout.lines[-1].text) + 2), scout.board.terminal.baud)
    end = decision.at - line_time
    margin = us(decision.us["inference"] // 20)
    begin = end - us(decision.us["inference"]) + margin
    inference, whole, profiled = [], [], []
    for _ in range(_REPETITIONS):
        bench = _decided_once(board, elf, frame, cycles)
        whole.append(measure(bench, decision.at))
        progress.advance()
        bench = _decided_once(board, elf, frame, cycles)
        bench.run_until(begin)
        inference.append(measure(bench, end - margin))
        progress.advance()
        bench = _decided_once(board, elf, frame, cycles, profiled=True)
        bench.run_until(begin)
        profiled.append(measure(bench, end - margin))
        progress.advance()
    best = partial(min, key=_per_instruction)
    return best(inference), best(whole), best(profiled)


def _decided_once(
    board: str, elf: Path, frame: Frame, cycles: Parts, profiled: bool = False
) -> Bench:
    """Returns a board after its first decision: all its code has been translated once."""
    bench = simulate(board, elf, cycles=cycles)
    if profiled:
        bench.profiler.start()
    bench.show(frame)
    bench.wait_for_boot()
    bench.next_decision()
    return bench


def _per_instruction(speed: Speed) -> float:
    return speed.wall_s / speed.instructions


def evaluation(board: str, elf: Path, cycles: Parts, jobs: int) -> dict[str, float]:
    """Measures `facet eval` with `jobs` processes, including their start."""
    frames = load_frames("drawn", limit=2 * CHUNK * jobs)
    begun = time.perf_counter()
    evaluate(board, elf, frames, jobs, cycles=cycles)
    wall_s = time.perf_counter() - begun
    return {
        "jobs": jobs,
        "frames": len(frames),
        "wall_s": round(wall_s, 3),
        "frames_per_second": round(len(frames) / wall_s, 3),
    }


def start_up(board: str, elf: Path, cycles: Parts, progress: Progress) -> float:
    """Measures the seconds from the start of `facet run` to the first byte that the board sends."""
    spent = []
    progress.advance(0, "the start of `facet run`")
    for _ in range(_REPETITIONS):
        begun = time.perf_counter()
        with subprocess.Popen(
            [
                *(sys.executable, "-m", "facet", "run", str(elf), "--board", board),
                *("--for", "1s", "--cycles", cycles.value),
            ],
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
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default="out/bench.json",
    show_default=True,
    help="The file for the figures.",
)
@cycles_option
def main(board: str, model: str, json_file: Path, cycles: Parts) -> None:
    """Measure the simulator's speed with a board's real firmware."""
    try:
        elf = chosen_firmware(board, model, None)
        report(board, find(model).name, elf, json_file, cycles)
    except FacetError as error:
        raise click.ClickException(str(error)) from None


def report(board: str, model: str, elf: Path, out: Path, cycles: Parts) -> None:
    """Measures, writes the figures and prints them."""
    all_cores = cores()
    numbers_of_jobs = sorted({1, all_cores})
    rates = []
    runs = 1 + 4 * _REPETITIONS + len(numbers_of_jobs)
    with Progress("benchmark runs", total=runs) as progress:
        inference, whole, profiled = decisions(board, elf, cycles, progress)
        for jobs in numbers_of_jobs:
            progress.advance(0, f"`facet eval`, jobs: {jobs}")
            rates.append(evaluation(board, elf, cycles, jobs))
            progress.advance()
        first_byte_s = start_up(board, elf, cycles, progress)
    figures: dict[str, Any] = {
        "machine": f"{os.uname().machine}, {all_cores} cores",
        "board": board,
        "model": model,
        "cycles": cycles.value,
        "inference": inference.as_json(),
        "whole_decision": whole.as_json(),
        "inference_profiled": profiled.as_json(),
        "eval": rates,
        "run_first_byte_s": round(first_byte_s, 3),
    }
    write_file(out, as_json(figures))
    table = plain_table("what", "figure", "run", numbers=["figure"])
    click.echo(f"{model} on {board}, cycles {cycles.value}, {figures['machine']}")
    table.add_row("inference", _million(inference), "the inference phase alone")
    table.add_row("whole decision", _million(whole), "sleep, wake, capture to report")
    share = _per_cpu_second(profiled) / _per_cpu_second(inference)
    table.add_row(
        "profiled", _million(profiled), f"the inference phase with full profiling: {share:.0%}"
    )
    for rate in rates:
        table.add_row(
            "facet eval",
            f"{rate['frames_per_second']:.2f} frames/s",
            f"{rate['frames']} drawn faces, jobs: {rate['jobs']}, start included",
        )
    table.add_row("facet run", f"{first_byte_s:.2f} s", "from the command to the first UART byte")
    show(table)
    click.echo(f"figures: {out}")


def _per_cpu_second(speed: Speed) -> float:
    return speed.instructions / speed.cpu_s


def _million(speed: Speed) -> str:
    cpu = _per_cpu_second(speed)
    return f"{speed.instructions_per_second / 1e6:.0f} M instr/s ({cpu / 1e6:.0f} by CPU time)"


if __name__ == "__main__":
    main()
