"""SYSTIMER: two 52-bit counters of 16 MHz and three alarms (TRM, chapter 10)."""

from __future__ import annotations

from functools import partial

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.esp32c3.interrupt_flags import InterruptFlags
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits
from facet.clock import ClockSignal
from facet.time import NEVER
from facet.timeline import Event

_WIDTH = 52
_MASK = (1 << _WIDTH) - 1


class Systimer(GatedPeripheral):
    """The system timer.

    Args:
        name: SYSTIMER.
        base: address of CONF.
        chip: the chip's services.
        clock: CNT_CLK.
        irqs: the interrupt sources of the three alarms.
    """

    CONF = Register(
        0x00,
        0x4600_0000,
        "rw",
        SYSTIMER_CLK_FO=bit(0),
        TARGET2_WORK_EN=bit(22),
        TARGET1_WORK_EN=bit(23),
        TARGET0_WORK_EN=bit(24),
        TIMER_UNIT1_CORE1_STALL_EN=bit(25),
        TIMER_UNIT1_CORE0_STALL_EN=bit(26),
        TIMER_UNIT0_CORE1_STALL_EN=bit(27),
        TIMER_UNIT0_CORE0_STALL_EN=bit(28),
        TIMER_UNIT1_WORK_EN=bit(29),
        TIMER_UNIT0_WORK_EN=bit(30),
        CLK_EN=bit(31),
    )
    INT_ENA = Register(0x64, 0, "rw", TARGET0=bit(0), TARGET1=bit(1), TARGET2=bit(2))
    INT_RAW = Register(0x68, 0, "ro", TARGET0=bit(0), TARGET1=bit(1), TARGET2=bit(2))
    INT_CLR = Register(0x6C, 0, "wo", TARGET0=bit(0), TARGET1=bit(1), TARGET2=bit(2))
    INT_ST = Register(0x70, 0, "ro", TARGET0=bit(0), TARGET1=bit(1), TARGET2=bit(2))

    def __init__(
        self, name: str, base: int, chip: ChipServices, *, clock: ClockSignal, irqs: list[int]
    ) -> None:
        super().__init__(name, base, chip)
        self._clock = clock
        self._irqs = irqs
        self._interrupts = InterruptFlags(self, "INT_{}", self._drive)
        for unit in range(2):
            self.add_numbered(
                Register(0x04 + 4 * unit, 0, "rw", VALUE_VALID=bit(29, "ro"), UPDATE=bit(30, "wo")),
                "UNIT{}_OP",
                unit,
            )
            for half, offset in (("HI", 0), ("LO", 4)):
                width = {"HI": {half: bits(19, 0)}, "LO": {half: bits(31, 0)}}[half]
                load = Register(0x0C + 8 * unit + offset, 0, "rw", **width)
                self.add_numbered(load, f"UNIT{{}}_LOAD_{half}", unit)
                value = Register(0x40 + 8 * unit + offset, 0, "ro", **width)
                self.add_numbered(value, f"UNIT{{}}_VALUE_{half}", unit)
            self.add_numbered(Register(0x5C + 4 * unit, 0, "wo", LOAD=bit(0)), "UNIT{}_LOAD", unit)
        for target in range(3):
            self.add_numbered(
                Register(0x1C + 8 * target, 0, "rw", HI=bits(19, 0)), "TARGET{}_HI", target
            )
            self.add_numbered(
                Register(0x20 + 8 * target, 0, "rw", LO=bits(31, 0)), "TARGET{}_LO", target
            )
            self.add_numbered(
                Register(
                    0x34 + 4 * target,
                    0,
                    "rw",
                    PERIOD=bits(25, 0),
                    PERIOD_MODE=bit(30),
                    TIMER_UNIT_SEL=bit(31),
                ),
                "TARGET{}_CONF",
                target,
            )
            self.add_numbered(
                Register(0x50 + 4 * target, 0, "wo", LOAD=bit(0)), "COMP{}_LOAD", target
            )
        self._offset = [0, 0]  # counter = ticks of the clock + offset while it runs
        self._frozen: list[int | None] = [0, 0]  # its value while it is stopped
        self._alarms: list[int | None] = [None, None, None]  # counts that alarms wait for
        self._periods = [0, 0, 0]
        self._events: list[Event | None] = [None, None, None]
        clock.subscribe(self._plan_all)

    def reset(self) -> None:
        """Carries out a reset: both counters are 0, and unit 0 runs."""
        super().reset()
        self._offset = [-self._clock.ticks()] * 2
        self._frozen = [None, 0]
        self._alarms = [None, None, None]
        self._plan_all()
        self._interrupts.update()

    # -- counters
    def _count(self, unit: int) -> int:
        frozen = self._frozen[unit]
        return frozen if frozen is not None else (self._clock.ticks() + self._offset[unit]) & _MASK

    def _set_count(self, unit: int, count: int) -> None:
        if self._frozen[unit] is not None:
            self._frozen[unit] = count
        else:
            self._offset[unit] = count - self._clock.ticks()

    def write_CONF(self, value: int, old: int) -> None:
        """Switches counters and alarms."""
        for unit in range(2):
            runs = bool(self.CONF[f"TIMER_UNIT{unit}_WORK_EN"])
            if runs != (self._frozen[unit] is None):
                count = self._count(unit)
                self._frozen[unit] = None if runs else count
                self._set_count(unit, count)
        fields = type(self).CONF.fields
        for target in range(3):
            if value & ~old & fields[f"TARGET{target}_WORK_EN"].mask:
                self._arm(target)
        self._plan_all()

    def write_UNIT_OP(self, unit: int, value: int, old: int) -> None:
        """Latches a counter where UPDATE is set."""
        register = self.registers[f"UNIT{unit}_OP"]
        if value >> 30 & 1:
            count = self._count(unit)
            self.registers[f"UNIT{unit}_VALUE_HI"].value = count >> 32
            self.registers[f"UNIT{unit}_VALUE_LO"].value = count & 0xFFFF_FFFF
            # FIDELITY:
            #   model: The latched value is valid at once.
            #   silicon: It is valid after two or three clocks.
            #   hides: A driver that does not wait for VALUE_VALID.
            register["VALUE_VALID"] = 1
        register["UPDATE"] = 0

    def write_UNIT_LOAD(self, unit: int, value: int, old: int) -> None:
        """Loads a counter."""
        self.registers[f"UNIT{unit}_LOAD"].value = 0
        if value & 1:
            high = self.registers[f"UNIT{unit}_LOAD_HI"].value
            self._set_count(unit, high << 32 | self.registers[f"UNIT{unit}_LOAD_LO"].value)
            self._plan_all()

    # -- alarms
    def write_COMP_LOAD(self, target: int, value: int, old: int) -> None:
        """Loads the comparator with TARGETn_HI and TARGETn_LO or with the period."""
        self.registers[f"COMP{target}_LOAD"].value = 0
        if value & 1:
            self._arm(target)
            self._plan(target)

    def write_TARGET_CONF(self, target: int, value: int, old: int) -> None:
        """Changes period, mode and counter; the period acts after COMPn_LOAD (10.4.3)."""
        self._plan(target)

    def _unit(self, target: int) -> int:
        return self.registers[f"TARGET{target}_CONF"]["TIMER_UNIT_SEL"]

    def _arm(self, target: int) -> None:
        config = self.registers[f"TARGET{target}_CONF"]
        if config["PERIOD_MODE"]:
            self._periods[target] = config["PERIOD"]
            self._alarms[target] = self._count(self._unit(target)) + config["PERIOD"]
        else:
            self._periods[target] = 0
            high = self.registers[f"TARGET{target}_HI"].value
            self._alarms[target] = high << 32 | self.registers[f"TARGET{target}_LO"].value

    def _plan_all(self) -> None:
        for target in range(3):
            self._plan(target)

    def _plan(self, target: int) -> None:
        event, self._events[target] = self._events[target], None
        if event is not None:
            event.cancel()
        alarm, unit = self._alarms[target], self._unit(target)
        working = self.CONF[f"TARGET{target}_WORK_EN"]
        if alarm is None or not working or self._frozen[unit] is not None or not self._clock.hz:
            return
        # A target in the past fires at once (10.3.3).
        at = max(self._clock.time_of(alarm - self._offset[unit]), self.chip.now)
        if at < NEVER:
            self._events[target] = self.chip.schedule_at(
                at, partial(self._fire, target), f"{self.name} target {target}"
            )

    def _fire(self, target: int) -> None:
        self._events[target] = None
        alarm = self._alarms[target]
        assert alarm is not None
        period = self._periods[target]
        if self.registers[f"TARGET{target}_CONF"]["PERIOD_MODE"] and period:
            self._alarms[target] = alarm + period
            self._plan(target)
        else:
            self._alarms[target] = None
        self._interrupts.raise_flags(1 << target)

    # -- interrupts

    def _drive(self, status: int) -> None:
        for target, irq in enumerate(self._irqs):
            self.chip.set_interrupt(irq, bool(status >> target & 1))
