"""The results of a search, stored with Optuna: one study for each rung.

Interrupted searches resume from them, and Optuna's tools (``optuna-dashboard``) show them. A trial
has the objectives accuracy, multiply-accumulates and file size; its attribute ``candidate`` is the
candidate's number.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import optuna
from optuna.distributions import CategoricalDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial
from sqlalchemy import URL

from facet.errors import FacetError
from models.search.cost import cost_of
from models.search.space import plan_of, space
from models.search.trial import Score, Trial

_FILE: Final = "study.db"
_DIRECTIONS: Final = ("maximize", "minimize", "minimize")


class Study:
    """The results of a search in a folder.

    Args:
        folder: created by ``writing`` where it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the search in the folder.

        Raises:
            FacetError: there is none.
        """
        if not (self.folder / _FILE).exists():
            raise FacetError(
                f"{self.folder}: no search here ({_FILE} is missing); give the --out of a search"
            )
        return dict(self._rung(0).user_attrs["settings"])

    @contextmanager
    def writing(self, settings: Mapping[str, Any]) -> Iterator[None]:
        """Lock the folder for a new search or for the one that it holds.

        Args:
            settings: of the search; must equal those of the one that the folder holds.

        Raises:
            FacetError: the folder holds another search, or another process writes to it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FacetError(f"{self.folder}: another search is writing here") from None
            held = self._rung(0).user_attrs.get("settings")
            if held is None:
                self._rung(0).set_user_attr("settings", dict(settings))
            elif different := [
                f"{key} {held.get(key)}, not {settings[key]}"
                for key in settings
                if held.get(key) != settings[key]
            ]:
                raise FacetError(
                    f"{self.folder} holds another search ({'; '.join(different)}): choose another "
                    "--out, or remove it"
                )
            yield

    def add(self, trial: Trial, space_name: str, score: Score) -> FrozenTrial:
        """Store a finished trial."""
        cost = cost_of(plan_of(trial.candidate))
        choices = space(space_name).choices
        return self._add(
            trial,
            state=TrialState.COMPLETE,
            values=[score.accuracy, cost.macs, cost.file_bytes],
            params=dict(trial.candidate),
            distributions={name: CategoricalDistribution(v) for name, v in choices.items()},
            user_attrs={"epochs": trial.epochs, **asdict(score), **asdict(cost)},
        )

    def add_failure(self, trial: Trial, reason: str) -> None:
        """Store that a trial failed; a resumed search runs it again."""
        self._add(trial, state=TrialState.FAIL, user_attrs={"error": reason})

    @property
    def rungs(self) -> int:
        """Number of rungs with a finished or failed trial."""
        names = optuna.get_all_study_names(self._storage)
        return sum(bool(self._trials(rung)) for rung in range(len(names)))

    def finished(self, rung: int) -> dict[int, FrozenTrial]:
        """The finished trials of a rung, from 0, by candidate, in this order."""
        trials = [t for t in self._trials(rung) if t.state == TrialState.COMPLETE]
        return {t.user_attrs["candidate"]: t for t in sorted(trials, key=candidate_number)}

    def failures(self) -> dict[tuple[int, int], str]:
        """The reasons of failed trials that have not finished since, by rung and candidate."""
        failures = {}
        for rung in range(self.rungs):
            finished = self.finished(rung)
            for trial in sorted(self._trials(rung), key=candidate_number):
                number = candidate_number(trial)
                if trial.state == TrialState.FAIL and number not in finished:
                    failures[rung, number] = str(trial.user_attrs["error"])
        return failures

    def pareto_front(self, rung: int) -> list[FrozenTrial]:
        """The trials that no other dominates in all three objectives, cheapest first."""
        best = self._rung(rung).best_trials
        return sorted(best, key=lambda t: (t.values[1], t.values[2], candidate_number(t)))

    @cached_property
    def _storage(self) -> optuna.storages.RDBStorage:
        url = URL.create("sqlite", database=str(self.folder / _FILE))
        try:
            return optuna.storages.RDBStorage(url.render_as_string())
        except Exception as error:
            # SQLAlchemy, Alembic and SQLite raise errors of many kinds for a damaged file.
            reason = str(error).splitlines()[0]
            raise FacetError(f"{self.folder / _FILE} cannot be read: {reason}") from None

    def _rung(self, rung: int) -> optuna.Study:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        return optuna.create_study(
            study_name=f"rung {rung + 1}",
            storage=self._storage,
            directions=_DIRECTIONS,
            load_if_exists=True,
        )

    def _trials(self, rung: int) -> list[FrozenTrial]:
        return self._rung(rung).get_trials(deepcopy=False)

    def _add(self, trial: Trial, user_attrs: Mapping[str, Any], **attributes: Any) -> FrozenTrial:
        stored = create_trial(user_attrs={"candidate": trial.number, **user_attrs}, **attributes)
        self._rung(trial.rung).add_trial(stored)
        return stored


def candidate_number(trial: FrozenTrial) -> int:
    """The number of a trial's candidate, from 1."""
    return int(trial.user_attrs["candidate"])
