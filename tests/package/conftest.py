"""A wheel of Facet and an environment in which it is installed, away from the clone."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import warnings
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest

from facet.resources import PROJECT
from tests.cli import programs


def build_wheel(source: Path, folder: Path, **variables: str) -> Path:
    """Builds a wheel from a folder or an sdist, as `pip install` does; gives its path."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*command, "--wheel-dir", str(folder), str(source)],
        env=os.environ | variables,
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


@dataclass(frozen=True)
class Installed:
    """An environment with Facet's wheel in it, and a folder away from the clone to work in.

    Attributes:
        binaries: the environment's folder of commands.
        folder: the working folder.
        firmware: a firmware for the NUCLEO-L476RG that says hello, in `folder`.
    """

    binaries: Path
    folder: Path
    firmware: Path

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a command of the environment in the working folder.

        Nothing of the clone is on its path. The cache cannot be written: what works, works
        without a compiler.
        """
        keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return subprocess.run(
            [str(self.binaries / command[0]), *command[1:]],
            cwd=self.folder,
            env=keep | {"FACET_CACHE": "/dev/null/none", "COLUMNS": "150"} | variables,
            capture_output=True,
            text=True,
        )

    def succeeds(self, *command: str) -> str:
        """Runs a command that must succeed; gives its standard output."""
        done = self.run(*command)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that this machine builds."""
    return build_wheel(PROJECT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Installed:
    """The wheel in an empty environment, with the dependencies of requirements.lock and pytest."""
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, with_pip=True)
    binaries = environment / "bin"
    pip = [str(binaries / "python"), "-m", "pip", "install", "--quiet"]
    try:
        locked = ["--require-hashes", "--requirement", str(PROJECT / "requirements.lock")]
        subprocess.run([*pip, *locked], check=True)
        subprocess.run([*pip, f"pytest=={version('pytest')}"], check=True)
    except subprocess.CalledProcessError:
        warnings.warn("no package index: dependencies are those of this environment", stacklevel=1)
        _share_packages(environment)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True)
    folder = tmp_path_factory.mktemp("elsewhere")
    return Installed(binaries, folder, programs.build(programs.HELLO, folder))


def _share_packages(environment: Path) -> None:
    """Lets an environment import this one's packages; the clone itself is not among them."""
    (mine,) = environment.glob("lib/python*/site-packages")
    (mine / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
