"""Pins of the ESP32-C3, and the signals they can carry: GPIO matrix and IO MUX (TRM, chapter 5)."""

from __future__ import annotations

import re
from typing import Final

from facet.pinout.pinout import Crystal, Pinout

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


C3_PINOUT: Final = Pinout(
    "esp32c3",
    "ESP32-C3",
    re.compile(r"GPIO\d+"),
    frozenset(pin_name(n) for n in range(PIN_COUNT) if n not in FLASH_PINS),
    {pin_name(n): "it is wired to the flash inside the module" for n in FLASH_PINS},
    None,
    (
        # XTAL_32K_P and XTAL_32K_N; the TRM has a 40 MHz main crystal only.
        Crystal("lse_hz", 32_768, 32_768, ("GPIO0", "GPIO1")),
        Crystal("hse_hz", 40_000_000, 40_000_000, is_required=True),
    ),
)
