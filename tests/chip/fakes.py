"""Chip services that are small enough to test one peripheral model."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.bus import PeripheralBus
from facet.chip.peripheral import BusError, Peripheral
from facet.clock import ClockSignal
from facet.rules import find
from facet.state import State
from facet.time import ZERO, Time
from facet.timeline import Event, EventQueue

RAM = 0x2000_0000
RAM_SIZE = 0x18000


class FakeChip:
    """Chip services over an event queue, a RAM and a peripheral bus; `run` lets time pass."""

    seed = 1

    def __init__(self) -> None:
        self.now = ZERO
        self.queue = EventQueue()
        self.ram = bytearray(RAM_SIZE)
        self.bus = PeripheralBus(self, ())
        self.interrupts: set[int] = set()
        self.violations: list[tuple[str, str]] = []
        self.states: list[tuple[Time, str, State]] = []
        self.events_run = 0

    # -- ChipServices
    def schedule(self, delay: Time, action: Callable[[], None], name: str) -> Event:
        return self.queue.at(self.now + delay, action, name)

    def schedule_at(self, at: Time, action: Callable[[], None], name: str) -> Event:
        return self.queue.at(at, action, name)

    def set_interrupt(self, line: int, active: bool) -> None:
        (self.interrupts.add if active else self.interrupts.discard)(line)

    def violation(self, rule: str, message: str) -> None:
        find(rule)
        self.violations.append((rule, message))

    def read_memory(self, address: int, size: int) -> bytes:
        if RAM <= address <= RAM + RAM_SIZE - size:
            return bytes(self.ram[address - RAM : address - RAM + size])
        if 0x4000_0000 <= address < 0x6000_0000:
            return self.bus.read(address, size).to_bytes(size, "little")
        raise BusError(hex(address))

    def write_memory(self, address: int, data: bytes) -> None:
        if RAM <= address <= RAM + RAM_SIZE - len(data):
            self.ram[address - RAM : address - RAM + len(data)] = data
        elif 0x4000_0000 <= address < 0x6000_0000:
            self.bus.write(address, len(data), int.from_bytes(data, "little"))
        else:
            raise BusError(hex(address))

    def state(self, subject: str, state: State) -> None:
        self.states.append((self.now, subject, state))

    # -- the test's side
    def run(self, span: Time) -> None:
        """Lets `span` of virtual time pass."""
        end = self.now + span
        while (at := self.queue.next_time()) <= end:
            self.now = max(self.now, at)
            event = self.queue.pop_due(self.now)
            assert event is not None
            self.events_run += 1
            event.action()
        self.now = end

    def clock(self, name: str, hz: int) -> ClockSignal:
        """A clock net that runs at `hz`."""
        signal = ClockSignal(name, lambda: self.now)
        signal.set_hz(hz)
        return signal

    @property
    def rules(self) -> list[str]:
        """The rules that were violated, in order."""
        return [rule for rule, _ in self.violations]


class FakePins:
    """A pin router whose routes the test sets."""

    def __init__(self, **routed: str) -> None:
        self.routed = routed
        self.open_drains = set(routed.values())

    def pin_of(self, signal: str) -> str | None:
        return self.routed.get(signal)

    def open_drain(self, pin: str) -> bool:
        return pin in self.open_drains


class Firmware:
    """Reads and writes a peripheral's registers by name, as firmware does through its header."""

    def __init__(self, peripheral: Peripheral) -> None:
        self._peripheral = peripheral
        self._offsets = peripheral.declared()

    def read(self, register: str, size: int = 4) -> int:
        return self._peripheral.read(self._offsets[register], size)

    def write(self, register: str, value: int, size: int = 4) -> None:
        self._peripheral.write(self._offsets[register], size, value)

    def set(self, register: str, mask: int) -> None:
        self.write(register, self.read(register) | mask)

    def clear(self, register: str, mask: int) -> None:
        self.write(register, self.read(register) & ~mask)
