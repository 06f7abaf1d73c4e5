"""The search: random candidates, trained in rungs; the best third of a rung is in the next one.

Not Optuna's successive-halving pruner, which promotes by the order in which trials finish, so that
the result would depend on the number of workers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from optuna.trial import FrozenTrial
from rich.console import Console

from facet.errors import FacetError
from facet.progress import Progress
from models.data.examples import file_sha256
from models.data.splits import open_fer
from models.search import trial as trials
from models.search.space import sample, space
from models.search.study import Study, candidate_number
from models.search.trial import Trial, TrialData
from models.search.workers import connected, run_all

if TYPE_CHECKING:
    from distributed import Client

REDUCTION_FACTOR: Final = 3
"""One in three candidates of a rung is in the next one, and is trained three times as long."""


@dataclass(frozen=True)
class Search:
    """The settings of a search.

    Args:
        space: name of the search space.
        trials: number of candidates in the first rung.
        epochs: of their training.
        rungs: number of rungs; each trains ``REDUCTION_FACTOR`` times as long as the one before.
        seed: of the sampling and of every training.
    """

    space: str
    trials: int
    epochs: int
    rungs: int
    seed: int


def search(
    settings: Search,
    data: TrialData,
    out: Path,
    scheduler: str | None,
    jobs: int | None,
    console: Console,
) -> Study:
    """Run the remaining trials of a search.

    Args:
        settings: of the search.
        data: the training data.
        out: folder of the results.
        scheduler, jobs: as for ``workers.connected``.
        console: for the results.

    Returns:
        All results.

    Raises:
        FacetError: see ``space.sample``, ``Study.writing``, ``workers.run_all``.
        KeyboardInterrupt: Ctrl-C; the finished trials are stored.
    """
    candidates = dict(enumerate(sample(space(settings.space), settings.trials, settings.seed), 1))
    study = Study(out)
    with study.writing(_identity(settings, data)), connected(scheduler, jobs) as client:
        numbers = list(candidates)
        for rung in range(settings.rungs):
            epochs = settings.epochs * REDUCTION_FACTOR**rung
            rung_trials = [
                Trial(number, rung, epochs, settings.seed, candidates[number], data)
                for number in numbers
            ]
            if rung_trials:
                _run_rung(rung_trials, settings.space, client, study, console)
            finished = study.finished(rung)
            numbers = promoted(finished[number] for number in numbers if number in finished)
    return study


def promoted(finished: Iterable[FrozenTrial]) -> list[int]:
    """Numbers of the candidates that are in the next rung: the best third, rounded up.

    Ranked by cross-entropy, which is less noisy than accuracy over two thousand validation faces.
    """
    ranked = sorted(
        finished, key=lambda t: (t.user_attrs["cross_entropy"], -t.values[0], candidate_number(t))
    )
    return sorted(candidate_number(t) for t in ranked[: -(-len(ranked) // REDUCTION_FACTOR)])


def trial_data(data: Path, soft_labels: Path | None) -> TrialData:
    """The data of a search, by absolute paths, since workers have other working directories.

    Raises:
        FacetError: no such file, or other data.
    """
    open_fer(data)
    if soft_labels is not None and not soft_labels.exists():
        raise FacetError(f"{soft_labels}: no such file of soft labels")
    return TrialData(
        data.absolute(), file_sha256(data), soft_labels.absolute() if soft_labels else None
    )


def _identity(settings: Search, data: TrialData) -> dict[str, Any]:
    """Settings that a resumed search must share; the numbers of trials and rungs may grow."""
    definition = repr(space(settings.space)).encode()
    return {
        "space": settings.space,
        "space definition": hashlib.sha256(definition).hexdigest()[:12],
        "epochs": settings.epochs,
        "seed": settings.seed,
        "data": data.fer.name,
        "data_sha256": data.sha256,
        "soft_labels": data.soft_labels.name if data.soft_labels else None,
    }


def _run_rung(
    rung_trials: list[Trial], space_name: str, client: Client, study: Study, console: Console
) -> None:
    """Run the trials of a rung that have no result yet."""
    rung, epochs = rung_trials[0].rung, rung_trials[0].epochs
    finished_before = study.finished(rung)
    remaining = [trial for trial in rung_trials if trial.number not in finished_before]
    done = len(rung_trials) - len(remaining)
    title = f"rung {rung + 1}, {epochs} epochs"
    before = f", {done} of them finished before" if done else ""
    console.print(f"{title}: {len(rung_trials)} networks{before}")
    with Progress(f"{title}: networks", len(rung_trials)) as progress:
        progress.advance(done)
        for ended in run_all(client, trials.run, remaining):
            if ended.result is None:
                study.add_failure(ended.task, ended.error)
                console.print(f"  {ended.task.number}: failed: {ended.error}")
            else:
                console.print(f"  {_line(study.add(ended.task, space_name, ended.result))}")
            progress.advance()


def _line(trial: FrozenTrial) -> str:
    accuracy, macs, file_bytes = trial.values
    return (
        f"{candidate_number(trial)}: accuracy {accuracy:.4f}, cross-entropy "
        f"{trial.user_attrs['cross_entropy']:.4f}, {macs:,.0f} MACs, {file_bytes:,.0f} bytes"
    )
