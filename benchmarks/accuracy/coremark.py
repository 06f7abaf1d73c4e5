"""CoreMark on the ESP32-C3 (Espressif's coremark_example: GCC 12.2, -O3 -fjump-tables
-ftree-switch-conversion, code in IRAM)."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.accuracy.figures import Comparison
from facet.errors import FacetError

PUBLISHED_ITERATIONS_A_SECOND = 409.249
HZ = 160_000_000
BOARD = "esp32c3_devkitm"
_SECONDS = 5  # of virtual time: some iterations are enough, each takes the same


def compare(root: Path, report: Callable[[str], None]) -> Iterator[Comparison]:
    """Runs each `*esp32c3*.elf` of a folder.

    Args:
        root: has CoreMark, built for direct boot of an ESP32-C3 with all code in IRAM; it counts
            core cycles as its ticks and prints its report on UART0.
        report: called with what runs next.

    Raises:
        FacetError: there is none, or it printed no report.
    """
    images = sorted(root.glob("*esp32c3*.elf"))
    if not images:
        raise FacetError(f"{root}: no *esp32c3*.elf, CoreMark built for the ESP32-C3")
    for image in images:
        report(image.stem)
        said = subprocess.run(
            [
                *(sys.executable, "-m", "facet", "run", str(image)),
                *("--board", BOARD, "--for", f"{_SECONDS}s"),
            ],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        ticks = re.search(r"Total ticks\s*: (\d+)", said)
        iterations = re.search(r"Iterations\s*: (\d+)", said)
        if ticks is None or iterations is None:
            raise FacetError(f"{image}: it printed no report of CoreMark within {_SECONDS} s")
        yield Comparison(
            "CoreMark 1.0",
            "cycles an iteration",
            HZ / PUBLISHED_ITERATIONS_A_SECOND,
            int(ticks[1]) / int(iterations[1]),
            fitted=True,
        )
