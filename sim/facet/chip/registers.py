"""Registers and their fields, declared once with the reference manual's names.

A peripheral is a class with its registers as attributes::

    class Iwdg(Peripheral):
        KR = Register(0x00, access="wo", KEY=bits(15, 0))
        PR = Register(0x04, PR=bits(2, 0))

        def write_KR(self, value: int, old: int) -> None: ...

The firmware's accesses call the hooks `read_NAME(self) -> int` and `write_NAME(self, value, old)`
where a class defines them; `write_NAME` runs after the field rules were applied and the new value
was stored. Inside the model ``self.PR["PR"]`` reads a field and ``self.SR["RXNE"] = 1`` sets it.
`facet.chip.hooks` checks that each hook belongs to a register.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeVar, overload

from facet.chip import hooks

Access = Literal["rw", "ro", "wo", "rc_w1", "rc_w0", "rs"]
"""What a write from the firmware does to a field, in the manual's abbreviations (RM0351, 1.2).

rw: takes the value; ro: nothing; wo: takes it, reads as 0; rc_w1, rc_w0: writing that value
clears; rs: writing 1 sets, 0 does nothing.
"""


@dataclass(frozen=True)
class Field:
    """Bits `high` down to `low` of a register."""

    high: int
    low: int
    access: Access | None = None  # None: the register's own

    @cached_property
    def mask(self) -> int:
        """The field's bits in place."""
        return ((1 << (self.high - self.low + 1)) - 1) << self.low


def bit(number: int, access: Access | None = None) -> Field:
    """A field of one bit."""
    return Field(number, number, access)


def bits(high: int, low: int, access: Access | None = None) -> Field:
    """A field of several bits, numbered as the manual does: bits(5, 3) is BR[2:0] of SPI_CR1."""
    return Field(high, low, access)


class Register:
    """The declaration of a register: where it lies, its reset value, its fields.

    Bits that belong to no field are reserved: they keep their reset value whatever is written.

    Args:
        offset: bytes from the peripheral's base.
        reset: value after reset.
        access: rule for fields that name none of their own.
        fields: by the manual's names. None given: all 32 bits are one field.
    """

    def __init__(
        self, offset: int, reset: int = 0, access: Access = "rw", /, **fields: Field
    ) -> None:
        self.offset = offset
        self.reset = reset
        self.access = access
        self.name = ""
        self.fields = fields
        masks: dict[str, int] = dict.fromkeys(("rw", "ro", "wo", "rc_w1", "rc_w0", "rs"), 0)
        for field in fields.values() if fields else (Field(31, 0),):
            masks[field.access or access] |= field.mask
        self.takes = masks["rw"] | masks["wo"]
        self.hidden = masks["wo"]
        self.clears_on_1 = masks["rc_w1"]
        self.clears_on_0 = masks["rc_w0"]
        self.sets_on_1 = masks["rs"]
        self.places = {field: (place.mask, place.low) for field, place in fields.items()}

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def after_write(self, old: int, written: int) -> int:
        """The stored value after the firmware wrote `written` over `old`."""
        value = (old & ~self.takes) | (written & self.takes)
        value &= ~(self.clears_on_1 & written)
        value &= ~(self.clears_on_0 & ~written)
        return value | (self.sets_on_1 & written)

    def without(self, fields: Iterable[str]) -> Register:
        """The same register on a chip where these fields are reserved bits that read as 0.

        The model still has their positions and may set them to 0.
        """
        mask = sum(self.fields[field].mask for field in fields)
        reserved = copy(self)
        reserved.reset &= ~mask
        for rule in ("takes", "hidden", "clears_on_1", "clears_on_0", "sets_on_1"):
            setattr(reserved, rule, getattr(self, rule) & ~mask)
        return reserved

    def extended(self, reset: int, fields: dict[str, Field]) -> Register:
        """The same register on a chip where it has more fields; `reset` are their reset values."""
        longer = Register(self.offset, self.reset | reset, self.access, **self.fields, **fields)
        longer.name = self.name
        return longer

    @overload
    def __get__(self, instance: None, owner: type) -> Register: ...
    @overload
    def __get__(self, instance: RegisterBlock, owner: type) -> RegisterState: ...
    def __get__(self, instance: RegisterBlock | None, owner: type) -> Register | RegisterState:
        if instance is None:
            return self
        return instance.registers[self.name]


