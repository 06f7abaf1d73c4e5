"""Search architectures and hyperparameters.

python -m models.search --space nano --trials 24 --epochs 4 --out out/sweep/nano
python -m models.search report out/sweep/nano
"""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from facet.errors import FacetError
from models.distillation.soft_labels import SHIPPED
from models.options import data_option, path_option, reports_errors, seed_option
from models.search.report import write_report
from models.search.search import Search, search, trial_data
from models.search.space import SPACES
from models.search.study import Study


@click.group(invoke_without_command=True)
@click.option(
    "--space", type=click.Choice(sorted(SPACES)), default="nano", show_default=True, help="Which."
)
@click.option("--trials", type=click.IntRange(1), default=24, show_default=True)
@click.option(
    "--epochs", type=click.IntRange(1), default=4, show_default=True, help="In the first rung."
)
@click.option(
    "--rungs",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="The best third of a rung is trained again in the next one, three times as long.",
)
@seed_option
@click.option(
    "--scheduler",
    help="Address of a Dask scheduler, whose workers have DATA at the same path; default: this"
    " machine.",
)
@click.option("--jobs", type=click.IntRange(1), help="Processes here; default: one for each core.")
@data_option
@path_option("--soft-labels", "soft_labels", SHIPPED, text="A teacher's soft labels, .npz.")
@click.option("--no-teacher", is_flag=True, help="Train on the votes, not on soft labels.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    show_default="out/sweep/SPACE",
    help="Folder of the results.",
)
@click.pass_context
@reports_errors
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
    soft_labels: Path,
    no_teacher: bool,
    out: Path | None,
) -> None:
    """Sample networks, train them, train the best again; resumes the search in OUT."""
    if context.invoked_subcommand:
        return
    console = Console()
    out = out or Path("out/sweep") / space
    trained_on = trial_data(data, None if no_teacher else soft_labels)
    console.print(f"training on {trained_on.soft_labels or 'the votes'}")
    settings = Search(space, trials, epochs, rungs, seed)
    try:
        study = search(settings, trained_on, out, scheduler, jobs, console)
    except KeyboardInterrupt:
        study = Study(out)
        count = sum(len(study.finished(rung)) for rung in range(study.rungs))
        raise FacetError(
            f"stopped; {count} finished trials are stored, the same command resumes the search"
        ) from None
    write_report(study)
    console.print(f"python -m models.search report {out}: the Pareto front")
    failures = study.failures()
    if failures:
        (_, number), reason = next(iter(failures.items()))
        raise FacetError(
            f"{len(failures)} trials failed (trial {number}: {reason}); the same command runs them"
            " again"
        )


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--rung", type=click.IntRange(1), help="From 1; default: the last that has any result."
)
@reports_errors
def report(folder: Path, rung: int | None) -> None:
    """Show the Pareto front of a search, and write it into FOLDER with a picture."""
    click.echo(write_report(Study(folder), rung), nl=False)


if __name__ == "__main__":
    main()
