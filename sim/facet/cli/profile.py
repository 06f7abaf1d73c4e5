"""`facet profile`: shows where the cycles of a firmware go."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from facet import __version__
from facet.board.board import load, without
from facet.cli import FAILED
from facet.cli.console import console, list_violations, report_selection, show
from facet.cli.firmware import chosen_firmware
from facet.cli.params import (
    SPAN,
    board_option,
    check_firmware,
    cycles_option,
    labels_option,
    model_option,
    split_option,
)
from facet.cycles.parts import Parts
from facet.dataset.drawn import DRAWN
from facet.dataset.labels import LabelSet
from facet.dataset.loaders import load as load_dataset
from facet.dataset.names import FolderNames
from facet.evaluation.evaluate import show_each
from facet.evaluation.results import Summary
from facet.files import check_writable, write_files
from facet.firmware.classes import classes_of
from facet.machine import DEFAULT_SEED
from facet.profile.analyse import Analysis
from facet.profile.annotate import annotated, annotation_lines
from facet.profile.callgrind import as_callgrind
from facet.profile.chrome_trace import as_chrome_trace
from facet.profile.flame_graph import as_svg
from facet.profile.frames import thread_frames
from facet.profile.json_form import as_json
from facet.profile.linker_map import read_map
from facet.profile.phases import read_phases
from facet.profile.result import Profile
from facet.profile.speedscope import as_speedscope
from facet.profile.timeline import slices_of
from facet.progress import Progress
from facet.report.profile_tables import profile_tables
from facet.report.provenance import of_run
from facet.target.bench import Bench
from facet.target.simulated import simulate
from facet.time import Time
from facet.trace import merged

_FILES = ("profile.json", "speedscope.json", "trace.json", "callgrind.out", "profile.svg")


@click.command("profile")
@click.argument("firmware", type=click.Path(path_type=Path), required=False)
@board_option
@model_option
@cycles_option
@click.option(
    "--for",
    "span",
    type=SPAN,
    default="2s",
    show_default=True,
    help="Virtual time to run FIRMWARE.",
)
@click.option(
    "--dataset",
    default=DRAWN,
    show_default=True,
    help="Faces to show to Facet's own firmware, as for `facet sim`.",
)
@split_option
@labels_option
@click.option(
    "--limit", type=click.IntRange(1), default=1, show_default=True, help="Frames at most."
)
@click.option(
    "--phases",
    "phases_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A TOML file that says which functions begin a phase (docs/profiling.md).",
)
@click.option(
    "--map",
    "map_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="GNU ld's map of FIRMWARE, for memory by object file; by default the .map beside it.",
)
@click.option(
    "--annotate",
    "functions",
    multiple=True,
    metavar="FUNCTION",
    help="Print a function's disassembly with the cycles of each instruction.",
)
@click.option(
    "--top", type=click.IntRange(1), default=15, show_default=True, help="Functions to print."
)
@click.option(
    "--without",
    "absent",
    multiple=True,
    metavar="PART",
    help="Leave a part of the board out, e.g. camera.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="out/profile",
    show_default=True,
    help=f"Folder for {', '.join(_FILES)}.",
)
@click.option(
    "--seed",
    type=int,
    default=DEFAULT_SEED,
    show_default=True,
    help="Seed of the chip's random number generator.",
)
def command(
    firmware: Path | None,
    board: str,
    model: str,
    cycles: Parts | None,
    span: Time,
    dataset: str,
    split: str | None,
    names: FolderNames | None,
    limit: int,
    phases_file: Path | None,
    map_file: Path | None,
    functions: tuple[str, ...],
    top: int,
    absent: tuple[str, ...],
    out: Path,
    seed: int,
) -> None:
    """Show where the cycles of FIRMWARE go, or of Facet's own firmware with --model.

    By function, source line, phase, operator of the model, interrupt and cause; with the real
    calls, the peak stack and the memory. FIRMWARE, an ELF file, runs for a time; Facet's own makes
    its decisions on faces that are shown to it.

    Exits with 1 when the firmware broke a rule of the board, or answered with an error.
    """
    for name in _FILES:
        check_writable(out / name)
    check_firmware(firmware)
    phases = None if phases_file is None else read_phases(phases_file)
    if map_file is not None:
        read_map(map_file)  # what is wrong with it is said before the run
    elf = chosen_firmware(board, model, firmware)
    bench = simulate(without(load(board), absent), elf, cycles=cycles, seed=seed)
    bench.profiler.start(phases)
    bench.profiler.check(functions)
    if firmware is not None:
        run = _run_for(bench, firmware, span)
    else:
        run = _show_faces(bench, dataset, split, limit, classes_of(model, None), names)
    boot = next((line.message for line in bench.lines if line.event == "boot"), None)
    about = {**of_run(bench.board.name, elf, boot or {}), **run.about, "seed": seed}
    about |= {"cycles": (cycles or Parts.FULL).value, "without": sorted(absent)}
    about.pop("commit")  # the firmware's hash says what ran
    profile = bench.profiler.profile(about, map_file, accuracy=run.accuracy)
    analysis = bench.profiler.analyse()
    annotations = {name: annotated(analysis, name) for name in functions}
    _write(out, bench, analysis, profile, elf)
    _show(bench, profile, top)
    for name, instructions in annotations.items():
        click.echo(f"\n{name}")
        for line in annotation_lines(instructions, profile.cycles):
            click.echo(line)
    list_violations(bench.violations, bench.not_modelled)
    click.echo(f"\n{out}: {', '.join(_FILES)}")
    if bench.errors or bench.locked_up or run.failed:
        raise click.exceptions.Exit(FAILED)


@dataclass(frozen=True)
class _Run:
    """A run of the board.

    Attributes:
        about: what a baseline must have run with, for the profile's head.
        accuracy: share of right answers; None where nothing was labelled.
        failed: whether the device answered with an error.
    """

    about: dict[str, Any]
    accuracy: float | None = None
    failed: bool = False


def _run_for(bench: Bench, firmware: Path, span: Time) -> _Run:
    """Lets a firmware run for a time."""
    with Progress(f"running {firmware.name} for {span} of virtual time", total=1) as progress:
        bench.run_until(span)
        progress.advance()
    return _Run({"for": str(span)})


def _show_faces(
    bench: Bench,
    dataset: str,
    split: str | None,
    limit: int,
    labels: LabelSet,
    names: FolderNames | None,
) -> _Run:
    """Shows faces to Facet's own firmware, which decides on each one."""
    selection = load_dataset(dataset, split, limit, 0, labels, names)
    report_selection(selection, dataset)
    outcomes = []
    with Progress("frames", total=len(selection.frames)) as progress:
        for outcome in show_each(bench, selection.frames):
            outcomes.append(outcome)
            progress.advance()
    return _Run(
        {"dataset": dataset, "split": selection.split, "frames": len(outcomes)},
        Summary(outcomes, labels.labels).accuracy,
        any(outcome.decision is None for outcome in outcomes),
    )


