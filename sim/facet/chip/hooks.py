"""Checks that the hooks of a register block fit its registers.

A hook is a method that the firmware's access to a register calls: ``read_SR(self)`` and
``write_CR1(self, value, old)`` for one register, ``read_CNDTR(self, number)`` and
``write_CCR(self, number, value, old)`` for a row of numbered ones. A hook whose name fits no
register would never be called, and the model would be wrong without a word.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final, NamedTuple

_METHOD: Final = re.compile(r"([a-z]+)_([A-Z]\w*)")
_OWN: Final = {"read": ("self",), "write": ("self", "value", "old")}
_ROW: Final = {"read": ("self", "number"), "write": ("self", "number", "value", "old")}


class Hook(NamedTuple):
    """A method of a register block that is named like a hook."""

    kind: str  # "read" or "write"
    register: str
    is_row: bool  # it serves a row of numbered registers
    where: str

    @property
    def name(self) -> str:
        """The method's name."""
        return f"{self.kind}_{self.register}"


def check_class(block: type, registers: Collection[str]) -> list[Hook]:
    """Checks the hooks of a class against the registers that it declares.

    Args:
        block: the class.
        registers: the names of the registers among its class attributes.

    Returns:
        The hooks for rows of registers, for `check_rows`: their registers join later.

    Raises:
        TypeError: a hook is named after none of them, has wrong arguments, or has a prefix other
            than ``read_`` and ``write_``.
    """
    hooks = list(_hooks(block, registers))
    for hook in hooks:
        if hook.is_row and hook.register in registers:
            raise TypeError(
                f"{hook.where}: {hook.name} must take ({', '.join(_OWN[hook.kind])}), since "
                f"{hook.register} is one register"
            )
        if not hook.is_row and hook.register not in registers:
            raise TypeError(
                f"{hook.where}: {hook.name} would never be called, there is no register "
                f"{hook.register}"
            )
    return [hook for hook in hooks if hook.is_row]


def check_rows(hooks: Iterable[Hook], rows: Collection[str]) -> None:
    """Checks the hooks for rows of registers once the rows are declared.

    Args:
        hooks: as `check_class` returned them.
        rows: the names of the rows, as in their hooks, that an object of the class has added.

    Raises:
        TypeError: a hook is named after none of them.
    """
    for hook in hooks:
        if hook.register not in rows:
            raise TypeError(
                f"{hook.where}: {hook.name} would never be called, because no row of registers "
                f"is named {hook.register}"
            )


def _hooks(block: type, registers: Collection[str]) -> Iterator[Hook]:
    for name in dir(block):
        match = _METHOD.fullmatch(name)
        method = getattr(block, name) if match else None
        if match is None or not inspect.isfunction(method):
            continue
        kind, register = match.groups()
        where = f"{method.__module__}.{method.__qualname__.rpartition('.')[0]}"
        if kind not in _OWN:
            if register in registers:
                raise TypeError(f"{where}: {name} is not a hook; hooks begin with read_ or write_")
            continue
        count = len(inspect.signature(method).parameters)
        if count not in (len(_OWN[kind]), len(_ROW[kind])):
            raise TypeError(
                f"{where}: {name} takes {count - 1} arguments; a hook takes "
                f"({', '.join(_OWN[kind])}), or ({', '.join(_ROW[kind])}) for a row of registers"
            )
        yield Hook(kind, register, count == len(_ROW[kind]), where)
