"""A study with known results, for the tests of the search."""

from __future__ import annotations

from pathlib import Path

from models.search.space import SPACES, sample
from models.search.study import Study
from models.search.trial import Score, Trial, TrialData

SETTINGS = {"space": "nano", "epochs": 4, "seed": 1}
DATA = TrialData(Path("fer.npz"), "0" * 64)
CANDIDATES = sample(SPACES["nano"], 12, 1)


def trial(number: int, rung: int = 0) -> Trial:
    return Trial(number, rung, 4 * 3**rung, 1, CANDIDATES[number - 1], DATA)


def study_of(folder: Path, *accuracies: tuple[int, float]) -> Study:
    """A study with results of the first rung: numbers of candidates and accuracies."""
    study = Study(folder)
    with study.writing(SETTINGS):
        for number, accuracy in accuracies:
            study.add(trial(number), "nano", Score(accuracy, 1 - accuracy, 4))
    return study
