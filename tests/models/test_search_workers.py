"""The workers of a search, and searches that train networks."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from facet.errors import FacetError
from models.architectures.plan import Plan, Stage
from models.search.__main__ import main
from models.search.cost import cost_of
from models.search.study import Study
from models.search.trial import TrialData
from tests.models.search_study import trial


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a scheduler with two workers, as on other machines."""
    distributed = pytest.importorskip("distributed", reason="an extra: pip install '.[train]'")
    import dask

    from models.search.workers import LOCAL_CONFIG

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
    """Kills its process as often as the name of ``marks`` requests."""
    if marks.name == "well":
        return 0
    count = len(list(marks.parent.glob(f"{marks.name}-*")))
    if count < int(marks.name):
        (marks.parent / f"{marks.name}-{count}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return count


@pytest.mark.slow
def test_a_trial_whose_worker_dies_runs_once_more(tmp_path: Path, scheduler: str) -> None:
    """Task 1 dies once and finishes; task 2 dies twice and is given up."""
    from models.search.workers import connected, run_all

    tasks = [tmp_path / name for name in ("1", "2", "well")]
    with connected(scheduler, None) as client:
        ended = {f.task.name: f for f in run_all(client, _dies, tasks)}
    assert ended["1"].result == 1
    assert ended["well"].result == 0
    assert ended["2"].result is None
    assert ended["2"].error == "its worker died, again after a retry"


def _refuses(task: int) -> int:
    raise FacetError("no data here") if task else ValueError("odd\nvalues")


@pytest.mark.slow
def test_an_error_for_the_user_ends_the_search_and_any_other_error_its_trial(
    scheduler: str,
) -> None:
    from models.search.workers import connected, run_all

    with connected(scheduler, None) as client:
        (odd,) = run_all(client, _refuses, [0])
        assert odd.error == "ValueError: odd"
        with pytest.raises(FacetError, match="no data here"):
            list(run_all(client, _refuses, [1]))


@pytest.mark.slow
def test_no_scheduler_at_an_address_is_an_error() -> None:
    pytest.importorskip("distributed")
    from models.search.workers import connected

    with (
        pytest.raises(FacetError, match="no Dask scheduler there"),
        connected("tcp://127.0.0.1:1", None),
    ):
        pass


@pytest.mark.slow
def test_a_search_gives_the_same_results_on_this_machine_and_on_others(
    tmp_path: Path, data: Path, scheduler: str
) -> None:
    """Compares one local worker with two of a scheduler."""
    pytest.importorskip("tensorflow", reason="an extra: pip install '.[train]'")

    def run(out: str, *options: str) -> str:
        arguments = ["--space", "nano", "--epochs", "1", "--rungs", "1", "--no-teacher"]
        arguments += ["--data", str(data), "--out", str(tmp_path / out), *options]
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def results(out: str) -> list[Any]:
        finished = Study(tmp_path / out).finished(0)
        return [(n, t.values, t.params, t.user_attrs) for n, t in finished.items()]

    run("here", "--trials", "2", "--jobs", "1")
    here = results("here")
    assert [number for number, *_ in here] == [1, 2]

    run("elsewhere", "--trials", "2", "--scheduler", scheduler)
    assert results("elsewhere") == here

    output = run("here", "--trials", "3", "--scheduler", scheduler)
    assert "3 networks, 2 of them finished before" in output
    assert [int(n) for n in re.findall(r"^  (\d+): accuracy", output, re.MULTILINE)] == [3]
    assert results("here")[:2] == here
    assert (tmp_path / "here" / "front.svg").exists()


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
def test_the_cost_of_a_plan_is_that_of_its_file(plan: Plan) -> None:
    """Uses weights that all differ, as trained ones do: slimming writes equal arrays once."""
    pytest.importorskip("tensorflow", reason="an extra: pip install '.[train]'")
    from models.architectures.family import network
    from models.evaluation.graph import Graph
    from models.quantization.convert import quantize
    from models.quantization.slim import slim

    model = network(plan, 5, "sampled")
    rng = np.random.default_rng(1)
    noisy = [w + rng.normal(0, 0.1, w.shape) for w in model.get_weights()]
    is_variance = ["variance" in variable.path for variable in model.weights]
    model.set_weights([abs(w) if v else w for w, v in zip(noisy, is_variance, strict=True)])
    file = slim(quantize(model, rng.random((4, 48, 48, 1), np.float32)))
    cost, graph = cost_of(plan), Graph(file)
    assert cost.macs == graph.macs
    assert cost.peak_activation_bytes == graph.peak_activation_bytes
    assert cost.parameters == graph.parameters
    assert len(file) <= cost.file_bytes <= 1.02 * len(file)


@pytest.mark.slow
def test_a_search_trains_on_soft_labels(tmp_path: Path, data: Path) -> None:
    """The targets mix the teacher's probabilities, in the five classes, with the votes."""
    pytest.importorskip("tensorflow", reason="an extra: pip install '.[train]'")
    from models.data.examples import file_sha256
    from models.data.splits import open_fer, split_fer
    from models.distillation.soft_labels import TEACHER_CLASSES, SoftLabels, write_soft_labels
    from models.search.trial import _batches

    examples = split_fer(open_fer(data), TEACHER_CLASSES).training
    uniform = np.full_like(examples.targets, 1 / examples.targets.shape[1])
    path = tmp_path / "soft-labels-x.npz"
    write_soft_labels(path, SoftLabels.of(examples.images, uniform, {}))
    distilled = replace(trial(1), data=TrialData(data, file_sha256(data), path))
    _, targets = next(_batches(distilled, split_fer(open_fer(data))).epoch(0))
    # The teacher gives each of eight classes an eighth, with a weight of three quarters; the last
    # quarter is the one class that all votes are for. Five of the classes remain.
    each, five = 0.75 / 8, 5 * 0.75 / 8 + 0.25
    np.testing.assert_allclose(np.unique(targets), [each / five, (each + 0.25) / five], rtol=1e-5)
    write_soft_labels(path, SoftLabels.of(examples.images[1:], uniform[1:], {}))
    with pytest.raises(FacetError, match="soft labels do not cover all faces"):
        _batches(distilled, split_fer(open_fer(data)))
