"""Keywords for any firmware: its serial line, buttons and LEDs, without a protocol."""

from __future__ import annotations

from robot.api.deco import keyword

from facet.errors import FacetError
from facet.robot.desk import Keywords, check
from facet.target.buttons import Buttons
from facet.target.clock import Clock
from facet.target.console import Console
from facet.target.pins import Pins
from facet.time import parse


class AnyFirmwareKeywords(Keywords):
    """Serial text, buttons and LEDs."""

    needs = (Console, Clock, Buttons, Pins)

    @keyword("Switch On The Board")
    def switch_on_the_board(self) -> None:
        """Powers the board on and returns at once; no virtual time has passed."""
        self._desk.power_on()

    @keyword('Within ${span} It Prints "${text}"')
    def prints(self, span: str, text: str) -> str:
        """Waits until a line that contains `text` has arrived; returns the line.

        Lines that an earlier wait has passed are not looked at again.
        """
        line = self._bench.wait_for_line(
            lambda line: text in line.text, parse(span), f'a line with "{text}"'
        )
        return line.text

    @keyword('Send "${text}"')
    def send_text(self, text: str) -> None:
        r"""Starts to send text to the board as UTF-8; ``\n`` in it is a line feed."""
        self._bench.send(text.encode())

    @keyword("Press ${button} For ${span}")
    def press_for(self, button: str, span: str) -> None:
        """Presses a button of the board file, lets `span` pass and releases the button."""
        bench = self._bench
        bench.press(button)
        bench.run_for(parse(span))
        bench.release(button)

    @keyword("The LED ${led} Is Lit")
    def led_is_lit(self, led: str) -> None:
        """Checks that an LED of the board file is lit now."""
        check(self._is_lit(led), f"{led} is dark")

    @keyword("The LED ${led} Is Dark")
    def led_is_dark(self, led: str) -> None:
        """Checks that an LED of the board file is dark now."""
        check(not self._is_lit(led), f"{led} is lit")

    def _is_lit(self, name: str) -> bool:
        bench = self._bench
        for led in bench.board.leds:
            if led.name == name:
                return bench.pins.level(led.pin) == led.active
        have = ", ".join(led.name for led in bench.board.leds) or "none"
        raise FacetError(f"{bench.board.title} has no LED {name!r}; it has {have}")
