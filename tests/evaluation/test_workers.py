"""Workers end with their owner, whatever ends it; results come in order, errors as they were."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from facet.errors import DeviceFailedError, FacetError
from facet.evaluation.workers import in_processes
from facet.target.bench import DeviceError
from tests.processes import comes_true, needs_proc, session_members


def double(number: int) -> int:
    time.sleep(0.05 * (3 - number % 4))  # the first to begin are the last to end
    return 2 * number


def fail(number: int) -> int:
    if number == 3:
        raise DeviceError("the device reports camera_absent", "camera_absent")
    return number


def die(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_results_come_in_the_order_of_the_items() -> None:
    done: list[int] = []
    results = list(in_processes(double, range(9), 3, done.append))
    assert results == [2 * number for number in range(9)]
    assert sorted(done) == results


def test_an_error_in_a_worker_keeps_its_kind_and_its_place() -> None:
    with pytest.raises(DeviceFailedError, match="camera_absent") as error:
        list(in_processes(fail, range(9), 2))
    assert "in fail" in "".join(error.value.__notes__)


def test_a_worker_that_is_killed_is_an_error() -> None:
    with pytest.raises(FacetError, match="was ended by signal 9; if memory ran out, try fewer"):
        list(in_processes(die, range(9), 2))


OWNER = r"""
import os, sys, time
from facet.evaluation.workers import in_processes

def work(number):
    os.write(1, b"working\n")
    end = time.monotonic() + 60
    while time.monotonic() < end:
        pass

if __name__ == "__main__":
    try:
        list(in_processes(work, range(4), 2))
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        sys.exit(130)
"""


@needs_proc
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_workers_end_with_their_owner_within_two_seconds(
    tmp_path: Path, how: signal.Signals
) -> None:
    (tmp_path / "owner.py").write_text(OWNER)
    owner = subprocess.Popen(
        [sys.executable, str(tmp_path / "owner.py")],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert owner.stdout is not None
        assert [owner.stdout.readline() for _ in range(2)] == ["working\n"] * 2
        assert len(session_members(owner.pid)) >= 3
        if how is signal.SIGINT:
            os.killpg(owner.pid, how)  # Ctrl-C reaches the whole group
        else:
            owner.send_signal(how)
        assert comes_true(lambda: not session_members(owner.pid), seconds=2)
        assert owner.wait(5) == (130 if how is signal.SIGINT else -how)
        assert owner.stdout.read() == ("interrupted\n" if how is signal.SIGINT else "")
    finally:
        owner.kill()
