"""The examples of the pages work as they are printed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from facet.resources import PROJECT
from tests.cli import programs


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with build/firmware.elf, which does what the examples expect."""
    build = tmp_path / "build"
    build.mkdir()
    programs.build(programs.GREETS_AND_SWITCHES, build).rename(build / "firmware.elf")
    return tmp_path


def block(page: str, language: str) -> str:
    """The first example in a language."""
    text = (PROJECT / "docs" / page).read_text()
    found = re.search(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def command(page: str, tool: str) -> list[str]:
    """The first command of a page that starts with `tool`."""
    found = re.search(rf"^    ({tool} .*)$", (PROJECT / "docs" / page).read_text(), re.MULTILINE)
    assert found is not None
    return shlex.split(found[1])


def run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_example_of_pytest(project: Path) -> None:
    (project / "test_example.py").write_text(block("pytest.md", "python"))
    assert "2 passed" in run(project, *command("pytest.md", "pytest"))


def test_the_example_of_robot_framework(project: Path) -> None:
    (project / "suite.robot").write_text(block("robot.md", "robotframework"))
    assert "2 tests, 2 passed" in run(project, *command("robot.md", "python")[2:])
