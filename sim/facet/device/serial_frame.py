"""The reception of a serial frame that was sent at another baud rate."""

from __future__ import annotations

from typing import NamedTuple

BAUD_TOLERANCE = 0.025
"""The highest difference of the two rates, as a fraction. RM0351, table 'Tolerance of the USART
receiver': 3.3 % to 4.4 % for ten-bit frames and OVER8=0, which the errors of both clocks and of the
line share."""


class Sampled(NamedTuple):
    """A received frame: the word between start and stop, and whether the stop bit was high."""

    word: int
    stop_bit: bool


def mismatch(sent_baud: int, own_baud: int) -> float:
    """The difference of the two rates as a fraction of the sender's rate."""
    return abs(own_baud - sent_baud) / sent_baud


def sample(word: int, bits: int, sent_baud: int, own_baud: int, own_bits: int) -> Sampled:
    """Samples a frame in the middle of the receiver's bit times, counted from the start bit.

    Args:
        word: the sender's bits between start and stop, first bit lowest.
        bits: their number.
        sent_baud: the sender's rate.
        own_baud: the receiver's rate.
        own_bits: the number of bits in the receiver's word.

    After the sender's frame the line is idle (high).
    """
    line = 1 << (bits + 1) | word << 1  # start bit 0, the word, stop bit 1
    received = 0
    for number in range(1, own_bits + 2):
        # The middle of the receiver's bit, in the sender's bit times.
        place = (2 * number + 1) * sent_baud // (2 * own_baud)
        level = line >> place & 1 if place < bits + 2 else 1
        received |= level << (number - 1)
    return Sampled(received & ((1 << own_bits) - 1), bool(received >> own_bits))
