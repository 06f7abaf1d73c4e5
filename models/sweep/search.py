"""The sweep: random candidates, trained in rungs; the best third of each goes on to the next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.progress import Progress

from facet.errors import FacetError
from models.data import file_sha256
from models.opinions import SHIPPED
from models.sweep import trial as trials
from models.sweep.cluster import connected, run_all
from models.sweep.footprint import footprint
from models.sweep.journal import Journal, Result
from models.sweep.space import Candidate, draw, space
from models.sweep.trial import Corpus, Score, Trial

if TYPE_CHECKING:
    from distributed import Client

FACTOR: Final = 3
"""Of a rung's candidates one in three goes on, and is trained three times as long."""


@dataclass(frozen=True)
class Sweep:
    """What is searched, and how.

    Args:
        space: its name.
        trials: candidates in the first rung.
        epochs: that each of them is trained for.
        rungs: rounds; each trains ``FACTOR`` times as long as the one before.
        seed: of the draws and of every training.
    """

    space: str
    trials: int
    epochs: int
    rungs: int
    seed: int


def sweep(
    wanted: Sweep,
    corpus: Corpus,
    out: Path,
    scheduler: str | None,
    jobs: int | None,
    console: Console,
) -> Journal:
    """Run what is left of a sweep.

    Args:
        wanted: the sweep.
        corpus: what is learnt from.
        out: the sweep's folder.
        scheduler, jobs: as of ``cluster.connected``.
        console: for the progress.

    Returns:
        The journal, with all that has been found.

    Raises:
        FacetError: see ``space.draw``, ``Journal.writing``, ``cluster.run_all``.
        KeyboardInterrupt: Ctrl-C; finished trials are kept.
    """
    candidates = dict(enumerate(draw(space(wanted.space), wanted.trials, wanted.seed), 1))
    journal = Journal(out)
    with journal.writing(_settings(wanted, corpus)), connected(scheduler, jobs) as client:
        going_on = list(candidates)
        for rung in range(wanted.rungs):
            todo = [
                Trial(
                    number,
                    rung,
                    wanted.epochs * FACTOR**rung,
                    wanted.seed,
                    candidates[number],
                    corpus,
                )
                for number in going_on
            ]
            _climb(todo, client, journal, console)
            results = journal.results()
            finished = [results[rung, n] for n in going_on if (rung, n) in results]
            going_on = promoted(finished)
    return journal


def promoted(results: Iterable[Result]) -> list[int]:
    """Numbers of the trials that go on: the best third, rounded up.

    The best are those of the least cross-entropy. Over some two thousand validation faces it tells
    networks apart sooner than accuracy does, which changes in whole faces.
    """
    ranked = sorted(results, key=lambda r: (r.cross_entropy, -r.accuracy, r.trial))
    return sorted(result.trial for result in ranked[: -(-len(ranked) // FACTOR)])


def corpus_of(data: Path, opinions: Path | None) -> Corpus:
    """What a sweep learns from, with absolute paths, since workers have folders of their own.

    Raises:
        FacetError: no such file.
    """
    if not data.exists():
        raise FacetError(
            f"{data}: no training data; give FER2013 with FER+ votes by --data "
            "(`make sweep DATASET=...`)"
        )
    if opinions is not None and not opinions.exists():
        raise FacetError(f"{opinions}: no opinions of a teacher")
    return Corpus(data.absolute(), file_sha256(data), opinions.absolute() if opinions else None)


def opinions_in(work: Path) -> Path | None:
    """The opinions of a teacher that was trained here, else those of the project, or None.

    Raises:
        FacetError: there are several.
    """
    found = sorted(work.glob("opinions-*.npz"))
    if len(found) > 1:
        raise FacetError(
            f"{work} has opinions of {len(found)} teachers: choose by --opinions "
            f"({', '.join(path.name for path in found)}), or none by --no-teacher"
        )
    if found:
        return found[0]
    return SHIPPED if SHIPPED.exists() else None


def _settings(wanted: Sweep, corpus: Corpus) -> dict[str, Any]:
    """What makes two sweeps the same one; the number of trials and rungs may grow."""
    return {
        "space": wanted.space,
        "epochs": wanted.epochs,
        "seed": wanted.seed,
        "data": corpus.fer.name,
        "data_sha256": corpus.sha256,
        "opinions": corpus.opinions.name if corpus.opinions else None,
    }


def _climb(todo: list[Trial], client: Client, journal: Journal, console: Console) -> None:
    """Run the trials of a rung that have not finished yet."""
    if not todo:
        return
    results = journal.results()
    for trial in todo:
        before = results.get((trial.rung, trial.number))
        if before and before.candidate != trial.candidate:
            raise FacetError(
                f"{journal.folder}: trial {trial.number} was another network; the space has "
                "changed since: choose another --out"
            )
    left = [trial for trial in todo if (trial.rung, trial.number) not in results]
    done = len(todo) - len(left)
    name = f"rung {todo[0].rung + 1}: {todo[0].epochs} epochs"
    console.print(f"{name}, {len(todo)} networks{f', {done} of them done before' if done else ''}")
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(name, total=len(todo), completed=done)
        for finished in run_all(client, trials.run, left):
            trial = finished.task
            if finished.result is None:
                journal.append_failure(trial.number, trial.rung, finished.error)
                console.print(f"  {trial.number}: failed: {finished.error}")
            else:
                result = _result(trial, finished.result)
                journal.append(result)
                console.print(f"  {_line(result)}")
            progress.advance(bar)


def _result(trial: Trial, score: Score) -> Result:
    candidate: Candidate = trial.candidate
    return Result(
        trial.number,
        trial.rung,
        trial.epochs,
        trial.seed,
        score.accuracy,
        score.cross_entropy,
        score.best_epoch,
        candidate,
        footprint(candidate.plan),
    )


def _line(result: Result) -> str:
    return (
        f"{result.trial}: accuracy {result.accuracy:.4f}, cross-entropy "
        f"{result.cross_entropy:.4f}, {result.cost.macs:,} MACs, {result.cost.file_bytes:,} bytes"
    )
