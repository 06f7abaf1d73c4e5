"""The RTC's calendar in BCD from 2000 to 2099, with a separate weekday (RM0351 38.6.1, 38.6.2)."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta

_SECONDS_A_DAY = 86_400
_FORBIDDEN_MONTH_DAYS = 31


def to_bcd(value: int) -> int:
    """23 -> 0x23."""
    return value // 10 << 4 | value % 10


def from_bcd(value: int) -> int:
    """0x23 -> 23."""
    return (value >> 4) * 10 + (value & 0xF)


def hour_of(bcd: int, pm: int, twelve_hours: bool) -> int:
    """The hour (0..23) of the fields HT, HU and PM."""
    return from_bcd(bcd) % 12 + 12 * pm if twelve_hours else from_bcd(bcd)


@dataclass(frozen=True)
class Moment:
    """A second of the calendar.

    FIDELITY:
        model: A forbidden value stays in TR until the next second and in DR until midnight; a
            forbidden month has 31 days.
        silicon: RM0351 does not say how the counters go on from such a value.
        hides: Nothing: a forbidden value is reported when the initialization mode is left.

    Attributes:
        year: 0..99.
        month, day: from 1.
        weekday: 1 to 7, as the firmware counts them; 0 is forbidden and 1 follows it.
        second: of the day.
        tr_written, dr_written: the values of TR and DR while a forbidden value is in them.
    """

    year: int = 0
    month: int = 1
    day: int = 1
    weekday: int = 1
    second: int = 0
    tr_written: int | None = None
    dr_written: int | None = None

    @property
    def hour(self) -> int:
        """The hour, 0..23."""
        return self.second // 3600

    @property
    def minute(self) -> int:
        """The minute, 0..59."""
        return self.second // 60 % 60

    def after(self, seconds: int) -> Moment:
        """The calendar `seconds` later; 2000 comes after 2099."""
        if seconds == 0 and self.tr_written is not None:
            return self
        days, second = divmod(self.second + seconds, _SECONDS_A_DAY)
        moment = replace(self, second=second, tr_written=None)
        while days and moment._is_forbidden():
            moment = moment._next_day()
            days -= 1
        if not days:
            return moment
        later = date(2000 + moment.year, moment.month, moment.day) + timedelta(days=days)
        return Moment(
            later.year % 100,
            later.month,
            later.day,
            (moment.weekday + days - 1) % 7 + 1,
            second,
        )

    def shifted(self, seconds: int) -> Moment:
        """The calendar with its time changed by `seconds`, which may be negative."""
        return replace(self, second=self.second + seconds, tr_written=None)

    def _is_forbidden(self) -> bool:
        return not (1 <= self.month <= 12 and 1 <= self.day <= self._month_days())

    def _month_days(self) -> int:
        if not 1 <= self.month <= 12:
            return _FORBIDDEN_MONTH_DAYS
        return monthrange(2000 + self.year, self.month)[1]

    def _next_day(self) -> Moment:
        year, month, day = self.year, self.month, self.day + 1
        if day > self._month_days():
            month, day = month + 1, 1
            if month > 12:
                year, month = (year + 1) % 100, 1
        return Moment(year, month, day, self.weekday % 7 + 1, self.second)

    def tr(self, twelve_hours: bool) -> int:
        """The time as RTC_TR shows it."""
        if self.tr_written is not None:
            return self.tr_written
        hour, pm = self.hour, 0
        if twelve_hours:
            pm, hour = divmod(hour, 12)
            hour = hour or 12
        return pm << 22 | to_bcd(hour) << 16 | to_bcd(self.minute) << 8 | to_bcd(self.second % 60)

    def dr(self) -> int:
        """The date as RTC_DR shows it."""
        if self.dr_written is not None:
            return self.dr_written
        year, month, day = to_bcd(self.year), to_bcd(self.month), to_bcd(self.day)
        return year << 16 | self.weekday << 13 | month << 8 | day


def faults(tr: int, dr: int, twelve_hours: bool) -> list[str]:
    """The faults of the values of TR and DR by RM0351, one phrase each.

    Hour 0 of the 12-hour format is none of them, since it is the reset value of TR.
    """
    found = []
    if (dr >> 13 & 7) == 0:
        found.append("DR.WDU=0 is forbidden")
    digits = {
        "seconds": (tr & 0x7F, 59),
        "minutes": (tr >> 8 & 0x7F, 59),
        "hours": (tr >> 16 & 0x3F, 12 if twelve_hours else 23),
        "day": (dr & 0x3F, 31),
        "month": (dr >> 8 & 0x1F, 12),
        "year": (dr >> 16 & 0xFF, 99),
    }
    for name, (bcd, last) in digits.items():
        if bcd & 0xF > 9 or bcd >> 4 > 9 or from_bcd(bcd) > last:
            found.append(f"{name} 0x{bcd:02x} are not BCD up to {last}")
    month, day = from_bcd(dr >> 8 & 0x1F), from_bcd(dr & 0x3F)
    if month == 0 or day == 0:
        found.append("day and month count from 1")
    elif month <= 12 and monthrange(2000 + from_bcd(dr >> 16 & 0xFF), month)[1] < day <= 31:
        found.append(f"month {month} has no day {day}")
    return found


def read_moment(tr: int, dr: int, twelve_hours: bool) -> Moment:
    """The moment that the firmware wrote into RTC_TR and RTC_DR, forbidden or not."""
    hour = hour_of(tr >> 16 & 0x3F, tr >> 22 & 1, twelve_hours)
    forbidden = bool(faults(tr, dr, twelve_hours))
    return Moment(
        from_bcd(dr >> 16 & 0xFF) % 100,
        from_bcd(dr >> 8 & 0x1F),
        from_bcd(dr & 0x3F),
        dr >> 13 & 7,
        (hour * 60 + from_bcd(tr >> 8 & 0x7F)) * 60 + from_bcd(tr & 0x7F),
        tr if forbidden else None,
        dr if forbidden else None,
    )
