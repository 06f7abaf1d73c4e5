"""The nested vectored interrupt controller: which exception is to be taken next."""

from __future__ import annotations

from facet.engine.armv7m import exceptions as ex

PRIORITY_BITS = 4  # STM32L4: 16 levels (PM0214, 4.3)
_THREAD = 256  # lower than every priority
_FIXED = {ex.RESET: -3, ex.NMI: -2, ex.HARD_FAULT: -1}


class Nvic:
    """Pending, enabled and active exceptions and their priorities (ARM DDI 0403E, B1.5, B3.4).

    Args:
        lines: how many interrupt inputs the chip has.
    """

    def __init__(self, lines: int) -> None:
        self.lines = lines
        self._levels: set[int] = set()
        self.reset()

    def reset(self) -> None:
        """All off; input levels stay, as the peripherals drive them."""
        self.enabled: set[int] = {ex.NMI, ex.HARD_FAULT, ex.SVCALL, ex.PENDSV, ex.SYSTICK}
        self.pending: set[int] = set()
        self.active: list[int] = []
        self.priority: dict[int, int] = {}
        self.group_shift = 0  # AIRCR.PRIGROUP + 1
        for number in self._levels:
            self.pending.add(number)

    # -- inputs
    def set_level(self, line: int, active: bool) -> bool:
        """A peripheral drives an input; True when something new is pending."""
        number = line + ex.FIRST_INTERRUPT
        if not active:
            self._levels.discard(number)
            return False
        if number in self._levels:
            return False
        self._levels.add(number)
        self.pending.add(number)
        return True

    # -- priorities
    def priority_of(self, number: int) -> int:
        """The full priority: lower runs first."""
        return _FIXED.get(number, self.priority.get(number, 0))

    def group_of(self, number: int) -> int:
        """The part of the priority that decides whether one exception preempts another."""
        priority = self.priority_of(number)
        return priority if priority < 0 else priority >> self.group_shift << self.group_shift

    def execution_priority(self, primask: int, basepri: int, faultmask: int) -> int:
        """What runs now, as a priority (ARM DDI 0403E, B1.5.4, ExecutionPriority)."""
        priority = min((self.group_of(number) for number in self.active), default=_THREAD)
        if basepri:
            priority = min(priority, basepri >> self.group_shift << self.group_shift)
        if primask:
            priority = min(priority, 0)
        if faultmask:
            priority = min(priority, -1)
        return priority

    def best(self) -> int | None:
        """The pending and enabled exception that comes first, or None."""
        ready = self.pending & self.enabled
        if not ready:
            return None
        if len(ready) == 1:
            return next(iter(ready))
        return min(ready, key=lambda number: (self.priority_of(number), number))

    def to_take(self, primask: int, basepri: int, faultmask: int) -> int | None:
        """The exception that preempts what runs now, or None."""
        number = self.best()
        if number is None:
            return None
        running = self.execution_priority(primask, basepri, faultmask)
        return number if self.group_of(number) < running else None

    # -- entry and return
    def activate(self, number: int) -> None:
        """`number` is being entered."""
        self.pending.discard(number)
        self.active.append(number)

    def deactivate(self, number: int) -> None:
        """`number` has returned; an input that is still high makes it pending again."""
        self.active.remove(number)
        if number in self._levels:
            self.pending.add(number)

    # -- registers (ARM DDI 0403E, B3.4); offsets from 0xE000E100
    def read(self, offset: int) -> int:
        """A word of NVIC_ISER (0x000), ICER (0x080), ISPR, ICPR, IABR or IPR (0x300)."""
        bank, word = offset & 0x380, (offset & 0x7F) // 4
        if offset >= 0x300:
            first = ex.FIRST_INTERRUPT + (offset - 0x300)
            return sum(self.priority.get(first + n, 0) << 8 * n for n in range(4))
        numbers: set[int] = {
            0x000: self.enabled,
            0x080: self.enabled,
            0x100: self.pending,
            0x180: self.pending,
            0x200: set(self.active),
        }.get(bank, set())
        first = ex.FIRST_INTERRUPT + 32 * word
        return sum(1 << n for n in range(32) if first + n in numbers)

    def write(self, offset: int, value: int) -> None:
        """Writes a word of the registers that `read` reads."""
        if offset >= 0x300:
            for n in range(4):
                self.write_priority(ex.FIRST_INTERRUPT + offset - 0x300 + n, value >> 8 * n & 0xFF)
            return
        bank, first = offset & 0x380, ex.FIRST_INTERRUPT + (offset & 0x7F) // 4 * 32
        chosen = {
            first + n
            for n in range(32)
            if value >> n & 1 and first + n < ex.FIRST_INTERRUPT + self.lines
        }
        if bank == 0x000:
            self.enabled |= chosen
        elif bank == 0x080:
            self.enabled -= chosen
        elif bank == 0x100:
            self.pending |= chosen
        elif bank == 0x180:
            # A level input that is still high stays pending.
            self.pending -= chosen - {n for n in self._levels if n not in self.active}

    def write_priority(self, number: int, value: int) -> None:
        """Stores a priority byte; only the implemented upper bits stick."""
        self.priority[number] = value & (0xFF << (8 - PRIORITY_BITS)) & 0xFF
