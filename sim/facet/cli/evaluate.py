"""`facet eval`: how good the firmware is on many frames, on all cores."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from facet.cli import FAILED
from facet.cli.console import console, list_violations
from facet.cli.firmware import chosen_firmware
from facet.cli.params import board_option, firmware_option, model_option
from facet.dataset.frame import Frame
from facet.dataset.loaders import SPLITS, load_frames
from facet.evaluation.evaluate import Evaluation, evaluate
from facet.evaluation.results import Summary
from facet.files import check_writable, write_file
from facet.firmware.classes import classes_of
from facet.report.provenance import sha256_of
from facet.report.run_folder import as_json
from facet.report.tables import confusion_table, cycles_table


def _cores() -> int:
    return len(os.sched_getaffinity(0))


@click.command("eval")
@click.option(
    "--dataset",
    required=True,
    help='An .npz, fer2013.csv, a folder of images, one image; or "drawn".',
)
@click.option("--split", type=click.Choice(SPLITS), default="public", show_default=True)
@click.option("--limit", type=click.IntRange(1), help="Frames at most, spread over the split.")
@click.option("--seed", type=click.IntRange(0), default=0, help="Which drawn faces.")
@board_option
@model_option
@firmware_option
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the figures, and each frame's result, to this file.",
)
@click.option("--jobs", type=click.IntRange(1), help="Processes; one for each core by default.")
def command(
    dataset: str,
    split: str,
    limit: int | None,
    seed: int,
    board: str,
    model: str,
    firmware: Path | None,
    json_file: Path | None,
    jobs: int | None,
) -> None:
    """Run labelled frames through the firmware and hold what it says against the labels.

    The labels are put into the model's classes; frames of other emotions are left out.
    The result does not depend on --jobs. Exits with 1 when the firmware broke a rule of the board
    or answered with an error.
    """
    if json_file is not None:
        check_writable(json_file)
    labels = classes_of(model, firmware)
    frames = load_frames(dataset, split, limit, seed, labels)
    elf = chosen_firmware(board, model, firmware)
    begun = time.perf_counter()
    evaluation = _with_progress(board, elf, frames, jobs or _cores())
    wall_s = time.perf_counter() - begun
    summary = Summary(evaluation.outcomes, labels.labels)
    if json_file is not None:
        figures = {
            "board": board,
            "firmware_sha256": sha256_of(elf),
            "model": evaluation.boot.get("model"),
            "model_sha256": evaluation.boot.get("model_sha256"),
            "dataset": dataset,
            "split": split,
            "label_set": labels.name,
            **summary.as_json(),
            "frames_per_second": round(len(frames) / wall_s, 3),
            "jobs": jobs or _cores(),
            "violations": evaluation.violations,
            "not_modelled": evaluation.not_modelled,
            "results": [outcome.as_json() for outcome in evaluation.outcomes],
        }
        write_file(json_file, as_json(figures))
    _report(summary, evaluation, wall_s)
    if evaluation.violations or summary.errors:
        raise click.exceptions.Exit(FAILED)


def _with_progress(board: str, elf: Path, frames: list[Frame], jobs: int) -> Evaluation:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console(), transient=True) as progress:
        task = progress.add_task("frames", total=len(frames))
        return evaluate(board, elf, frames, jobs, lambda done: progress.advance(task, done))


def _report(summary: Summary, evaluation: Evaluation, wall_s: float) -> None:
    screen = console()
    if summary.accuracy is not None and summary.macro_f1 is not None:
        screen.print(confusion_table(summary))
        click.echo()
    screen.print(cycles_table(summary))
    click.echo()
    for outcome in summary.errors[:10]:
        click.secho(f"{outcome.frame}: {outcome.error}", fg="red")
    list_violations(evaluation.violations, evaluation.not_modelled)
    if summary.accuracy is not None and summary.macro_f1 is not None:
        click.secho(
            f"accuracy {summary.accuracy:.4f}, macro F1 {summary.macro_f1:.4f} "
            f"on {len(summary.labelled)} frames",
            bold=True,
        )
    if summary.uncertain and summary.coverage and summary.accuracy_when_certain is not None:
        click.echo(
            f"accuracy {summary.accuracy_when_certain:.4f} on the {summary.coverage:.1%} "
            "that it is certain of"
        )
    frames = len(summary.outcomes)
    click.echo(
        f"{frames} frames in {wall_s:.1f} s: {frames / wall_s:.2f} frames a second; "
        f"{summary.uncertain} uncertain, {len(summary.errors)} errors"
    )
