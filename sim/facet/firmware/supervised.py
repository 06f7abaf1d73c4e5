"""Child processes that end, with all processes that they start, when this process ends.

As a program it is the supervisor: it runs a command in its process group, and kills the group when
the pipe from its owner closes, whatever ended the owner.

    python -m facet.firmware.supervised DESCRIPTOR COMMAND ...
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def supervised(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """Starts a command; its output, also that to standard error, is a text stream.

    Args:
        command: the program and its arguments.
        cwd: the folder in which it runs.
        environment: all of its environment variables.
    """
    lifeline, held = os.pipe()
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "facet.firmware.supervised", str(lifeline), *command],
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=(lifeline,),
            start_new_session=True,  # a group of its own; Ctrl-C reaches the owner alone
        ) as process:
            try:
                yield process
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                raise
    finally:
        os.close(lifeline)
        os.close(held)


def _main() -> None:
    threading.Thread(target=_end_with_owner, args=(int(sys.argv[1]),), daemon=True).start()
    sys.exit(subprocess.run(sys.argv[2:], check=False).returncode)


def _end_with_owner(lifeline: int) -> None:
    os.read(lifeline, 1)  # nothing is ever written: it returns when the owner has ended
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    _main()
