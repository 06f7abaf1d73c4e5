"""The platforms for plain Renode, in Renode's own test runner."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from facet.board.board import load
from facet.engine.renode import installation
from facet.firmware.build import FirmwareCache
from facet.model.bundle import find
from facet.resources import PROJECT
from tests.engines_under_test import NEEDS_RENODE
from tools import renode_faces

BOARDS = ("nucleo_l476rg", "nucleo_l432kc", "esp32c3_devkitm")
NEEDED = ("robot", "psutil", "yaml", "telnetlib3")
"""What `renode-test` imports, in the `python3` that is first on the PATH."""


def runner() -> Path | None:
    """Renode's `renode-test`: on the PATH, or beside the Renode that Facet uses."""
    if (found := shutil.which("renode-test")) is not None:
        return Path(found)
    path = installation.find().path
    beside = (path if path.is_dir() else path.parent) / "renode-test"
    return beside if beside.is_file() else None


def missing(python: str) -> list[str]:
    """The packages that `renode-test` needs and a Python lacks."""
    code = f"import importlib.util as u; print(*[n for n in {NEEDED} if not u.find_spec(n)])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.slow
@pytest.mark.parametrize("board", [pytest.param(board, marks=NEEDS_RENODE) for board in BOARDS])
def test_the_suites_pass_under_renode_test(board: str, tmp_path: Path) -> None:
    renode_test = runner()
    if renode_test is None:
        pytest.skip("this Renode comes without renode-test")
    if lacking := missing(shutil.which("python3") or sys.executable):
        pytest.skip(f"renode-test needs {', '.join(lacking)} in the python3 on the PATH")
    (tmp_path / "temporary").mkdir()  # Renode removes folders of other Renodes in TMPDIR
    firmware = FirmwareCache().get(load(board), find("facet-small"))
    done = subprocess.run(
        [
            *(renode_test, "--results-dir", tmp_path, "--variable", f"BIN:{firmware}"),
            PROJECT / "robot" / "renode" / f"{board}.robot",
        ],
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(tmp_path / "temporary")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert "Tests finished successfully" in done.stdout


@pytest.mark.slow
def test_the_pictures_are_what_the_cameras_model_stores() -> None:
    expected = renode_faces.contents()
    assert len(expected) == len(renode_faces.EMOTIONS)
    for name, stored in expected.items():
        assert (renode_faces.FOLDER / name).read_bytes() == stored, "run tools/renode_faces.py"


@pytest.mark.parametrize("board", BOARDS)
def test_a_script_includes_every_peripheral_that_its_platform_uses(board: str) -> None:
    folder = PROJECT / "platforms" / "renode"
    script = (folder / f"{board}.resc").read_text()
    description = (folder / f"{board}.repl").read_text()
    if "stm32l4.repl" in description:
        description += (folder / "stm32l4.repl").read_text()
    used = {
        path.name
        for path in (folder / "peripherals").glob("*.cs")
        if any(f".{name} " in description for name in _classes(path))
    }
    assert used
    for name in used:
        assert f"$ORIGIN/peripherals/{name}" in script


def _classes(path: Path) -> list[str]:
    return [
        line.split("public class ")[1].split()[0]
        for line in path.read_text().splitlines()
        if "public class " in line
    ]
