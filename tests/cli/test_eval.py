"""`facet eval` with the real firmware: accuracy, limits, what is left out, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest
from click.testing import Result

from facet import __version__
from facet.dataset.faces import draw_face
from facet.dataset.labels import EMOTIONS
from tests.firmware_under_test import firmware
from tests.processes import comes_true, needs_proc, session_members

Facet = Callable[..., Result]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Five training pictures with the right labels, five test pictures, two with wrong labels."""
    for split, labels in (("Train", EMOTIONS), ("Test", (*EMOTIONS[:3], "neutral", "surprised"))):
        for person, (emotion, label) in enumerate(zip(EMOTIONS, labels, strict=True)):
            path = tmp_path / "data" / split / label / f"{person}.png"
            path.parent.mkdir(parents=True)
            cv2.imwrite(str(path), draw_face(emotion, person).gray)
    (tmp_path / "data/Test/suprise").mkdir()
    cv2.imwrite(str(tmp_path / "data/Test/suprise/1.png"), draw_face("surprised", 9).gray)
    return tmp_path / "data"


def evaluate(facet: Facet, dataset: str | Path, *options: str | Path) -> Result:
    return facet("eval", "--dataset", dataset, "--firmware", firmware(), *options)


def test_the_test_split_is_evaluated_and_what_is_left_out_is_counted(
    facet: Facet, pictures: Path, tmp_path: Path
) -> None:
    file = tmp_path / "eval.json"
    result = evaluate(facet, pictures, "--json", file, "--min-accuracy", "0.5")
    assert result.exit_code == 0, result.output
    assert "accuracy 0.6000, macro F1" in result.output
    assert "on 5 frames; 1 left out of the data set" in result.output
    assert "1 picture in 'suprise': not a known label; did you mean 'surprise'?" in result.stderr
    report = json.loads(file.read_text())
    assert report["split"] == "test"
    assert {entry["frame"] for entry in report["results"]} == {
        *("happy/0.png", "sad/1.png", "angry/2.png", "neutral/3.png", "surprised/4.png")
    }
    assert report["left_out"]["total"] == 1
    assert report["left_out"]["causes"][0]["where"] == "in 'suprise'"
    assert report["board"] == "nucleo_l476rg"
    assert report["model"] == "facet-small"
    assert report["facet"] == __version__
    assert len(report["firmware_sha256"]) == 64
    assert "commit" in report


def test_an_accuracy_below_the_limit_is_a_failure(
    facet: Facet, pictures: Path, tmp_path: Path
) -> None:
    file = tmp_path / "eval.json"
    result = evaluate(facet, pictures, "--json", file, "--min-accuracy", "0.8")
    assert result.exit_code == 1
    assert "facet: accuracy 0.6000 is below --min-accuracy 0.8\n" in result.stderr
    assert json.loads(file.read_text())["min_accuracy"] == 0.8


@pytest.mark.parametrize("limit", ["80", "-0.1", "nan", "most"])
def test_a_limit_that_is_not_a_share(facet: Facet, limit: str) -> None:
    result = evaluate(facet, "drawn", "--min-accuracy", limit)
    assert result.exit_code == 2
    assert "--min-accuracy" in result.stderr


def test_pictures_without_a_label_are_not_evaluated(facet: Facet, tmp_path: Path) -> None:
    (tmp_path / "data/happy").mkdir(parents=True)
    for name in ("happy/1.png", "IMG_2.png"):
        cv2.imwrite(str(tmp_path / "data" / name), draw_face("happy", 1).gray)
    result = evaluate(facet, tmp_path / "data")
    assert "on 1 frame; 1 left out of the data set" in result.output
    result = evaluate(facet, tmp_path / "data/IMG_2.png")
    assert result.exit_code == 2
    assert "IMG_2.png: nothing labelled" in result.stderr


@pytest.mark.slow
@needs_proc
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_no_process_is_left_two_seconds_after_its_end(how: signal.Signals) -> None:
    command = ["eval", "--dataset", "drawn", "--limit", "160", "--jobs", "2"]
    run = subprocess.Popen(
        [sys.executable, "-m", "facet", *command, "--firmware", str(firmware())],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        # Itself, multiprocessing's resource tracker and fork server, and two workers.
        assert comes_true(lambda: len(session_members(run.pid)) == 5, seconds=120)
        time.sleep(2)  # the workers are at their first frames
        if how is signal.SIGINT:
            os.killpg(run.pid, how)  # Ctrl-C reaches the whole group
        else:
            run.send_signal(how)
        assert comes_true(lambda: not session_members(run.pid), seconds=2)
        assert run.wait(5) == (130 if how is signal.SIGINT else -how)
        assert run.stderr is not None
        said = run.stderr.read()
        assert said.endswith("facet: interrupted\n" if how is signal.SIGINT else "")
        assert "Traceback" not in said
    finally:
        run.kill()


@pytest.mark.slow
def test_eval_does_not_depend_on_how_many_processes_run_it(facet: Facet, tmp_path: Path) -> None:
    figures = []
    for jobs in ("1", "3"):
        file = tmp_path / f"{jobs}.json"
        result = facet(
            *("eval", "--dataset", "drawn", "--limit", "20", "--firmware", firmware()),
            *("--jobs", jobs, "--json", file),
        )
        assert result.exit_code == 0
        report = json.loads(file.read_text())
        assert report["frames"] == 20
        assert report.pop("frames_per_second") > 0
        assert report.pop("jobs") == int(jobs)
        assert f"accuracy {report['accuracy']:.4f}" in result.output
        figures.append(report)
    assert figures[0] == figures[1]
    assert figures[0]["accuracy"] == sum(figures[0]["confusion"][n][n] for n in range(5)) / 20
    assert set(figures[0]["cycles"]) == {
        *("capture", "readout", "preprocess", "inference", "total")
    }
