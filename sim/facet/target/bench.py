"""A bench: a target and the words in which tests speak of the device on it.

    >>> bench = simulate("nucleo_l476rg", Path("firmware.elf"))
    >>> bench.wait_for("boot")["board"]
    'nucleo_l476rg'
    >>> bench.decide(draw_face("happy", seed=7)).said
    'happy'

The command line, the pytest fixture and the keywords of Robot Framework use a bench. Each word
needs the capabilities of its target that its docstring names, and raises CapabilityMissingError
where the target lacks them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from facet.board.board import Board
from facet.diagnostics import Violation
from facet.errors import DeviceFailedError
from facet.state import MCU
from facet.target.buttons import Buttons
from facet.target.clock import Clock
from facet.target.console import Console
from facet.target.core import Core
from facet.target.decision import Decision
from facet.target.faults import Faults
from facet.target.line import Line
from facet.target.parts import Parts
from facet.target.pins import Pins
from facet.target.profiler import Profiler
from facet.target.rules import Rules
from facet.target.scene import Picture, Scene
from facet.target.states import States
from facet.target.target import Target
from facet.time import Time, ms, s

_UNSOLICITED: Final = ("boot", "result", "sleep")
"""Events that the device sends by itself. The answer to the command `sleep` is ``ok``."""

BOOT_TIMEOUT: Final = s(10)
"""A crystal may take 2 s to start (DS10198, LSE: t_SU), and the firmware may try it twice."""

DECISION_TIMEOUT: Final = s(40)
"""Longer than any decision can take: the watchdog ends one after some 33 s. The largest model,
emotionnet-nano-a, takes 20 s on the ESP32-C3: 73 million multiply-accumulates of 44 cycles."""

ANSWER_TIMEOUT: Final = DECISION_TIMEOUT
"""The device answers a command that comes during a decision after it."""

WAKE_UP_TIME: Final = ms(20)
"""From the byte that wakes the device, which is lost, to the first byte that it receives."""

_LINES_IN_A_MESSAGE: Final = 3

PartT = TypeVar("PartT")


class DeviceError(DeviceFailedError):
    """The device answered with an error line.

    Attributes:
        code: its kind, such as ``camera_absent``.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Bench:
    """A target with the words of tests.

    Args:
        target: the board, just powered on.
    """

    def __init__(self, target: Target) -> None:
        self.target = target

    @property
    def board(self) -> Board:
        """The board's data."""
        return self.target.board

    # -- capabilities
    @property
    def console(self) -> Console:
        """The serial line."""
        return self.target.get(Console)

    @property
    def clock(self) -> Clock:
        """The time."""
        return self.target.get(Clock)

    @property
    def scene(self) -> Scene:
        """The scene in front of the camera."""
        return self.target.get(Scene)

    @property
    def states(self) -> States:
        """The states of the parts."""
        return self.target.get(States)

    @property
    def rules(self) -> Rules:
        """The reports of broken rules."""
        return self.target.get(Rules)

    @property
    def faults(self) -> Faults:
        """Faults to inject."""
        return self.target.get(Faults)

    @property
    def pins(self) -> Pins:
        """The chip's pins."""
        return self.target.get(Pins)

    @property
    def buttons(self) -> Buttons:
        """The buttons."""
        return self.target.get(Buttons)

    @property
    def core(self) -> Core:
        """The processor core."""
        return self.target.get(Core)

    @property
    def profiler(self) -> Profiler:
        """Where the cycles go."""
        return self.target.get(Profiler)

    def part(self, name: str, kind: type[PartT]) -> PartT:
        """A part of the board by its name and a protocol; needs `Parts`.

        >>> bench.part("camera", Camera).last_frame
        """
        return self.target.get(Parts).part(name, kind)

    # -- time
    @property
    def now(self) -> Time:
        """The time since power-on; needs `Clock`."""
        return self.clock.now

    def run_until(self, at: Time) -> None:
        """Lets time pass until `at`, counted from power-on; needs `Clock`."""
        self.clock.run_until(at)

    def run_for(self, span: Time) -> None:
        """Lets `span` of time pass; needs `Clock`."""
        self.clock.run_until(self.clock.now + span)

    def at(self, at: Time, action: Callable[[], None]) -> None:
        """Plans `action`, such as a press of a button, for the time `at`; needs `Clock`."""
        self.clock.at(at, action)

    # -- scene and buttons
    def show(self, picture: Picture, *, illumination: float = 1.0, **settings: int) -> None:
        """Puts a picture in front of the camera; see `Scene`, which it needs."""
        self.scene.show(picture, illumination=illumination, **settings)

    def press(self, button: str) -> None:
        """Presses a button and holds it; needs `Buttons`."""
        self.buttons.press(button)

    def release(self, button: str) -> None:
        """Releases a button; needs `Buttons`."""
        self.buttons.release(button)

    # -- rules
    @property
    def violations(self) -> list[Violation]:
        """The violations so far: errors and warnings; needs `Rules`."""
        return self.rules.violations

    @property
    def errors(self) -> list[Violation]:
        """The violations that stop or damage the program on the real board."""
        return self.rules.errors

    @property
    def warnings(self) -> list[Violation]:
        """The violations that the hardware ignores."""
        return self.rules.warnings

    @property
    def not_modelled(self) -> list[Violation]:
        """The functions in use that Facet does not model; needs `Rules`."""
        return self.rules.not_modelled

    @property
    def locked_up(self) -> bool:
        """Whether the core has locked up at any time; needs `Core`."""
        return self.core.locked_up

    # -- the serial line
    @property
    def lines(self) -> Sequence[Line]:
        """All complete lines that the device has sent; needs `Console`."""
        return self.console.lines

    def send(self, data: bytes) -> None:
        """Sends bytes as they are; needs `Console`."""
        self.console.send(data)

    def skip(self) -> None:
        """The words that wait look only at lines from now on; needs `Console`."""
        self.console.skip()

    def command(self, text: str) -> None:
        """Wakes the device, if it sleeps, and sends a command line; needs `Console`, `Clock`."""
        self._wake()
        self.send(text.encode() + b"\n")

    def wait_for_line(
        self, wanted: Callable[[Line], bool], timeout: Time, what: str = "a line"
    ) -> Line:
        """Waits for a line; needs `Console`.

        Args:
            wanted: whether a line is the one waited for.
            timeout: how long to wait.
            what: the line for the message of the error.

        Raises:
            DeviceFailedError: no such line arrived in time; the message has the latest lines.
        """
        line = self.console.wait_for_line(wanted, timeout)
        if line is None:
            raise DeviceFailedError(self._timed_out(what, timeout))
        return line

    # -- the device's messages: docs/uart.md
    def wait_for(self, event: str, timeout: Time = DECISION_TIMEOUT) -> dict[str, Any]:
        """The next message of a kind, such as ``result`` or ``sleep``; needs `Console`.

        Raises:
            DeviceFailedError: none arrived in time.
        """
        line = self.wait_for_line(lambda line: line.event == event, timeout, f"{event!r}")
        return line.message or {}

    def wait_for_boot(self) -> dict[str, Any]:
        """The boot message after power-on or a reset; needs `Console`."""
        return self.wait_for("boot", BOOT_TIMEOUT)

    def ask(self, command: str, timeout: Time = ANSWER_TIMEOUT) -> dict[str, Any]:
        """Sends a command and returns the device's answer; needs `Console` and `Clock`.

        Raises:
            DeviceError: the answer is an error.
            DeviceFailedError: no answer arrived in time.
        """
        verb = command.split(" ", 1)[0]
        self._wake()
        self.skip()  # lines up to here cannot be the answer: the command has not been sent
        self.send(command.encode() + b"\n")

        def answers(line: Line) -> bool:
            message = line.message or {}
            if message.get("event") in _UNSOLICITED:
                return False
            return message.get("event") in ("error", verb) or message.get("command") == verb

        line = self.wait_for_line(answers, timeout, f"an answer to {command!r}")
        return _unless_error(line)

    def next_decision(self, timeout: Time = DECISION_TIMEOUT) -> Decision:
        """The next decision that the device reports, by itself or on command; needs `Console`.

        Raises:
            DeviceError: it reported an error instead.
            DeviceFailedError: it reported nothing in time.
        """
        line = self.wait_for_line(
            lambda line: line.event in ("result", "error"), timeout, "a decision"
        )
        return Decision.from_message(_unless_error(line), line.at)

    def decide(self, picture: Picture | None = None, **scene: Any) -> Decision:
        """Asks for a decision now; needs `Console` and `Clock`, with a picture `Scene` too.

        Args:
            picture: shown first.
            **scene: as for `show`.

        Raises:
            DeviceError: the device reported an error instead.
            DeviceFailedError: it reported nothing in time.
        """
        if picture is not None:
            self.show(picture, **scene)
        self.skip()
        self.command("once")
        return self.next_decision()

    def _wake(self) -> None:
        """Sends a line end: it wakes the device and ends an incomplete line."""
        self.send(b"\n")
        self.run_for(WAKE_UP_TIME)

    def _timed_out(self, what: str, timeout: Time) -> str:
        parts = [f"timed out after {timeout.in_s:g} s waiting for {what}"]
        clock, states = self.target.find(Clock), self.target.find(States)
        core = self.target.find(Core)
        if clock is not None:
            parts[0] += f", at {clock.now} after power-on"
        if states is not None and core is not None:
            parts.append(f"the core is in {states.present(MCU)} at {core.where}")
        last = [line.text for line in self.lines[-_LINES_IN_A_MESSAGE:]]
        parts.append(f"last output: {' | '.join(last)}" if last else "the device sent no output")
        return "; ".join(parts)


def _unless_error(line: Line) -> dict[str, Any]:
    message = line.message or {}
    if message.get("event") == "error":
        code = str(message.get("code"))
        detail = message.get("detail")
        raise DeviceError(
            f"the device reports {code}" + (f": {detail}" if detail else "") + f", at {line.at}",
            code,
        )
    return message
