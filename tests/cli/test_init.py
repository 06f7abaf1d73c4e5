"""`facet init`: start files for firmware that is not Facet's."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import Result

from facet import __version__
from facet.board.board import load, names
from facet.resources import BOARDS
from facet.scaffold import files as scaffold
from tests.cli import programs

Facet = Callable[..., Result]
Built = Callable[[str], Path]

FILES = [
    ".github/workflows/facet.yml",
    ".gitlab-ci.yml",
    "board.toml",
    "pytest.ini",
    "scenario.robot",
    "test_firmware.py",
]


def written(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command of a shell, as a CI service does; `python` is the one that runs this test."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-ec", command],
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
    )


def github_commands(folder: Path) -> tuple[str, list[str]]:
    """The folder that GitHub Actions works in, and the commands after the installation."""
    job = yaml.safe_load((folder / FILES[0]).read_text())["jobs"]["facet"]
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands[0] == "python -m pip install $FACET pytest"
    return job["defaults"]["run"]["working-directory"], commands[1:]


def gitlab_commands(folder: Path) -> list[str]:
    """The commands of GitLab CI, without the installation."""
    script: list[str] = yaml.safe_load((folder / FILES[1]).read_text())["facet"]["script"]
    assert script[1] == "python -m pip install $FACET pytest"
    return [script[0], *script[2:]]


@pytest.mark.slow
def test_what_it_writes_is_green_at_once_in_both_ci_services(
    facet: Facet, built: Built, tmp_path: Path
) -> None:
    repository = tmp_path / "a repository"
    (repository / ".git").mkdir(parents=True)
    elf = built(programs.HELLO).rename(repository / "hello  $world.elf")
    folder = repository / "facet tests"
    result = facet("init", folder, "--firmware", elf)
    assert result.exit_code == 0
    assert written(folder) == FILES
    assert "move them there" in result.output

    place, commands = github_commands(folder)
    assert place == "facet tests"
    for command in commands:
        done = run(command, repository / place)
        assert done.returncode == 0, done.stdout + done.stderr
    done = run("\n".join(gitlab_commands(folder)), repository)
    assert done.returncode == 0, done.stdout + done.stderr
    job = yaml.safe_load((folder / FILES[1]).read_text())["facet"]
    for report in job["artifacts"]["reports"]["junit"]:
        assert 'failures="0"' in (repository / report).read_text()


def test_a_firmware_that_breaks_a_rule_is_red(facet: Facet, built: Built, tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    facet("init", folder, "--firmware", built(programs.FORGOT_A_CLOCK))
    for command in github_commands(folder)[1]:
        done = run(command, folder)
        assert done.returncode == 1
        assert "USART2EN" in done.stdout


def test_it_overwrites_nothing(facet: Facet, tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    result = facet("init", tmp_path)
    assert result.exit_code == 2
    assert "already has pytest.ini" in result.output
    assert written(tmp_path) == ["pytest.ini"]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--board", "nucleo"], "no board 'nucleo': there are"),
        (["--firmware", "missing.elf"], "missing.elf"),
        (["--firmware", "text.elf"], "text.elf"),
    ],
)
def test_what_cannot_run_is_refused_and_nothing_is_written(
    facet: Facet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    line: str,
) -> None:
    (tmp_path / "text.elf").write_text("not a firmware")
    monkeypatch.chdir(tmp_path)
    result = facet("init", "tests", *options)
    assert result.exit_code == 2
    assert line in result.output
    assert len(result.output.splitlines()) == 1
    assert written(tmp_path) == ["text.elf"]


def test_without_a_firmware_it_prints_where_to_put_one(facet: Facet, tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    result = facet("init", folder)
    assert result.exit_code == 0
    assert f"Put your firmware at {folder / 'firmware.elf'}" in result.output
    done = run("python -m pytest", folder)
    assert done.returncode == 1
    assert str(folder / "firmware.elf") in done.stdout


@pytest.mark.parametrize("is_there", [True, False])
def test_it_prints_how_to_install_pytest_where_it_is_missing(
    is_there: bool, facet: Facet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: find(name) if is_there else None)
    lines = facet("init", tmp_path / "tests").output.splitlines()
    assert ("    python -m pip install pytest" in lines) is not is_there
    assert "    python -m pytest" in lines


@pytest.mark.parametrize("name", names())
def test_each_board_comes_without_the_parts_of_facet(
    facet: Facet, tmp_path: Path, name: str
) -> None:
    assert facet("init", tmp_path, "--board", name).exit_code == 0
    board, original = load(str(tmp_path / "board.toml")), load(name)
    assert (board.title, board.chip, board.buttons, board.leds) == (
        original.title,
        original.chip,
        original.buttons,
        original.leds,
    )
    assert board.parts == ()
    assert board.limits == {}
    assert '# type = "arducam_ov2640"' in (tmp_path / "board.toml").read_text()


def test_a_board_file_of_the_users_own_is_copied_as_it_is(facet: Facet, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_bytes((BOARDS / "nucleo_l432kc.toml").read_bytes())
    facet("init", tmp_path / "tests", "--board", mine)
    assert (tmp_path / "tests" / "board.toml").read_bytes() == mine.read_bytes()


@pytest.mark.parametrize(
    ("recorded", "requirement"),
    [
        (None, f"facet=={__version__}"),
        (
            '{"url": "https://example.org/facet.git",'
            ' "vcs_info": {"vcs": "git", "commit_id": "abc123"}}',
            "git+https://example.org/facet.git@abc123",
        ),
        ('{"url": "file:///home/me/facet", "dir_info": {}}', f"wheels/facet-{__version__}-*.whl"),
    ],
)
def test_ci_installs_facet_from_where_it_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recorded: str | None, requirement: str
) -> None:
    class Installed:
        def read_text(self, name: str) -> str | None:
            assert name == "direct_url.json"  # PEP 610
            return recorded

    monkeypatch.setattr(scaffold, "distribution", lambda _name: Installed())
    files = scaffold.start_files(tmp_path, "nucleo_l476rg", None)
    github, gitlab = (yaml.safe_load(files[name]) for name in FILES[:2])
    assert github["jobs"]["facet"]["env"]["FACET"] == requirement
    assert gitlab["facet"]["variables"]["FACET"] == requirement
    assert json.dumps(requirement).encode() in files[FILES[0]]
