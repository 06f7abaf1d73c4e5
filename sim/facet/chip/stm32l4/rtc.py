"""Real-time clock (RM0351, section 38): calendar, wake-up timer, alarms, backup registers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register, bits
from facet.chip.stm32l4 import exti
from facet.chip.stm32l4.rtc_alarms import Alarm
from facet.chip.stm32l4.rtc_calendar import Moment, faults, read_moment
from facet.chip.stm32l4.rtc_registers import RtcRegisters
from facet.chip.stm32l4.rtc_wakeup import WakeUpTimer, wakeup_period
from facet.chip.stm32l4.tick_timer import TickTimer
from facet.clock import ClockSignal

SYNC_TICKS = 2
"""RTCCLK periods from a cause to INITF, WUTWF, ALRxWF or RSF (RM0351 38.3.7, 38.6.4)."""
START_TICKS = 4
"""RTCCLK periods from the end of initialization to the first count (RM0351 38.3.7)."""
BACKUP_REGISTERS = 32

_UNLOCK_KEYS = (0xCA, 0x53)  # WPR; RM0351 38.3.7
_NOT_WRITE_PROTECTED = frozenset(
    {"TAMPCR", "OR", "WPR", *(f"BKP{n}R" for n in range(BACKUP_REGISTERS))}
)
_FREE_FLAGS = 0x3F00  # ISR[13:8] can be cleared while write protection is on


class _Shadow(NamedTuple):
    ssr: int
    tr: int
    dr: int


class Rtc(RtcRegisters):
    """The RTC, which is in the backup domain: a system reset does not change it.

    Args:
        rtcclk: the clock that RCC_BDCR selects.
        backup_writable: whether PWR_CR1.DBP opens the backup domain.
        set_line: drives an EXTI line's input: set_line(line, level).
        wakeup: called with whether an interrupt enabled in CR is pending (for PWR_SR1.WUFI).
    """

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
        self._held = False  # initialization mode: the calendar is stopped
        self._frozen: _Shadow | None = None  # shadow registers locked by a read of SSR or TR
        self._stale: _Shadow | None = None  # their values when a Stop mode was entered
        self._stale_until = 0

        def timer(action: Callable[[], None], what: str) -> TickTimer:
            return TickTimer(chip, rtcclk, action, f"{name} {what}")

        self._initf = timer(self._initialization_entered, "INITF")
        self._wutwf = timer(self._wutwf_updated, "WUTWF")
        self._rsf = timer(self._synchronized, "RSF")
        self._wut = WakeUpTimer(
            chip, rtcclk, self._wake_up_timer_ended, self._wut_period, f"{name} wake-up timer"
        )
        rtcclk.subscribe(self._clock_changed)
        self._alarms = {x: timer(partial(self._alarm_hit, x), f"alarm {x}") for x in "AB"}
        self._alarm_access = {x: timer(partial(self._alrwf_updated, x), f"ALR{x}WF") for x in "AB"}

    # -- resets
    def reset(self) -> None:
        """Carries out a system reset: clears the shadow registers and INIT (RM0351 38.3.11)."""
        if self.ISR["INIT"]:
            self._leave_initialization()
        self.ISR["INIT"] = self.ISR["INITF"] = self.ISR["RSF"] = 0
        self._frozen = self._stale = None
        self._keys_taken = 0
        self._rsf.set_after(SYNC_TICKS)

    def backup_reset(self) -> None:
        """As after a reset of the backup domain, which clears everything."""
        self.reset_registers()
        self._wut.cancel()
        for timer in (
            *(self._initf, self._wutwf, self._rsf),
            *(*self._alarms.values(), *self._alarm_access.values()),
        ):
            timer.cancel()
        self._held = False
        self._moment = Moment()
        self._start_tick = self._rtcclk.ticks()
        self._frozen = self._stale = None
        self._keys_taken = 0
        self._update_lines()

    # -- write protection
    def write(self, offset: int, size: int, written: int) -> None:
        """Writes a register where the backup domain and WPR allow it."""
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
        """Unlocks the registers after both keys; any other value locks them."""
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
        """The present values of the calendar."""
        if self._held:
            return _Shadow(self.PRER["PREDIV_S"], self.TR.value, self.DR.value)
        ticks = self._elapsed() % self._ticks_a_second
        ssr = self.PRER["PREDIV_S"] - ticks // (self.PRER["PREDIV_A"] + 1)
        moment = self._now()
        return _Shadow(ssr, moment.tr(bool(self.CR["FMT"])), moment.dr())

    def _now(self) -> Moment:
        return self._moment.after(self._elapsed() // self._ticks_a_second)

    def _shown(self) -> _Shadow:
        """The present values of the shadow registers (RM0351 38.3.8)."""
        if self.CR["BYPSHAD"]:
            return self._present()
        if self._frozen is None:
            if self._stale is not None and self._rtcclk.ticks() >= self._stale_until:
                self._stale = None
            self._frozen = self._stale or self._present()
        return self._frozen

    def read_SSR(self) -> int:
        """Gives the subseconds and locks TR and DR until DR is read."""
        return self._shown().ssr

    def read_TR(self) -> int:
        """Gives the time and locks DR until DR is read."""
        return self._shown().tr

    def read_DR(self) -> int:
        """Gives the date and ends the lock."""
        value = self._shown().dr
        self._frozen = None  # RM0351 38.6.2: reading DR ends the lock
        return value

    def before_stop(self) -> None:
        """Freezes the shadow registers, as a Stop mode does (RM0351 38.3.8)."""
        self._stale = self._present()

    def after_stop(self) -> None:
        """Updates the shadow registers again two RTCCLK periods after the wake-up."""
        self._stale_until = self._rtcclk.ticks() + SYNC_TICKS

    def write_TR(self, value: int, old: int) -> None:
        """Refuses the write outside initialization mode."""
        if not self.ISR["INITF"]:
            self._refuse("TR", old, "outside initialization mode (ISR.INITF=0)")

    def write_DR(self, value: int, old: int) -> None:
        """Refuses the write outside initialization mode."""
        if not self.ISR["INITF"]:
            self._refuse("DR", old, "outside initialization mode (ISR.INITF=0)")

    def write_PRER(self, value: int, old: int) -> None:
        """Refuses the write outside initialization mode."""
        if not self.ISR["INITF"]:
            self._refuse("PRER", old, "outside initialization mode (ISR.INITF=0)")

    def write_SHIFTR(self, value: int, old: int) -> None:
        """Shifts the calendar by a fraction of a second."""
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
        written = (self.TR.value, self.DR.value, bool(self.CR["FMT"]))
        self._moment = read_moment(*written)
        if wrong := faults(*written):
            self.violation(
                "rtc-calendar",
                f"INIT cleared with TR={written[0]:#010x}, DR={written[1]:#010x}: "
                f"{'; '.join(wrong)}",
            )
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
        if hours > 0 or (hours < 0 and self._now().hour > 0):  # no effect in hour 0 (38.6.3)
            self._moment = self._moment.shifted(3600 * hours)
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
                self.not_modelled(f"CR.{field}=1: time stamps")
        self._update_lines()

    def write_TAMPCR(self, value: int, old: int) -> None:
        """Reports tamper inputs, which are not modelled."""
        for number in (1, 2, 3):
            field = f"TAMP{number}E"
            if value & ~old & self.TAMPCR.declaration.fields[field].mask:
                self.not_modelled(f"TAMPCR.{field}=1: tamper detection")

    # -- wake-up timer
    def write_WUTR(self, value: int, old: int) -> None:
        """Refuses the write while ISR.WUTWF=0."""
        if not self.ISR["WUTWF"]:
            self._refuse("WUTR", old, "while ISR.WUTWF=0 (clear CR.WUTE, then wait for it)")

    def _wutwf_updated(self) -> None:
        self.ISR["WUTWF"] = 1 - self.CR["WUTE"]

    def _wut_period(self) -> int:
        return wakeup_period(self.CR["WUCKSEL"], self.WUTR["WUT"], self._ticks_a_second)

    def _start_wake_up_timer(self) -> None:
        if self.WUTR["WUT"] == 0 and self.CR["WUCKSEL"] == 3:
            # FIDELITY:
            #   model: The forbidden setting runs with its period of two RTCCLK.
            #   silicon: RM0351 does not say what the chip does.
            #   hides: Nothing: the setting is reported.
            self.violation("rtc-wakeup-timer", "WUTR.WUT=0 with CR.WUCKSEL=3 is forbidden")
        now = self._rtcclk.ticks()
        if self.CR["WUCKSEL"] >= 4:
            now -= self._elapsed() % self._ticks_a_second  # it counts the seconds of the calendar
        self._wut.start(now)

    def _wake_up_timer_ended(self) -> None:
        self.ISR["WUTF"] = 1
        self._update_lines()

    # -- alarms
    def write_ALRMAR(self, value: int, old: int) -> None:
        """Refuses the write while alarm A is on."""
        self._alarm_written("A", "ALRMAR", old)

    def write_ALRMBR(self, value: int, old: int) -> None:
        """Refuses the write while alarm B is on."""
        self._alarm_written("B", "ALRMBR", old)

    def write_ALRMASSR(self, value: int, old: int) -> None:
        """Refuses the write while alarm A is on."""
        self._alarm_written("A", "ALRMASSR", old)

    def write_ALRMBSSR(self, value: int, old: int) -> None:
        """Refuses the write while alarm B is on."""
        self._alarm_written("B", "ALRMBSSR", old)

    def _alarm_written(self, x: str, register: str, old: int) -> None:
        if not self.ISR[f"ALR{x}WF"] and not self.ISR["INITF"]:
            self._refuse(register, old, f"while ISR.ALR{x}WF=0 (clear CR.ALR{x}E, then wait)")

    def _alrwf_updated(self, x: str) -> None:
        self.ISR[f"ALR{x}WF"] = 1 - self.CR[f"ALR{x}E"]

    def _alarm_hit(self, x: str) -> None:
        self.ISR[f"ALR{x}F"] = 1
        self._update_lines()
        self._plan_alarm(x)

    def _plan_alarms(self) -> None:
        for x in "AB":
            self._plan_alarm(x)

    def _plan_alarm(self, x: str) -> None:
        self._alarms[x].cancel()
        if not self.CR[f"ALR{x}E"] or self._held:
            return
        alarm = Alarm(
            self.registers[f"ALRM{x}R"],
            self.registers[f"ALRM{x}SSR"],
            self.PRER,
            twelve_hours=bool(self.CR["FMT"]),
        )
        tick = alarm.next_tick(self._moment, self._rtcclk.ticks() - self._start_tick)
        if tick is not None:
            self._alarms[x].set(self._start_tick + tick)

    # -- interrupts
    def _update_lines(self) -> None:
        alarm = any(self.ISR[f"ALR{x}F"] and self.CR[f"ALR{x}IE"] for x in "AB")
        wakeup = bool(self.ISR["WUTF"] and self.CR["WUTIE"])
        self._set_line(exti.RTC_ALARM, int(alarm))
        self._set_line(exti.RTC_WAKEUP, int(wakeup))
        self._wakeup(alarm or wakeup)
