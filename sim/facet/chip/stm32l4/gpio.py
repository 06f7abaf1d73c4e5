"""General-purpose I/Os (RM0351, section 8): ports A to H, and the routing of signals to pins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from facet.board.net import Net
from facet.board.wiring import Wiring
from facet.chip.peripheral import ChipServices, Peripheral
from facet.chip.registers import Field, Register, bit, bits, pure
from facet.pinout.stm32l4 import takes_one_pin

_INPUT, _OUTPUT, _ALTERNATE, _ANALOG = range(4)  # MODER (RM0351 8.5.1)
_PULL_UP, _PULL_DOWN = 1, 2  # PUPDR (RM0351 8.5.4)

_RESETS = {
    # Debug pins PA13 to PA15, PB3 and PB4 start as alternate functions with their pulls.
    "A": {"MODER": 0xABFF_FFFF, "OSPEEDR": 0x0C00_0000, "PUPDR": 0x6400_0000},
    "B": {"MODER": 0xFFFF_FEBF, "PUPDR": 0x0000_0100},
    "H": {"MODER": 0x0000_000F},
}


def _each(name: str) -> dict[str, Field]:
    return {f"{name}{n}": bit(n) for n in range(16)}


def _pairs(name: str) -> dict[str, Field]:
    return {f"{name}{n}": bits(2 * n + 1, 2 * n) for n in range(16)}


class GpioPort(Peripheral):
    """One port.

    Args:
        wiring: the nets at the pins.
        bonded: bits of the pins that the package has.
        functions: (pin, AF number) -> signal.
        functions_changed: called after a pin's routing may have changed.
    """

    MODER = Register(0x00, 0xFFFF_FFFF, **_pairs("MODER"))
    OTYPER = Register(0x04, **_each("OT"))
    OSPEEDR = Register(0x08, **_pairs("OSPEEDR"))
    PUPDR = Register(0x0C, **_pairs("PUPDR"))
    IDR = Register(0x10, 0, "ro", **_each("IDR"))
    ODR = Register(0x14, **_each("ODR"))
    BSRR = Register(
        0x18,
        0,
        "wo",
        **{f"BS{n}": bit(n) for n in range(16)},
        **{f"BR{n}": bit(n + 16) for n in range(16)},
    )
    LCKR = Register(0x1C, **_each("LCK"), LCKK=bit(16))
    AFRL = Register(0x20, **{f"AFRL{n}": bits(4 * n + 3, 4 * n) for n in range(8)})
    AFRH = Register(0x24, **{f"AFRH{n}": bits(4 * n - 29, 4 * n - 32) for n in range(8, 16)})
    BRR = Register(0x28, 0, "wo", **_each("BR"))
    ASCR = Register(0x2C, **_each("ASC"))

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        wiring: Wiring,
        bonded: int,
        functions: Mapping[tuple[str, int], str],
        functions_changed: Callable[[], None],
    ) -> None:
        super().__init__(name, base, chip)
        self.letter = name.removeprefix("GPIO")
        self._bonded = bonded
        self._functions = functions
        self._functions_changed = functions_changed
        self._off = False
        self._standby_pulls = (0, 0)
        self._lock_step = 0
        self._locked = 0
        self._nets: dict[int, Net] = {}
        self._listeners: list[list[Callable[[int], None]]] = [[] for _ in range(16)]
        for number in range(16):
            if bonded >> number & 1:
                self._nets[number] = wiring.net(self.pin(number))
        self._inputs = 0  # the levels of the inputs, kept up to date because firmware polls them
        self.reset()
        for number, net in self._nets.items():
            net.watch(partial(self._net_changed, number))

    def pin(self, number: int) -> str:
        """The pin's name: ``PA5``."""
        return f"P{self.letter}{number}"

    # -- inputs
    def level(self, number: int) -> int:
        """The level of the input; 0 in analog mode, where the input is off (RM0351 8.4.12)."""
        net = self._nets.get(number)
        if net is None or self._mode(number) == _ANALOG or self._off:
            return 0
        # FIDELITY:
        #   model: A floating input reads 0.
        #   silicon: The input reads either value and changes with noise.
        #   hides: A missing pull-up or pull-down.
        return net.level or 0

    def watch(self, number: int, listener: Callable[[int], None]) -> None:
        """Calls `listener` with each new level of the pin's input."""
        self._listeners[number].append(listener)

    @pure
    def read_IDR(self) -> int:
        """The levels at the port's pins."""
        return self._inputs

    def _net_changed(self, number: int, _level: int | None) -> None:
        level = self.level(number)
        if level != self._inputs >> number & 1:
            self._inputs ^= 1 << number
            for listener in self._listeners[number]:
                listener(level)

    # -- outputs
    def _mode(self, number: int) -> int:
        return self.MODER.value >> 2 * number & 3

    def _drive(self, numbers: Sequence[int]) -> None:
        """Drives the nets of pins by their outputs and pulls."""
        up, down = self._standby_pulls
        for number in numbers:
            net = self._nets.get(number)
            if net is None:
                continue
            # FIDELITY:
            #   model: A pin in alternate mode does not drive its net; its peripheral moves whole
            #     words. A timer's output does drive it.
            #   silicon: The pin toggles bit by bit.
            #   hides: What a part sees on a net that it watches for edges, such as a UART's start
            #     bit.
            driven: int | None = None
            pulled: int | None = None
            mode = self._mode(number)
            if not self._off:
                high = self.ODR.value >> number & 1
                if mode == _OUTPUT:
                    driven = None if high and self.OTYPER.value >> number & 1 else high
                if mode != _ANALOG:
                    pull = self.PUPDR.value >> 2 * number & 3
                    pulled = {_PULL_UP: 1, _PULL_DOWN: 0}.get(pull)
            if down >> number & 1:
                pulled = 0
            elif up >> number & 1:
                pulled = 1
            pin = self.pin(number)
            net.pull(pin, pulled)
            net.drive(pin, driven)
            if driven is not None and net.conflict:
                self.violation(
                    "short-circuit", f"{pin} drives {driven} against another output on its net"
                )
            self._net_changed(number, net.level)  # the mode may have switched the input

    def set_standby_pulls(self, up: int, down: int) -> None:
        """The pulls that PWR_PUCRx and PWR_PDCRx apply (RM0351 5.4.7)."""
        if (up, down) != self._standby_pulls:
            changed = up ^ self._standby_pulls[0] | down ^ self._standby_pulls[1]
            self._standby_pulls = (up, down)
            self._drive([n for n in range(16) if changed >> n & 1])

    def power_off(self) -> None:
        """Releases all pins in Standby and Shutdown; only the PWR's pulls act (RM0351 5.3.9)."""
        self._off = True
        self._drive(range(16))

    def reset(self) -> None:
        """Carries out a reset: all pins are analog inputs except the debug pins."""
        super().reset()
        for register, value in _RESETS.get(self.letter, {}).items():
            self.registers[register].value = value
        self._off = False
        self._lock_step = self._locked = 0
        self._drive(range(16))
        self._functions_changed()

    # -- configuration
    def _keep_locked(self, register: str, old: int, width: int) -> None:
        """Restores the configuration of pins that LCKR locked (RM0351 8.5.8)."""
        if not self._locked:
            return
        mask = sum(((1 << width) - 1) << n * width for n in range(16) if self._locked >> n & 1)
        state = self.registers[register]
        if (state.value ^ old) & mask:
            self.violation("gpio-locked", f"{register} written for pins that LCKR has locked")
            state.value = state.value & ~mask | old & mask

    def write_MODER(self, value: int, old: int) -> None:
        """Changes the modes of pins, and with them outputs, pulls and routes."""
        self._keep_locked("MODER", old, 2)
        changed = self.MODER.value ^ old
        numbers = [n for n in range(16) if changed >> 2 * n & 3]
        for number in numbers:
            if self._mode(number) in (_OUTPUT, _ALTERNATE) and not self._bonded >> number & 1:
                self.violation("pin-not-bonded", f"{self.pin(number)} is not on this package")
        self._drive(numbers)
        self._functions_changed()

    def write_OTYPER(self, value: int, old: int) -> None:
        """Selects push-pull or open drain."""
        self._keep_locked("OTYPER", old, 1)
        self._drive([n for n in range(16) if (self.OTYPER.value ^ old) >> n & 1])

    def write_OSPEEDR(self, value: int, old: int) -> None:
        """Stores the output speed, which changes only the slope of edges."""
        self._keep_locked("OSPEEDR", old, 2)

    def write_PUPDR(self, value: int, old: int) -> None:
        """Changes pull-ups and pull-downs."""
        self._keep_locked("PUPDR", old, 2)
        self._drive([n for n in range(16) if (self.PUPDR.value ^ old) >> 2 * n & 3])

    def write_ODR(self, value: int, old: int) -> None:
        """Changes output levels."""
        self._drive([n for n in range(16) if (value ^ old) >> n & 1])

    def write_BSRR(self, value: int, old: int) -> None:
        """Sets and clears outputs."""
        self.BSRR.value = 0
        self._set_outputs(self.ODR.value & ~(value >> 16) | value & 0xFFFF)  # BSx wins: 8.5.7

    def write_BRR(self, value: int, old: int) -> None:
        """Clears outputs."""
        self.BRR.value = 0
        self._set_outputs(self.ODR.value & ~value)

    def _set_outputs(self, value: int) -> None:
        old = self.ODR.value
        self.ODR.value = value
        self._drive([n for n in range(16) if (value ^ old) >> n & 1])

    def write_AFRL(self, value: int, old: int) -> None:
        """Changes the alternate functions of pins 0 to 7."""
        self._keep_alternates_locked("AFRL", old, 0)

    def write_AFRH(self, value: int, old: int) -> None:
        """Changes the alternate functions of pins 8 to 15."""
        self._keep_alternates_locked("AFRH", old, 8)

    def _keep_alternates_locked(self, register: str, old: int, first: int) -> None:
        state = self.registers[register]
        for number in range(8):
            mask = 0xF << 4 * number
            if self._locked >> first + number & 1 and (state.value ^ old) & mask:
                self.violation("gpio-locked", f"{register} written for pins that LCKR has locked")
                state.value = state.value & ~mask | old & mask
        self._functions_changed()

    def write_LCKR(self, value: int, old: int) -> None:
        """Locks pins after LCKK is written as 1, 0, 1 with the same pins, then read (8.5.8)."""
        if self._locked:
            self.LCKR.value = old
            return
        key, pins = value >> 16 & 1, value & 0xFFFF
        if key == (1, 0, 1)[self._lock_step] and (self._lock_step == 0 or pins == old & 0xFFFF):
            self._lock_step += 1
        else:
            self._lock_step = key
        self.LCKR.value = pins
        if self._lock_step == 3:
            self._locked = pins
            self._lock_step = 0
            self.LCKR["LCKK"] = 1

    # -- routing
    def function(self, number: int) -> str | None:
        """The signal that the pin carries in alternate mode; None in any other."""
        if self._off or self._mode(number) != _ALTERNATE or not self._bonded >> number & 1:
            return None
        register = self.AFRL if number < 8 else self.AFRH
        return self._functions.get((self.pin(number), register.value >> 4 * (number & 7) & 0xF))

    def open_drain(self, number: int) -> bool:
        """Whether the pin's output is open drain."""
        return bool(self.OTYPER.value >> number & 1)


