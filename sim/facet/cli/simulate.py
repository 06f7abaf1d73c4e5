"""`facet sim`: shows labelled faces to the board's camera and reports the device's answers."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from facet.cli import FAILED
from facet.cli.console import Live, list_violations, report_selection, show, show_confusion
from facet.cli.firmware import chosen_firmware
from facet.cli.params import (
    board_option,
    check_firmware,
    cycles_option,
    firmware_option,
    labels_option,
    model_option,
    split_option,
)
from facet.cycles.parts import Parts
from facet.dataset.dataset import Selection
from facet.dataset.drawn import DRAWN
from facet.dataset.frame import Frame
from facet.dataset.loaders import load
from facet.dataset.names import FolderNames
from facet.evaluation.evaluate import show_each
from facet.evaluation.recorder import InputRecorder
from facet.evaluation.results import Outcome, Summary
from facet.files import check_writable
from facet.firmware.classes import classes_of
from facet.progress import Progress
from facet.report.provenance import of_run
from facet.report.run_folder import write_run
from facet.report.tables import cycles_tables, error_lines, outcome_tables
from facet.target.bench import Bench
from facet.target.simulated import simulate

_FILES = ("uart.log", "results.json", "faces.png")


@click.command("sim")
@board_option
@model_option
@firmware_option
@click.option(
    "--dataset",
    default=DRAWN,
    show_default=True,
    help="Faces: an .npz, fer2013.csv, a folder of images, one image; or those that Facet draws.",
)
@split_option
@labels_option
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="Largest number of frames.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Seed of the drawn faces."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="out/sim",
    show_default=True,
    help=f"Folder for {', '.join(_FILES)}.",
)
@cycles_option
def command(
    board: str,
    model: str,
    firmware: Path | None,
    dataset: str,
    split: str | None,
    names: FolderNames | None,
    limit: int,
    seed: int,
    out: Path,
    cycles: Parts,
) -> None:
    """Run the real firmware on a simulated board and show it labelled faces.

    The device wakes, decides and sleeps on its own. Exits with 1 when it broke a rule of the
    board, or answered with an error.
    """
    for name in _FILES:
        check_writable(out / name)
    check_firmware(firmware)
    labels = classes_of(model, firmware)
    selection = load(dataset, split, limit, seed, labels, names)
    report_selection(selection, dataset)
    frames = selection.frames
    elf = chosen_firmware(board, model, firmware)
    bench = simulate(board, elf, cycles=cycles)
    recorder = InputRecorder(bench)
    live = Live()
    bench.console.on_byte(live.serial)
    bench.rules.on_violation(live.violation)
    bench.show(frames[0])
    boot = bench.wait_for_boot()
    outcomes = _show_all(bench, frames, live, recorder)
    live.end_line()
    settings = {
        **of_run(bench.board.name, elf, boot),
        "dataset": dataset,
        "split": selection.split,
        "seed": seed,
        "label_set": labels.name,
        "left_out": selection.left_out.as_json(),
    }
    summary = Summary(outcomes, labels.labels)
    write_run(out, bench, frames, summary, settings)
    _report(bench, summary, selection, out)
    if bench.violations or any(outcome.decision is None for outcome in outcomes):
        raise click.exceptions.Exit(FAILED)


def _show_all(
    bench: Bench, frames: list[Frame], live: Live, recorder: InputRecorder
) -> list[Outcome]:
    def note(frame: Frame) -> None:
        live.note(bench.now, f"shown: {frame.label or 'unlabelled'} ({frame.name})", "cyan")

    if sys.stdout.isatty():  # the device's output shows the progress
        return list(show_each(bench, frames, note, recorder))
    outcomes = []
    with Progress("frames", total=len(frames)) as progress:
        for outcome in show_each(bench, frames, note, recorder):
            outcomes.append(outcome)
            progress.advance()
    return outcomes


def _report(bench: Bench, summary: Summary, selection: Selection, out: Path) -> None:
    click.echo()
    show(outcome_tables(summary.outcomes))
    for line in error_lines(summary.outcomes):
        click.secho(line, fg="red")
    if len(summary.outcomes) > len(summary.labels):
        click.echo()
        show_confusion(summary)
    if summary.cycles:
        click.echo()
        show(cycles_tables(summary))
    list_violations(bench.violations, bench.not_modelled)
    if summary.accuracy is not None:
        right = sum(outcome.right for outcome in summary.labelled)
        left_out = selection.left_out.total
        click.secho(
            f"\n{right} of {len(summary.labelled)} right ({100 * summary.accuracy:.1f} %) "
            f"in {bench.now.in_s:.1f} s of virtual time"
            + (f"; {left_out} left out of the data set" if left_out else ""),
            bold=True,
        )
    click.echo(f"{out}: {', '.join(_FILES)}")
