"""Search architectures and recipes.

python -m models.sweep --space nano --trials 24 --epochs 4 --out out/sweep/nano
python -m models.sweep report out/sweep/nano
"""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from models.options import data_option
from models.sweep.journal import Journal
from models.sweep.report import write_report
from models.sweep.search import Sweep, bank_in, corpus_of, sweep
from models.sweep.space import SPACES
from sim.errors import FacetError


@click.group(invoke_without_command=True)
@click.option(
    "--space", type=click.Choice(sorted(SPACES)), default="nano", show_default=True, help="Which."
)
@click.option("--trials", type=click.IntRange(1), default=24, show_default=True)
@click.option(
    "--epochs", type=click.IntRange(1), default=4, show_default=True, help="Of the first rung."
)
@click.option(
    "--rungs",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Rounds; the best third goes on, and is trained three times as long.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--scheduler",
    help="Address of a Dask scheduler, whose workers find DATA at the same path; default: this"
    " machine.",
)
@click.option("--jobs", type=click.IntRange(1), help="Processes here; default: one each core.")
@data_option
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path("build/train"),
    show_default=True,
    help="Where to look for a teacher's bank.",
)
@click.option(
    "--bank", type=click.Path(path_type=Path), help="The bank's -views.npy; default: that of WORK."
)
@click.option("--no-bank", is_flag=True, help="Learn from people's votes, not from a teacher.")
@click.option(
    "--out", type=click.Path(path_type=Path), show_default="out/sweep/SPACE", help="The sweep."
)
@click.pass_context
def main(
    context: click.Context,
    space: str,
    trials: int,
    epochs: int,
    rungs: int,
    seed: int,
    scheduler: str | None,
    jobs: int | None,
    data: Path,
    work: Path,
    bank: Path | None,
    no_bank: bool,
    out: Path | None,
) -> None:
    """Draw networks at random, train them, let the best go on; resumes what was begun in OUT."""
    if context.invoked_subcommand:
        return
    console = Console()
    out = out or Path("out/sweep") / space
    try:
        if bank is None and not no_bank:
            bank = bank_in(work)
        corpus = corpus_of(data, None if no_bank else bank)
        console.print("learning from " + (corpus.bank.name if corpus.bank else "people's votes"))
        wanted = Sweep(space, trials, epochs, rungs, seed)
        journal = sweep(wanted, corpus, out, scheduler, jobs, console)
        write_report(journal)
    except FacetError as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        kept = len(Journal(out).results())
        raise click.ClickException(
            f"stopped; {kept} finished trials are kept, the same command goes on from there"
        ) from None
    failures = journal.failures()
    console.print(f"python -m models.sweep report {out}: the Pareto front")
    if failures:
        raise click.ClickException(
            f"{len(failures)} trials failed (trial {next(iter(failures))[1]}: "
            f"{next(iter(failures.values()))}); the same command tries them again"
        )


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--rung", type=click.IntRange(1), help="Which round, from 1; default: the last that has any."
)
def report(folder: Path, rung: int | None) -> None:
    """The Pareto front of a sweep: a table, and a picture in FOLDER."""
    try:
        click.echo(write_report(Journal(folder), rung), nl=False)
    except FacetError as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    main()
