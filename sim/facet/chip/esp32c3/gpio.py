"""GPIO: levels, interrupts, and the matrix of signals (TRM, chapter 5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from facet.board.net import Net
from facet.board.wiring import Wiring
from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.esp32c3.io_mux import IoMux
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits, pure
from facet.pinout.esp32c3 import (
    CONST_ONE,
    CONST_ZERO,
    GPIO_OUT,
    PIN_COUNT,
    SIGNALS,
    pin_name,
)

_PINS = (1 << PIN_COUNT) - 1
_BITS = 26  # the registers are wider than the package

_RISING, _FALLING, _ANY, _LOW, _HIGH = 1, 2, 3, 4, 5  # PINn.INT_TYPE
_CPU_INTERRUPT = 1  # bit of PINn.INT_ENA


class Gpio(GatedPeripheral):
    """GPIO with its matrix.

    Args:
        name: GPIO.
        base: address of BT_SELECT.
        chip: the chip's services.
        wiring: the nets at the pins.
        irq: its interrupt source.
    """

    BT_SELECT = Register(
        0x00,
        0,
        "rw",
    )
    OUT = Register(0x04, 0, "rw", DATA_ORIG=bits(25, 0))
    OUT_W1TS = Register(0x08, 0, "wo", OUT_W1TS=bits(25, 0))
    OUT_W1TC = Register(0x0C, 0, "wo", OUT_W1TC=bits(25, 0))
    ENABLE = Register(0x20, 0, "rw", DATA=bits(25, 0))
    ENABLE_W1TS = Register(0x24, 0, "wo", ENABLE_W1TS=bits(25, 0))
    ENABLE_W1TC = Register(0x28, 0, "wo", ENABLE_W1TC=bits(25, 0))
    STRAP = Register(0x38, 0, "ro", STRAPPING=bits(15, 0))
    IN = Register(0x3C, 0, "ro", DATA_NEXT=bits(25, 0))
    STATUS = Register(0x44, 0, "rw", INTERRUPT=bits(25, 0))
    STATUS_W1TS = Register(0x48, 0, "wo", STATUS_W1TS=bits(25, 0))
    STATUS_W1TC = Register(0x4C, 0, "wo", STATUS_W1TC=bits(25, 0))
    PCPU_INT = Register(0x5C, 0, "ro", PROCPU_INT=bits(25, 0))

    def __init__(
        self, name: str, base: int, chip: ChipServices, *, wiring: Wiring, irq: int
    ) -> None:
        super().__init__(name, base, chip)
        self._irq = irq
        self.io_mux: IoMux
        self.on_level: Callable[[], None] = lambda: None
        """Called after a change that may activate a wake-up source."""
        self._interrupting = False
        self._off = False
        self._held: dict[int, tuple[int | None, int | None]] = {}
        for number in range(_BITS):
            self.add_numbered(
                Register(
                    0x74 + 4 * number,
                    0,
                    "rw",
                    SYNC2_BYPASS=bits(1, 0),
                    PAD_DRIVER=bit(2),
                    SYNC1_BYPASS=bits(4, 3),
                    INT_TYPE=bits(9, 7),
                    WAKEUP_ENABLE=bit(10),
                    CONFIG=bits(12, 11),
                    INT_ENA=bits(17, 13),
                ),
                "PIN{}",
                number,
            )
            self.add_numbered(
                Register(
                    0x554 + 4 * number,
                    GPIO_OUT,
                    "rw",
                    OUT_SEL=bits(7, 0),
                    INV_SEL=bit(8),
                    OEN_SEL=bit(9),
                    OEN_INV_SEL=bit(10),
                ),
                "FUNC{}_OUT_SEL_CFG",
                number,
            )
        for signal in range(128):
            self.add_numbered(
                Register(
                    0x154 + 4 * signal, 0, "rw", IN_SEL=bits(4, 0), IN_INV_SEL=bit(5), SEL=bit(6)
                ),
                "FUNC{}_IN_SEL_CFG",
                signal,
            )
        self._nets: list[Net] = [wiring.net(pin_name(n)) for n in range(PIN_COUNT)]
        self._seen = [0] * PIN_COUNT
        self._straps = 0

    def connect(self, io_mux: IoMux) -> None:
        """Connects the IO MUX."""
        self.io_mux = io_mux
        for number, net in enumerate(self._nets):
            net.watch(partial(self._net_changed, number))

    def reset(self) -> None:
        """Carries out a reset: all pins are inputs."""
        super().reset()
        self._off = False
        self._held = {}
        self._drive(range(PIN_COUNT))
        self.STRAP.value = self._straps
        self._update()

    def latch_straps(self, *, download: bool) -> None:
        """Latches the levels of the strapping pins, at a system reset (datasheet, 3.1).

        Args:
            download: a programmer pulls GPIO9 low and GPIO8 high.
        """
        self._straps = sum(self.level(n) << bit_ for n, bit_ in ((2, 0), (8, 2), (9, 3)))
        if download:
            self._straps = self._straps & ~(1 << 3) | 1 << 2
        self.STRAP.value = self._straps

    # -- levels
    def level(self, number: int) -> int:
        """The level of the pin's input; 0 where the input is disabled."""
        if not self.io_mux.input_enabled(number):
            return 0
        # FIDELITY:
        #   model: A floating input reads 0.
        #   silicon: The input reads either value and changes with noise.
        #   hides: A missing pull-up or pull-down.
        return self._nets[number].level or 0

    def _output_enabled(self, number: int) -> bool:
        config = self.registers[f"FUNC{number}_OUT_SEL_CFG"]
        if config["OUT_SEL"] != GPIO_OUT and not config["OEN_SEL"]:
            return True  # the peripheral enables it
        return bool((self.ENABLE.value >> number & 1) ^ config["OEN_INV_SEL"])

    def _drive(self, numbers: Iterable[int]) -> None:
        """Drives the nets of pins by their outputs and pulls."""
        for number in numbers:
            net, pin = self._nets[number], pin_name(number)
            driven: int | None = None
            pulled: int | None = None
            if self._off:
                driven, pulled = self._held.get(number, (None, None))
            else:
                driven, pulled = self._output(number), self.io_mux.pull(number)
            net.pull(pin, pulled)
            net.drive(pin, driven)
            if driven is not None and net.conflict:
                self.violation(
                    "short-circuit", f"{pin} drives {driven} against another output on its net"
                )
            self._net_changed(number, net.level)

    def _output(self, number: int) -> int | None:
        # FIDELITY:
        #   model: A pin that a peripheral drives does not move its net; the peripheral moves whole
        #     words.
        #   silicon: The pin toggles bit by bit.
        #   hides: What a part sees on a net that it watches for edges, such as a UART's start bit.
        config = self.registers[f"FUNC{number}_OUT_SEL_CFG"]
        if self.io_mux.signal(number) != "GPIO" or config["OUT_SEL"] != GPIO_OUT:
            return None
        if not self._output_enabled(number):
            return None
        level = (self.OUT.value >> number & 1) ^ config["INV_SEL"]
        return None if level and self.open_drain(pin_name(number)) else level

    def power_off(self, held: int) -> None:
        """Releases all pins for deep sleep, except those with a bit in `held`."""
        self._held = {
            n: (self._output(n), self.io_mux.pull(n)) for n in range(PIN_COUNT) if held >> n & 1
        }
        self._off = True
        self._drive(range(PIN_COUNT))

    def _net_changed(self, number: int, _level: int | None) -> None:
        level = self.level(number)
        old, self._seen[number] = self._seen[number], level
        kind = self.registers[f"PIN{number}"]["INT_TYPE"]
        if level != old and kind in (_ANY, _RISING if level else _FALLING):
            self.STATUS.value |= 1 << number
        self._update()

    def pin_changed(self, number: int) -> None:
        """Handles a change of the pin's settings in the IO MUX."""
        self._drive((number,))

    # -- the firmware's accesses: levels
    def _check(self, bits_: int, register: str) -> None:
        for number in range(_BITS):
            if not bits_ >> number & 1:
                continue
            if number >= PIN_COUNT:
                self.violation("no-such-pin", f"{register} written for GPIO{number}: GPIO0 to 21")

    @pure
    def read_IN(self) -> int:
        """The levels at the pins."""
        return sum(self.level(n) << n for n in range(PIN_COUNT))

    def _set_outputs(self, value: int, old: int, register: str) -> None:
        self._check(value ^ old, register)
        self.OUT.value = value
        self._drive(n for n in range(PIN_COUNT) if (value ^ old) >> n & 1)

    def write_OUT(self, value: int, old: int) -> None:
        """Changes output levels."""
        self._set_outputs(value, old, "OUT")

    def write_OUT_W1TS(self, value: int, old: int) -> None:
        """Sets outputs."""
        self.OUT_W1TS.value = 0
        self._set_outputs(self.OUT.value | value, self.OUT.value, "OUT_W1TS")

    def write_OUT_W1TC(self, value: int, old: int) -> None:
        """Clears outputs."""
        self.OUT_W1TC.value = 0
        self._set_outputs(self.OUT.value & ~value, self.OUT.value, "OUT_W1TC")

    def _set_enables(self, value: int, old: int, register: str) -> None:
        self._check(value ^ old, register)
        self.ENABLE.value = value
        self._drive(n for n in range(PIN_COUNT) if (value ^ old) >> n & 1)

    def write_ENABLE(self, value: int, old: int) -> None:
        """Changes output enables."""
        self._set_enables(value, old, "ENABLE")

    def write_ENABLE_W1TS(self, value: int, old: int) -> None:
        """Enables outputs."""
        self.ENABLE_W1TS.value = 0
        self._set_enables(self.ENABLE.value | value, self.ENABLE.value, "ENABLE_W1TS")

    def write_ENABLE_W1TC(self, value: int, old: int) -> None:
        """Disables outputs."""
        self.ENABLE_W1TC.value = 0
        self._set_enables(self.ENABLE.value & ~value, self.ENABLE.value, "ENABLE_W1TC")

    # -- the firmware's accesses: interrupts
    def write_STATUS(self, value: int, old: int) -> None:
        """Sets and clears the interrupt flags of pins."""
        self._update()

    def write_STATUS_W1TS(self, value: int, old: int) -> None:
        """Sets the interrupt flags of pins."""
        self.STATUS_W1TS.value = 0
        self.STATUS.value |= value
        self._update()

    def write_STATUS_W1TC(self, value: int, old: int) -> None:
        """Clears the interrupt flags of pins; an active level sets its flag again."""
        self.STATUS_W1TC.value = 0
        self.STATUS.value &= ~value
        self._update()

    def read_PCPU_INT(self) -> int:
        """Gives the pins with a flag whose CPU interrupt is enabled."""
        return self.PCPU_INT.value

    def write_PIN(self, number: int, value: int, old: int) -> None:
        """Changes interrupt type, open drain and wake-up of a pin."""
        if value != old:
            self._check(1 << number, f"PIN{number}")
        if self.registers[f"PIN{number}"]["WAKEUP_ENABLE"]:
            kind = self.registers[f"PIN{number}"]["INT_TYPE"]
            if kind not in (_LOW, _HIGH):
                self.report_once(
                    "wakeup-needs-level",
                    f"PIN{number}.WAKEUP_ENABLE with INT_TYPE={kind}: only levels (4, 5) wake",
                )
        if number < PIN_COUNT:
            self._drive((number,))

    def _at_level(self, number: int) -> bool:
        kind = self.registers[f"PIN{number}"]["INT_TYPE"]
        return kind == (_HIGH if self.level(number) else _LOW)

    @property
    def wakes(self) -> bool:
        """Whether a pin that is enabled for wake-up has its wake-up level."""
        return any(
            self.registers[f"PIN{n}"]["WAKEUP_ENABLE"] and self._at_level(n)
            for n in range(PIN_COUNT)
        )

    def pad_level(self, number: int) -> int | None:
        """The level at the pin, without regard to its input enable; None where it floats."""
        return self._nets[number].level

    def _update(self) -> None:
        enabled = 0
        for number in range(PIN_COUNT):
            register = self.registers[f"PIN{number}"]
            if register.value:
                if self._at_level(number):
                    self.STATUS.value |= 1 << number
                if register["INT_ENA"] & _CPU_INTERRUPT:
                    enabled |= 1 << number
        self.PCPU_INT.value = self.STATUS.value & enabled
        if bool(self.PCPU_INT.value) != self._interrupting:
            self._interrupting = not self._interrupting
            self.chip.set_interrupt(self._irq, self._interrupting)
        self.on_level()

    # -- the matrix
    def write_FUNC_OUT_SEL_CFG(self, number: int, value: int, old: int) -> None:
        """Selects the signal that a pin outputs."""
        if value != old:
            self._check(1 << number, f"FUNC{number}_OUT_SEL_CFG")
        if number < PIN_COUNT:
            self._drive((number,))

    def write_FUNC_IN_SEL_CFG(self, number: int, value: int, old: int) -> None:
        """Selects the pin of an input signal."""
        config = self.registers[f"FUNC{number}_IN_SEL_CFG"]
        pin = config["IN_SEL"]
        if config["SEL"] and pin not in (CONST_ONE, CONST_ZERO) and pin >= PIN_COUNT:
            self.violation("no-such-pin", f"FUNC{number}_IN_SEL_CFG.IN_SEL={pin}: GPIO0 to GPIO21")

    def output_pin(self, signal: str) -> str | None:
        """See `facet.chip.esp32c3.pins.MatrixRouter`."""
        pins = [pin_name(n) for n in range(PIN_COUNT) if self._carries(n, signal)]
        if len(pins) > 1:
            # FIDELITY:
            #   model: A signal that is routed to several pins reaches the first pin only.
            #   silicon: The signal reaches all of them.
            #   hides: A part on the second pin, which receives nothing here.
            self.report_once("two-pins-one-signal", f"{signal} is routed to {' and '.join(pins)}")
        return pins[0] if pins else None

    def _carries(self, number: int, signal: str) -> bool:
        direct = self.io_mux.signal(number)
        if direct != "GPIO":
            return direct == signal
        config = self.registers[f"FUNC{number}_OUT_SEL_CFG"]
        return (
            config["OUT_SEL"] == SIGNALS[signal] and signal != "U0RXD" and signal != "U1RXD"
        ) and self._output_enabled(number)

    def _input_number(self, signal: str) -> int | None:
        config = self.registers[f"FUNC{SIGNALS[signal]}_IN_SEL_CFG"]
        if config["SEL"]:
            pin = config["IN_SEL"]
            # The matrix gets the pin's input with any IO MUX function (TRM, 5.4.2).
            return pin if pin < PIN_COUNT else None
        for number in range(PIN_COUNT):
            if self.io_mux.signal(number) == signal:
                return number
        return None

    def input_pin(self, signal: str) -> str | None:
        """See `facet.chip.esp32c3.pins.MatrixRouter`."""
        number = self._input_number(signal)
        if number is None or not self.io_mux.input_enabled(number):
            return None
        return pin_name(number)

    def why_no_input(self, signal: str) -> str:
        """See `facet.chip.esp32c3.pins.MatrixRouter`."""
        number = self._input_number(signal)
        if number is None:
            return (
                f"no pin is routed to {signal} (IO_MUX MCU_SEL, or "
                f"GPIO_FUNC{SIGNALS[signal]}_IN_SEL_CFG)"
            )
        return f"{signal} is routed to GPIO{number}, whose IO_MUX_GPIO{number}.FUN_IE=0"

    def open_drain(self, pin: str) -> bool:
        """Whether the pin's output is open drain."""
        return bool(self.registers[f"PIN{pin.removeprefix('GPIO')}"]["PAD_DRIVER"])
