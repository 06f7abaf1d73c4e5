"""RTC_CNTL: low power, RTC timer, watchdogs and reset causes (TRM, chapters 9 and 12)."""

from __future__ import annotations

from collections.abc import Callable

from facet.chip.esp32c3.interrupt_flags import InterruptFlags
from facet.chip.esp32c3.rtc_cntl_registers import RtcCntlRegisters
from facet.chip.esp32c3.staged_watchdog import Stage, StagedWatchdog, WatchdogRegisters
from facet.chip.peripheral import ChipServices
from facet.chip.registers import Register
from facet.clock import ClockSignal
from facet.time import NEVER, s
from facet.timeline import Event

SWD_KEY = 0x8F1D_312A  # 12.3.2.2

RESET_CODES = {
    # Cause of a reset -> RESET_STATE.RESET_CAUSE_PROCPU (TRM, table 6-1).
    "power-on": 0x01,
    "pin": 0x01,  # CHIP_EN low powers the whole chip down
    "software": 0x03,
    "deep sleep": 0x05,
    "timer group 0 watchdog": 0x07,
    "timer group 1 watchdog": 0x08,
    "rtc watchdog": 0x09,
    "cpu timer group 0 watchdog": 0x0B,
    "cpu software": 0x0C,
    "cpu rtc watchdog": 0x0D,
    "brown-out": 0x0F,
    "rtc watchdog of all": 0x10,
    "cpu timer group 1 watchdog": 0x11,
    "super watchdog": 0x12,
}
_RESETS_ALL = ("power-on", "pin", "brown-out")
RESETS_SYSTEM = (*_RESETS_ALL, "rtc watchdog of all", "super watchdog")
"""Resets of everything, the RTC and its pins included (TRM, figure 6-1)."""

# WAKEUP_STATE.WAKEUP_ENA, SLP_WAKEUP_CAUSE (table 9-4).
WAKE_GPIO, WAKE_TIMER, WAKE_UART0, WAKE_UART1 = 1 << 2, 1 << 3, 1 << 6, 1 << 7
_WAKE_MODELLED = WAKE_GPIO | WAKE_TIMER | WAKE_UART0 | WAKE_UART1

# FIDELITY:
#   model: The super watchdog resets the chip after 2 s.
#   silicon: The manual (12.3.2) wants it fed at intervals of slightly less than 1 s and does not
#     give the time of the reset, which is later than that of MWDT0 after 1.3 s (README of
#     esp32c3-direct-boot-example, hello_world).
#   hides: A firmware that feeds it too late.
_SWD_PERIOD = s(2)

_RWDT_ACTIONS = {
    # WDTCONFIG0.WDT_STGn -> reset cause (12.2.2.2).
    2: "cpu rtc watchdog",
    3: "rtc watchdog",
    4: "rtc watchdog of all",
}
_INTERRUPT, _RESET_OF_ALL = 1, 4
_LOW_LEVEL, _HIGH_LEVEL = 4, 5  # GPIO_WAKEUP.GPIO_PINn_INT_TYPE


