"""The signals that pins can carry: GPIO matrix and IO MUX (TRM, chapter 5)."""

from __future__ import annotations

from typing import Protocol

PIN_COUNT = 22  # GPIO0 to GPIO21
FLASH_PINS = range(12, 18)  # wired to the flash inside the module (TRM, 5.10)
GPIO_OUT = 128  # FUNCn_OUT_SEL_CFG.OUT_SEL: GPIO_OUT itself
CONST_ONE, CONST_ZERO = 0x1E, 0x1F  # FUNCn_IN_SEL_CFG.IN_SEL: no pin

SIGNALS = {
    # Signal -> its number in the matrix, the same for input and output (TRM, table 5-2).
    "U0RXD": 6,
    "U0TXD": 6,
    "U1RXD": 9,
    "U1TXD": 9,
    "I2CEXT0_SCL": 53,
    "I2CEXT0_SDA": 54,
    "FSPICLK": 63,
    "FSPIQ": 64,
    "FSPID": 65,
    "FSPICS0": 68,
}

IO_MUX_FUNCTIONS = {
    # Pin -> signals of functions 0, 1 and 2; "GPIO" is the matrix (TRM, table 5-3).
    **dict.fromkeys((0, 1, 3, 8, 9, 11, 18, 19), ("GPIO", "GPIO", None)),
    2: ("GPIO", "GPIO", "FSPIQ"),
    4: ("MTMS", "GPIO", "FSPIHD"),
    5: ("MTDI", "GPIO", "FSPIWP"),
    6: ("MTCK", "GPIO", "FSPICLK"),
    7: ("MTDO", "GPIO", "FSPID"),
    10: ("GPIO", "GPIO", "FSPICS0"),
    12: ("SPIHD", "GPIO", None),
    13: ("SPIWP", "GPIO", None),
    14: ("SPICS0", "GPIO", None),
    15: ("SPICLK", "GPIO", None),
    16: ("SPID", "GPIO", None),
    17: ("SPIQ", "GPIO", None),
    20: ("U0RXD", "GPIO", None),
    21: ("U0TXD", "GPIO", None),
}


def pin_name(number: int) -> str:
    """The pin's net: ``GPIO6``."""
    return f"GPIO{number}"


class MatrixRouter(Protocol):
    """The present routing of peripherals' signals to pins."""

    def output_pin(self, signal: str) -> str | None:
        """The pin that outputs `signal`, such as ``FSPICLK``, or None."""

    def input_pin(self, signal: str) -> str | None:
        """The pin with an enabled input that feeds `signal`, or None."""

    def why_no_input(self, signal: str) -> str:
        """The reason why `input_pin` gives None, with the setting to correct."""

    def open_drain(self, pin: str) -> bool:
        """Whether the pin's output is open drain."""
