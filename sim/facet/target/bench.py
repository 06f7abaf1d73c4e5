"""A board on a desk: show it a face, send it a command, read what it says, look at its states.

    >>> bench = Bench("nucleo_l476rg", Path("firmware.elf"))
    >>> bench.wait_for("boot")["board"]
    'nucleo_l476rg'
    >>> bench.decide(draw_face("happy", seed=7)).said
    'happy'

Everything that runs the device, the command line as well as the scenarios, stands at this bench;
a real board with its terminal can take the same place.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from facet.board.board import Board, Indicator, load
from facet.dataset.faces import Face
from facet.dataset.frame import Frame, GrayImage
from facet.dataset.scene import Scene
from facet.device.arducam_ov2640 import ArducamMini2mpPlus
from facet.device.camera_view import StillView
from facet.device.terminal import Line as TerminalLine
from facet.device.terminal import Terminal
from facet.diagnostics import Violation
from facet.errors import DeviceFailedError, FacetError
from facet.machine import Machine
from facet.target.decision import Decision
from facet.time import ZERO, Time, ms, s
from facet.trace import Span

BOOT_TIMEOUT: Final = s(10)
"""A crystal may take 2 s to start (DS10198, LSE: t_SU), and the firmware may try it twice."""

DECISION_TIMEOUT: Final = s(40)
"""Longer than any decision can take: the watchdog ends one after some 33 s. The largest model,
emotionnet-nano-a, takes 20 s on the ESP32-C3: 73 million multiply-accumulates of 44 cycles."""

ANSWER_TIMEOUT: Final = DECISION_TIMEOUT
"""A command that comes during a decision is answered after it."""

WAKE_UP_TIME: Final = ms(20)
"""From the byte that wakes the device, and is lost, to the first that it hears."""

_LINES_IN_A_MESSAGE: Final = 3


@dataclass(frozen=True)
class Line:
    """A line that the device said.

    Attributes:
        at: when its last byte arrived.
        text: without the line's end.
    """

    at: Time
    text: str

    @property
    def message(self) -> dict[str, Any] | None:
        """The line's JSON object; None where it is none."""
        try:
            value = json.loads(self.text)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    @property
    def event(self) -> str | None:
        """The kind of message, such as ``result``."""
        message = self.message
        return None if message is None else message.get("event")


