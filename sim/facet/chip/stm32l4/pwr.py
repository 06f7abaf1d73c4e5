"""Power control (RM0351, section 5): voltage range, low-power modes, wake-up pins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from facet.board.net import Net
from facet.chip.peripheral import ChipServices, Peripheral
from facet.chip.registers import Register, bit, bits
from facet.clock import ClockSignal, exceeds
from facet.time import us
from facet.timeline import Event

RANGE_CHANGE_TIME = us(40)
"""From range 2 to range 1; DS10198, embedded reset and power control, t_VOST maximum."""
MAIN_REGULATOR_TIME = us(7)
"""From low-power run to run; DS10198, regulator modes transition times, t_WULPRUN maximum."""
SYSCLK_MAX_HZ = {1: 80_000_000, 2: 26_000_000}  # by range; RM0351 5.1.7
LOW_POWER_RUN_MAX_HZ = 2_000_000  # RM0351 5.3.2

WAKEUP_PINS = ("PA0", "PC13", "PE6", "PA2", "PC5")
"""WKUP1 to WKUP5 (DS10198, pin definitions)."""

_STOP_MODES = ("stop0", "stop1", "stop2", "standby", *4 * ["shutdown"])  # by CR1.LPMS
_PORTS = "ABCDEFGH"
_KEPT_IN_STANDBY = ("CR3", "CR4", "SR1", *(f"P{way}CR{port}" for port in _PORTS for way in "UD"))


class Pwr(Peripheral):
    """The PWR.

    Args:
        sysclk: checked against the voltage range and low-power run.
        wakeup_nets: the nets of `WAKEUP_PINS` that the package has.
    """

    CR1 = Register(0x00, 0x0000_0200, LPMS=bits(2, 0), DBP=bit(8), VOS=bits(10, 9), LPR=bit(14))
    CR2 = Register(
        0x04,
        PVDE=bit(0),
        PLS=bits(3, 1),
        PVME1=bit(4),
        PVME2=bit(5),
        PVME3=bit(6),
        PVME4=bit(7),
        IOSV=bit(9),
        USV=bit(10),
    )
    CR3 = Register(
        0x08,
        0x0000_8000,
        **{f"EWUP{n}": bit(n - 1) for n in range(1, 6)},
        RRS=bit(8),
        APC=bit(10),
        EIWF=bit(15),
    )
    CR4 = Register(0x0C, **{f"WP{n}": bit(n - 1) for n in range(1, 6)}, VBE=bit(8), VBRS=bit(9))
    SR1 = Register(
        0x10, 0, "ro", **{f"WUF{n}": bit(n - 1) for n in range(1, 6)}, SBF=bit(8), WUFI=bit(15)
    )
    SR2 = Register(
        0x14,
        0,
        "ro",
        REGLPS=bit(8),
        REGLPF=bit(9),
        VOSF=bit(10),
        PVDO=bit(11),
        PVMO1=bit(12),
        PVMO2=bit(13),
        PVMO3=bit(14),
        PVMO4=bit(15),
    )
    # FIDELITY:
    #   model: The supply is always present and good; PVDO and PVMOx stay 0.
    #   silicon: The chip compares the supply with the PVD and PVM thresholds and resets at a
    #     brown-out.
    #   hides: A firmware that ignores a low battery.
    SCR = Register(0x18, 0, "wo", **{f"CWUF{n}": bit(n - 1) for n in range(1, 6)}, CSBF=bit(8))

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        sysclk: ClockSignal,
        wakeup_nets: Mapping[str, Net],
    ) -> None:
        super().__init__(name, base, chip)
        for number, port in enumerate(_PORTS):
            for way, offset in (("U", 0x20), ("D", 0x24)):
                register = Register(offset + 8 * number)
                register.name = f"P{way}CR{port}"
                self.add_register(register)
                self.registers[register.name].on_write = lambda _new, _old: self.on_pulls()
        self._sysclk = sysclk
        sysclk.subscribe(self.check_clock)
        self._range = 1
        self._range_change: Event | None = None
        self._regulator_change: Event | None = None
        self.on_range: list[Callable[[], None]] = []
        """Called after each change of the voltage range."""
        self.on_pulls: Callable[[], None] = lambda: None
        """Called after the pulls of PUCRx and PDCRx, or CR3.APC, changed."""
        self.on_wakeup: Callable[[], None] = lambda: None
        """Called by an event that ends Standby and Shutdown."""
        self._nets = wakeup_nets
        self._levels = dict.fromkeys(wakeup_nets, 0)
        for pin, net in wakeup_nets.items():
            net.watch(partial(self._pin_changed, pin))

    # -- the chip's side
    @property
    def voltage_range(self) -> int:
        """The present range of the regulator: 2 until a change to range 1 is complete."""
        return self._range

    @property
    def backup_writable(self) -> bool:
        """Whether the backup domain accepts writes (CR1.DBP)."""
        return bool(self.CR1["DBP"])

    @property
    def low_power_run(self) -> bool:
        """Whether the core runs from the low-power regulator."""
        return bool(self.SR2["REGLPF"])

    @property
    def deep_sleep_mode(self) -> str:
        """The mode that a WFI with SLEEPDEEP set enters (RM0351 5.4.1, LPMS and its note)."""
        mode = _STOP_MODES[self.CR1["LPMS"]]
        # Low-power run leads only to Stop 1, Standby and Shutdown.
        return "stop1" if self.low_power_run and mode in ("stop0", "stop2") else mode

    @property
    def wakeup_pending(self) -> bool:
        """Whether a wake-up flag is set, which ends Standby and Shutdown at once."""
        return bool(self.SR1.value & 0x1F or (self.SR1["WUFI"] and self.CR3["EIWF"]))

    def pulls(self, port: str) -> tuple[int, int]:
        """The bits of the pins of `port` that this peripheral pulls up and pulls down."""
        if not self.CR3["APC"]:
            return 0, 0
        down = self.registers[f"PDCR{port}"].value
        return self.registers[f"PUCR{port}"].value & ~down, down  # PDCRx wins: RM0351 5.4.8

    def check_clock(self) -> None:
        """Checks SYSCLK against the limits of the voltage range and the regulator."""
        hz = self._sysclk.hz
        limit = SYSCLK_MAX_HZ[self._range]
        if exceeds(hz, limit):
            waiting = "; SR2.VOSF=1, range 1 is not ready yet" if self.SR2["VOSF"] else ""
            self.violation(
                "voltage-range",
                f"SYSCLK is {hz / 1e6:g} MHz, above {limit // 10**6} MHz in range "
                f"{self._range} (CR1.VOS={self.CR1['VOS']}{waiting})",
            )
        if self.low_power_run and exceeds(hz, LOW_POWER_RUN_MAX_HZ):
            self.violation(
                "low-power-run",
                f"SYSCLK is {hz / 1e6:g} MHz, above 2 MHz in low-power run (CR1.LPR)",
            )

    # -- resets
    def reset(self) -> None:
        """Carries out a system reset: SR1 survives until a power-on reset."""
        kept = self.SR1.value
        self._reset_core()
        self.SR1.value = kept

    def leave_standby(self) -> None:
        """Leaves Standby: the registers outside the core's domain survive."""
        kept = {name: self.registers[name].value for name in _KEPT_IN_STANDBY}
        self._reset_core()
        for name, value in kept.items():
            self.registers[name].value = value
        self.SR1["SBF"] = 1
        self.on_pulls()

    def leave_shutdown(self) -> None:
        """Leaves Shutdown: as after a brown-out, except for the flags of the wake-up source."""
        # FIDELITY:
        #   model: WUFx survive the brown-out reset that ends Shutdown, so that the cause can be
        #     read.
        #   silicon: RM0351 does not say whether they do.
        #   hides: A firmware that relies on the flags.
        self.reset()
        self.SR1["SBF"] = 0

    def power_on(self) -> None:
        """Carries out a power-on reset."""
        self._reset_core()

    def _reset_core(self) -> None:
        self.reset_registers()
        for event in (self._range_change, self._regulator_change):
            if event is not None:
                event.cancel()
        self._range_change = self._regulator_change = None
        self._set_range(1)
        self.on_pulls()

    # -- registers
    def write_CR1(self, value: int, old: int) -> None:
        """Changes voltage range and regulator; some values are refused."""
        if self.CR1["VOS"] not in (1, 2):
            self.violation(
                "voltage-range-forbidden",
                f"CR1.VOS={self.CR1['VOS']} is forbidden: it keeps its value",
            )
            self.CR1["VOS"] = old >> 9 & 3
        if self.CR1["VOS"] != old >> 9 & 3:
            self._change_range(self.CR1["VOS"])
        if self.CR1["LPR"] != old >> 14 & 1:
            self._change_regulator()

    def _change_range(self, wanted: int) -> None:
        if self._range_change is not None:
            self._range_change.cancel()
            self._range_change = None
        self.SR2["VOSF"] = 0
        if wanted == 1 and self._range == 2:
            self.SR2["VOSF"] = 1
            self._range_change = self.chip.schedule(
                RANGE_CHANGE_TIME, self._range_reached, "PWR range 1"
            )
        else:
            self._set_range(wanted)

    def _range_reached(self) -> None:
        self._range_change = None
        self.SR2["VOSF"] = 0
        self._set_range(1)

    def _set_range(self, voltage_range: int) -> None:
        if voltage_range != self._range:
            self._range = voltage_range
            self.check_clock()
            for listener in self.on_range:
                listener()

    def _change_regulator(self) -> None:
        if self._regulator_change is not None:
            self._regulator_change.cancel()
            self._regulator_change = None
        if self.CR1["LPR"]:
            self.SR2["REGLPF"] = self.SR2["REGLPS"] = 1
            self.check_clock()
            for listener in self.on_range:
                listener()
        else:
            self._regulator_change = self.chip.schedule(
                MAIN_REGULATOR_TIME, self._main_regulator_ready, "PWR main regulator"
            )

    def _main_regulator_ready(self) -> None:
        self._regulator_change = None
        self.SR2["REGLPF"] = 0
        for listener in self.on_range:
            listener()

    def write_CR3(self, value: int, old: int) -> None:
        """Enables wake-up pins; a pin that is already active is an event."""
        self._look_at_pins()
        if (value ^ old) & self.CR3.declaration.fields["APC"].mask:
            self.on_pulls()

    def write_CR4(self, value: int, old: int) -> None:
        """Changes the polarity of wake-up pins, which may make a pin active."""
        self._look_at_pins()

    def write_SCR(self, value: int, old: int) -> None:
        """Clears flags of SR1."""
        self.SR1.value &= ~(value & 0x11F)
        self.SCR.value = 0

    # -- wake-up
    def _active(self, number: int, pin: str) -> bool:
        level = self._nets[pin].level or 0
        return bool(self.CR3[f"EWUP{number}"]) and level != self.CR4[f"WP{number}"]

    def _look_at_pins(self) -> None:
        """Handles enabled pins that are already at their active level (RM0351 5.4.3)."""
        for number, pin in enumerate(WAKEUP_PINS, start=1):
            if pin in self._nets:
                active = int(self._active(number, pin))
                if active and not self._levels[pin]:
                    self._woken_by_pin(number)
                self._levels[pin] = active

    def _pin_changed(self, pin: str, level: int | None) -> None:
        number = WAKEUP_PINS.index(pin) + 1
        active = int(self._active(number, pin))
        if active and not self._levels[pin]:
            self._woken_by_pin(number)
        self._levels[pin] = active

    def _woken_by_pin(self, number: int) -> None:
        self.SR1[f"WUF{number}"] = 1
        self.on_wakeup()

    def internal_wakeup(self, active: bool) -> None:
        """Takes the level of the RTC's wake-up line (RM0351 5.4.5, WUFI; CR3.EIWF)."""
        self.SR1["WUFI"] = int(active)
        if active and self.CR3["EIWF"]:
            self.on_wakeup()