Hook = TypeVar("Hook", bound=Callable[..., int])


def pure(hook: Hook) -> Hook:
    """Marks a `read_` hook that changes nothing and does not look at the time.

    Its result may be kept until an event fires or another register is accessed.
    """
    hook.is_pure = True  # type: ignore[attr-defined]
    return hook


class RegisterState:
    """A register's value in one peripheral; fields are read and set by name, no side effect."""

    __slots__ = ("_index", "_value", "_words", "declaration", "on_read", "on_write")

    def __init__(self, declaration: Register) -> None:
        self.declaration = declaration
        self._words: memoryview | list[int] = [0]
        self._index = 0
        self.value = declaration.reset
        self.on_read: Callable[[], int] | None = None
        self.on_write: Callable[[int, int], None] | None = None

    @property
    def value(self) -> int:
        """All 32 bits."""
        return self._value

    @value.setter
    def value(self, value: int) -> None:
        self._value = self._words[self._index] = value

    def mirror(self, words: memoryview, index: int) -> None:
        """Keeps a copy of the value in `words[index]`, from where an engine reads it."""
        self._words, self._index = words, index
        words[index] = self._value

    @property
    def read_is_pure(self) -> bool:
        """Whether a read has no side effect and its value changes only by events or accesses."""
        return self.on_read is None or getattr(self.on_read, "is_pure", False)

    def __getitem__(self, field: str) -> int:
        mask, low = self.declaration.places[field]
        return (self._value & mask) >> low

    def __setitem__(self, field: str, value: int) -> None:
        mask, low = self.declaration.places[field]
        self._value = self._words[self._index] = (self._value & ~mask) | (value << low & mask)


class _Checked(type):
    """Makes classes and objects of register blocks, and checks that all hooks are called."""

    def __init__(cls, name: str, bases: tuple[type, ...], members: dict[str, Any]) -> None:
        super().__init__(name, bases, members)
        declared = {name for name in dir(cls) if isinstance(getattr(cls, name), Register)}
        cls._row_hooks = hooks.check_class(cls, declared)

    def __call__(cls, *arguments: Any, **keywords: Any) -> Any:
        block = super().__call__(*arguments, **keywords)
        hooks.check_rows(cls._row_hooks, block.rows)
        return block


