"""`facet eval`: runs labelled frames through the firmware on all cores and reports accuracy."""

from __future__ import annotations

import time
from pathlib import Path

import click

from facet.cli import FAILED
from facet.cli.console import list_violations, report_selection, show, show_confusion
from facet.cli.firmware import chosen_firmware
from facet.cli.params import (
    ShareType,
    board_option,
    check_firmware,
    cycles_option,
    engine_option,
    firmware_option,
    labels_option,
    model_option,
    split_option,
)
from facet.cycles.parts import Parts
from facet.dataset.frame import Frame
from facet.dataset.loaders import load
from facet.dataset.names import FolderNames
from facet.evaluation.evaluate import Evaluation, Setup, evaluate
from facet.evaluation.results import Summary
from facet.evaluation.workers import cores
from facet.files import check_writable, write_file
from facet.firmware.classes import classes_of
from facet.progress import Progress
from facet.report.provenance import of_run
from facet.report.run_folder import as_json
from facet.report.tables import cycles_tables, error_lines
from facet.text import counted


@click.command("eval")
@click.option(
    "--dataset",
    required=True,
    help='An .npz, fer2013.csv, a folder of images, one image; or "drawn".',
)
@split_option
@labels_option
@click.option(
    "--limit", type=click.IntRange(1), help="Largest number of frames, spread over the split."
)
@click.option("--seed", type=click.IntRange(0), default=0, help="Seed of the drawn faces.")
@board_option
@model_option
@firmware_option
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the figures, and each frame's result, to this file.",
)
@engine_option
@cycles_option
@click.option(
    "--jobs", type=click.IntRange(1), help="Number of processes; one for each core by default."
)
@click.option(
    "--min-accuracy",
    type=ShareType(),
    help="Exit with 1 if the accuracy is below this share, such as 0.8.",
)
def command(
    dataset: str,
    split: str | None,
    names: FolderNames | None,
    limit: int | None,
    seed: int,
    board: str,
    model: str,
    firmware: Path | None,
    json_file: Path | None,
    engine: str,
    cycles: Parts | None,
    jobs: int | None,
    min_accuracy: float | None,
) -> None:
    """Run labelled frames through the firmware and compare its answers with the labels.

    Frames with none of the model's classes are left out and counted. The result does not
    depend on --jobs. Exits with 1 when the firmware broke a rule of the board, answered with an
    error, or is less accurate than --min-accuracy.
    """
    if json_file is not None:
        check_writable(json_file)
    check_firmware(firmware)
    labels = classes_of(model, firmware)
    selection = load(dataset, split, limit, seed, labels, names, unlabelled=False)
    report_selection(selection, dataset)
    frames = selection.frames
    elf = chosen_firmware(board, model, firmware)
    jobs = jobs or cores()
    begun = time.perf_counter()
    evaluation = _with_progress(Setup(board, elf, engine, cycles), frames, jobs)
    wall_s = time.perf_counter() - begun
    summary = Summary(evaluation.outcomes, labels.labels)
    if json_file is not None:
        figures = {
            **of_run(board, elf, evaluation.boot),
            "engine": evaluation.engine,
            "cycle_count": evaluation.cycle_count,
            "dataset": dataset,
            "split": selection.split,
            "limit": limit,
            "label_set": labels.name,
            "left_out": selection.left_out.as_json(),
            **summary.as_json(),
            "min_accuracy": min_accuracy,
            "frames_per_second": round(len(frames) / wall_s, 3),
            "jobs": jobs,
            "violations": evaluation.violations,
            "not_modelled": evaluation.not_modelled,
            "results": [outcome.as_json() for outcome in evaluation.outcomes],
        }
        write_file(json_file, as_json(figures))
    _report(summary, evaluation, selection.left_out.total, wall_s)
    if _falls_short(summary, min_accuracy) or evaluation.violations or summary.errors:
        raise click.exceptions.Exit(FAILED)


def _with_progress(setup: Setup, frames: list[Frame], jobs: int) -> Evaluation:
    with Progress("frames", total=len(frames)) as progress:
        return evaluate(setup, frames, jobs, progress.advance)


def _report(summary: Summary, evaluation: Evaluation, left_out: int, wall_s: float) -> None:
    show_confusion(summary)
    click.echo()
    if summary.cycles:
        show(cycles_tables(summary))
    click.echo(f"engine: {evaluation.engine}; cycles: {evaluation.cycle_count}\n")
    for line in error_lines(summary.outcomes):
        click.secho(line, fg="red")
    list_violations(evaluation.violations, evaluation.not_modelled)
    assert summary.accuracy is not None, "frames without a label were to be left out"
    assert summary.macro_f1 is not None
    click.secho(
        f"accuracy {summary.accuracy:.4f}, macro F1 {summary.macro_f1:.4f} "
        f"on {counted(len(summary.labelled), 'frame')}"
        + (f"; {left_out} left out of the data set" if left_out else ""),
        bold=True,
    )
    if summary.uncertain and summary.coverage and summary.accuracy_when_certain is not None:
        click.echo(
            f"accuracy {summary.accuracy_when_certain:.4f} on the {summary.coverage:.1%} "
            "that it is certain of"
        )
    frames = len(summary.outcomes)
    click.echo(
        f"{counted(frames, 'frame')} in {wall_s:.1f} s: {frames / wall_s:.2f} frames a second; "
        f"{summary.uncertain} uncertain, {counted(len(summary.errors), 'error')}"
    )


def _falls_short(summary: Summary, least: float | None) -> bool:
    """Whether the accuracy is below a limit; prints it."""
    if least is None or summary.accuracy is None or summary.accuracy >= least:
        return False
    click.secho(
        f"facet: accuracy {summary.accuracy:.4f} is below --min-accuracy {least:g}",
        fg="red",
        err=True,
    )
    return True
