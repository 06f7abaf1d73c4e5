"""Rules of the parts around the chip."""

from __future__ import annotations

from facet.rules.rule import errors

TITLE = "Parts of the board"

_ARDUCHIP = "ArduCAM Mini 2MP Plus, hardware application note"
_OV2640 = "OV2640 datasheet 2.2"

RULES = (
    *errors(
        (
            "serial-format",
            "The terminal receives frames of a format other than 8N1: it shows garbage.",
            "the terminal's settings in the board file",
            "Send 8 data bits, no parity, 1 stop bit.",
        ),
        (
            "back-powered",
            "A signal is high at a module whose supply is off, and feeds it through its inputs.",
            "OV2640 datasheet 2.2, absolute maximum ratings",
            "Make the pin an analog input, or drive it low, before the supply is switched off.",
        ),
        (
            "camera-overclocked",
            "The sensor's clock is above its limit.",
            f"{_OV2640}, table 1; register CLKRC",
            "Set CLKRC and register 0x3D for 36 MHz at most.",
        ),
        (
            "camera-misprogrammed",
            "The sensor's registers give no picture: window, scaler and output do not match.",
            f"{_OV2640}, DSP registers",
            "Set the registers that the message names.",
        ),
        (
            "camera-polarity",
            "The ArduChip expects other levels of HREF and VSYNC than the sensor gives: nothing is "
            "stored.",
            f"{_ARDUCHIP}, register 0x03; OV2640 register COM10",
            "Set the same levels in both.",
        ),
        (
            "fifo-not-cleared",
            "A capture was started while the done flag of the earlier one was set.",
            f"{_ARDUCHIP}, register 0x04",
            "Clear the flag first (0x04 bit 0).",
        ),
        (
            "fifo-underrun",
            "More bytes were read than the frame memory holds.",
            f"{_ARDUCHIP}, registers 0x42 to 0x44",
            "Wait for the done flag and read the length.",
        ),
        (
            "spi-length",
            "A register of the ArduChip was accessed with more than one byte; only one is used.",
            f"{_ARDUCHIP}, SPI protocol",
            "Raise the chip select after each register.",
        ),
        (
            "spi-mode",
            "The ArduChip was clocked in a mode other than 0, or in the wrong bit order: it "
            "receives garbage.",
            f"{_ARDUCHIP}, SPI protocol",
            "Use CPOL=0, CPHA=0, the most significant bit first.",
        ),
        (
            "spi-too-fast",
            "The ArduChip was clocked faster than 8 MHz: it receives garbage.",
            f"{_ARDUCHIP}, SPI protocol",
            "Choose a larger divider.",
        ),
        (
            "sccb-length",
            "More than one value was written to the sensor at a time: it is lost.",
            f"{_OV2640}, SCCB",
            "Send a stop condition after each value; addresses do not advance.",
        ),
        (
            "sccb-too-fast",
            "SCCB was clocked faster than 400 kHz: the sensor does not answer.",
            f"{_OV2640}, table 9",
            "Clock SCL at 400 kHz or less.",
        ),
    ),
)
