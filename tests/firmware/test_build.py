"""The firmware's build: its cache, its folders and its errors."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from facet.board.board import load
from facet.dataset import EMOTIONS, Frame, draw_face
from facet.errors import FacetError
from facet.evaluation.seen import through_firmware
from facet.firmware.build import FirmwareCache, first_error
from facet.model.bundle import find
from facet.resources import PROJECT
from tests.model.surgeon import GAP

PLATFORM = PROJECT / "platforms" / "platformio"

LABELS = ["größer", "два слова", "目", '"quoted"', "a\\b"]


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (
            "Compiling a.cc\nsrc/a.cc:3:1: error: expected ';'\n*** [a.o] Error 1\n",
            "src/a.cc:3:1: error: expected ';'",
        ),
        (
            "error: m.tflite: CONV_2D (operator 0): too wide\n",
            "m.tflite: CONV_2D (operator 0): too wide",
        ),
        ("Traceback (most recent call last):\nKeyError: 'x'\n", "KeyError: 'x'"),
        (
            "Processing native\n====== [FAILED] Took 0.1 seconds ======\n"
            "====== 1 failed, 0 succeeded in 00:00:00.1 ======\n",
            "Processing native",
        ),
        ("====== 1 failed, 0 succeeded ======\n", "PlatformIO ended without a message"),
    ],
)
def test_the_line_that_matters_is_taken_from_a_builds_output(output: str, said: str) -> None:
    assert first_error(output) == said


def test_a_missing_folder_for_firmwares_is_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FACET_CACHE", "/proc/nowhere")
    with pytest.raises(FacetError) as refusal:
        FirmwareCache().get(load("nucleo_l476rg"), find(str(GAP)))
    assert "/proc/nowhere/firmware" in str(refusal.value)
    assert "set FACET_CACHE to another folder" in str(refusal.value)


def test_an_unknown_environment_is_refused_with_those_that_there_are() -> None:
    board = replace(load("nucleo_l476rg"), environment="nucleo_l999")
    with pytest.raises(FacetError, match=r"'nucleo_l999' .* esp32c3_devkitm, nucleo_l432kc"):
        FirmwareCache().get(board, find(str(GAP)))


@pytest.mark.parametrize(("platform", "stays"), [(PLATFORM, True), (Path("/elsewhere"), False)])
def test_a_link_to_the_platform_of_a_moved_project_is_forgotten(
    platform: Path, stays: bool, tmp_path: Path
) -> None:
    link = tmp_path / "platforms" / "platformio.pio-link"
    link.parent.mkdir()
    link.write_text(json.dumps({"cwd": "/any", "spec": {"uri": f"symlink://{platform}"}}))
    subprocess.run(
        [sys.executable, PROJECT / "tools" / "setup_platformio.py"],
        env=os.environ | {"PLATFORMIO_CORE_DIR": str(tmp_path)},
        check=True,
    )
    assert link.exists() == stays


@pytest.mark.slow
@pytest.mark.parametrize("board", ["nucleo_l476rg", "esp32c3_devkitm"])
def test_labels_of_any_language_come_out_of_the_terminal(board: str, tmp_path: Path) -> None:
    model = tmp_path / "a folder" / "other labels.tflite"
    model.parent.mkdir()
    shutil.copy(GAP, model)
    model.with_suffix(".json").write_text(json.dumps({"labels": LABELS}))
    frames = [
        Frame(draw_face(EMOTIONS[n % 5], 8_500_000 + n).gray, "any", f"{n}", "drawn")
        for n in range(6)
    ]
    seen = through_firmware(board, FirmwareCache().get(load(board), find(str(model))), frames)
    for frame in seen:
        best = max(range(len(LABELS)), key=lambda n: frame.scores[n])
        assert frame.decision.said == LABELS[best]


def test_a_users_project_is_built_with_pythons_own_library() -> None:
    """Its PlatformIO runs the builder, in a Python that need not have Facet's dependencies."""
    code = (
        f"import sys; sys.path.insert(0, {str(PROJECT / 'sim')!r})\n"
        "from facet.board.board import load\n"
        "import facet.firmware.board_source, facet.firmware.cxx_headers\n"
        "load('nucleo_l476rg')"
    )
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)