class DeviceError(DeviceFailedError):
    """The device answered with an error line.

    Attributes:
        code: its kind, such as ``camera_absent``.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Bench:
    """A board with its firmware, powered on.

    Args:
        board: a board or its name.
        firmware: the ELF file.

    Raises:
        FacetError: no such board, or the firmware does not fit it.
    """

    def __init__(self, board: Board | str, firmware: Path) -> None:
        self.board = load(board) if isinstance(board, str) else board
        self.machine = Machine(self.board, firmware)
        self.lines: list[Line] = []
        """All that the device said, in lines; those that have ended."""
        self._looked_at = 0  # lines that `wait_for` is past
        self._wanted: Callable[[Line], bool] | None = None
        self.machine.terminal.on_line(self._hear)

    # -- time
    @property
    def now(self) -> Time:
        """Virtual time since power-on."""
        return self.machine.now

    def run_until(self, at: Time) -> None:
        """Lets virtual time go by until `at`, counted from power-on."""
        self.machine.run(at)

    def run_for(self, span: Time) -> None:
        """Lets `span` of virtual time go by."""
        self.machine.run(self.now + span)

    def at(self, at: Time, action: Callable[[], None]) -> None:
        """Plans `action`, such as a press of a button, for the virtual time `at`."""
        self.machine.schedule_at(at, action, "bench")

    # -- in front of the camera
    def show(
        self, picture: Frame | Face | GrayImage, *, illumination: float = 1.0, **scene: int
    ) -> None:
        """Puts a picture before the camera; it stays there.

        Args:
            picture: a face; luma uint8 [height, width] where it is a bare array.
            illumination: light on the scene, 1.0 = what the camera's exposure is neutral at.
            **scene: what to change about the neutral scene, by the names of `Scene`: ``x_px``,
                ``size_px``, ``contrast_percent``, ``blur_px``, ``noise`` ...

        Raises:
            FacetError: the scene has no such setting, or a value is out of its range.
        """
        try:
            settings = Scene(**scene)
        except TypeError as error:
            raise FacetError(f"a scene has no such setting: {error}") from None
        self.camera.view = StillView(settings.render(_luma(picture)), illumination)

    @property
    def camera(self) -> ArducamMini2mpPlus:
        """The camera module.

        Raises:
            FacetError: the board has none.
        """
        for part in self.machine.parts.values():
            if isinstance(part, ArducamMini2mpPlus):
                return part
        raise FacetError(f"{self.board.title} has no camera in platforms/{self.board.name}.toml")

    # -- the terminal
    @property
    def terminal(self) -> Terminal:
        """What the device's serial line leads to."""
        return self.machine.terminal

    def send(self, data: bytes) -> None:
        """Sends bytes as they are, one after the other at the terminal's baud rate."""
        self.terminal.send(data)

    def command(self, text: str) -> None:
        """Wakes the device, should it sleep, and sends one command line."""
        self._wake()
        self.send(text.encode() + b"\n")

    def _wake(self) -> None:
        """A line end: it wakes the device, and ends whatever broken line came before."""
        self.send(b"\n")
        self.run_for(WAKE_UP_TIME)

    def skip(self) -> None:
        """`wait_for` looks only at lines from now on."""
        self._looked_at = len(self.lines)

    def wait_for_line(
        self, wanted: Callable[[Line], bool], timeout: Time, what: str = "a line"
    ) -> Line:
        """The first line not yet looked at that is `wanted`; lets virtual time go by until then.

        Raises:
            DeviceFailedError: `timeout` went by; the message holds what the device said last.
        """
        until = self.now + timeout
        while True:
            while self._looked_at < len(self.lines):
                line = self.lines[self._looked_at]
                self._looked_at += 1
                if wanted(line):
                    return line
            if self.now >= until:
                raise DeviceFailedError(self._waited_in_vain(what, timeout))
            self._wanted = wanted
            try:
                self.machine.run(until)
            finally:
                self._wanted = None

    def wait_for(self, event: str, timeout: Time = DECISION_TIMEOUT) -> dict[str, Any]:
        """The next message of a kind, such as ``result`` or ``sleep``.

        Raises:
            DeviceFailedError: it did not come within `timeout` of virtual time.
        """
        line = self.wait_for_line(lambda line: line.event == event, timeout, f"{event!r}")
        return line.message or {}

    def ask(self, command: str, timeout: Time = ANSWER_TIMEOUT) -> dict[str, Any]:
        """Sends a command and gives the device's answer to it.

        Raises:
            DeviceError: the answer is an error.
            DeviceFailedError: no answer within `timeout`.
        """
        verb = command.split(" ", 1)[0]
        self._wake()
        self.skip()  # what the device says so far is no answer: the command is not yet sent
        self.send(command.encode() + b"\n")

        def answers(line: Line) -> bool:
            message = line.message or {}
            return message.get("event") in ("error", verb) or message.get("command") == verb

        line = self.wait_for_line(answers, timeout, f"an answer to {command!r}")
        return _unless_error(line)

    def wait_for_boot(self) -> dict[str, Any]:
        """The boot message after power-on or a reset."""
        return self.wait_for("boot", BOOT_TIMEOUT)

    def decide(self, picture: Frame | Face | GrayImage | None = None, **scene: Any) -> Decision:
        """Shows a picture, asks for one decision now and waits for it.

        Raises:
            DeviceError: the device reported an error instead.
            DeviceFailedError: it said nothing for a long time.
        """
        if picture is not None:
            self.show(picture, **scene)
        self.skip()
        self.command("once")
        return self.next_decision()

    def next_decision(self, timeout: Time = DECISION_TIMEOUT) -> Decision:
        """The next decision that the device reports, asked for or of its own accord.

        Raises:
            DeviceError: it reported an error instead.
            DeviceFailedError: it said nothing for `timeout` of virtual time.
        """
        line = self.wait_for_line(
            lambda line: line.event in ("result", "error"), timeout, "a decision"
        )
        return Decision.from_message(_unless_error(line), line.at)

    # -- hands
    def check_button(self, name: str) -> None:
        """Raises FacetError, which names the board's buttons, when it has none of this name."""
        self._button(name)

    def press(self, button: str) -> None:
        """Presses a button and holds it."""
        found = self._button(button)
        self.machine.wiring.net(found.pin).drive(button, found.active)

    def release(self, button: str) -> None:
        """Lets go of a button; its pull-up or pull-down takes over."""
        self.machine.wiring.net(self._button(button).pin).drive(button, None)

    def break_camera(self, how: str) -> None:
        """Breaks the camera: ``no-ack``, ``no-frame`` or ``removed``.

        Raises:
            FacetError: no such way.
        """
        try:
            self.camera.fail(how)
        except ValueError as error:
            raise FacetError(f"{error}: choose no-ack, no-frame or removed") from None

    def mend_camera(self) -> None:
        """The camera is whole again."""
        self.camera.repair()

    # -- eyes
    @property
    def violations(self) -> list[Violation]:
        """What the firmware did so far that would not work on the real board."""
        return [v for v in self.machine.diagnostics.violations if not is_limit_of_facet(v)]

    @property
    def not_modelled(self) -> list[Violation]:
        """What the firmware used so far that Facet does not model."""
        return [v for v in self.machine.diagnostics.violations if is_limit_of_facet(v)]

    def spans(self, subject: str, since: Time = ZERO) -> list[Span]:
        """The states of ``mcu``, ``camera`` ... from `since` until now."""
        return self.machine.trace.spans(subject, self.now, since)

    def time_in(self, subject: str, state: str, since: Time = ZERO) -> Time:
        """How long `subject` was in `state`, from `since` until now.

        Args:
            subject: ``mcu``, ``camera`` ...
            state: the state's first words will do: ``run`` is ``run 80 MHz range 1`` too.
            since: from when on.
        """
        stays = (
            s.length for s in self.spans(subject, since) if f"{s.state} ".startswith(f"{state} ")
        )
        return sum(stays, ZERO)

    @property
    def locked_up(self) -> bool:
        """Whether the core locked up at any time."""
        return self.time_in("mcu", "locked up") > 0 or self.machine.trace.present("mcu") == (
            "locked up"
        )

    # -- inside
    def _hear(self, heard: TerminalLine) -> None:
        line = Line(heard.at, heard.text)
        self.lines.append(line)
        if self._wanted is not None and self._wanted(line):
            self.machine.stop()

    def _button(self, name: str) -> Indicator:
        for button in self.board.buttons:
            if button.name == name:
                return button
        have = ", ".join(button.name for button in self.board.buttons) or "none"
        raise FacetError(f"{self.board.title} has no button {name!r}; it has {have}")

    def _waited_in_vain(self, what: str, timeout: Time) -> str:
        last = [line.text for line in self.lines[-_LINES_IN_A_MESSAGE:]]
        said = f"the last it said: {' | '.join(last)}" if last else "it said nothing at all"
        state = self.machine.trace.present("mcu") or "running"
        return (
            f"waited {timeout.in_s:g} s of virtual time for {what} in vain, now {self.now}; "
            f"the core is {state} at {self.machine.source_line()}; {said}"
        )


def is_limit_of_facet(violation: Violation) -> bool:
    """Whether the simulator lacks something, rather than the firmware being wrong."""
    return violation.rule == "not-modelled"


def _luma(picture: Frame | Face | GrayImage) -> GrayImage:
    if isinstance(picture, Face):
        return picture.gray
    if isinstance(picture, Frame):
        return picture.image
    return picture


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
