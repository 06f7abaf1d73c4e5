"""Extended interrupts and events controller (RM0351, section 14)."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.peripheral import ChipServices, Peripheral
from facet.chip.registers import Field, Register, bit

CONFIGURABLE = frozenset({*range(17), *range(18, 23), *range(35, 39)})
"""Lines with an edge detector and a pending bit; the others are wake-ups of peripherals."""

PVD, RTC_ALARM, RTC_TAMPER, RTC_WAKEUP, COMP1, COMP2 = 16, 18, 19, 20, 21, 22  # RM0351 table 47

INTERRUPT_LINES: dict[int, tuple[int, ...]] = {
    # NVIC position -> EXTI lines that share it (RM0351 table 46).
    **{6 + line: (line,) for line in range(5)},
    23: tuple(range(5, 10)),
    40: tuple(range(10, 16)),
    1: (PVD, 35, 36, 37, 38),
    41: (RTC_ALARM,),
    2: (RTC_TAMPER,),
    3: (RTC_WAKEUP,),
    64: (COMP1, COMP2),
}


def _row(prefix: str, first: int, count: int, only_configurable: bool) -> dict[str, Field]:
    return {
        f"{prefix}{first + n}": bit(n)
        for n in range(count)
        if not only_configurable or first + n in CONFIGURABLE
    }


class Exti(Peripheral):
    """The EXTI.

    Args:
        send_event: sets the core's event register (a line in event mode).
    """

    IMR1 = Register(0x00, 0xFF82_0000, **_row("IM", 0, 32, False))
    EMR1 = Register(0x04, **_row("EM", 0, 32, False))
    RTSR1 = Register(0x08, **_row("RT", 0, 32, True))
    FTSR1 = Register(0x0C, **_row("FT", 0, 32, True))
    SWIER1 = Register(0x10, 0, "rs", **_row("SWI", 0, 32, True))
    PR1 = Register(0x14, 0, "rc_w1", **_row("PIF", 0, 32, True))
    IMR2 = Register(0x20, 0x0000_0087, **_row("IM", 32, 8, False))
    EMR2 = Register(0x24, **_row("EM", 32, 8, False))
    RTSR2 = Register(0x28, **_row("RT", 32, 8, True))
    FTSR2 = Register(0x2C, **_row("FT", 32, 8, True))
    SWIER2 = Register(0x30, 0, "rs", **_row("SWI", 32, 8, True))
    PR2 = Register(0x34, 0, "rc_w1", **_row("PIF", 32, 8, True))

    def __init__(
        self, name: str, base: int, chip: ChipServices, *, send_event: Callable[[], None]
    ) -> None:
        super().__init__(name, base, chip)
        self._send_event = send_event
        self._levels: dict[int, int] = dict.fromkeys(CONFIGURABLE, 0)
        self._driven: dict[int, bool] = dict.fromkeys(INTERRUPT_LINES, False)

    def _bits(self, name: str) -> int:
        """A pair of registers as one word with bit n for line n."""
        return self.registers[f"{name}1"].value | self.registers[f"{name}2"].value << 32

    def reset(self) -> None:
        """Carries out a system reset: only the direct lines are enabled."""
        super().reset()
        self._update()

    def set_level(self, line: int, level: int) -> None:
        """Sets the input of a configurable line; an edge may set its pending bit."""
        before, self._levels[line] = self._levels[line], level
        if before != level and self._bits("RTSR" if level else "FTSR") >> line & 1:
            self._trigger(line)

    def sync_level(self, line: int, level: int) -> None:
        """Sets the input of a line without an edge, after the line was given another port.

        FIDELITY:
            model: The choice of another port for a line makes no edge.
            silicon: An edge may come where the levels of the two pins differ.
            hides: A spurious interrupt just after SYSCFG_EXTICRx is written.
        """
        self._levels[line] = level

    def _trigger(self, line: int) -> None:
        if self._bits("EMR") >> line & 1:
            self._send_event()
        if self._bits("IMR") >> line & 1:
            register = self.PR1 if line < 32 else self.PR2
            register[f"PIF{line}"] = 1
            self._update()

    def _update(self) -> None:
        active = self._bits("PR") & self._bits("IMR")
        for interrupt, lines in INTERRUPT_LINES.items():
            state = any(active >> line & 1 for line in lines)
            if state != self._driven[interrupt]:
                self._driven[interrupt] = state
                self.chip.set_interrupt(interrupt, state)

    def pending_lines(self) -> list[int]:
        """The lines whose pending bit is set; each prevents the entry of a Stop mode."""
        pending = self._bits("PR")
        return [line for line in sorted(CONFIGURABLE) if pending >> line & 1]

    def write_IMR1(self, value: int, old: int) -> None:
        """Raises the interrupt of a pending line that is unmasked."""
        self._update()

    def write_IMR2(self, value: int, old: int) -> None:
        """Masks the interrupts of lines 32 to 39, as IMR1 does for the lower lines."""
        self._update()

    def write_PR1(self, value: int, old: int) -> None:
        """Clears the pending bits and software triggers that are written as 1."""
        self._cleared(self.SWIER1.declaration.name, value, old)

    def write_PR2(self, value: int, old: int) -> None:
        """Clears the pending bits of lines 35 to 38, as PR1 does for the lower lines."""
        self._cleared(self.SWIER2.declaration.name, value, old)

    def _cleared(self, swier: str, value: int, old: int) -> None:
        self.registers[swier].value &= ~(old & ~value)  # RM0351 14.5.5: cleared with the PR bit
        self._update()

    def write_SWIER1(self, value: int, old: int) -> None:
        """Triggers the lines whose bit rises, as an edge does."""
        self._software(value & ~old, 0)

    def write_SWIER2(self, value: int, old: int) -> None:
        """Triggers lines 35 to 38 by software, as SWIER1 does for the lower lines."""
        self._software(value & ~old, 32)

    def _software(self, risen: int, first: int) -> None:
        for number in range(32):
            if risen >> number & 1:
                self._trigger(first + number)
