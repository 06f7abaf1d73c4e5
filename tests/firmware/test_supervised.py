"""A build ends with the command that started it, whatever ends that."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from facet.firmware.supervised import supervised
from tests.processes import comes_true, group_members, needs_proc

BUILD = "import os, subprocess, sys; print(os.getpgid(0), flush=True); {rest}"
OWNER = """
import os, sys
from pathlib import Path
from facet.firmware.supervised import supervised

with supervised([sys.executable, "-c", sys.argv[1]], Path.cwd(), os.environ) as build:
    for line in build.stdout:
        print(line, end="", flush=True)
"""
STARTS_ANOTHER = 'subprocess.run([sys.executable, "-c", "import time; time.sleep(60)"])'


@needs_proc
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_its_owner_and_so_does_what_it_started(how: signal.Signals) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, BUILD.format(rest=STARTS_ANOTHER)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert owner.stdout is not None
        group = int(owner.stdout.readline())
        assert comes_true(lambda: len(group_members(group)) == 3, seconds=20)
        owner.send_signal(how)
        assert comes_true(lambda: not group_members(group), seconds=2), group_members(group)
    finally:
        owner.kill()


def test_its_output_and_its_exit_code_arrive(tmp_path: Path) -> None:
    code = (
        "import os, sys; print(os.getcwd()); sys.stderr.write('x' + os.environ['A']); sys.exit(3)"
    )
    with supervised([sys.executable, "-c", code], tmp_path, {"A": "y"}) as build:
        assert build.stdout is not None
        assert build.stdout.read() == f"{tmp_path}\nxy"
    assert build.returncode == 3