class Pins:
    """All ports together: a `facet.chip.pins.PinRouter`.

    Args:
        violation: takes a rule and a message, as `ChipServices.violation` does.
    """

    def __init__(self, violation: Callable[[str, str], None]) -> None:
        self._violation = violation
        self._ports: dict[str, GpioPort] = {}
        self._routes: dict[str, str] | None = {}
        self._reported: set[tuple[str, str, str]] = set()
        self._listeners: list[Callable[[], None]] = []

    def add(self, port: GpioPort) -> None:
        """Adds a port."""
        self._ports[port.letter] = port
        self.forget()

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Calls `listener` after a pin's configuration has changed."""
        self._listeners.append(listener)

    def forget(self) -> None:
        """Discards the routing after a pin's configuration has changed."""
        self._routes = None
        for listener in self._listeners:
            listener()

    def pin_of(self, signal: str) -> str | None:
        """The pin whose alternate function is `signal`, or None."""
        if self._routes is None:
            self._routes = self._route()
        return self._routes.get(signal)

    def open_drain(self, pin: str) -> bool:
        """Whether the pin's output is open drain."""
        return self._ports[pin[1]].open_drain(int(pin[2:]))

    def _route(self) -> dict[str, str]:
        routes: dict[str, str] = {}
        for port in self._ports.values():
            for number in range(16):
                signal = port.function(number)
                if signal is None:
                    continue
                pin = port.pin(number)
                other = routes.setdefault(signal, pin)
                clash = (signal, other, pin)
                if other != pin and takes_one_pin(signal) and clash not in self._reported:
                    self._reported.add(clash)
                    self._violation(
                        "two-pins-one-signal", f"{signal} is routed to both {other} and {pin}"
                    )
        return routes
