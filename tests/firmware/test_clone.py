"""A clone works in a folder with blanks in its name, and where it is read-only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from facet.resources import PROJECT

pytestmark = pytest.mark.slow

GAP = "tests/firmware/models/gap.tflite"

# Root ignores permissions unless this capability is gone.
AS_OTHERS = ["setpriv", "--bounding-set", "-dac_override"] if os.geteuid() == 0 else []

FACET = """#!/bin/sh
exec "$(dirname "$0")/python" -m facet "$@"
"""


def install(clone: Path) -> None:
    """A virtual environment with the clone's package and this environment's other packages."""
    venv = clone / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    packages = venv / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    (packages / "a_clone.pth").write_text(f"{clone / 'sim'}\n")
    (packages / "packages.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (venv / "bin" / "facet").write_text(FACET)
    (venv / "bin" / "facet").chmod(0o755)
    # As tools/setup_venv.sh notes what it installed.
    stamp = "pwd; cat requirements.lock pyproject.toml | sha256sum"
    noted = subprocess.run(["sh", "-c", stamp], cwd=clone, check=True, capture_output=True)
    (venv / "facet-run.stamp").write_bytes(noted.stdout)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project as it stands, in a folder whose name a shell would take apart."""
    folder = tmp_path_factory.mktemp("clones") / "Ada's projects (2), new" / "facet"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, folder / name)
    (folder / ".cache").mkdir()
    shutil.copytree(PROJECT / ".cache" / "tflm", folder / ".cache" / "tflm")
    install(folder)
    yield folder
    subprocess.run(["chmod", "-R", "u+w", folder], check=True)


def run(clone: Path, command: list[str], **variables: str) -> str:
    """The output of a command in the clone."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "BOARD", "MODEL")}
    done = subprocess.run(
        command,
        cwd=clone,
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def firmwares(folder: Path) -> list[Path]:
    return sorted(folder.rglob("nucleo_l476rg-gap-*.elf"))


@pytest.fixture(scope="module")
def built(clone: Path) -> bytes:
    """The firmware of `make sim` in the clone."""
    output = run(clone, ["make", "sim", f"MODEL={GAP}", "LIMIT=1"])
    assert '"event":"result","n":1' in output
    assert (clone / "out" / "sim" / "results.json").exists()
    (firmware,) = firmwares(clone / ".cache")
    return firmware.read_bytes()


def test_make_sim_runs_in_a_folder_with_blanks(built: bytes) -> None:
    assert built[:4] == b"\x7fELF"


def test_the_firmware_does_not_contain_its_folder(built: bytes, clone: Path) -> None:
    assert str(clone).encode() not in built
    assert b"Ada's" not in built


@pytest.mark.skipif(
    bool(AS_OTHERS) and shutil.which("setpriv") is None, reason="root, without setpriv"
)
def test_a_read_only_clone_builds_the_same_firmware(
    built: bytes, clone: Path, tmp_path: Path
) -> None:
    shutil.rmtree(clone / ".cache" / "firmware")
    shutil.rmtree(clone / ".pio")
    subprocess.run(["chmod", "-R", "a-w", clone], check=True)
    home = tmp_path / "home folder"
    home.mkdir()
    simulate = [*AS_OTHERS, ".venv/bin/facet", "sim", "--model", GAP, "--limit", "1"]
    variables = {"HOME": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
    run(clone, [*simulate, "--out", str(tmp_path / "out")], **variables)
    (firmware,) = firmwares(home)
    assert firmware.read_bytes() == built