def _write(out: Path, bench: Bench, analysis: Analysis, profile: Profile, elf: Path) -> None:
    threads = thread_frames(analysis)
    creator = f"facet {__version__}"
    title = f"{profile.run.get('model') or elf.name} on {bench.board.title}"
    states = {part: merged(bench.states.spans(part)) for part in bench.states.parts}
    command = f"{shlex.quote(elf.name)} on {bench.board.name}"
    write_files(
        out,
        {
            "profile.json": as_json(profile),
            "speedscope.json": as_speedscope(threads, title, creator),
            "trace.json": as_chrome_trace(slices_of(analysis), states, title),
            "callgrind.out": as_callgrind(analysis, command, creator),
            "profile.svg": as_svg(threads, profile.operators, title),
        },
    )


def _show(bench: Bench, profile: Profile, top: int) -> None:
    click.secho(
        f"{bench.board.title}: {profile.cycles:,} core cycles, {profile.instructions:,} "
        f"instructions, {profile.seconds:.3f} s of virtual time",
        bold=True,
    )
    for note in (*bench.target.notes, *profile.notes):
        click.secho(f"note: {note}", fg="yellow")
    if profile.unaccounted:
        click.secho(
            f"{profile.unaccounted:,} cycles have no instruction: a fault of Facet, please report "
            "it",
            fg="red",
        )
    for table in profile_tables(profile, top):
        console().print()
        show(table)
