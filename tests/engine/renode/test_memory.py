"""Boards that are gone give their memory back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import programs
from tests.engines_under_test import needs_renode

BOARDS, WARM_UP = 20, 4
MOST_MIB = 3 * BOARDS
"""A board that is never removed takes 8 MiB, one that is 1.3 MiB."""

SCRIPT = """
import gc, pathlib, sys
from facet.cycles.parts import Parts
from facet.target.simulated import simulate
from facet.time import ms

elf, warm_up, boards = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
for n in range(warm_up + boards):
    if n == warm_up:
        before = int(open("/proc/self/statm").read().split()[1])
    simulate("nucleo_l476rg", elf, "renode", Parts.FULL).run_for(ms(1))
    gc.collect()
print((int(open("/proc/self/statm").read().split()[1]) - before) * 4096 / 2**20)
"""


@pytest.mark.slow
@needs_renode
def test_a_run_of_many_boards_does_not_grow(tmp_path: Path) -> None:
    elf = programs.build(programs.HELLO, tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(elf), str(WARM_UP), str(BOARDS)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) < MOST_MIB
