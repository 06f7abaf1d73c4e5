"""The connections of a board."""

from __future__ import annotations

from facet.board.wiring import Wiring
from facet.time import ZERO, Time


class Listener:
    """The receiver of a serial line."""

    def __init__(self) -> None:
        self.words: list[int] = []

    def received(self, word: int, at: Time, baud: int, bits: int = 8) -> None:
        self.words.append(word)


def test_a_part_may_listen_beside_the_terminal() -> None:
    wiring = Wiring()
    terminal, part, elsewhere = Listener(), Listener(), Listener()
    wiring.plug_serial(terminal, "PA2")
    wiring.plug_serial(part, "PA2")
    wiring.plug_serial(elsewhere, "PA9")
    wiring.serial_send("PA2", 0x41, ZERO, 115200)
    assert terminal.words == part.words == [0x41]
    assert elsewhere.words == []
