"""Rules of the cores, the buses and the pins of all chips."""

from __future__ import annotations

from facet.rules.rule import Rule, Severity, errors, warnings

TITLE = "Cores, buses and pins"

RULES = (
    *errors(
        (
            "fault",
            "The core took a fault: an access without memory, an undefined instruction, a stack "
            "overflow.",
            "Armv7-M ARM B1.5; ESP32-C3 TRM 1.4",
            "Look at the line and at the address that the message names.",
        ),
        (
            "lock-up",
            "The core faulted within a fault handler, or a trap handler traps without end: it "
            "stops until a reset.",
            "Armv7-M ARM B1.5.15; ESP32-C3 TRM 1.4",
            "Correct the first fault that is reported, and provide a handler that works.",
        ),
        (
            "unclocked-peripheral",
            "A register was changed while the bus clock of its peripheral was off: the write is "
            "lost.",
            "RM0351 6.2.18; ESP32-C3 TRM 6.2.4",
            "Set the enable bit that the message names before the first write.",
        ),
        (
            "peripheral-in-reset",
            "A register was changed while its peripheral was held in reset: the write is lost.",
            "ESP32-C3 TRM 6.2.4",
            "Clear the reset bit that the message names first.",
        ),
        (
            "no-such-peripheral",
            "An address was accessed at which the chip has no memory and no peripheral.",
            "RM0351 2.2; RM0394 2.2; ESP32-C3 TRM 3.3",
            "Correct the address; the program may be built for another chip of the family.",
        ),
        (
            "wrong-pin-function",
            "A peripheral transferred while no pin was routed to one of its signals: nothing "
            "reaches the wire.",
            "RM0351 8.4; DS10198 tables 17 and 18; ESP32-C3 TRM 5",
            "Select the alternate function, or the signal in the GPIO matrix, before the transfer.",
        ),
        (
            "short-circuit",
            "Two outputs drive one net to different levels.",
            "DS10198 6.2, absolute maximum ratings; ESP32-C3 datasheet 4.1",
            "Make one of them an input, or an open-drain output.",
        ),
        (
            "baud-rate",
            "A frame was sent or received at a rate that differs by more than the tolerance: the "
            "bytes are garbage.",
            "RM0351 40.5.4 and 40.5.5; ESP32-C3 TRM 26.3.3",
            "Compute the divider from the clock that the UART really has.",
        ),
        (
            "i2c-not-open-drain",
            "A pin of an I2C bus is a push-pull output: it drives against parts that pull low.",
            "I2C-bus specification 3.1.1; RM0351 39.4.3; ESP32-C3 TRM 28.4",
            "Make SCL and SDA open-drain outputs.",
        ),
        (
            "i2c-no-pull-up",
            "A start condition was requested while a line was low: it never happens.",
            "I2C-bus specification 3.1.1; RM0351 39.4.9",
            "Fit or switch on the pull-ups, and power the parts that hold the lines low.",
        ),
        (
            "i2c-no-clock",
            "A transfer was started while the kernel clock of the I2C controller was stopped.",
            "RM0351 39.4.2; ESP32-C3 TRM 28.4.1",
            "Switch on the clock that the message names.",
        ),
        (
            "i2c-too-fast",
            "SCL runs faster than the mode allows.",
            "I2C-bus specification, table 10; ESP32-C3 TRM 28.2",
            "Set longer low and high periods.",
        ),
        (
            "spi-changed-while-busy",
            "The settings of an SPI were changed while a frame was on the wire.",
            "RM0351 42.6.1 and 42.6.2; ESP32-C3 TRM 27.5.3",
            "Wait for the end of the transfer first.",
        ),
        (
            "spi-select-moved",
            "A chip select changed while a frame was on the wire: the part sees a cut frame.",
            "RM0351 42.4.9; ESP32-C3 TRM 27.5",
            "Wait until the transfer is over (BSY, CMD.USR), not only until the data are handed "
            "over.",
        ),
    ),
    *warnings(
        (
            "unclocked-access",
            "A register was read, or written with its present value, while the bus clock of its "
            "peripheral was off: reads give 0, writes are lost.",
            "RM0351 6.2.18; ESP32-C3 TRM 6.2.4",
            "Set the enable bit first, or leave the access out.",
        ),
        (
            "access-in-reset",
            "A register was read, or written with its present value, while its peripheral was in "
            "reset.",
            "ESP32-C3 TRM 6.2.4",
            "Clear the reset bit first, or leave the access out.",
        ),
        (
            "no-such-register",
            "A reserved offset within a peripheral was accessed: reads give 0, writes are ignored.",
            "the register map of the peripheral",
            "Leave the access out; the driver may be written for a larger peripheral of the kind.",
        ),
        (
            "two-pins-one-signal",
            "A signal is routed to two pins: both carry it, of which Facet follows the first.",
            "RM0351 8.4.2; ESP32-C3 TRM 5.5",
            "Select another function on the wrong pin.",
        ),
        (
            "watchdog",
            "A watchdog was not fed in time, or outside its window: it resets the chip.",
            "RM0351 36 and 37; ESP32-C3 TRM 12",
            "Feed it in time. Allow the rule in a test that provokes the reset.",
        ),
    ),
    Rule(
        "not-modelled",
        Severity.LIMIT,
        "The program uses a function that Facet does not model; its effects are not simulated.",
        "docs/fidelity.md",
        "No change of the firmware: this is a limit of the simulator.",
    ),
)
