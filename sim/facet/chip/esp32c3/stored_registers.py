"""Registers of the ESP32-C3 that keep their bits and do nothing else in the model.

The table ``stored_registers.tsv`` in this folder has a line for each of them, from Espressif's SVD
file. Its columns are separated by tabs:

- peripherals: the names of the peripherals that have the register, separated by commas;
- offset: bytes from the peripheral's base;
- name: the manual's, with the number of a DMA channel at its end;
- reset: the value after reset;
- writable, readable: masks of the bits that a program can write and read;
- lacks: the function of the register that Facet lacks, if a program can rely on it. The first use
  of such a register is reported as `not-modelled`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from facet.chip.registers import Register


@dataclass(frozen=True)
class StoredRegister:
    """A line of the table; see the module's description for the columns."""

    peripherals: tuple[str, ...]
    offset: int
    name: str
    reset: int
    writable: int
    readable: int
    lacks: str

    def declaration(self) -> Register:
        """The register as a peripheral declares it."""
        register = Register(self.offset, self.reset)
        register.name = self.name
        register.takes = self.writable
        register.hidden = self.writable & ~self.readable
        return register


def stored_registers(peripheral: str) -> Iterator[StoredRegister]:
    """The registers of the table that a peripheral has.

    Args:
        peripheral: such as UART1.
    """
    return (row for row in _table() if peripheral in row.peripherals)


@cache
def _table() -> tuple[StoredRegister, ...]:
    text = (resources.files(__package__) / "stored_registers.tsv").read_text("utf-8")
    _heading, *lines = text.splitlines()
    return tuple(_row(line) for line in lines)


def _row(line: str) -> StoredRegister:
    peripherals, offset, name, reset, writable, readable, lacks = line.split("\t")
    return StoredRegister(
        tuple(peripherals.split(",")),
        offset=int(offset, 16),
        name=name,
        reset=int(reset, 16),
        writable=int(writable, 16),
        readable=int(readable, 16),
        lacks=lacks,
    )
