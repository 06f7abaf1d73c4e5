"""The moments at which an alarm of the RTC matches (RM0351 38.3.5)."""

from __future__ import annotations

from dataclasses import dataclass

from facet.chip.registers import RegisterState
from facet.chip.stm32l4.rtc_calendar import Moment, from_bcd, hour_of


@dataclass(frozen=True)
class Alarm:
    """The settings that an alarm matches by.

    Attributes:
        time: RTC_ALRMAR or RTC_ALRMBR.
        subseconds: RTC_ALRMASSR or RTC_ALRMBSSR.
        prer: RTC_PRER.
        twelve_hours: RTC_CR.FMT.
    """

    time: RegisterState
    subseconds: RegisterState
    prer: RegisterState
    twelve_hours: bool

    def next_tick(self, start: Moment, now: int) -> int | None:
        """The first tick after `now` at which the alarm matches.

        Args:
            start: the calendar at tick 0.
            now: RTCCLK ticks since `start`; negative before the first count.

        Returns:
            RTCCLK ticks since `start`; None where the alarm does not match within four years.
        """
        ticks_a_prescaled = self.prer["PREDIV_A"] + 1
        ticks_a_second = ticks_a_prescaled * (self.prer["PREDIV_S"] + 1)
        second = max(now // ticks_a_second, 0)
        subseconds = self._matching_subseconds()
        while (found := self._next_second(start, second)) is not None:
            for subsecond in subseconds:
                tick = found * ticks_a_second + subsecond * ticks_a_prescaled
                if tick > now:
                    return tick
            second = found + 1
        return None

    def _matching_subseconds(self) -> list[int]:
        """The ck_apre ticks within a second at which the subseconds match, in their order."""
        compared = (1 << self.subseconds["MASKSS"]) - 1
        if compared == 0:
            return [0]
        last, wanted = self.prer["PREDIV_S"], self.subseconds["SS"]
        return [tick for tick in range(last + 1) if (last - tick ^ wanted) & compared == 0]

    def _next_second(self, start: Moment, second: int) -> int | None:
        """The first second from `second` on at which the time and the date match."""
        time = self.time
        hour = hour_of(time.value >> 16 & 0x3F, time["PM"], self.twelve_hours)
        day = from_bcd(time.value >> 24 & 0x3F)
        horizon = second + 366 * 24 * 3600 * 4  # a day of the month, at the latest in a leap year
        while second < horizon:
            moment = start.after(second)
            today = moment.weekday if time["WDSEL"] else moment.day
            if not time["MSK4"] and today != (day & 0xF if time["WDSEL"] else day):
                second += max(86_400 - moment.second, 1)
            elif not time["MSK3"] and moment.hour != hour:
                second += 3600 - moment.second % 3600
            elif not time["MSK2"] and moment.minute != from_bcd(time.value >> 8 & 0x7F):
                second += 60 - moment.second % 60
            elif not time["MSK1"] and moment.second % 60 != from_bcd(time.value & 0x7F):
                second += 1
            else:
                return second
        return None
