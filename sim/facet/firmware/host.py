"""The firmware's interpreter and kernels, compiled for the host (PlatformIO's ``native``)."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from facet.errors import FacetError
from facet.firmware.build import first_error
from facet.resources import PROJECT


@cache
def host_program() -> Path:
    """The program ``MODEL.tflite < inputs > outputs`` (tests/firmware/invoke/main.cc).

    Built in .cache/native; a build that is up to date takes half a second.

    Raises:
        FacetError: it cannot be built; the first error of the build in one line.
    """
    folder = PROJECT / ".cache" / "native"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise FacetError(f"{folder} cannot be written: {error.strerror}") from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one build at a time
        build = subprocess.run(
            [sys.executable, "-m", "platformio", "run", "-e", "native"],
            cwd=PROJECT,
            env=os.environ | {"PLATFORMIO_BUILD_DIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if build.returncode:
        raise FacetError(
            "the firmware's kernels cannot be built for the host (pio run -e native): "
            f"{first_error(build.stdout)}"
        )
    return folder / "native" / "program"
