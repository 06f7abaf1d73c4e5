"""`facet sim` and `facet eval` with the real firmware."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import Result

from facet.dataset.faces import draw_face
from facet.dataset.labels import EMOTIONS
from tests.firmware_under_test import firmware

Facet = Callable[..., Result]


def test_shows_every_emotion_and_leaves_a_folder(facet: Facet, tmp_path: Path) -> None:
    out = tmp_path / "run"
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    result = facet("sim", "--firmware", firmware(), "--limit", "5", "--out", out)
    assert result.exit_code == 0
    assert {path.name for path in out.iterdir()} == {
        *("faces.png", "notes.txt", "results.json", "uart.log")
    }
    results = json.loads((out / "results.json").read_text())
    decisions = results["decisions"]
    assert [decision["label"] for decision in decisions] == list(EMOTIONS)
    for decision in decisions:
        assert {"frame", "label", "said", "confidence", "scores"} <= decision.keys()
        assert decision["cycles"]["inference"] > 1_000_000
        # The table at the end tells the same.
        assert decision["frame"] in result.output
        assert f"{decision['cycles']['inference']:,}" in result.output
    assert results["violations"] == []
    # 5 s between decisions; before the first sleep the RTC's crystal takes 1.3 s more to start.
    assert results["states"]["mcu"]["stop2"]["us"] > 4 * 4.9e6 - 1.3e6
    lines = (out / "uart.log").read_bytes().split(b"\r\n")
    assert json.loads(lines[0])["event"] == "boot"
    assert sum(json.loads(line)["event"] == "result" for line in lines if line) == 5
    assert cv2.imread(str(out / "faces.png")) is not None


def test_the_same_run_gives_the_same_bytes(facet: Facet, tmp_path: Path) -> None:
    runs = [tmp_path / "one", tmp_path / "two"]
    for out in runs:
        facet("sim", "--firmware", firmware(), "--limit", "2", "--out", out)
    for name in ("uart.log", "results.json", "faces.png"):
        assert (runs[0] / name).read_bytes() == (runs[1] / name).read_bytes()


def test_no_picture_of_a_data_set_reaches_the_report(facet: Facet, tmp_path: Path) -> None:
    """Two data sets of other pictures under the same names: the same contact sheet."""
    sheets = []
    for seed in (1, 2):
        folder = tmp_path / f"set{seed}"
        (folder / "happy").mkdir(parents=True)
        face = draw_face("happy", seed, 96).gray
        cv2.imwrite(str(folder / "happy" / "anna.png"), face)
        out = tmp_path / f"out{seed}"
        facet("sim", "--firmware", firmware(), "--dataset", folder, "--out", out)
        said = json.loads((out / "results.json").read_text())["decisions"][0]
        assert said["label"] == "happy"
        sheet = cv2.imread(str(out / "faces.png"))
        assert sheet is not None
        sheets.append(sheet[:150])  # above the line with what the device said
    assert np.array_equal(sheets[0], sheets[1])


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
        told = json.loads(file.read_text())
        assert told["frames"] == 20
        assert told.pop("frames_per_second") > 0
        assert told.pop("jobs") == int(jobs)
        assert f"accuracy {told['accuracy']:.4f}" in result.output
        figures.append(told)
    assert figures[0] == figures[1]
    assert figures[0]["accuracy"] == sum(figures[0]["confusion"][n][n] for n in range(5)) / 20
    assert set(figures[0]["cycles"]) == {
        *("capture", "readout", "preprocess", "inference", "total")
    }