class RtcCntl(RtcCntlRegisters):
    """The always-on domain.

    Args:
        name: RTC_CNTL.
        base: address of OPTIONS0.
        chip: the chip's services.
        slow: RTC_SLOW_CLK.
        irq: its interrupt source.
        request_reset: called with one of `RESET_CODES`.
        start_sleep: called when the firmware sets STATE0.SLEEP_EN.
        on_pll: whether the CPU runs from the PLL.
    """

    def __init__(
        self,
        name: str,
        base: int,
        chip: ChipServices,
        *,
        slow: ClockSignal,
        irq: int,
        request_reset: Callable[[str], None],
        start_sleep: Callable[[], None],
        on_pll: Callable[[], bool],
    ) -> None:
        super().__init__(name, base, chip)
        for number in range(8):
            offset = (0x50 if number < 4 else 0xA8) + 4 * number  # 4 to 7 lie from 0xB8 on
            self.add_numbered(Register(offset), "STORE{}", number)
        for number, hold in ((1, 200_000), (2, 80_000), (3, 4_095), (4, 4_095)):
            self.add_numbered(Register(0x90 + 4 * number, hold), "WDTCONFIG{}", number)
        self._slow = slow
        self._irq = irq
        self._interrupts = InterruptFlags(self, "INT_{}", self._drive)
        self._request_reset = request_reset
        self._start_sleep = start_sleep
        self._on_pll = on_pll
        self.on_alarm: Callable[[], None] = lambda: None
        """Called when the main timer reaches SLP_TIMER0/1."""
        self._zero = 0  # the slow clock's tick at which the main timer was 0
        self._alarm: Event | None = None
        self._swd: Event | None = None
        self.watchdog = StagedWatchdog("RWDT", chip, slow, self._stage, self._stage_expired)
        self._watchdog_registers = WatchdogRegisters(self, self.watchdog)

    # -- resets
    def restart(self, cause: str) -> None:
        """Carries out a reset; its cause decides which registers survive (TRM, figure 6-1)."""
        if cause in RESETS_SYSTEM:
            kept = {} if cause in _RESETS_ALL else self._stores()
            self.reset()
            for name, value in kept.items():
                self.registers[name].value = value
            self._zero = self._slow.ticks()
            self._disarm()
            self._swd_changed()
            self._watchdog_registers.switch(restart=True)
        self.STATE0["SLEEP_EN"] = 0
        self.RESET_STATE["RESET_CAUSE_PROCPU"] = RESET_CODES[cause]
        self.watchdog.resume()
        self._interrupts.update()

    def _stores(self) -> dict[str, int]:
        return {f"STORE{n}": self.registers[f"STORE{n}"].value for n in range(8)}

    def write_OPTIONS0(self, value: int, old: int) -> None:
        """Requests software resets; switches the power of the PLL."""
        fields = type(self).OPTIONS0.fields
        if value & fields["SW_SYS_RST"].mask:
            self._request_reset("software")
        elif value & fields["SW_PROCPU_RST"].mask:
            self._request_reset("cpu software")
        self.OPTIONS0["SW_SYS_RST"] = self.OPTIONS0["SW_PROCPU_RST"] = 0
        if not self.pll_on and self._on_pll():
            self.violation("pll-off", "OPTIONS0 powers the PLL down while the CPU runs from it")

    @property
    def pll_on(self) -> bool:
        """Whether no bit of OPTIONS0 powers the PLL down."""
        return not any(
            self.OPTIONS0[field]
            for field in ("BBPLL_FORCE_PD", "BB_I2C_FORCE_PD", "BBPLL_I2C_FORCE_PD")
        )

    def write_CLK_CONF(self, value: int, old: int) -> None:
        """Selects the source of the slow clock."""
        select = self.CLK_CONF["ANA_CLK_RTC_SEL"]
        if select == 1:
            self.violation(
                "no-such-clock", "CLK_CONF.ANA_CLK_RTC_SEL=1: the board has no 32.768 kHz crystal"
            )
        elif select:
            self.not_modelled(f"CLK_CONF.ANA_CLK_RTC_SEL={select}")

    # -- main timer
    @property
    def time(self) -> int:
        """The present value of the main timer, of 48 bits."""
        return self._slow.ticks() - self._zero & (1 << 48) - 1

    def write_TIME_UPDATE(self, value: int, old: int) -> None:
        """Latches the main timer."""
        if value >> 31:
            time = self.time
            self.TIME_LOW1.value, self.TIME_HIGH1.value = (
                self.TIME_LOW0.value,
                self.TIME_HIGH0.value,
            )
            self.TIME_LOW0.value, self.TIME_HIGH0.value = time & 0xFFFF_FFFF, time >> 32
        self.TIME_UPDATE["TIME_UPDATE"] = 0

    def write_SLP_TIMER1(self, value: int, old: int) -> None:
        """Arms the alarm at SLP_TIMER1:SLP_TIMER0 where MAIN_TIMER_ALARM_EN is set."""
        if self.SLP_TIMER1["MAIN_TIMER_ALARM_EN"]:
            self.SLP_TIMER1["MAIN_TIMER_ALARM_EN"] = 0
            self._disarm()
            target = self.SLP_TIMER1["SLP_VAL_HI"] << 32 | self.SLP_TIMER0.value
            if target <= self.time:
                self.violation(
                    "alarm-in-the-past",
                    f"SLP_TIMER0/1={target} armed while the main timer is at {self.time}: "
                    "the alarm never comes",
                )
                return
            at = self._slow.time_of(self._zero + target)
            if at < NEVER:
                self._alarm = self.chip.schedule_at(at, self._alarmed, "RTC main timer")

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _alarmed(self) -> None:
        self._alarm = None
        self.INT_RAW["MAIN_TIMER"] = 1
        self._interrupts.update()
        self.on_alarm()

    @property
    def alarm_reached(self) -> bool:
        """Whether the timer's wake-up source is active.

        FIDELITY:
            model: INT_RAW.MAIN_TIMER is the wake-up source, so that an old flag ends a sleep at
                once.
            silicon: The manual does not say so; ESP-IDF clears the flag whenever it arms the alarm.
            hides: A sleep that is refused here and entered on the chip.
        """
        return bool(self.INT_RAW["MAIN_TIMER"])

    # -- sleep
    def write_STATE0(self, value: int, old: int) -> None:
        """Puts the chip to sleep where SLEEP_EN is set."""
        self.STATE0["SLP_REJECT_CAUSE_CLR"] = self.STATE0["SW_CPU_INT"] = 0
        if value >> 1 & 1:
            self.SLP_REJECT_CAUSE.value = 0
        if self.STATE0["SLEEP_EN"]:
            self._start_sleep()

    @property
    def wakeup_sources(self) -> int:
        """The enabled wake-up sources (WAKEUP_STATE.WAKEUP_ENA)."""
        return self.WAKEUP_STATE["WAKEUP_ENA"]

    @property
    def deep_wakeup_pins(self) -> dict[int, int]:
        """The pins of GPIO0 to GPIO5 that wake from deep sleep: pin -> its wake-up level."""
        return {
            pin: int(self.GPIO_WAKEUP[f"GPIO_PIN{pin}_INT_TYPE"] == _HIGH_LEVEL)
            for pin in range(6)
            if self.GPIO_WAKEUP[f"GPIO_PIN{pin}_WAKEUP_ENABLE"]
        }

    def write_GPIO_WAKEUP(self, value: int, old: int) -> None:
        """Selects the pins that wake from deep sleep."""
        for pin in self.deep_wakeup_pins:
            kind = self.GPIO_WAKEUP[f"GPIO_PIN{pin}_INT_TYPE"]
            if kind not in (_LOW_LEVEL, _HIGH_LEVEL):
                self.report_once(
                    "wakeup-needs-level",
                    f"GPIO_WAKEUP.GPIO_PIN{pin}_WAKEUP_ENABLE with INT_TYPE={kind}: "
                    "only levels (4, 5) wake",
                )

    @property
    def deep(self) -> bool:
        """Whether the digital core is powered down in sleep (DIG_PWC.DG_WRAP_PD_EN)."""
        return bool(self.DIG_PWC["DG_WRAP_PD_EN"])

    @property
    def rejects(self) -> int:
        """The wake-up sources that reject a sleep while they are active."""
        enable = "DEEP_SLP_REJECT_EN" if self.deep else "LIGHT_SLP_REJECT_EN"
        on = self.SLP_REJECT_CONF[enable]
        return self.SLP_REJECT_CONF["SLEEP_REJECT_ENA"] if on else 0

    @property
    def crystal_start_ticks(self) -> int:
        """The start-up time of the crystal in slow clocks (TIMER1.XTL_BUF_WAIT)."""
        return self.TIMER1["XTL_BUF_WAIT"]

    def check_wakeup(self) -> None:
        """Reports a sleep that no wake-up source can end."""
        sources = self.wakeup_sources
        if unknown := sources & ~_WAKE_MODELLED:
            self.not_modelled(f"WAKEUP_STATE.WAKEUP_ENA={unknown:#x}: wake-up sources")
        if sources & WAKE_TIMER and self._alarm is None and not self.alarm_reached:
            self.violation(
                "no-wakeup", "sleep with the timer as wake-up source, SLP_TIMER1 arms no alarm"
            )
        elif not sources:
            self.violation("no-wakeup", "sleep entered with WAKEUP_STATE.WAKEUP_ENA=0")

    def entered_sleep(self) -> None:
        """Handles the entry of sleep."""
        if self.WDTCONFIG0["WDT_PAUSE_IN_SLP"]:
            self.watchdog.pause()

    def rejected(self, cause: int) -> None:
        """Handles a sleep that was rejected."""
        self.STATE0["SLEEP_EN"] = 0
        self.SLP_REJECT_CAUSE["REJECT_CAUSE"] = cause
        self.INT_RAW["SLP_REJECT"] = 1
        self._interrupts.update()

    def woken(self, cause: int) -> None:
        """Handles the end of a sleep."""
        self.STATE0["SLEEP_EN"] = 0
        self.SLP_WAKEUP_CAUSE["WAKEUP_CAUSE"] = cause
        self.INT_RAW["SLP_WAKEUP"] = 1
        self.watchdog.resume()
        self._interrupts.update()

    # -- RTC watchdog
    def _stage(self, number: int) -> Stage:
        hold = self.registers[f"WDTCONFIG{number + 1}"].value
        if number == 0:
            hold <<= 1  # eFuse WDT_DELAY_SEL=0 (12.2.2.3)
        if self.WDTCONFIG0["WDT_FLASHBOOT_MOD_EN"]:
            # The banner of the ROM is then RTCWDT_RTC_RST (hello_world's README).
            return Stage(hold, _RESET_OF_ALL if number == 0 else 0)
        return Stage(hold, self.WDTCONFIG0[f"WDT_STG{number}"])

    def _stage_expired(self, action: int) -> None:
        if action == _INTERRUPT:
            self.INT_RAW["WDT"] = 1
            self._interrupts.update()
        elif action in _RWDT_ACTIONS:
            self._request_reset(_RWDT_ACTIONS[action])

    def write_WDTCONFIG0(self, value: int, old: int) -> None:
        """Changes the stages and starts or stops the watchdog."""
        if self._watchdog_registers.accept("WDTCONFIG0", old):
            self._watchdog_registers.config_written(value, old)

    def write_WDTCONFIG(self, number: int, value: int, old: int) -> None:
        """Changes the time of a stage, which acts after the next feed."""
        self._watchdog_registers.accept(f"WDTCONFIG{number}", old)

    def write_WDTFEED(self, value: int, old: int) -> None:
        """Feeds the watchdog."""
        self.WDTFEED.value = 0
        if value >> 31:
            self._watchdog_registers.feed()

    # -- super watchdog
    def write_SWD_CONF(self, value: int, old: int) -> None:
        """Feeds the super watchdog, enables automatic feeding or switches it off."""
        if self.SWD_WPROTECT.value != SWD_KEY:
            if value == old:  # as ESP-IDF's bootloader does: no chip shows a difference
                return
            self.SWD_CONF.value = old
            self.violation(
                "write-protected", f"SWD_CONF written while SWD_WPROTECT is not {SWD_KEY:#010x}"
            )
            return
        self.SWD_CONF["SWD_FEED"] = self.SWD_CONF["SWD_RST_FLAG_CLR"] = 0
        self._swd_changed()

    def _swd_changed(self) -> None:
        if self._swd is not None:
            self._swd.cancel()
            self._swd = None
        if not (self.SWD_CONF["SWD_DISABLE"] or self.SWD_CONF["SWD_AUTO_FEED_EN"]):
            self._swd = self.chip.schedule(
                _SWD_PERIOD, lambda: self._request_reset("super watchdog"), "super watchdog"
            )

    # -- interrupts

    def write_INT_ENA_RTC_W1TS(self, value: int, old: int) -> None:
        """Enables interrupts."""
        self.INT_ENA.value |= value
        self._interrupts.update()

    def write_INT_ENA_RTC_W1TC(self, value: int, old: int) -> None:
        """Disables interrupts."""
        self.INT_ENA.value &= ~value
        self._interrupts.update()

    def _drive(self, status: int) -> None:
        self.chip.set_interrupt(self._irq, bool(status))
