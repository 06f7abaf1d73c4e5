"""The search: sampling, cost, stored results, and trials that run once, on any machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from facet.errors import FacetError
from models.architectures.plan import Plan, Stage
from models.search import search as searching
from models.search.__main__ import main
from models.search.cost import cost_of
from models.search.report import plot, write_report
from models.search.search import promoted
from models.search.space import SPACES, plan_of, sample
from models.search.study import Study
from models.search.trial import Score, Trial
from models.search.workers import Finished
from tests.models.search_study import CANDIDATES, DATA, SETTINGS, study_of, trial

# Sampling


@pytest.mark.parametrize("name", SPACES)
def test_a_larger_search_starts_with_the_networks_of_a_smaller_one(name: str) -> None:
    few, many = sample(SPACES[name], 10, 3), sample(SPACES[name], 40, 3)
    assert many[:10] == few
    assert len({tuple(candidate.items()) for candidate in many}) == 40
    assert sample(SPACES[name], 10, 4) != few


@pytest.mark.parametrize("name", SPACES)
def test_every_sample_is_within_the_budget(name: str) -> None:
    budget = SPACES[name].budget
    for candidate in sample(SPACES[name], 100, 1):
        cost = cost_of(plan_of(candidate))
        assert cost.macs <= budget.macs
        assert cost.file_bytes <= budget.file_bytes
        assert cost.peak_activation_bytes <= budget.peak_activation_bytes


def test_an_exhausted_space_is_an_error() -> None:
    tiny = replace(SPACES["nano"], budget=replace(SPACES["nano"].budget, macs=100))
    with pytest.raises(FacetError, match="0 networks within its budget, not 2"):
        sample(tiny, 2, 1)


# Results


def test_the_best_third_is_promoted(tmp_path: Path) -> None:
    finished = study_of(tmp_path, (1, 0.7), (2, 0.8), (3, 0.6), (4, 0.9)).finished(0)
    assert promoted(finished.values()) == [2, 4]
    assert promoted([finished[1]]) == [1]
    assert promoted([]) == []


def test_a_failed_trial_is_stored_until_it_finishes(tmp_path: Path) -> None:
    study = study_of(tmp_path, (1, 0.7))
    study.add_failure(trial(2), "its worker died")
    stored = Study(tmp_path)  # as another process reads it
    assert stored.settings == SETTINGS
    assert list(stored.finished(0)) == [1]
    assert stored.finished(0)[1].params == CANDIDATES[0]
    assert stored.failures() == {(0, 2): "its worker died"}
    study.add(trial(2), "nano", Score(0.8, 0.2, 4))
    assert list(Study(tmp_path).finished(0)) == [1, 2]
    assert Study(tmp_path).failures() == {}


def test_a_folder_holds_one_search_and_has_one_writer(tmp_path: Path) -> None:
    study = study_of(tmp_path)
    with (
        study.writing(SETTINGS),
        pytest.raises(FacetError, match="another search is writing"),
        Study(tmp_path).writing(SETTINGS),
    ):
        pass
    with (
        pytest.raises(FacetError, match=r"holds another search \(seed 1, not 2\)"),
        Study(tmp_path).writing({**SETTINGS, "seed": 2}),
    ):
        pass


def test_a_damaged_study_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "study.db").write_text("not a data base" * 100)
    result = CliRunner().invoke(main, ["report", str(tmp_path)])
    assert result.exit_code == 1
    assert f"{tmp_path / 'study.db'} cannot be read" in result.output.replace("\n", "")


# The loop


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Trials run in this process without training; the worker of candidate 5 dies at first.

    Returns the trials that ran, by rung and candidate.
    """
    ran: list[tuple[int, int]] = []

    def run_all(_client: object, _function: object, tasks: list[Trial]) -> Iterator[Finished]:
        for task in reversed(tasks):  # workers finish in any order
            ran.append((task.rung, task.number))
            if (task.rung, task.number) == (0, 5) and ran.count((0, 5)) == 1:
                yield Finished(task, None, "its worker died")
            else:
                yield Finished(task, Score(0.5, task.number / 100, task.epochs))

    monkeypatch.setattr(searching, "run_all", run_all)
    monkeypatch.setattr(searching, "connected", lambda *_: nullcontext())
    return ran


