"""Keywords: the line to the host."""

from __future__ import annotations

from typing import Any

from robot.api.deco import keyword

from facet.robot.desk import Keywords, check
from facet.target.bench import DeviceError
from facet.time import ms, of_ticks, parse

_BYTE_TIME = of_ticks(10, 115200)  # a start bit, eight data bits, a stop bit


class TerminalKeywords(Keywords):
    """Commands, answers, reports."""

    @keyword('Tell It "${command}"')
    def tell(self, command: str) -> dict[str, Any]:
        """Sends a command, which must succeed; returns the answer."""
        return self._desk.bench.ask(command)

    @keyword('Asked For "${command}" It Answers With ${fields}')
    def answers_with(self, command: str, fields: str) -> None:
        """The answer has each of the fields named, separated by commas."""
        answer = self._desk.bench.ask(command)
        missing = [name for name in fields.replace(" ", "").split(",") if name not in answer]
        check(not missing, f"the answer lacks {', '.join(missing)}: {answer}")

    @keyword('Told "${command}" It Answers That ${field} Is ${value}')
    def answers_that(self, command: str, field: str, value: str) -> None:
        """The answer's `field` has `value`."""
        answer = self._desk.bench.ask(command)
        check(str(answer.get(field)) == value, f"{field} is {answer.get(field)!r}: {answer}")

    @keyword('Told "${command}" It Answers With The Error ${code}')
    def answers_with_error(self, command: str, code: str) -> None:
        """The command is refused."""
        try:
            answer = self._desk.bench.ask(command)
        except DeviceError as error:
            check(error.code == code, f"the error is {error.code}, not {code}: {error}")
        else:
            raise AssertionError(f"it took {command!r} and answered {answer}")

    @keyword("Within ${span} It Reports The Error ${code}")
    def reports_error(self, span: str, code: str) -> None:
        """Of its own accord."""
        said = self._desk.bench.wait_for("error", parse(span))
        check(said["code"] == code, f"the error is {said['code']}, not {code}: {said}")

    @keyword("Within ${span} It Reports A Result")
    def reports_result(self, span: str) -> dict[str, Any]:
        """Of its own accord; returns the message."""
        return self._desk.bench.wait_for("result", parse(span))

    @keyword("Send ${count} Bytes Of Noise")
    def send_noise(self, count: int) -> None:
        """Every byte value in turn, in an order without meaning; then a line end."""
        noise = bytes(n * 167 % 256 for n in range(count))  # 167 is odd: it meets all 256
        self._desk.bench.command("")
        self._desk.bench.send(noise + b"\n")
        self._desk.bench.run_for(_BYTE_TIME * count + ms(100))

    @keyword("It Says Nothing For ${span}")
    def says_nothing(self, span: str) -> None:
        """Not a line in the `span` that begins when it has fallen asleep."""
        bench = self._desk.bench
        bench.wait_for("sleep")
        before = len(bench.lines)
        bench.run_for(parse(span))
        said = " | ".join(line.text for line in bench.lines[before:])
        check(not said, f"it said {said}")
