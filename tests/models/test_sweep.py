"""Sweeps: what is drawn, what it costs, what is kept, and that trials run once, anywhere."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console

from facet.errors import FacetError
from models.plan import Plan, Stage
from models.sweep import search
from models.sweep.__main__ import main
from models.sweep.cluster import Finished
from models.sweep.footprint import Footprint, footprint
from models.sweep.journal import Journal, Result
from models.sweep.report import expression, front, plot, write_report
from models.sweep.search import promoted
from models.sweep.space import SPACES, Candidate, draw
from models.sweep.trial import Corpus, Score, Trial

SETTINGS = {"space": "nano", "epochs": 4, "seed": 1}
CANDIDATE = Candidate(Plan(8, (Stage(16, 1), Stage(24, 0))), 3e-3, 1e-2)
CORPUS = Corpus(Path("fer.npz"), "0" * 64)


def result(trial: int, accuracy: float = 0.8, rung: int = 0, **changes: Any) -> Result:
    cost = Footprint(500_000, 9_000, 10_000, 20_000)
    made = Result(trial, rung, 4, 1, accuracy, 1 - accuracy, 4, CANDIDATE, cost)
    return replace(made, **changes)


# What is drawn


@pytest.mark.parametrize("name", SPACES)
def test_a_larger_sweep_begins_with_the_networks_of_a_smaller_one(name: str) -> None:
    few, many = draw(SPACES[name], 10, 3), draw(SPACES[name], 40, 3)
    assert many[:10] == few
    assert len(set(many)) == 40
    assert draw(SPACES[name], 10, 4) != few


@pytest.mark.parametrize("name", SPACES)
def test_nothing_is_drawn_that_is_over_budget(name: str) -> None:
    budget = SPACES[name].budget
    for candidate in draw(SPACES[name], 100, 1):
        cost = footprint(candidate.plan)
        assert cost.macs <= budget.macs
        assert cost.file_bytes <= budget.file_bytes
        assert cost.peak_activation_bytes <= budget.peak_activation_bytes


def test_a_space_that_is_used_up_says_so() -> None:
    tiny = replace(SPACES["nano"], budget=replace(SPACES["nano"].budget, macs=100))
    with pytest.raises(FacetError, match="0 networks within its budget, not 2"):
        draw(tiny, 2, 1)


def test_a_candidate_survives_json() -> None:
    for candidate in draw(SPACES["small"], 20, 1):
        assert Candidate.of(json.loads(json.dumps(candidate.words))) == candidate


# What is kept


def test_the_best_third_goes_on() -> None:
    results = [result(n, accuracy) for n, accuracy in enumerate((0.7, 0.8, 0.6, 0.9), 1)]
    assert promoted(results) == [2, 4]
    assert promoted(results[:1]) == [1]
    assert promoted([]) == []


def test_a_line_that_a_crash_tore_is_dropped_and_the_rest_kept(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "sweep")
    with journal.writing(SETTINGS):
        journal.append(result(1))
        journal.append_failure(2, 0, "the worker died, 2 times")
    path = journal.folder / "results.jsonl"
    with path.open("a") as file:
        file.write('{"trial": 3, "ru')
    assert list(journal.results()) == [(0, 1)]
    with journal.writing(SETTINGS):
        journal.append(result(2))
    assert journal.results() == {(0, 1): result(1), (0, 2): result(2)}
    assert journal.failures() == {}  # the second try of trial 2 finished
    assert path.read_bytes().count(b"\n") == 3


def test_a_folder_takes_one_sweep_and_one_writer(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with journal.writing(SETTINGS):
        with pytest.raises(FacetError, match="another sweep is writing"), journal.writing(SETTINGS):
            pass
        with (
            pytest.raises(FacetError, match=r"holds another sweep \(seed 1, not 2\)"),
            journal.writing({**SETTINGS, "seed": 2}),
        ):
            pass


# How it goes on


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Trials run in this process, without training; trial 5's worker dies the first time.

    Returns the trials that were run, by rung and number.
    """
    ran: list[tuple[int, int]] = []

    def run_all(_client: object, _function: object, tasks: list[Trial]) -> Iterator[Any]:
        for task in reversed(tasks):  # workers end in any order
            ran.append((task.rung, task.number))
            if (task.rung, task.number) == (0, 5) and ran.count((0, 5)) == 1:
                yield Finished(task, None, "the worker died, 2 times")
            else:
                yield Finished(task, Score(0.5, task.number / 100, task.epochs))

    monkeypatch.setattr(search, "run_all", run_all)
    monkeypatch.setattr(search, "connected", lambda *_: nullcontext())
    return ran


