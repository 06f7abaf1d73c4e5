"""`facet sim`: shows labelled faces to the board's camera and reports the device's answers."""

from __future__ import annotations

from pathlib import Path

import click

from facet.cli import FAILED
from facet.cli.console import Live, console, list_violations
from facet.cli.firmware import chosen_firmware
from facet.cli.params import board_option, firmware_option, model_option
from facet.dataset.drawn import DRAWN
from facet.dataset.frame import Frame
from facet.dataset.loaders import SPLITS, load_frames
from facet.evaluation.evaluate import show_each
from facet.evaluation.results import Outcome, Summary
from facet.files import check_writable
from facet.firmware.classes import classes_of
from facet.report.run_folder import write_run
from facet.report.tables import confusion_table, cycles_table, outcome_table
from facet.target.bench import Bench
from facet.target.simulated import simulate

_FILES = "uart.log, results.json, faces.png"


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
@click.option("--split", type=click.Choice(SPLITS), default="public", show_default=True)
@click.option(
    "--limit", type=click.IntRange(1), default=20, show_default=True, help="Frames at most."
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Which drawn faces."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="out/sim",
    show_default=True,
    help=f"Folder for {_FILES}.",
)
def command(
    board: str,
    model: str,
    firmware: Path | None,
    dataset: str,
    split: str,
    limit: int,
    seed: int,
    out: Path,
) -> None:
    """Show labelled faces to the real firmware on a simulated board.

    The device wakes, decides and sleeps on its own. Exits with 1 when it broke a rule of the
    board, or answered with an error.
    """
    check_writable(out / "results.json")
    labels = classes_of(model, firmware)
    frames = load_frames(dataset, split, limit, seed, labels)
    elf = chosen_firmware(board, model, firmware)
    bench = simulate(board, elf)
    live = Live()
    bench.console.on_byte(live.serial)
    bench.rules.on_violation(live.violation)
    bench.show(frames[0])
    boot = bench.wait_for_boot()
    outcomes = _show_all(bench, frames, live)
    live.end_line()
    settings = {"dataset": dataset, "split": split, "seed": seed, "label_set": labels.name}
    summary = Summary(outcomes, labels.labels)
    write_run(out, bench, frames, summary, boot, settings)
    _report(bench, summary, out)
    if bench.violations or any(outcome.decision is None for outcome in outcomes):
        raise click.exceptions.Exit(FAILED)


def _show_all(bench: Bench, frames: list[Frame], live: Live) -> list[Outcome]:
    def show(frame: Frame) -> None:
        live.note(bench.now, f"shown: {frame.label or 'unlabelled'} ({frame.name})", "cyan")

    return list(show_each(bench, frames, show))


def _report(bench: Bench, summary: Summary, out: Path) -> None:
    screen = console()
    click.echo()
    screen.print(outcome_table(summary.outcomes))
    if len(summary.outcomes) > len(summary.labels):
        click.echo()
        screen.print(confusion_table(summary))
    click.echo()
    screen.print(cycles_table(summary))
    list_violations(bench.violations, bench.not_modelled)
    if summary.accuracy is not None:
        right = sum(outcome.right for outcome in summary.labelled)
        click.secho(
            f"\n{right} of {len(summary.labelled)} right ({100 * summary.accuracy:.1f} %) "
            f"in {bench.now.in_s:.1f} s of virtual time",
            bold=True,
        )
    click.echo(f"{out}: {_FILES}")
