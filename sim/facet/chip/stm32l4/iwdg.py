"""Independent watchdog (RM0351, section 36): counts LSI and resets the chip at 0."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.peripheral import ChipServices, Peripheral
from facet.chip.registers import Register, bit, bits
from facet.chip.stm32l4.tick_timer import TickTimer
from facet.clock import ClockSignal
from facet.time import PS_PER_S, Time

_UNLOCK, _RELOAD, _START = 0x5555, 0xAAAA, 0xCCCC  # KR; RM0351 36.4.1

UPDATE_TICKS = 5
"""LSI periods that PR, RLR and WINR take to reach the counter (RM0351 36.4.4: up to five)."""


class Iwdg(Peripheral):
    """The IWDG.

    Args:
        lsi: its clock.
        need_lsi: called with whether the watchdog forces LSI on.
        expired: called when the counter reached 0 or was reloaded outside its window.
    """

    KR = Register(0x00, 0, "wo", KEY=bits(15, 0))
    PR = Register(0x04, PR=bits(2, 0))
    RLR = Register(0x08, 0x0000_0FFF, RL=bits(11, 0))
    SR = Register(0x0C, 0, "ro", PVU=bit(0), RVU=bit(1), WVU=bit(2))
    WINR = Register(0x10, 0x0000_0FFF, WIN=bits(11, 0))

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        lsi: ClockSignal,
        need_lsi: Callable[[bool], None],
        expired: Callable[[], None],
    ) -> None:
        super().__init__(name, base, chip)
        self._lsi = lsi
        self._need_lsi = need_lsi
        self._expired = expired
        self.running = False
        self._unlocked = False
        self._loaded_at = 0  # LSI tick of the last reload
        self._prescaler = 4
        self._reload = 0xFFF
        self._updates: dict[str, int] = {}  # flag of SR -> LSI tick at which it clears
        self._end = TickTimer(chip, lsi, self._ran_out, name)

    def reset(self) -> None:
        """Carries out a system reset: it stops, since the option bytes select a software start."""
        super().reset()
        self.running = self._unlocked = False
        self._updates = {}
        self._prescaler, self._reload = 4, 0xFFF
        self._need_lsi(False)
        self._plan()

    def write_KR(self, value: int, old: int) -> None:
        """Starts the watchdog, reloads it or unlocks its registers, by the key."""
        self.KR.value = 0
        self._unlocked = value == _UNLOCK
        if value == _START and not self.running:
            self.running = True
            self._need_lsi(True)
            self._load()
        elif value == _RELOAD:
            if self.running and self._count() > self.WINR["WIN"]:
                self.violation(
                    "watchdog",
                    f"fed while the counter is {self._count()}, above WINR={self.WINR['WIN']}: "
                    "the chip resets",
                )
                self._expired()
            self._load()

    def _changed(self, register: str, flag: str, old: int) -> bool:
        """Whether a write to a protected register is accepted; its update flag is then set."""
        state = self.registers[register]
        if not self._unlocked:
            state.value = old
            self.violation(
                "iwdg-locked", f"{register} written without 0x5555 in KR: it keeps its value"
            )
            return False
        if self.read_SR() & self.SR.declaration.fields[flag].mask:
            state.value = old
            self.violation("iwdg-busy", f"{register} written while SR.{flag}=1: it keeps its value")
            return False
        self._updates[flag] = self._lsi.ticks() + UPDATE_TICKS
        return True

    def write_PR(self, value: int, old: int) -> None:
        """Changes the prescaler."""
        if self._changed("PR", "PVU", old):
            self._set_timing()

    def write_RLR(self, value: int, old: int) -> None:
        """Changes the reload value."""
        if self._changed("RLR", "RVU", old):
            self._set_timing()

    def write_WINR(self, value: int, old: int) -> None:
        """Changes the window."""
        if self._changed("WINR", "WVU", old):
            self._load()  # RM0351 36.3.2: writing the window reloads the counter

    def read_SR(self) -> int:
        """The flags of PR, RLR and WINR whose values have not reached the counter yet."""
        now = self._lsi.ticks()
        self._updates = {flag: tick for flag, tick in self._updates.items() if tick > now}
        return sum(self.SR.declaration.fields[flag].mask for flag in self._updates)

    def _set_timing(self) -> None:
        count = self._count()
        self._prescaler = 4 << min(self.PR["PR"], 6)
        # The counter keeps its value; a new reload value counts from the next reload.
        self._loaded_at = self._lsi.ticks() - (self._reload - count) * self._prescaler
        self._plan()

    def _load(self) -> None:
        self._reload = self.RLR["RL"]
        self._loaded_at = self._lsi.ticks()
        self._plan()

    def _count(self) -> int:
        spent = (self._lsi.ticks() - self._loaded_at) // self._prescaler
        return max(self._reload - spent, 0)

    def _ran_out(self) -> None:
        period = Time((self._reload + 1) * self._prescaler * PS_PER_S // self._lsi.hz)
        self.violation("watchdog", f"not fed for {period}: the chip resets")
        self._expired()

    def _plan(self) -> None:
        if self.running:
            self._end.set(self._loaded_at + (self._reload + 1) * self._prescaler)
        else:
            self._end.cancel()
