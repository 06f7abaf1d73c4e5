"""Progress of long work: a bar on a terminal, a plain line every ten seconds elsewhere.

with Progress("frames", total=len(frames)) as progress:
    for frame in frames:
        ...
        progress.advance()
"""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

LINE_INTERVAL_S: Final = 10.0
"""Seconds of host time between two lines where standard error is not a terminal."""


class Progress:
    """Reports the progress of a piece of work on standard error. Safe to call from any thread.

    Args:
        what: the unit that is counted, in the plural, or a description where `total` is None.
        total: the number of units; None when it is not known.
    """

    def __init__(self, what: str, total: int | None = None) -> None:
        self._what = what
        self._total = total
        self._done = 0
        self._detail = ""
        self._begun_s = 0.0
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._bar: RichProgress | None = None
        self._ticker: threading.Thread | None = None

    def __enter__(self) -> Progress:
        self._begun_s = time.monotonic()
        if sys.stderr.isatty():
            self._bar = RichProgress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=Console(stderr=True, highlight=False, markup=False, emoji=False),
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task(self._what, total=self._total)
        else:
            self._ticker = threading.Thread(target=self._tick, daemon=True)
            self._ticker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._finished.set()
        if self._bar is not None:
            self._bar.stop()
        if self._ticker is not None:
            self._ticker.join()

    def advance(self, units: int = 1, detail: str = "") -> None:
        """Counts `units` more as done.

        Args:
            units: how many.
            detail: a few words on the present state, such as ``loss 0.412``; "" keeps the last.
        """
        with self._lock:
            self._done += units
            self._detail = detail or self._detail
        if self._bar is not None:
            description = f"{self._what} ({self._detail})" if self._detail else self._what
            self._bar.update(self._task, advance=units, description=description)

    def _tick(self) -> None:
        while not self._finished.wait(LINE_INTERVAL_S):
            print(self._line(), file=sys.stderr, flush=True)

    def _line(self) -> str:
        with self._lock:
            done, detail = self._done, self._detail
        spent_s = time.monotonic() - self._begun_s
        parts = [f"{self._what}: {done}" + (f" of {self._total}" if self._total else "")]
        parts.append(f"{spent_s:.0f} s")
        if self._total and 0 < done < self._total:
            parts.append(f"about {spent_s / done * (self._total - done):.0f} s left")
        if detail:
            parts.append(detail)
        return ", ".join(parts)
