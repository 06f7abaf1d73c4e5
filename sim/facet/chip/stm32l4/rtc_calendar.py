"""The RTC's calendar in BCD (RM0351 38.6.1, 38.6.2): 2000 to 2099, day of the week set apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


def to_bcd(value: int) -> int:
    """23 -> 0x23."""
    return value // 10 << 4 | value % 10


def from_bcd(value: int) -> int:
    """0x23 -> 23."""
    return (value >> 4) * 10 + (value & 0xF)


def hour_of(bcd: int, pm: int, twelve_hours: bool) -> int:
    """The hour (0..23) that HT, HU and PM say."""
    return from_bcd(bcd) % 12 + 12 * pm if twelve_hours else from_bcd(bcd)


@dataclass(frozen=True)
class Moment:
    """A second of the calendar.

    Attributes:
        date: date and time.
        weekday_shift: what the firmware's day of the week is ahead of the true one, 0..6.
    """

    date: datetime = datetime(2000, 1, 1)
    weekday_shift: int = 2  # DR resets to Monday, and 2000-01-01 was a Saturday

    def after(self, seconds: int) -> Moment:
        """The calendar `seconds` later; after 2099 comes 2000."""
        date = self.date + timedelta(seconds=seconds)
        if date.year > 2099:
            date = date.replace(year=2000 + date.year % 100)
        return Moment(date, self.weekday_shift)

    @property
    def weekday(self) -> int:
        """1 (Monday) to 7, as the firmware counts."""
        return (self.date.weekday() + self.weekday_shift) % 7 + 1

    def tr(self, twelve_hours: bool) -> int:
        """The time as RTC_TR shows it."""
        hour, pm = self.date.hour, 0
        if twelve_hours:
            pm, hour = divmod(hour, 12)
            hour = hour or 12
        minute, second = self.date.minute, self.date.second
        return pm << 22 | to_bcd(hour) << 16 | to_bcd(minute) << 8 | to_bcd(second)

    def dr(self) -> int:
        """The date as RTC_DR shows it."""
        date = self.date
        year, month, day = to_bcd(date.year % 100), to_bcd(date.month), to_bcd(date.day)
        return year << 16 | self.weekday << 13 | month << 8 | day


def read_moment(tr: int, dr: int, twelve_hours: bool) -> Moment:
    """The moment that the firmware wrote into RTC_TR and RTC_DR.

    Raises:
        ValueError: there is no such date or time.
    """
    date = datetime(
        2000 + from_bcd(dr >> 16 & 0xFF),
        from_bcd(dr >> 8 & 0x1F),
        from_bcd(dr & 0x3F),
        hour_of(tr >> 16 & 0x3F, tr >> 22 & 1, twelve_hours),
        from_bcd(tr >> 8 & 0x7F),
        from_bcd(tr & 0x7F),
    )
    weekday = dr >> 13 & 7
    if weekday == 0:
        raise ValueError("day of the week 0 is forbidden")
    return Moment(date, (weekday - 1 - date.weekday()) % 7)
