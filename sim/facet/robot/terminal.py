"""Keywords: commands, answers and reports on the serial line."""

from __future__ import annotations

from typing import Any

from robot.api.deco import keyword

from facet.robot.desk import Keywords, check
from facet.target.bench import DeviceError
from facet.target.clock import Clock
from facet.target.console import Console
from facet.time import ms, of_ticks, parse, s

_BYTE_TIME = of_ticks(10, 115200)  # a start bit, eight data bits, a stop bit
_LONGEST_INTERVAL = s(3600 + 60)  # that the device takes, and a decision


class TerminalKeywords(Keywords):
    """Sends commands in the device's protocol (docs/uart.md) and checks the answers."""

    needs = (Console, Clock)

    @keyword('The Command "${command}" Succeeds')
    def command_succeeds(self, command: str) -> dict[str, Any]:
        """Sends a command, which must not be refused; returns the answer."""
        return self._bench.ask(command)

    @keyword('The Command "${command}" Returns The Fields ${fields}')
    def command_returns_fields(self, command: str, fields: str) -> None:
        """Checks that the answer has each of the fields, which commas separate."""
        answer = self._bench.ask(command)
        missing = [name for name in fields.replace(" ", "").split(",") if name not in answer]
        check(not missing, f"the answer lacks {', '.join(missing)}: {answer}")

    @keyword('The Command "${command}" Returns ${field} = ${value}')
    def command_returns(self, command: str, field: str, value: str) -> None:
        """Checks the value of a field of the answer."""
        answer = self._bench.ask(command)
        check(str(answer.get(field)) == value, f"{field} is {answer.get(field)!r}: {answer}")

    @keyword('The Command "${command}" Fails With ${code}')
    def command_fails(self, command: str, code: str) -> None:
        """Checks that the answer is an error with this code."""
        try:
            answer = self._bench.ask(command)
        except DeviceError as error:
            check(error.code == code, f"the error is {error.code}, not {code}: {error}")
        else:
            raise AssertionError(f"the device accepted {command!r} and answered {answer}")

    @keyword("The Device Reports The Error ${code} Within ${span}")
    def reports_error(self, code: str, span: str) -> None:
        """Waits for the next error, which no command caused, and checks its code."""
        said = self._bench.wait_for("error", parse(span))
        check(said["code"] == code, f"the error is {said['code']}, not {code}: {said}")

    @keyword("The Device Reports A Result Within ${span}")
    def reports_result(self, span: str) -> dict[str, Any]:
        """Waits for the next result, which no command caused; returns the message."""
        return self._bench.wait_for("result", parse(span))

    @keyword("The Device Makes ${count} Decisions")
    def makes_decisions(self, count: int) -> None:
        """Waits for `count` decisions at the device's interval, and for the sleep after them."""
        bench = self._bench
        self._desk.since = bench.now
        for _ in range(count):
            bench.wait_for("result", _LONGEST_INTERVAL)
            bench.wait_for("sleep")
        bench.run_for(ms(100))

    @keyword("Send ${count} Bytes Of Noise")
    def send_noise(self, count: int) -> None:
        """Sends each byte value in turn, in no meaningful order; then a line end."""
        noise = bytes(n * 167 % 256 for n in range(count))  # 167 is odd: it meets all 256
        bench = self._bench
        bench.command("")
        bench.send(noise + b"\n")
        bench.run_for(_BYTE_TIME * count + ms(100))

    @keyword("The Device Is Silent For ${span}")
    def is_silent_for(self, span: str) -> None:
        """Waits until the device sleeps, and checks that it sends no line for `span` after that."""
        bench = self._bench
        bench.wait_for("sleep")
        before = len(bench.lines)
        bench.run_for(parse(span))
        said = " | ".join(line.text for line in bench.lines[before:])
        check(not said, f"the device sent {said}")
