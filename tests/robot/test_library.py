"""The scenarios and their keywords fit together."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from robot.api import SkipExecution

from facet.errors import FacetError
from facet.robot import FacetLibrary
from facet.robot.desk import Keywords

PROJECT = Path(__file__).resolve().parent.parent.parent


def _keywords(owner: type) -> dict[str, object]:
    return {name: member for name, member in vars(owner).items() if hasattr(member, "robot_name")}


def test_no_group_of_keywords_hides_a_keyword_of_another() -> None:
    for group in Keywords.__subclasses__():
        for name, member in _keywords(group).items():
            assert getattr(FacetLibrary, name) is member, f"{group.__name__}.{name}"


def test_every_sentence_of_the_scenarios_is_a_keyword() -> None:
    files = [f"--{kind}=NONE" for kind in ("output", "log", "report")]
    command = [sys.executable, "-m", "robot", "--dryrun", *files, "robot"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_scenario_that_forgets_to_power_on_is_told_so() -> None:
    with pytest.raises(FacetError, match="begin with the keyword 'Power On The Board'"):
        FacetLibrary().no_rule_is_broken()


def test_a_board_that_there_is_not_is_named() -> None:
    with pytest.raises(FacetError, match="no board 'nucleo'"):
        FacetLibrary(board="nucleo")


def test_a_scenario_about_an_emotion_that_the_model_does_not_know_is_skipped(
    tmp_path: Path,
) -> None:
    shutil.copy(PROJECT / "tests" / "firmware" / "models" / "gap.tflite", tmp_path / "ck.tflite")
    labels = ["happy", "sad", "angry", "afraid", "disgusted"]
    (tmp_path / "ck.json").write_text(json.dumps({"labels": labels}))
    library = FacetLibrary(model=str(tmp_path / "ck.tflite"))
    with pytest.raises(SkipExecution, match="no class for neutral: it tells happy, sad, angry"):
        library.drawn_faces_are_recognised(80, 1, "neutral")
    with pytest.raises(FacetError, match="no emotion 'merry'"):
        library.drawn_faces_are_recognised(80, 1, "merry")
