"""TIMG0 and TIMG1: a timer, a watchdog, the calibration of the slow clock (TRM, ch. 11, 12)."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.esp32c3.gated import GatedPeripheral
from facet.chip.esp32c3.interrupt_flags import InterruptFlags
from facet.chip.esp32c3.staged_watchdog import Stage, StagedWatchdog, WatchdogRegisters
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bit, bits
from facet.clock import ClockSignal
from facet.time import NEVER
from facet.timeline import Event

_MASK = (1 << 54) - 1
_INTERRUPT, _CPU_RESET, _SYSTEM_RESET = 1, 2, 3  # WDTCONFIG0.WDT_STGn
_MWDT_HOLDS = {2: 26_000_000, 3: 0x07FF_FFFF, 4: 0x000F_FFFF, 5: 0x000F_FFFF}


class TimerGroup(GatedPeripheral):
    """A timer group.

    Args:
        name: TIMG0 or TIMG1.
        base: address of T0CONFIG.
        chip: the chip's services.
        apb, xtal: the clocks that the timer and the watchdog can count.
        calibrated: the clock that RTCCALICFG.RTC_CALI_CLK_SEL=0 measures (RTC_SLOW_CLK).
        irq_timer, irq_watchdog: its interrupt sources.
        request_reset: called with a reset cause.
        guards_boot: whether its watchdog runs from reset on (TIMG0, 12.2.2.4).
    """

    WDTCONFIG0 = Register(
        0x48,
        0x0004_C000,
        "rw",
        WDT_APPCPU_RESET_EN=bit(12),
        WDT_PROCPU_RESET_EN=bit(13),
        WDT_FLASHBOOT_MOD_EN=bit(14),
        WDT_SYS_RESET_LENGTH=bits(17, 15),
        WDT_CPU_RESET_LENGTH=bits(20, 18),
        WDT_USE_XTAL=bit(21),
        WDT_CONF_UPDATE_EN=bit(22, "wo"),
        WDT_STG3=bits(24, 23),
        WDT_STG2=bits(26, 25),
        WDT_STG1=bits(28, 27),
        WDT_STG0=bits(30, 29),
        WDT_EN=bit(31),
    )
    WDTCONFIG1 = Register(
        0x4C, 0x0001_0000, "rw", WDT_DIVCNT_RST=bit(0, "wo"), WDT_CLK_PRESCALE=bits(31, 16)
    )
    WDTFEED = Register(
        0x60,
        0,
        "wo",
    )
    WDTWPROTECT = Register(
        0x64,
        0x50D8_3AA1,
        "rw",
    )
    RTCCALICFG = Register(
        0x68,
        0x0001_3000,
        "rw",
        RTC_CALI_START_CYCLING=bit(12),
        RTC_CALI_CLK_SEL=bits(14, 13),
        RTC_CALI_RDY=bit(15, "ro"),
        RTC_CALI_MAX=bits(30, 16),
        RTC_CALI_START=bit(31),
    )
    RTCCALICFG1 = Register(
        0x6C, 0, "ro", RTC_CALI_CYCLING_DATA_VLD=bit(0), RTC_CALI_VALUE=bits(31, 7)
    )
    RTCCALICFG2 = Register(
        0x80,
        0xFFFF_FF98,
        "rw",
        RTC_CALI_TIMEOUT=bit(0, "ro"),
        RTC_CALI_TIMEOUT_RST_CNT=bits(6, 3),
        RTC_CALI_TIMEOUT_THRES=bits(31, 7),
    )
    INT_ENA = Register(0x70, 0, "rw", T0=bit(0), WDT=bit(1))
    INT_RAW = Register(0x74, 0, "ro", T0=bit(0), WDT=bit(1))
    INT_ST = Register(0x78, 0, "ro", T0=bit(0), WDT=bit(1))
    INT_CLR = Register(0x7C, 0, "wo", T0=bit(0), WDT=bit(1))

    T0CONFIG = Register(
        0x00,
        0x6000_2000,
        "rw",
        USE_XTAL=bit(9),
        ALARM_EN=bit(10),
        DIVCNT_RST=bit(12, "wo"),
        DIVIDER=bits(28, 13),
        AUTORELOAD=bit(29),
        INCREASE=bit(30),
        EN=bit(31),
    )
    T0LO = Register(0x04, 0, "ro")
    T0HI = Register(0x08, 0, "ro", HI=bits(21, 0))
    T0UPDATE = Register(0x0C, 0, "rw", UPDATE=bit(31))
    T0ALARMLO = Register(0x10)
    T0ALARMHI = Register(0x14, 0, "rw", ALARM_HI=bits(21, 0))
    T0LOADLO = Register(0x18)
    T0LOADHI = Register(0x1C, 0, "rw", LOAD_HI=bits(21, 0))
    T0LOAD = Register(0x20, 0, "wo")

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        apb: ClockSignal,
        xtal: ClockSignal,
        calibrated: ClockSignal,
        irq_timer: int,
        irq_watchdog: int,
        request_reset: Callable[[str], None],
        guards_boot: bool,
    ) -> None:
        super().__init__(name, base, chip)
        for number, hold in _MWDT_HOLDS.items():
            self.add_numbered(Register(0x48 + 4 * number, hold), "WDTCONFIG{}", number)
        self._apb, self._xtal, self._calibrated = apb, xtal, calibrated
        self._irq_timer, self._irq_watchdog = irq_timer, irq_watchdog
        self._interrupts = InterruptFlags(self, "INT_{}", self._drive)
        self._request_reset = request_reset
        self._guards_boot = guards_boot
        self._counted = 0  # the timer's value at tick `_since` of its clock
        self._since = 0
        self._alarm: Event | None = None
        self._calibration: Event | None = None
        self._watchdog_clock = ClockSignal(f"{name} MWDT_CLK", lambda: chip.now)
        self.watchdog = StagedWatchdog(
            f"{name} MWDT", chip, self._watchdog_clock, self._stage, self._expired
        )
        self._watchdog_registers = WatchdogRegisters(self, self.watchdog)
        for clock in (apb, xtal):
            clock.subscribe(self._plan_alarm)
            clock.subscribe(self._select_watchdog_clock)

    def reset(self) -> None:
        """Carries out a reset."""
        super().reset()
        for event in (self._alarm, self._calibration):
            if event is not None:
                event.cancel()
        self._alarm = self._calibration = None
        self._counted = self._since = 0
        if not self._guards_boot:
            self.WDTCONFIG0["WDT_FLASHBOOT_MOD_EN"] = 0
        self.watchdog.stop()
        self._select_watchdog_clock()
        self._watchdog_registers.switch(restart=True)
        self._interrupts.update()

    # -- timer
    @property
    def _clock(self) -> ClockSignal:
        return self._xtal if self.T0CONFIG["USE_XTAL"] else self._apb

    @property
    def _divider(self) -> int:
        divider = self.T0CONFIG["DIVIDER"]
        return max(divider, 2) if divider else 65_536  # 0 means 65536, 1 acts as 2 (11.2.1)

    def _count(self) -> int:
        if not self.T0CONFIG["EN"]:
            return self._counted
        steps = (self._clock.ticks() - self._since) // self._divider
        return self._counted + (steps if self.T0CONFIG["INCREASE"] else -steps) & _MASK

    def _restart(self, count: int) -> None:
        self._counted = count
        self._since = self._clock.ticks()
        self._plan_alarm()

    def write_T0CONFIG(self, value: int, old: int) -> None:
        """Starts and stops the timer and changes its divider."""
        self.T0CONFIG.value = old
        count = self._count()
        self.T0CONFIG.value = value & ~(1 << 12)
        self._restart(count)

    def write_T0UPDATE(self, value: int, old: int) -> None:
        """Latches the counter."""
        count = self._count()
        self.T0LO.value, self.T0HI.value = count & 0xFFFF_FFFF, count >> 32
        self.T0UPDATE.value = 0

    def write_T0LOAD(self, value: int, old: int) -> None:
        """Loads the counter."""
        self.T0LOAD.value = 0
        self._restart(self.T0LOADHI.value << 32 | self.T0LOADLO.value)

    def write_T0ALARMLO(self, value: int, old: int) -> None:
        """Changes the alarm's value."""
        self._plan_alarm()

    def write_T0ALARMHI(self, value: int, old: int) -> None:
        """Changes the alarm's value."""
        self._plan_alarm()

    def _plan_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        config = self.T0CONFIG
        if not (config["EN"] and config["ALARM_EN"]) or not self._clock.hz:
            return
        target = self.T0ALARMHI.value << 32 | self.T0ALARMLO.value
        steps = target - self._counted if config["INCREASE"] else self._counted - target
        at = self._clock.time_of(self._since + max(steps, 0) * self._divider)
        if at < NEVER:
            self._alarm = self.chip.schedule_at(
                max(at, self.chip.now), self._alarmed, f"{self.name} alarm"
            )

    def _alarmed(self) -> None:
        self._alarm = None
        self.T0CONFIG["ALARM_EN"] = 0  # 11.2.3: software arms the alarm again
        if self.T0CONFIG["AUTORELOAD"]:
            self._restart(self.T0LOADHI.value << 32 | self.T0LOADLO.value)
        self.INT_RAW["T0"] = 1
        self._interrupts.update()

    # -- watchdog
    def _stage(self, number: int) -> Stage:
        prescale = max(self.WDTCONFIG1["WDT_CLK_PRESCALE"], 1)
        hold = self.registers[f"WDTCONFIG{number + 2}"].value * prescale
        if self.WDTCONFIG0["WDT_FLASHBOOT_MOD_EN"]:
            return Stage(hold, _SYSTEM_RESET if number == 0 else 0)
        return Stage(hold, self.WDTCONFIG0[f"WDT_STG{number}"])

    def _select_watchdog_clock(self) -> None:
        source = self._xtal if self.WDTCONFIG0["WDT_USE_XTAL"] else self._apb
        self._watchdog_clock.set_hz(source.hz)

    def _expired(self, action: int) -> None:
        group = f"timer group {self.name[-1]} watchdog"
        if action == _INTERRUPT:
            self.INT_RAW["WDT"] = 1
            self._interrupts.update()
        elif action == _CPU_RESET:
            self._request_reset(f"cpu {group}")
        else:
            self._request_reset(group)

    def write_WDTCONFIG0(self, value: int, old: int) -> None:
        """Changes the stages and starts or stops the watchdog."""
        # FIDELITY:
        #   model: The watchdog's set-up takes effect at once.
        #   silicon: It takes effect after WDT_CONF_UPDATE_EN.
        #   hides: A driver that does not write WDT_CONF_UPDATE_EN.
        if self._watchdog_registers.accept("WDTCONFIG0", old):
            self.WDTCONFIG0["WDT_CONF_UPDATE_EN"] = 0
            self._select_watchdog_clock()
            self._watchdog_registers.config_written(value, old)

    def write_WDTCONFIG1(self, value: int, old: int) -> None:
        """Changes the prescaler."""
        if self._watchdog_registers.accept("WDTCONFIG1", old):
            self.WDTCONFIG1["WDT_DIVCNT_RST"] = 0

    def write_WDTCONFIG(self, number: int, value: int, old: int) -> None:
        """Changes the time of a stage, which acts after the next feed."""
        self._watchdog_registers.accept(f"WDTCONFIG{number}", old)

    def write_WDTFEED(self, value: int, old: int) -> None:
        """Feeds the watchdog, with any value."""
        self.WDTFEED.value = 0
        self._watchdog_registers.feed()

    # -- calibration
    def write_RTCCALICFG(self, value: int, old: int) -> None:
        """Counts XTAL_CLK over RTC_CALI_MAX periods of another clock by START (6.2.4)."""
        start = type(self).RTCCALICFG.fields["RTC_CALI_START"].mask
        if not value & start:
            self.RTCCALICFG["RTC_CALI_RDY"] = 0
        elif not old & start:
            self._calibrate()

    def write_RTCCALICFG2(self, value: int, old: int) -> None:
        """Sets TIMEOUT where the repeated measurement takes longer than the threshold."""
        if self.RTCCALICFG["RTC_CALI_START_CYCLING"]:
            limit = self.RTCCALICFG2["RTC_CALI_TIMEOUT_THRES"]
            periods = max(1, self.RTCCALICFG["RTC_CALI_MAX"])
            took = periods * self._xtal.hz // self._calibrated.hz
            self.RTCCALICFG2["RTC_CALI_TIMEOUT"] = took > limit

    def _calibrate(self) -> None:
        self.RTCCALICFG["RTC_CALI_RDY"] = 0
        self.RTCCALICFG2["RTC_CALI_TIMEOUT"] = 0
        select = self.RTCCALICFG["RTC_CALI_CLK_SEL"]
        if select:
            self.not_modelled(f"RTCCALICFG.RTC_CALI_CLK_SEL={select}: measuring that clock")
            return
        periods = self.RTCCALICFG["RTC_CALI_MAX"]
        if self._calibration is not None:
            self._calibration.cancel()
        at = self._calibrated.time_of(self._calibrated.ticks() + periods + 1)
        self._calibration = self.chip.schedule_at(at, self._calibrated_now, f"{self.name} RTC_CALI")

    def _calibrated_now(self) -> None:
        self._calibration = None
        periods = self.RTCCALICFG["RTC_CALI_MAX"]
        self.RTCCALICFG1["RTC_CALI_VALUE"] = periods * self._xtal.hz // self._calibrated.hz
        self.RTCCALICFG["RTC_CALI_RDY"] = 1

    # -- interrupts

    def _drive(self, status: int) -> None:
        self.chip.set_interrupt(self._irq_timer, bool(status & 1))
        self.chip.set_interrupt(self._irq_watchdog, bool(status & 2))
