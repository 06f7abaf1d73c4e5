"""The states of a simulated board's parts."""

from __future__ import annotations

from collections.abc import Sequence

from facet.errors import FacetError
from facet.machine import Machine
from facet.state import MCU, State
from facet.time import ZERO, Time
from facet.trace import Span, merged


class SimulatedStates:
    """Reads the machine's trace; see `facet.target.states.States`."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._trace = machine.trace

    @property
    def parts(self) -> Sequence[str]:
        """The microcontroller and the parts that report states."""
        reporting = self._trace.subjects
        return [part for part in (MCU, *self._machine.parts) if part in reporting]

    def present(self, part: str) -> State:
        """The state that a part is in."""
        state = self._trace.present(part)
        if state is not None:
            return state
        peripherals = {peripheral.name for peripheral in self._machine.chip.bus.peripherals}
        if part in peripherals or part in self._machine.parts:
            raise FacetError(f"{part} has not reported a state so far")
        raise FacetError(
            f"{self._machine.board.title} has no part {part!r}: there are "
            f"{', '.join(self.parts)} and the chip's peripherals"
        )

    def spans(self, part: str, since: Time = ZERO) -> Sequence[Span]:
        """The states of a part over time."""
        self.present(part)
        return self._trace.spans(part, self._machine.now, since)

    def stays(self, part: str, mode: str, since: Time = ZERO) -> Sequence[Span]:
        """The stays of a part in a mode."""
        self._check_mode(part, mode)
        spans = (span for span in self.spans(part, since) if span.state.mode == mode)
        return merged(spans, key=lambda state: state.mode)

    def time_in(self, part: str, mode: str, since: Time = ZERO) -> Time:
        """The time that a part was in a mode."""
        self._check_mode(part, mode)
        if since <= ZERO:
            durations = self._trace.durations(part, self._machine.now)
            return sum((t for state, t in durations.items() if state.mode == mode), ZERO)
        return sum((stay.length for stay in self.stays(part, mode, since)), ZERO)

    def _check_mode(self, part: str, mode: str) -> None:
        modes = self.present(part).modes
        if mode not in modes:
            raise FacetError(f"{part} has no mode {mode!r}: there are {', '.join(modes)}")