def test_rungs_failures_and_more_trials(tmp_path: Path, inline: list[tuple[int, int]]) -> None:
    def go(trials: int, rungs: int) -> Journal:
        wanted = search.Sweep("nano", trials, 2, rungs, 1)
        return search.sweep(wanted, CORPUS, tmp_path, None, None, Console(quiet=True))

    journal = go(6, 2)
    assert sorted(inline) == [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (0, 6), (1, 1), (1, 2)]
    assert list(journal.failures()) == [(0, 5)]
    assert [r.epochs for r in journal.results().values()] == [2] * 5 + [6] * 2

    inline.clear()
    inline.append((0, 5))  # so that it does not die again
    assert go(6, 2).failures() == {}
    assert inline[1:] == [(0, 5)]

    inline.clear()
    inline.append((0, 5))
    go(9, 3)
    assert sorted(inline[1:]) == [(0, 7), (0, 8), (0, 9), (1, 3), (2, 1)]


@pytest.mark.usefixtures("inline")
def test_a_space_that_changed_in_between_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = search.Sweep("nano", 2, 2, 1, 1)
    search.sweep(wanted, CORPUS, tmp_path, None, None, Console(quiet=True))
    monkeypatch.setitem(SPACES, "nano", replace(SPACES["nano"], stem=(4,)))
    with pytest.raises(FacetError, match="trial 1 was another network"):
        search.sweep(wanted, CORPUS, tmp_path, None, None, Console(quiet=True))


# What is reported


def test_the_front_holds_what_nothing_beats() -> None:
    small = Footprint(300_000, 9_000, 5_000, 10_000)
    results = [
        result(1, 0.80),
        result(2, 0.79),  # beaten by 1
        result(3, 0.70, cost=small),
        result(4, 0.70, cost=replace(small, file_bytes=12_000)),  # beaten by 3
        result(5, 0.80),  # as good as 1
    ]
    assert [r.trial for r in front(results)] == [3, 1, 5]


def test_the_report_is_the_same_in_whatever_order_trials_ended(tmp_path: Path) -> None:
    candidates = draw(SPACES["nano"], 12, 1)
    results = [
        result(n, 0.7 + n / 100, candidate=c, cost=footprint(c.plan))
        for n, c in enumerate(candidates, 1)
    ]
    made = []
    for name, order in (("a", results), ("b", results[::-1])):
        journal = Journal(tmp_path / name)
        with journal.writing(SETTINGS):
            for entry in order:
                journal.append(entry)
            journal.append_failure(13, 0, "the worker died, 2 times")
        write_report(journal)
        made.append([(journal.folder / f).read_text() for f in ("report.md", "front.svg")])
    assert made[0] == made[1]
    assert "| 12 | 0.8200 |" in made[0][0]
    assert "Trial 13, rung 1, failed: the worker died" in made[0][0]
    assert made[0][1].count("<circle") == 12


