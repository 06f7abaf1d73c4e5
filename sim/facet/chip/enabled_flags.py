"""Status flags of a register with the enable bits that let them raise an interrupt."""

from __future__ import annotations

from facet.chip.registers import RegisterState


class EnabledFlags:
    """The request of one interrupt line: at least one flag is set and enabled.

    The masks are looked up once: a serial peripheral evaluates its flags several times a byte.

    Args:
        status: the register of the flags.
        pairs: the names of flags in `status`, and the bit that enables each of them.
    """

    def __init__(
        self, status: RegisterState, *pairs: tuple[tuple[str, ...], RegisterState, str]
    ) -> None:
        self._status = status
        self._pairs = [
            (_mask(status, *flags), enables, _mask(enables, bit)) for flags, enables, bit in pairs
        ]
        self._all = sum({mask for flags, _, _ in pairs for mask in _masks(status, flags)})

    @property
    def active(self) -> bool:
        """Whether a flag is set and enabled."""
        flags = self._status.value & self._all
        if flags:
            for mask, enables, bit in self._pairs:
                if flags & mask and enables.value & bit:
                    return True
        return False


def _masks(register: RegisterState, fields: tuple[str, ...]) -> list[int]:
    return [register.declaration.places[field][0] for field in fields]


def _mask(register: RegisterState, *fields: str) -> int:
    return sum(_masks(register, fields))
