"""`tools/flash.sh` builds for the board that it is given, and calls the board's tool."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from facet.resources import BOARDS, PROJECT
from tests.model.surgeon import GAP

FLASH = PROJECT / "tools" / "flash.sh"
ST_LINK = "Bus 001 Device 002: ID 0483:374b STMicroelectronics ST-LINK/V2.1"


def flash(board: str, model: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs the script with stand-ins for OpenOCD, which prints its arguments, and lsusb."""
    tools = folder / "tools"
    tools.mkdir()
    for name, prints in (("openocd", '"$@"'), ("lsusb", f"'{ST_LINK}'")):
        (tools / name).write_text(f"#!/bin/sh\necho {prints}\n")
        (tools / name).chmod(0o755)
    return subprocess.run(
        [FLASH, board, model],
        cwd=folder,
        env=os.environ | {"PATH": f"{tools}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_a_board_file_anywhere_is_built_for_its_environment(tmp_path: Path) -> None:
    board = tmp_path / "my board.toml"
    shutil.copy(BOARDS / "nucleo_l432kc.toml", board)
    done = flash(board.name, str(GAP), tmp_path)
    assert done.returncode == 0, done.stderr
    image = ".pio/build/nucleo_l432kc/firmware.elf"
    assert f"program {image} verify reset exit" in done.stdout.splitlines()[-1]
    assert b"my board" in (PROJECT / image).read_bytes()


def test_a_board_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    done = flash("nucleo_l999", "gap", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: no board 'nucleo_l999'")
    assert done.stderr.count("\n") == 1