def test_the_report_shows_the_last_rung_unless_asked(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with journal.writing(SETTINGS):
        for entry in (result(1), result(2, 0.7), result(1, 0.85, rung=1, epochs=12)):
            journal.append(entry)
    shown = CliRunner().invoke(main, ["report", str(tmp_path)])
    assert "rung 2, 1 networks, 12 epochs" in shown.output
    assert (
        "rung 1, 2 networks"
        in CliRunner().invoke(main, ["report", str(tmp_path), "--rung", "1"]).output
    )
    missing = CliRunner().invoke(main, ["report", str(tmp_path), "--rung", "3"])
    assert missing.exit_code == 1
    assert "no trial of rung 3 has finished" in missing.output


def test_a_plan_of_the_report_can_be_pasted_into_python() -> None:
    for candidate in draw(SPACES["nano"], 20, 1):
        assert eval(expression(candidate.plan)) == candidate.plan


def test_one_network_makes_a_picture() -> None:
    assert plot([result(1)], "one").count("<circle") == 1


def test_without_data_a_sweep_says_what_to_give(tmp_path: Path) -> None:
    said = CliRunner().invoke(
        main, ["--data", str(tmp_path / "none.npz"), "--out", str(tmp_path / "out")]
    )
    assert said.exit_code == 1
    assert "no training data; give FER2013" in said.output
    assert not (tmp_path / "out").exists()


def test_opinions_of_several_teachers_are_a_question(tmp_path: Path) -> None:
    for name in ("opinions-a.npz", "opinions-b.npz"):
        (tmp_path / name).touch()
    said = CliRunner().invoke(main, ["--work", str(tmp_path), "--data", str(tmp_path)])
    assert "choose by --opinions" in said.output


# On Dask


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a scheduler with two workers, as on other machines."""
    distributed = pytest.importorskip("distributed", reason="an extra: pip install '.[train]'")
    import dask

    from models.sweep.cluster import LOCAL_CONFIG

    with (
        dask.config.set(LOCAL_CONFIG),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            memory_limit=0,
            dashboard_address=None,
            silence_logs=50,
        ) as cluster,
    ):
        yield cluster.scheduler_address


def _dies(marks: Path) -> int:
    """Ends its process, unless two did before; other tasks go on in the meantime."""
    if marks.name == "well":
        return 0
    count = len(list(marks.parent.glob(f"{marks.name}-*")))
    if count < int(marks.name):
        (marks.parent / f"{marks.name}-{count}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return count


@pytest.mark.slow
def test_a_worker_that_dies_costs_one_more_try(tmp_path: Path, scheduler: str) -> None:
    """Names say how often: who dies once ends well, who dies twice is given up."""
    from models.sweep.cluster import connected, run_all

    tasks = [tmp_path / name for name in ("1", "2", "well")]
    with connected(scheduler, None) as client:
        ended = {f.task.name: f for f in run_all(client, _dies, tasks)}
    assert ended["1"].result == 1
    assert ended["well"].result == 0
    assert ended["2"].result is None
    assert ended["2"].error == "the worker died, 2 times"


def _refuses(task: int) -> int:
    raise FacetError("no data here") if task else ValueError("odd\nvalues")


@pytest.mark.slow
def test_what_the_user_can_mend_ends_a_sweep_and_other_errors_a_trial(scheduler: str) -> None:
    from models.sweep.cluster import connected, run_all

    with connected(scheduler, None) as client:
        (odd,) = run_all(client, _refuses, [0])
        assert odd.error == "ValueError: odd"
        with pytest.raises(FacetError, match="no data here"):
            list(run_all(client, _refuses, [1]))


@pytest.mark.slow
def test_no_scheduler_at_an_address_is_an_error() -> None:
    pytest.importorskip("distributed")
    from models.sweep.cluster import connected

    with (
        pytest.raises(FacetError, match="no Dask scheduler there"),
        connected("tcp://127.0.0.1:1", None),
    ):
        pass


# With TensorFlow


@pytest.mark.slow
def test_a_sweep_runs_here_and_elsewhere_and_resumes(
    tmp_path: Path, data: Path, scheduler: str
) -> None:
    """The same trials give the same results on one local worker and on two of a scheduler."""
    pytest.importorskip("tensorflow", reason="an extra: pip install '.[train]'")

    def run(out: str, *options: str) -> str:
        arguments = ["--space", "nano", "--epochs", "1", "--rungs", "1", "--no-teacher"]
        arguments += ["--data", str(data), "--out", str(tmp_path / out), *options]
        ended = CliRunner().invoke(main, arguments)
        assert ended.exit_code == 0, ended.output
        return ended.output

    run("here", "--trials", "2", "--jobs", "1")
    here = Journal(tmp_path / "here")
    assert list(here.results()) == [(0, 1), (0, 2)]

    run("elsewhere", "--trials", "2", "--scheduler", scheduler)
    assert Journal(tmp_path / "elsewhere").results() == here.results()

    lines = (here.folder / "results.jsonl").read_bytes()
    said = run("here", "--trials", "3", "--scheduler", scheduler)
    assert "3 networks, 2 of them done before" in said
    assert [int(n) for n in re.findall(r"^  (\d+): accuracy", said, re.MULTILINE)] == [3]
    after = (here.folder / "results.jsonl").read_bytes()
    assert after.startswith(lines)
    assert after.count(b"\n") == 3
    assert (here.folder / "front.svg").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "plan",
    [
        Plan(8, (Stage(24, 1, entry="full"), Stage(48, 2, 5, expansion=2), Stage(64, 1))),
        Plan(16, (Stage(32, 2), Stage(80, 1, entry="full"), Stage(96, 2, expansion=3))),
        Plan(12, (Stage(16, 0, 5), Stage(24, 1))),
        Plan(12, (Stage(16, 1), Stage(24, 0), Stage(48, 0)), head=32),
    ],
    ids=["nano", "small", "two stages", "full head"],
)
def test_what_a_plan_costs_is_what_its_file_costs(plan: Plan) -> None:
    """With weights that all differ, as trained ones do: slimming keeps equal arrays once."""
    pytest.importorskip("tensorflow", reason="an extra: pip install '.[train]'")
    from models.architectures.family import network
    from models.graph import Graph
    from models.quantize import quantize
    from models.slim import slim

    model = network(plan, 5, "drawn")
    rng = np.random.default_rng(1)
    noisy = [w + rng.normal(0, 0.1, w.shape) for w in model.get_weights()]
    is_variance = ["variance" in variable.path for variable in model.weights]
    model.set_weights([abs(w) if v else w for w, v in zip(noisy, is_variance, strict=True)])
    file = slim(quantize(model, rng.random((4, 48, 48, 1), np.float32)))
    cost, graph = footprint(plan), Graph(file)
    assert cost.macs == graph.macs
    assert cost.peak_activation_bytes == graph.peak_activation_bytes
    assert cost.parameters == graph.parameters
    assert len(file) <= cost.file_bytes <= 1.02 * len(file)


@pytest.mark.slow
def test_a_sweep_learns_from_the_teacher_s_opinions(tmp_path: Path, data: Path) -> None:
    """What the teacher says of each face, in the five classes, not what people voted."""
    pytest.importorskip("tensorflow", reason="an extra: pip install '.[train]'")
    from models.data import file_sha256, open_fer, split_fer
    from models.opinions import EIGHT, opinions_on, write_opinions
    from models.sweep.trial import _batches

    eight = split_fer(open_fer(data), EIGHT).training
    all_alike = np.full_like(eight.targets, 1 / eight.targets.shape[1])
    path = tmp_path / "opinions-x.npz"
    write_opinions(path, opinions_on(eight.images, all_alike, {}))
    trial = Trial(1, 0, 2, 1, CANDIDATE, Corpus(data, file_sha256(data), path))
    _, targets = next(_batches(trial, split_fer(open_fer(data))).epoch(0))
    # Of each of eight classes the teacher says an eighth, three quarters of which counts; the last
    # quarter is the one class that people voted for. Five of the classes are left.
    each, five = 0.75 / 8, 5 * 0.75 / 8 + 0.25
    np.testing.assert_allclose(np.unique(targets), [each / five, (each + 0.25) / five], rtol=1e-5)
    write_opinions(path, opinions_on(eight.images[1:], all_alike[1:], {}))
    with pytest.raises(FacetError, match="opinions are of other faces"):
        _batches(trial, split_fer(open_fer(data)))
