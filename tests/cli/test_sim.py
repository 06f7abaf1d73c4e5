"""`facet sim` with the real firmware."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from click.testing import Result

from facet import __version__
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
        # The table at the end has the same values.
        assert decision["frame"] in result.output
        assert f"{decision['cycles']['inference']:,}" in result.output
    assert results["violations"] == []
    assert results["board"] == "nucleo_l476rg"
    assert results["model"] == "facet-small"
    assert results["facet"] == __version__
    assert results["firmware_sha256"] == hashlib.sha256(firmware().read_bytes()).hexdigest()
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", results["commit"] or "0" * 40)
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


FACE_px, GAP_px, BETWEEN_px = 144, 8, 4


def tile(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The first tile of a contact sheet: the picture shown, and the network's input."""
    sheet = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert sheet is not None
    row = sheet[GAP_px : GAP_px + FACE_px, GAP_px:]
    return row[:, :FACE_px], row[:, FACE_px + BETWEEN_px : 2 * FACE_px + BETWEEN_px]


def sim_of(facet: Facet, dataset: Path, out: Path) -> Result:
    result = facet(
        *("sim", "--firmware", firmware(), "--dataset", dataset, "--out", out, "--limit", "1")
    )
    assert result.exit_code in (0, 1), result.output
    return result


def test_the_users_own_picture_and_what_the_network_got_are_in_the_report(
    facet: Facet, tmp_path: Path
) -> None:
    (tmp_path / "set" / "happy").mkdir(parents=True)
    face = draw_face("happy", 1, 48).gray
    cv2.imwrite(str(tmp_path / "set/happy/anna.png"), face)
    sim_of(facet, tmp_path / "set", tmp_path / "out")
    shown, network_input = tile(tmp_path / "out/faces.png")
    enlarged = np.repeat(np.repeat(face, 3, axis=0), 3, axis=1)
    assert np.array_equal(shown, enlarged)
    # 48 x 48 fill the camera's window exactly: the firmware gets the same picture back.
    assert np.array_equal(network_input, enlarged)


def test_no_picture_of_fer2013_or_ck_plus_reaches_the_report(facet: Facet, tmp_path: Path) -> None:
    """Other pictures under the same names give the same tiles."""
    tiles = []
    for seed in (1, 2):
        face = draw_face("happy", seed, 48).gray
        np.savez(tmp_path / "ck.npz", images=face[None], label=np.array(["happy"]))
        folder = tmp_path / "copy" / "happy"
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / "PublicTest_1234.png"), face)
        for dataset in ("ck.npz", "copy"):
            sim_of(facet, tmp_path / dataset, tmp_path / "out")
            tiles.append(np.hstack(tile(tmp_path / "out/faces.png")))
    assert np.array_equal(tiles[0], tiles[2])
    assert np.array_equal(tiles[1], tiles[3])


def test_pictures_left_out_are_reported_before_and_after(facet: Facet, tmp_path: Path) -> None:
    for name in ("happy/1.png", "suprise/2.png", "suprise/3.png"):
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), draw_face("happy", 1, 48).gray)
    result = sim_of(facet, tmp_path / "set", tmp_path / "out")
    assert "left out:\n  2 pictures in 'suprise': not a known label; did you mean 'surprise'" in (
        result.stderr
    )
    assert "1 of 1 right (100.0 %)" in result.output
    assert "; 2 left out of the data set" in result.output
    results = json.loads((tmp_path / "out/results.json").read_text())
    assert results["left_out"]["total"] == 2
