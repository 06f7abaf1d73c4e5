"""Search architectures and recipes.

python -m models.sweep --space nano --trials 24 --epochs 4 --out out/sweep/nano
python -m models.sweep report out/sweep/nano
"""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from facet.errors import FacetError
from models.options import data_option
from models.sweep.journal import Journal
from models.sweep.report import write_report
from models.sweep.search import Sweep, corpus_of, opinions_in, sweep
from models.sweep.space import SPACES


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
    help="Where to look for a teacher's opinions.",
)
@click.option(
    "--opinions",
    type=click.Path(path_type=Path),
    help="What a teacher says of each face, .npz; default: those in WORK, else the project's.",
)
@click.option("--no-teacher", is_flag=True, help="Learn from people's votes, not from a teacher.")
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
    opinions: Path | None,
    no_teacher: bool,
    out: Path | None,
) -> None:
    """Draw networks at random, train them, let the best go on; resumes what was begun in OUT."""
    if context.invoked_subcommand:
        return
    console = Console()
    out = out or Path("out/sweep") / space
    try:
        if opinions is None and not no_teacher:
            opinions = opinions_in(work)
        corpus = corpus_of(data, None if no_teacher else opinions)
        source = corpus.opinions.name if corpus.opinions else "people's votes"
        console.print(f"learning from {source}")
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