class RegisterBlock(metaclass=_Checked):
    """A group of registers at consecutive addresses; `read` and `write` are the firmware's side.

    A hook that would never be called, because its name is misspelt, or that has wrong arguments
    raises TypeError where the class is defined. For a hook of a row of numbered registers the
    error comes with the first object.
    """

    def __init__(self) -> None:
        self.registers: dict[str, RegisterState] = {}
        self.rows: set[str] = set()
        """The rows of numbered registers, by the names in their hooks."""
        self._by_offset: dict[int, RegisterState] = {}
        self.access_size = 4
        """Bytes of the access under way: SPI_DR and CRC_DR act differently on each width."""
        for owner in reversed(type(self).__mro__):
            for declaration in vars(owner).values():
                if isinstance(declaration, Register):
                    self.add_register(declaration)

    def add_register(self, declaration: Register) -> None:
        """Adds a register; one that is not a class attribute has no hooks of its own.

        Raises:
            ValueError: its name or its offset is taken.
        """
        name, offset = declaration.name, declaration.offset
        if name in self.registers or offset in self._by_offset:
            raise ValueError(f"{type(self).__name__}.{name} at {offset:#x}: a register is there")
        state = RegisterState(declaration)
        state.on_read = getattr(self, f"read_{name}", None)
        state.on_write = getattr(self, f"write_{name}", None)
        self.registers[name] = state
        # Found before the class's declaration, whose __get__ takes three times as long.
        self.__dict__[name] = state
        self._by_offset[offset] = state

    def add_numbered(self, declaration: Register, name: str, number: int) -> None:
        """Adds one of a row of similar registers.

        The hooks ``read_ROW(number)`` and ``write_ROW(number, value, old)`` serve the whole row;
        ROW is the name without the number: `write_CCR` serves ``CCR{}``.

        Args:
            declaration: the register; its name is set here.
            name: the names of the row, with ``{}`` in the number's place.
            number: this register's number.
        """
        row = name.replace("{}", "")
        self.rows.add(row)
        declaration.name = name.format(number)
        self.add_register(declaration)
        state = self.registers[declaration.name]
        reader = getattr(self, f"read_{row}", None)
        writer = getattr(self, f"write_{row}", None)
        if reader is not None:
            state.on_read = lambda: int(reader(number))
            if getattr(reader, "is_pure", False):
                pure(state.on_read)
        if writer is not None:
            state.on_write = lambda value, old: writer(number, value, old)

    def redeclare(self, declaration: Register) -> None:
        """Replaces the register of the same name by `declaration`, at its reset value."""
        state = self.registers[declaration.name]
        state.declaration = declaration
        state.value = declaration.reset

    def remove_register(self, name: str) -> None:
        """Removes a register that this chip lacks: the firmware finds nothing at its address.

        The model still reads its reset value.
        """
        del self._by_offset[self.registers[name].declaration.offset]

    def declared(self) -> dict[str, int]:
        """Name and offset of every register that the firmware can reach: what an SVD lists."""
        return {
            name: state.declaration.offset
            for name, state in self.registers.items()
            if self._by_offset.get(state.declaration.offset) is state
        }

    def reset_registers(self) -> None:
        """All registers take their reset values."""
        for state in self.registers.values():
            state.value = state.declaration.reset

    def has_register(self, offset: int) -> bool:
        """Whether a register is modelled at `offset`."""
        return offset & ~3 in self._by_offset

    def shareable(self) -> list[RegisterState]:
        """The registers whose reads only look, at offsets where accesses reach them."""
        if type(self).read is not RegisterBlock.read:
            return []
        return [state for state in self._by_offset.values() if state.read_is_pure]

    def register_name(self, offset: int) -> str | None:
        """The register at `offset`, or None where the model has none."""
        state = self._by_offset.get(offset & ~3)
        return state.declaration.name if state else None

    def register_at(self, offset: int) -> RegisterState:
        """The register at `offset`, where `has_register` holds."""
        return self._by_offset[offset & ~3]

    def read(self, offset: int, size: int) -> int:
        """Reads `size` bytes (1, 2, 4) at `offset`, where a register is, as the firmware does."""
        state = self._by_offset[offset & ~3]
        self.access_size = size
        value = state.on_read() if state.on_read else state.value
        value &= ~state.declaration.hidden
        shift = (offset & 3) * 8
        return value >> shift & ((1 << size * 8) - 1)

    def would_change(self, offset: int, size: int, written: int) -> bool:
        """Whether `write` would change the register at `offset`, or act on it.

        Bits that act when they are written (`wo`, `rc_w1`, `rc_w0`, `rs`) count as a change.
        """
        state = self._by_offset.get(offset & ~3)
        if state is None:
            return False
        declaration, shift = state.declaration, (offset & 3) * 8
        lane = ((1 << size * 8) - 1) << shift
        word = written << shift & lane
        acts = word & (declaration.hidden | declaration.clears_on_1 | declaration.sets_on_1)
        clears = ~word & lane & declaration.clears_on_0 & state.value
        return bool(acts or clears or (word ^ state.value) & declaration.takes & lane)

    def write(self, offset: int, size: int, written: int) -> None:
        """The firmware writes `size` bytes at `offset`, where a register is.

        Other bytes of the register keep their value.
        """
        state = self._by_offset[offset & ~3]
        self.access_size = size
        declaration, old = state.declaration, state.value
        if size != 4:
            shift = (offset & 3) * 8
            lane = ((1 << size * 8) - 1) << shift
            # Bytes that are not written must have no effect: neutral for each rule is 0, but 1
            # for rc_w0 and the old value for rw.
            neutral = (old & declaration.takes) | declaration.clears_on_0
            written = (neutral & ~lane) | (written << shift & lane)
        state.value = declaration.after_write(old, written & 0xFFFF_FFFF)
        if state.on_write:
            state.on_write(state.value, old)
