"""Renode's temporary files do not outlive the process that made them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from facet.engine.renode import temporary

MAKES_ONE = "from facet.engine.renode import temporary; print(temporary.make_folder(), flush=True);"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def left_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_the_folder_is_removed_when_the_process_exits(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-c", MAKES_ONE], capture_output=True, text=True)
    assert Path(done.stdout.strip()).parent == folder
    assert left_in(folder) == []


def test_the_folder_of_a_killed_process_is_removed_by_the_next(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", MAKES_ONE + "import time; time.sleep(60)"],
        stdout=subprocess.PIPE,
        text=True,
    ) as killed:
        assert killed.stdout is not None
        name = Path(killed.stdout.readline().strip()).name
        kept = temporary.make_folder()
        assert left_in(folder) == sorted([name, kept.name])  # its owner is alive
        os.kill(killed.pid, signal.SIGKILL)
    other = temporary.make_folder()
    assert left_in(folder) == sorted([kept.name, other.name])
