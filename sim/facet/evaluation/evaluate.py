"""Runs many frames through the firmware: one after the other, or on all cores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from facet.cycles.parts import Parts
from facet.dataset.frame import Frame
from facet.evaluation.recorder import InputRecorder
from facet.evaluation.results import Outcome
from facet.evaluation.workers import in_processes
from facet.target.bench import DECISION_TIMEOUT, Bench, DeviceError
from facet.target.simulated import simulate
from facet.time import s

CHUNK: Final = 16
"""Frames that one board sees from power-on to the end.

Each chunk begins with a board that was just powered on, and which frames share a chunk depends on
the frames alone. So every frame is shown to the same board in the same state, however many
processes there are, and its result is the same. Smaller chunks boot more often, larger ones spread
less evenly over the cores.
"""

_NEXT_DECISION_TIMEOUT: Final = DECISION_TIMEOUT + s(5)  # after the default interval's sleep


@dataclass
class Evaluation:
    """Results over many frames.

    Attributes:
        outcomes: one for each frame, in their order.
        boot: the device's boot message.
        violations: rules of the board that the firmware broke, each once.
        not_modelled: what the firmware used that Facet has no model of, each once.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    boot: dict[str, Any] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    not_modelled: list[str] = field(default_factory=list)

    def add(self, other: Evaluation) -> None:
        """Appends the results of further frames."""
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
    recorder: InputRecorder | None = None,
) -> Iterator[Outcome]:
    """Shows the frames one after the other to a board that decides by itself.

    The board has just been powered on. It wakes, decides and sleeps on its own; each frame stays
    before the camera until the device has reported on it.

    Args:
        bench: the board.
        frames: what to show.
        on_show: called with each frame before it is shown.
        recorder: records the input of the network for the outcomes; None: it is not recorded.

    Raises:
        DeviceFailedError: the device did not answer.
    """
    for frame in frames:
        on_show(frame)
        bench.show(frame)
        bench.skip()
        try:
            decision = bench.next_decision(_NEXT_DECISION_TIMEOUT)
        except DeviceError as error:
            yield Outcome(frame.name, frame.label, None, str(error))
            continue
        network_input = recorder.take() if recorder is not None else None
        yield Outcome(frame.name, frame.label, decision, network_input=network_input)


def evaluate(
    board: str,
    firmware: Path,
    frames: Sequence[Frame],
    jobs: int,
    on_progress: Callable[[int], None] = lambda _frames: None,
    cycles: Parts = Parts.FULL,
) -> Evaluation:
    """Runs all frames through the firmware in `jobs` processes.

    Args:
        board: its name, or the path of a board file.
        firmware: the ELF file.
        frames: what to show.
        jobs: processes; the result does not depend on it.
        on_progress: called with the number of frames that are done since the last call.
        cycles: what the cycle count includes.

    Raises:
        FacetError: no such board, the firmware does not fit it, or a process died.
        DeviceFailedError: the device did not answer.
    """
    chunks = [frames[i : i + CHUNK] for i in range(0, len(frames), CHUNK)]
    results = in_processes(
        partial(_run_chunk, board, firmware, cycles),
        chunks,
        jobs,
        lambda done: on_progress(len(done.outcomes)),
    )
    whole = Evaluation()
    for result in results:
        whole.add(result)
    return whole


def _run_chunk(board: str, firmware: Path, cycles: Parts, frames: Sequence[Frame]) -> Evaluation:
    bench = simulate(board, firmware, cycles=cycles)
    bench.show(frames[0])
    boot = bench.wait_for_boot()
    outcomes = list(show_each(bench, frames))
    return Evaluation(
        outcomes,
        boot,
        [f"{violation}" for violation in bench.violations],
        [f"{violation}" for violation in bench.not_modelled],
    )
