"""Real-time clock (RM0351, section 38): calendar, wake-up timer, alarms, backup registers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from facet.chip.peripheral import ChipServices, Peripheral
from facet.chip.registers import Register, bit, bits
from facet.chip.stm32l4 import exti
from facet.chip.stm32l4.rtc_calendar import Moment, from_bcd, hour_of, read_moment
from facet.chip.stm32l4.tick_timer import TickTimer
from facet.clock import ClockSignal

SYNC_TICKS = 2
"""RTCCLK periods that INITF, WUTWF, ALRxWF and RSF follow their cause (RM0351 38.3.7, 38.6.4)."""
START_TICKS = 4
"""RTCCLK periods from the end of initialization to the first count (RM0351 38.3.7)."""
BACKUP_REGISTERS = 32

_UNLOCK_KEYS = (0xCA, 0x53)  # WPR; RM0351 38.3.7
_WUT_DIVIDERS = (16, 8, 4, 2)  # by CR.WUCKSEL 0..3; above, the timer counts ck_spre
_NOT_WRITE_PROTECTED = frozenset(
    {"TAMPCR", "OR", "WPR", *(f"BKP{n}R" for n in range(BACKUP_REGISTERS))}
)
_FREE_FLAGS = 0x3F00  # ISR[13:8] can be cleared while write protection is on

_ALARM = {
    "SU": bits(3, 0),
    "ST": bits(6, 4),
    "MSK1": bit(7),
    "MNU": bits(11, 8),
    "MNT": bits(14, 12),
    "MSK2": bit(15),
    "HU": bits(19, 16),
    "HT": bits(21, 20),
    "PM": bit(22),
    "MSK3": bit(23),
    "DU": bits(27, 24),
    "DT": bits(29, 28),
    "WDSEL": bit(30),
    "MSK4": bit(31),
}


class _Shadow(NamedTuple):
    ssr: int
    tr: int
    dr: int


class Rtc(Peripheral):
    """The RTC. It lives in the backup domain: a system reset leaves it alone.

    Args:
        rtcclk: the clock that RCC_BDCR chose for it.
        backup_writable: whether PWR_CR1.DBP opens the backup domain.
        set_line: drives an EXTI line's input: set_line(line, level).
        wakeup: told when any of its interrupts, enabled in CR, is pending (for PWR_SR1.WUFI).
    """

    TR = Register(
        0x00,
        SU=bits(3, 0),
        ST=bits(6, 4),
        MNU=bits(11, 8),
        MNT=bits(14, 12),
        HU=bits(19, 16),
        HT=bits(21, 20),
        PM=bit(22),
    )
    DR = Register(
        0x04,
        0x0000_2101,
        DU=bits(3, 0),
        DT=bits(5, 4),
        MU=bits(11, 8),
        MT=bit(12),
        WDU=bits(15, 13),
        YU=bits(19, 16),
        YT=bits(23, 20),
    )
    CR = Register(
        0x08,
        WUCKSEL=bits(2, 0),
        TSEDGE=bit(3),
        REFCKON=bit(4),
        BYPSHAD=bit(5),
        FMT=bit(6),
        ALRAE=bit(8),
        ALRBE=bit(9),
        WUTE=bit(10),
        TSE=bit(11),
        ALRAIE=bit(12),
        ALRBIE=bit(13),
        WUTIE=bit(14),
        TSIE=bit(15),
        ADD1H=bit(16),
        SUB1H=bit(17),
        BKP=bit(18),
        COSEL=bit(19),
        POL=bit(20),
        OSEL=bits(22, 21),
        COE=bit(23),
        ITSE=bit(24),
    )
    ISR = Register(
        0x0C,
        0x0000_0007,
        "rc_w0",
        ALRAWF=bit(0, "ro"),
        ALRBWF=bit(1, "ro"),
        WUTWF=bit(2, "ro"),
        SHPF=bit(3, "ro"),
        INITS=bit(4, "ro"),
        RSF=bit(5),
        INITF=bit(6, "ro"),
        INIT=bit(7, "rw"),
        ALRAF=bit(8),
        ALRBF=bit(9),
        WUTF=bit(10),
        TSF=bit(11),
        TSOVF=bit(12),
        TAMP1F=bit(13),
        TAMP2F=bit(14),
        TAMP3F=bit(15),
        RECALPF=bit(16, "ro"),
        ITSF=bit(17),
    )
    PRER = Register(0x10, 0x007F_00FF, PREDIV_S=bits(14, 0), PREDIV_A=bits(22, 16))
    WUTR = Register(0x14, 0x0000_FFFF, WUT=bits(15, 0))
    ALRMAR = Register(0x1C, **_ALARM)
    ALRMBR = Register(0x20, **_ALARM)
    WPR = Register(0x24, 0, "wo", KEY=bits(7, 0))
    SSR = Register(0x28, 0, "ro", SS=bits(15, 0))
    SHIFTR = Register(0x2C, 0, "wo", SUBFS=bits(14, 0), ADD1S=bit(31))
    # FIDELITY: time stamps and tamper detection are not modelled, switching one on is reported;
    # silicon records the calendar and erases the backup registers at an edge on their pins; hides
    # nothing, firmware that needs them does not get them.
    TSTR = Register(0x30, 0, "ro")
    TSDR = Register(0x34, 0, "ro")
    TSSSR = Register(0x38, 0, "ro")
    # FIDELITY: smooth calibration is stored but not applied; silicon masks or inserts up to 512
    # RTCCLK pulses in 2^20, a correction of -487 to +488 ppm; hides a wrong calibration value.
    CALR = Register(0x3C, CALM=bits(8, 0), CALW16=bit(13), CALW8=bit(14), CALP=bit(15))
    TAMPCR = Register(
        0x40,
        TAMP1E=bit(0),
        TAMP1TRG=bit(1),
        TAMPIE=bit(2),
        TAMP2E=bit(3),
        TAMP2TRG=bit(4),
        TAMP3E=bit(5),
        TAMP3TRG=bit(6),
        TAMPTS=bit(7),
        TAMPFREQ=bits(10, 8),
        TAMPFLT=bits(12, 11),
        TAMPPRCH=bits(14, 13),
        TAMPPUDIS=bit(15),
        TAMP1IE=bit(16),
        TAMP1NOERASE=bit(17),
        TAMP1MF=bit(18),
        TAMP2IE=bit(19),
        TAMP2NOERASE=bit(20),
        TAMP2MF=bit(21),
        TAMP3IE=bit(22),
        TAMP3NOERASE=bit(23),
        TAMP3MF=bit(24),
    )
    ALRMASSR = Register(0x44, SS=bits(14, 0), MASKSS=bits(27, 24))
    ALRMBSSR = Register(0x48, SS=bits(14, 0), MASKSS=bits(27, 24))
    OR = Register(0x4C, RTC_ALARM_TYPE=bit(0), RTC_OUT_RMP=bit(1))

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        rtcclk: ClockSignal,
        backup_writable: Callable[[], bool],
        set_line: Callable[[int, int], None],
        wakeup: Callable[[bool], None],
    ) -> None:
        super().__init__(name, base, chip)
        for number in range(BACKUP_REGISTERS):
            register = Register(0x50 + 4 * number, BKP=bits(31, 0))
            register.name = f"BKP{number}R"
            self.add_register(register)
        self._rtcclk = rtcclk
        self._backup_writable = backup_writable
        self._set_line = set_line
        self._wakeup = wakeup
        self._keys_taken = 0
        self._moment = Moment()
        self._start_tick = 0  # RTCCLK tick at which `_moment` began
        self._held = False  # initialization mode: the calendar stands
        self._frozen: _Shadow | None = None  # shadow registers locked by a read of SSR or TR
        self._stale: _Shadow | None = None  # what they showed when a Stop mode was entered
        self._stale_until = 0
        self._wut_tick = 0

        def timer(action: Callable[[], None], what: str) -> TickTimer:
            return TickTimer(chip, rtcclk, action, f"{name} {what}")

        self._initf = timer(self._initialization_entered, "INITF")
        self._wutwf = timer(self._wutwf_follows, "WUTWF")
        self._rsf = timer(self._synchronized, "RSF")
        self._wut = timer(self._wake_up_timer_ended, "wake-up timer")
        rtcclk.subscribe(self._clock_changed)
        self._alarms = {x: timer(partial(self._alarm_hit, x), f"alarm {x}") for x in "AB"}
        self._alarm_access = {x: timer(partial(self._alrwf_follows, x), f"ALR{x}WF") for x in "AB"}

    # -- resets
    def reset(self) -> None:
        """A system reset: only the shadow registers and INIT go (RM0351 38.3.11)."""
        if self.ISR["INIT"]:
            self._leave_initialization()
        self.ISR["INIT"] = self.ISR["INITF"] = self.ISR["RSF"] = 0
        self._frozen = self._stale = None
        self._keys_taken = 0
        self._rsf.set_after(SYNC_TICKS)

    def backup_reset(self) -> None:
        """A reset of the backup domain: everything."""
        self.reset_registers()
        for timer in (self._initf, self._wutwf, self._rsf, self._wut):
            timer.cancel()
        for timer in (*self._alarms.values(), *self._alarm_access.values()):
            timer.cancel()
        self._held = False
        self._moment = Moment()
        self._start_tick = self._rtcclk.ticks()
        self._frozen = self._stale = None
        self._keys_taken = 0
        self._update_lines()

    # -- write protection
    def write(self, offset: int, size: int, written: int) -> None:
        """As `RegisterBlock.write`, with the backup domain and WPR guarding each register."""
        register = self.register_at(offset).declaration.name
        if not self._backup_writable():
            self.violation(
                "backup-domain-protected", f"{register} written while PWR_CR1.DBP=0: it is ignored"
            )
            return
        if register not in _NOT_WRITE_PROTECTED and self._keys_taken < len(_UNLOCK_KEYS):
            state = self.registers[register]
            if register == "ISR":
                state.value &= written | ~_FREE_FLAGS
                self._update_lines()
                if (written ^ state.value) & 0x80:
                    self._write_protected(register)
            else:
                self._write_protected(register)
            return
        super().write(offset, size, written)

    def _write_protected(self, register: str) -> None:
        self.violation(
            "rtc-write-protected",
            f"{register} written without the keys 0xCA, 0x53 in WPR: it is ignored",
        )

    def write_WPR(self, value: int, old: int) -> None:
        """The keys in order open the registers; anything else closes them."""
        self.WPR.value = 0
        taken = self._keys_taken
        if taken < len(_UNLOCK_KEYS) and value == _UNLOCK_KEYS[taken]:
            self._keys_taken += 1
        else:
            self._keys_taken = 1 if value == _UNLOCK_KEYS[0] else 0

    def _refuse(self, register: str, old: int, why: str) -> None:
        self.registers[register].value = old
        self.violation("rtc-access", f"{register} written {why}: it keeps its value")

    # -- calendar
    @property
    def _ticks_a_second(self) -> int:
        return (self.PRER["PREDIV_A"] + 1) * (self.PRER["PREDIV_S"] + 1)

    def _elapsed(self) -> int:
        return max(self._rtcclk.ticks() - self._start_tick, 0)

    def _present(self) -> _Shadow:
        """What the calendar shows now."""
        if self._held:
            return _Shadow(self.PRER["PREDIV_S"], self.TR.value, self.DR.value)
        seconds, ticks = divmod(self._elapsed(), self._ticks_a_second)
        moment = self._moment.after(seconds)
        ssr = self.PRER["PREDIV_S"] - ticks // (self.PRER["PREDIV_A"] + 1)
        return _Shadow(ssr, moment.tr(bool(self.CR["FMT"])), moment.dr())

    def _shown(self) -> _Shadow:
        """What the shadow registers show now (RM0351 38.3.8)."""
        if self.CR["BYPSHAD"]:
            return self._present()
        if self._frozen is None:
            if self._stale is not None and self._rtcclk.ticks() >= self._stale_until:
                self._stale = None
            self._frozen = self._stale or self._present()
        return self._frozen

    def read_SSR(self) -> int:
        """Subseconds; locks TR and DR until DR is read."""
        return self._shown().ssr

    def read_TR(self) -> int:
        """The time; locks DR until it is read."""
        return self._shown().tr

    def read_DR(self) -> int:
        """The date."""
        value = self._shown().dr
        self._frozen = None  # RM0351 38.6.2: reading DR ends the lock
        return value

    def before_stop(self) -> None:
        """The shadow registers are not updated in Stop modes (RM0351 38.3.8)."""
        self._stale = self._present()

    def after_stop(self) -> None:
        """They are up to date again two RTCCLK periods after the wake-up."""
        self._stale_until = self._rtcclk.ticks() + SYNC_TICKS

    def write_TR(self, value: int, old: int) -> None:
        """Taken in initialization mode only."""
        if not self.ISR["INITF"]:
            self._refuse("TR", old, "outside initialization mode (ISR.INITF=0)")

    def write_DR(self, value: int, old: int) -> None:
        """Taken in initialization mode only."""
        if not self.ISR["INITF"]:
            self._refuse("DR", old, "outside initialization mode (ISR.INITF=0)")

    def write_PRER(self, value: int, old: int) -> None:
        """Taken in initialization mode only."""
        if not self.ISR["INITF"]:
            self._refuse("PRER", old, "outside initialization mode (ISR.INITF=0)")

    def write_SHIFTR(self, value: int, old: int) -> None:
        """Shifts the calendar by a part of a second."""
        self.SHIFTR.value = 0
        delay = (value & 0x7FFF) * (self.PRER["PREDIV_A"] + 1)
        self._start_tick += delay - (value >> 31) * self._ticks_a_second
        self._plan_alarms()

    # -- ISR: initialization, synchronization, flags
    def write_ISR(self, value: int, old: int) -> None:
        """Enters and leaves initialization mode, clears flags."""
        if self.ISR["INIT"] and not old >> 7 & 1:
            self._initf.set_after(SYNC_TICKS)
        elif not self.ISR["INIT"] and old >> 7 & 1:
            self._leave_initialization()
        if old >> 5 & 1 and not self.ISR["RSF"]:
            self._rsf.set_after(SYNC_TICKS)
        self._update_lines()

    def _initialization_entered(self) -> None:
        present = self._present()
        self.TR.value, self.DR.value = present.tr, present.dr
        self._held = True
        self._frozen = None
        self.ISR["INITF"] = 1
        self.ISR["RSF"] = 0
        self._rsf.cancel()
        for timer in self._alarms.values():
            timer.cancel()

    def _leave_initialization(self) -> None:
        self._initf.cancel()
        if not self._held:
            return
        self._held = False
        self.ISR["INITF"] = 0
        try:
            self._moment = read_moment(self.TR.value, self.DR.value, bool(self.CR["FMT"]))
        except ValueError as error:
            self.violation(
                "rtc-calendar",
                f"TR={self.TR.value:#010x}, DR={self.DR.value:#010x} is no calendar: {error}",
            )
            self._moment = Moment()
        self.ISR["INITS"] = int(self.DR.value >> 16 & 0xFF != 0)  # RM0351 38.6.4: year is not 0
        self._start_tick = self._rtcclk.ticks() + START_TICKS
        self._rsf.set_after(START_TICKS + SYNC_TICKS)
        self._plan_alarms()

    def _clock_changed(self) -> None:
        if self._rtcclk.hz and not self.ISR["RSF"] and not self._held:
            self._rsf.set_after(SYNC_TICKS)

    def _synchronized(self) -> None:
        self._frozen = None
        self.ISR["RSF"] = 1

    # -- CR
    def write_CR(self, value: int, old: int) -> None:
        """Starts and stops the wake-up timer and the alarms."""
        fields = self.CR.declaration.fields
        changed = value ^ old
        if changed & (fields["FMT"].mask | fields["REFCKON"].mask) and not self.ISR["INITF"]:
            self._refuse("CR", old, "with another FMT or REFCKON outside initialization mode")
            return
        if changed & fields["WUCKSEL"].mask and (
            old & fields["WUTE"].mask or not self.ISR["WUTWF"]
        ):
            self._refuse("CR", old, "with another WUCKSEL while WUTE=1 or ISR.WUTWF=0")
            return
        hours = self.CR["ADD1H"] - self.CR["SUB1H"]
        self.CR["ADD1H"] = self.CR["SUB1H"] = 0
        if hours:
            self._moment = Moment(
                self._moment.date + timedelta(hours=hours), self._moment.weekday_shift
            )
            self._plan_alarms()
        if changed & fields["WUTE"].mask:
            self._wutwf.set_after(SYNC_TICKS)
            if self.CR["WUTE"]:
                self._start_wake_up_timer()
            else:
                self._wut.cancel()
        for x in "AB":
            if changed & fields[f"ALR{x}E"].mask:
                self._alarm_access[x].set_after(SYNC_TICKS)
                self._plan_alarm(x)
        for field in ("TSE", "ITSE"):
            if changed & value & fields[field].mask:
                self.violation("not-modelled", f"CR.{field} set: Facet takes no time stamps")
        self._update_lines()

    def write_TAMPCR(self, value: int, old: int) -> None:
        """Tamper inputs are named."""
        for number in (1, 2, 3):
            field = f"TAMP{number}E"
            if value & ~old & self.TAMPCR.declaration.fields[field].mask:
                self.violation("not-modelled", f"TAMPCR.{field} set: Facet detects no tampering")

    # -- wake-up timer
    def write_WUTR(self, value: int, old: int) -> None:
        """Taken while ISR.WUTWF=1 only."""
        if not self.ISR["WUTWF"]:
            self._refuse("WUTR", old, "while ISR.WUTWF=0 (clear CR.WUTE, then wait for it)")

    def _wutwf_follows(self) -> None:
        self.ISR["WUTWF"] = 1 - self.CR["WUTE"]

    @property
    def _wut_period(self) -> int:
        """The timer's period in RTCCLK ticks (RM0351 38.3.6)."""
        select, counts = self.CR["WUCKSEL"], self.WUTR["WUT"] + 1
        if select < 4:
            return _WUT_DIVIDERS[select] * counts
        return self._ticks_a_second * (counts + (0x1_0000 if select >= 6 else 0))

    def _start_wake_up_timer(self) -> None:
        if self.WUTR["WUT"] == 0 and self.CR["WUCKSEL"] == 3:
            self.violation("rtc-wakeup-timer", "WUTR.WUT=0 with CR.WUCKSEL=3 is forbidden")
            return
        now = self._rtcclk.ticks()
        if self.CR["WUCKSEL"] >= 4:
            now -= self._elapsed() % self._ticks_a_second  # it counts the calendar's own seconds
        # FIDELITY: with a divided RTCCLK the timer starts at once and its divider from zero; on
        # silicon both are up to a few RTCCLK periods late; shifts the first wake-up by < 0.5 ms.
        self._wut_tick = now + self._wut_period
        self._wut.set(self._wut_tick)

    def _wake_up_timer_ended(self) -> None:
        self._wut_tick += self._wut_period
        self._wut.set(self._wut_tick)
        self.ISR["WUTF"] = 1
        self._update_lines()

    # -- alarms
    def write_ALRMAR(self, value: int, old: int) -> None:
        """Taken while alarm A is off."""
        self._alarm_written("A", "ALRMAR", old)

    def write_ALRMBR(self, value: int, old: int) -> None:
        """Taken while alarm B is off."""
        self._alarm_written("B", "ALRMBR", old)

    def write_ALRMASSR(self, value: int, old: int) -> None:
        """Taken while alarm A is off."""
        self._alarm_written("A", "ALRMASSR", old)

    def write_ALRMBSSR(self, value: int, old: int) -> None:
        """Taken while alarm B is off."""
        self._alarm_written("B", "ALRMBSSR", old)

    def _alarm_written(self, x: str, register: str, old: int) -> None:
        if not self.ISR[f"ALR{x}WF"] and not self.ISR["INITF"]:
            self._refuse(register, old, f"while ISR.ALR{x}WF=0 (clear CR.ALR{x}E, then wait)")

    def _alrwf_follows(self, x: str) -> None:
        self.ISR[f"ALR{x}WF"] = 1 - self.CR[f"ALR{x}E"]

    def _alarm_hit(self, x: str) -> None:
        self.ISR[f"ALR{x}F"] = 1
        self._update_lines()
        self._plan_alarm(x)

    def _plan_alarms(self) -> None:
        for x in "AB":
            self._plan_alarm(x)

    def _plan_alarm(self, x: str) -> None:
        if not self.CR[f"ALR{x}E"] or self._held:
            self._alarms[x].cancel()
            return
        tick = self._next_alarm_tick(x)
        if tick is None:
            self._alarms[x].cancel()
        else:
            self._alarms[x].set(tick)

    def _next_alarm_tick(self, x: str) -> int | None:
        """The first RTCCLK tick after now at which alarm `x` matches (RM0351 38.3.5)."""
        now = self._rtcclk.ticks() - self._start_tick
        second = max(now // self._ticks_a_second, 0)
        subs = self._matching_subseconds(x)
        horizon = second + 366 * 24 * 3600 * 4  # a day of the month, at the latest in a leap year
        while (found := self._next_matching_second(x, second, horizon)) is not None:
            for sub in subs:
                tick = found * self._ticks_a_second + sub * (self.PRER["PREDIV_A"] + 1)
                if tick > now:
                    return self._start_tick + tick
            second = found + 1
        return None

    def _matching_subseconds(self, x: str) -> list[int]:
        """ck_apre ticks within a second at which the subseconds match, in their order."""
        config = self.registers[f"ALRM{x}SSR"]
        compared = (1 << config["MASKSS"]) - 1
        if compared == 0:
            return [0]
        last = self.PRER["PREDIV_S"]
        return [sub for sub in range(last + 1) if (last - sub ^ config["SS"]) & compared == 0]

    def _next_matching_second(self, x: str, second: int, horizon: int) -> int | None:
        alarm = self.registers[f"ALRM{x}R"]
        hour = hour_of(alarm.value >> 16 & 0x3F, alarm["PM"], bool(self.CR["FMT"]))
        day = from_bcd(alarm.value >> 24 & 0x3F)
        while second < horizon:
            moment = self._moment.after(second)
            date = moment.date
            today = moment.weekday if alarm["WDSEL"] else date.day
            into_hour = date.minute * 60 + date.second
            if not alarm["MSK4"] and today != (day & 0xF if alarm["WDSEL"] else day):
                second += 86_400 - date.hour * 3600 - into_hour
            elif not alarm["MSK3"] and date.hour != hour:
                second += 3600 - into_hour
            elif not alarm["MSK2"] and date.minute != from_bcd(alarm.value >> 8 & 0x7F):
                second += 60 - date.second
            elif not alarm["MSK1"] and date.second != from_bcd(alarm.value & 0x7F):
                second += 1
            else:
                return second
        return None

    # -- interrupts
    def _update_lines(self) -> None:
        alarm = any(self.ISR[f"ALR{x}F"] and self.CR[f"ALR{x}IE"] for x in "AB")
        wakeup = bool(self.ISR["WUTF"] and self.CR["WUTIE"])
        self._set_line(exti.RTC_ALARM, int(alarm))
        self._set_line(exti.RTC_WAKEUP, int(wakeup))
        self._wakeup(alarm or wakeup)
