"""The control and status registers that QEMU does not keep as the ESP32-C3 does.

Numbers and fields: ESP32-C3 Technical Reference Manual, chapter 1 (ESP-RISC-V CPU), 1.4.
"""

from __future__ import annotations

from collections.abc import Callable

MTVEC = 0x305
_MPCER, _MPCMR, _MPCCR = 0x7E0, 0x7E1, 0x7E2

# Read-only identification (TRM, 1.4.2): Espressif's JEDEC code, and RV32 with I, M, C and U.
_IDENTITY = {
    0xF11: 0x0000_0612,  # mvendorid
    0xF12: 0x8000_0001,  # marchid
    0xF13: 0x0000_0001,  # mimpid
    0xF14: 0,  # mhartid
    0x301: 0x4010_1104,  # misa: writes do nothing
}
_PMP = {
    **{0x3A0 + n: f"pmpcfg{n}" for n in range(4)},
    **{0x3B0 + n: f"pmpaddr{n}" for n in range(16)},
}
_DEBUG = {0x7A0: "tselect", 0x7A1: "tdata1", 0x7A2: "tdata2", 0x7A5: "tcontrol"}
_CPU_GPIO = {0x803: "cpu_gpio_oen", 0x804: "cpu_gpio_in", 0x805: "cpu_gpio_out"}

_EVENT_CYCLE, _EVENT_INSTRUCTION = 1 << 0, 1 << 1
_EVENTS = 0x7FF  # eleven of them: mpcer bits 10:0
_COUNT_ENABLE, _COUNT_SATURATE = 1, 2
_MAXIMUM = 0xFFFF_FFFF


class NoSuchCsrError(Exception):
    """The chip has no such register: the instruction is illegal."""


class PerformanceCounter:
    """mpcer, mpcmr and mpccr: one 32-bit counter of one kind of event.

    FIDELITY:
        model: mpcmr is 0 after reset, and only cycles and instructions are counted.
        silicon: The reset value is in no public source, and nine more events can be counted.
        hides: Nothing: start-up code sets mpcmr, and the choice of another event is reported.

    Args:
        cycles, instructions: of the core, while it is awake (the counter stands still in WFI).
        not_modelled: told of an event that is not counted here.
    """

    def __init__(
        self,
        cycles: Callable[[], int],
        instructions: Callable[[], int],
        not_modelled: Callable[[str], None],
    ) -> None:
        self._cycles, self._instructions = cycles, instructions
        self._not_modelled = not_modelled
        self.reset()

    def reset(self) -> None:
        """Off."""
        self._event = self._mode = self._value = self._since = 0

    def read(self, number: int) -> int:
        """One of the three registers."""
        return {_MPCER: self._event, _MPCMR: self._mode}.get(number, self._count())

    def write(self, number: int, value: int) -> None:
        """Writes one of the three registers."""
        self._value = self._count()
        if number == _MPCER:
            self._event = value & _EVENTS
            if self._event not in (0, _EVENT_CYCLE, _EVENT_INSTRUCTION):
                self._not_modelled(f"mpcer={self._event:#x}: this event is not counted")
        elif number == _MPCMR:
            self._mode = value & (_COUNT_ENABLE | _COUNT_SATURATE)
        else:
            self._value = value
        self._since = self._happened()

    def _happened(self) -> int:
        if self._event == _EVENT_CYCLE:
            return self._cycles()
        return self._instructions() if self._event == _EVENT_INSTRUCTION else 0

    def _count(self) -> int:
        if not self._mode & _COUNT_ENABLE:
            return self._value
        count = self._value + self._happened() - self._since
        return min(count, _MAXIMUM) if self._mode & _COUNT_SATURATE else count & _MAXIMUM


class ControlRegisters:
    """Everything but mstatus, mscratch, mepc, mcause and mtval.

    FIDELITY:
        model: pmpcfg and pmpaddr, the trigger registers and the CPU GPIO registers keep what is
            written and do nothing; a write is reported.
        silicon: The registers protect memory, stop the core and drive pins.
        hides: Accesses that a program forbids to itself.

    Args:
        counter: the performance counter.
        not_modelled: told, once for each register, of what a write would have done.
    """

    def __init__(self, counter: PerformanceCounter, not_modelled: Callable[[str], None]) -> None:
        self._counter = counter
        self._not_modelled = not_modelled
        self._told: set[str] = set()
        self.reset()

    def reset(self) -> None:
        """Reset values of the TRM, 1.4."""
        self.mtvec = 1  # base 0, vectored
        self._stored: dict[int, int] = {}
        self._counter.reset()

    def read(self, number: int) -> int:
        """The register's value.

        Raises:
            NoSuchCsrError: the chip has none of this number.
        """
        if number == MTVEC:
            return self.mtvec
        if number in _IDENTITY:
            return _IDENTITY[number]
        if number in (_MPCER, _MPCMR, _MPCCR):
            return self._counter.read(number)
        if number in _PMP or number in _DEBUG or number in _CPU_GPIO:
            return self._stored.get(number, 0)
        raise NoSuchCsrError

    def write(self, number: int, value: int) -> None:
        """Writes the register.

        Raises:
            NoSuchCsrError: the chip has none of this number, or none that can be written.
        """
        if number >> 10 == 3:
            raise NoSuchCsrError  # read-only by its number (volume II, 2.1)
        if number == MTVEC:
            self.mtvec = value & ~0xFF | 1
        elif number in (_MPCER, _MPCMR, _MPCCR):
            self._counter.write(number, value)
        elif number in _PMP:
            self._store(number, value, "PMP", "memory is not protected")
        elif number in _DEBUG:
            self._store(number, value, "trigger", "breakpoints and watchpoints do not act")
        elif number in _CPU_GPIO:
            self._store(number, value, "CPU GPIO", "no pin is driven")
        elif number not in _IDENTITY:
            raise NoSuchCsrError

    def _store(self, number: int, value: int, group: str, effect: str) -> None:
        self._stored[number] = value
        if value and group not in self._told:
            self._told.add(group)
            self._not_modelled(f"{name(number)} written: Facet has no {group} model, {effect}")


def name(number: int) -> str:
    """A register's name for messages."""
    named = {
        **_PMP,
        **_DEBUG,
        **_CPU_GPIO,
        0x300: "mstatus",
        0x304: "mie",
        0x306: "mcounteren",
        0x344: "mip",
        0xB00: "mcycle",
        0xB02: "minstret",
        0xB80: "mcycleh",
        0xB82: "minstreth",
        0xC00: "cycle",
        0xC01: "time",
        0xC02: "instret",
    }
    return named.get(number, f"CSR {number:#05x}")
