"""The base of all on-chip peripherals: name, base address, clock gate, interrupt lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from facet.chip.registers import RegisterBlock, RegisterState
from facet.state import State
from facet.time import Time
from facet.timeline import Event


class BusError(Exception):
    """Nothing answers at an address: the core takes a bus fault, a DMA channel TEIF."""


class ChipServices(Protocol):
    """The services of the chip and the board for a peripheral."""

    @property
    def now(self) -> Time:
        """Virtual time."""

    @property
    def seed(self) -> int:
        """The seed of the random number generators: the same seed gives the same numbers."""

    def schedule(self, delay: Time, action: Callable[[], None], name: str) -> Event:
        """Plans `action` for `delay` from now."""

    def schedule_at(self, at: Time, action: Callable[[], None], name: str) -> Event:
        """Plans `action` for the time `at`."""

    def set_interrupt(self, line: int, active: bool) -> None:
        """Drives an interrupt input of the core (NVIC position in the manual's vector table)."""

    def violation(self, rule: str, message: str) -> None:
        """Reports what would not work on the real board, at the firmware's present line.

        Args:
            rule: short name, such as "unclocked-peripheral".
            message: one sentence that names registers and bits.
        """

    def read_memory(self, address: int, size: int) -> bytes:
        """Reads as a bus master (DMA) does: memories, and peripheral registers `size` bytes wide.

        Raises:
            BusError: nothing answers there.
        """

    def write_memory(self, address: int, data: bytes) -> None:
        """Writes as a bus master (DMA) does; see `read_memory`."""

    def state(self, subject: str, state: State) -> None:
        """Records that `subject` (a part) is in `state` from now on, for traces and power."""


class GateBit(NamedTuple):
    """Bits of a register that must have a value for a peripheral to answer."""

    register: RegisterState
    mask: int
    value: int


class Peripheral(RegisterBlock):
    """An on-chip peripheral of `size` bytes of address space at `base`.

    Args:
        name: as in the manual and in the vendor's SVD, such as ``SPI1``.
        base: address of its first register.
        chip: the chip's services.
    """

    size = 0x400

    def __init__(self, name: str, base: int, chip: ChipServices) -> None:
        self.name = name
        self.base = base
        self.chip = chip
        self.gate_bits: tuple[GateBit, ...] = ()
        """The bits, two at most, that decide whether it answers; the clocks' model sets this."""
        self.gate_name = ""
        """The enable bit's name for messages, such as ``RCC_APB2ENR.SPI1EN``."""
        self._reported: set[str] = set()
        super().__init__()

    def reset(self) -> None:
        """Registers and state as after a system reset. Subclasses extend it."""
        self.forget_reports()
        self.reset_registers()

    def gate(self) -> bool:
        """Whether its bus clock is on."""
        for register, mask, value in self.gate_bits:  # noqa: SIM110  all() takes twice as long
            if register.value & mask != value:
                return False
        return True

    def before_stop(self) -> None:
        """The chip is about to enter a Stop mode: a transfer under way is a violation."""

    def refusal(self, harmless: bool) -> tuple[str, str]:
        """The broken rule and the bits that close `gate`.

        Args:
            harmless: whether the access is a read, or a write that would change nothing.
        """
        rule = "unclocked-access" if harmless else "unclocked-peripheral"
        return rule, f"{self.gate_name}=0"

    def violation(self, rule: str, message: str) -> None:
        """Reports `message` under this peripheral's name."""
        self.chip.violation(rule, f"{self.name}: {message}")

    def report_once(self, rule: str, message: str) -> None:
        """Reports a violation once until `forget_reports`: a loop would repeat the message."""
        if message not in self._reported:
            self._reported.add(message)
            self.violation(rule, message)

    def not_modelled(self, what: str) -> None:
        """Reports once what the firmware uses and the model lacks, such as ``CR1.CRCEN=1``."""
        self.report_once("not-modelled", f"{what} is not modelled by Facet")

    def forget_reports(self) -> None:
        """`report_once` reports again: after a reset, or when the peripheral is enabled."""
        self._reported.clear()
