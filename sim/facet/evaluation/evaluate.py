"""Many frames through the firmware: one after the other, or on all cores."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from facet.dataset.frame import Frame
from facet.errors import FacetError
from facet.evaluation.results import Outcome
from facet.target.bench import DECISION_TIMEOUT, Bench, DeviceError
from facet.target.simulated import simulate
from facet.time import s

CHUNK: Final = 16
"""Frames that one board sees from power-on to the end.

Each chunk begins with a board that was just powered on, and which frames share a chunk depends on
the frames alone. So every frame meets the same board in the same state however many processes
there are, and its result is the same. Smaller chunks boot more often, larger ones spread worse
over the cores.
"""

_NEXT_DECISION_TIMEOUT: Final = DECISION_TIMEOUT + s(5)  # after the default interval's sleep


@dataclass
class Evaluation:
    """What many frames came to.

    Attributes:
        outcomes: one for each frame, in their order.
        boot: the device's boot message.
        violations: what the firmware did wrong, each once; and
        not_modelled: what it used that Facet has no model of.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    boot: dict[str, Any] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    not_modelled: list[str] = field(default_factory=list)

    def add(self, other: Evaluation) -> None:
        """Appends what further frames came to."""
        self.outcomes += other.outcomes
        self.boot = self.boot or other.boot
        for mine, theirs in (
            (self.violations, other.violations),
            (self.not_modelled, other.not_modelled),
        ):
            mine += [violation for violation in theirs if violation not in mine]


def show_each(
    bench: Bench,
    frames: Sequence[Frame],
    on_show: Callable[[Frame], None] = lambda _frame: None,
) -> Iterator[Outcome]:
    """Puts one frame after the other before a board that decides by itself.

    The board has just been powered on. It wakes, decides and sleeps on its own; each frame stands
    before the camera from the report on the one before to the report on itself.

    Raises:
        DeviceFailedError: the device fell silent.
    """
    for frame in frames:
        on_show(frame)
        bench.show(frame)
        bench.skip()
        try:
            yield Outcome(frame.name, frame.label, bench.next_decision(_NEXT_DECISION_TIMEOUT))
        except DeviceError as error:
            yield Outcome(frame.name, frame.label, None, str(error))


def evaluate(
    board: str,
    firmware: Path,
    frames: Sequence[Frame],
    jobs: int,
    on_progress: Callable[[int], None] = lambda _frames: None,
) -> Evaluation:
    """Runs all frames through the firmware in `jobs` processes.

    Args:
        board: its name, or the path of a board file.
        firmware: the ELF file.
        frames: what to show.
        jobs: processes; the result does not depend on it.
        on_progress: told how many frames more are done.

    Raises:
        FacetError: no such board, or the firmware does not fit it.
        DeviceFailedError: the device fell silent.
    """
    chunks = [frames[i : i + CHUNK] for i in range(0, len(frames), CHUNK)]
    if jobs == 1:
        whole = Evaluation()
        for chunk in chunks:
            whole.add(_run_chunk(board, firmware, chunk))
            on_progress(len(chunk))
        return whole
    # Not fork: the libraries in this process may have threads, whose locks a fork would copy.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(min(jobs, len(chunks)), mp_context=context) as pool:
        futures = [pool.submit(_run_chunk, board, firmware, chunk) for chunk in chunks]
        for future in futures:
            future.add_done_callback(lambda done: on_progress(_frames_of(done)))
        whole = Evaluation()
        try:
            for future in futures:
                whole.add(future.result())
        except BrokenProcessPool:
            raise FacetError(
                "a process of the evaluation died; if memory ran out, try fewer --jobs"
            ) from None
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return whole


def _run_chunk(board: str, firmware: Path, frames: Sequence[Frame]) -> Evaluation:
    bench = simulate(board, firmware)
    bench.show(frames[0])
    boot = bench.wait_for_boot()
    outcomes = list(show_each(bench, frames))
    return Evaluation(
        outcomes,
        boot,
        [f"{violation}" for violation in bench.violations],
        [f"{violation}" for violation in bench.not_modelled],
    )


def _frames_of(done: Future[Evaluation]) -> int:
    failed = done.cancelled() or done.exception() is not None
    return 0 if failed else len(done.result().outcomes)