def test_a_search_resumes_and_can_be_extended(
    tmp_path: Path, inline: list[tuple[int, int]]
) -> None:
    def run(trials: int, rungs: int) -> Study:
        settings = searching.Search("nano", trials, 2, rungs, 1)
        return searching.search(settings, DATA, tmp_path, None, None, Console(quiet=True))

    study = run(6, 2)
    assert sorted(inline) == [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (0, 6), (1, 1), (1, 2)]
    assert list(study.failures()) == [(0, 5)]
    assert [t.user_attrs["epochs"] for t in study.finished(0).values()] == [2] * 5
    assert [t.user_attrs["epochs"] for t in study.finished(1).values()] == [6] * 2

    inline[:] = [(0, 5)]  # so that it does not die again
    assert run(6, 2).failures() == {}
    assert inline[1:] == [(0, 5)]

    inline[:] = [(0, 5)]
    run(9, 3)
    assert sorted(inline[1:]) == [(0, 7), (0, 8), (0, 9), (1, 3), (2, 1)]


@pytest.mark.usefixtures("inline")
def test_a_changed_definition_of_the_space_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = searching.Search("nano", 2, 2, 1, 1)
    searching.search(settings, DATA, tmp_path, None, None, Console(quiet=True))
    choices = {**SPACES["nano"].choices, "stem": (4,)}
    monkeypatch.setitem(SPACES, "nano", replace(SPACES["nano"], choices=choices))
    with pytest.raises(FacetError, match=r"holds another search \(space definition"):
        searching.search(settings, DATA, tmp_path, None, None, Console(quiet=True))


# The report


def test_the_front_has_the_trials_that_no_other_dominates(tmp_path: Path) -> None:
    costs = {n: cost_of(plan_of(candidate)) for n, candidate in enumerate(CANDIDATES, 1)}
    cheap, middle, dear = next(
        chain
        for chain in permutations(costs, 3)
        if all(costs[a].is_within(costs[b]) for a, b in pairwise(chain))
    )
    study = study_of(tmp_path, (cheap, 0.7), (middle, 0.8), (dear, 0.75))
    front = [t.user_attrs["candidate"] for t in study.pareto_front(0)]
    assert front == [cheap, middle]  # the third costs more and is less accurate


def test_the_report_does_not_depend_on_the_order_of_the_trials(tmp_path: Path) -> None:
    accuracies = [(number, 0.7 + number / 100) for number in range(1, 13)]
    written = []
    for name, order in (("a", accuracies), ("b", accuracies[::-1])):
        study = study_of(tmp_path / name, *order)
        study.add_failure(replace(trial(12), number=13), "its worker died")
        write_report(study)
        written.append([(study.folder / f).read_text() for f in ("report.md", "front.svg")])
    assert written[0] == written[1]
    assert "| 12 | 0.8200 |" in written[0][0]
    assert "Trial 13, rung 1, failed: its worker died" in written[0][0]
    plans = re.findall(r"^(Plan\(.*\))  # trial (\d+)$", written[0][0], re.MULTILINE)
    assert plans
    for expression, number in plans:
        assert eval(expression, {"Plan": Plan, "Stage": Stage}) == plan_of(
            CANDIDATES[int(number) - 1]
        )


def test_the_report_is_of_the_last_rung_by_default(tmp_path: Path) -> None:
    study = study_of(tmp_path, (1, 0.8), (2, 0.7))
    study.add(trial(1, rung=1), "nano", Score(0.85, 0.15, 12))
    shown = CliRunner().invoke(main, ["report", str(tmp_path)])
    assert "rung 2, 1 networks, 12 epochs" in shown.output
    first = CliRunner().invoke(main, ["report", str(tmp_path), "--rung", "1"])
    assert "rung 1, 2 networks" in first.output
    missing = CliRunner().invoke(main, ["report", str(tmp_path), "--rung", "3"])
    assert missing.exit_code == 1
    assert "no trial of rung 3 has finished" in missing.output


def test_one_network_makes_a_picture(tmp_path: Path) -> None:
    finished = study_of(tmp_path, (1, 0.8)).finished(0)
    assert plot(list(finished.values()), {1}, "one network").startswith("<?xml")


def test_without_data_a_search_names_the_missing_option(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["--data", str(tmp_path / "none.npz"), "--out", str(tmp_path / "out")]
    )
    assert result.exit_code == 1
    assert "no training data; give FER2013" in result.output
    assert not (tmp_path / "out").exists()
