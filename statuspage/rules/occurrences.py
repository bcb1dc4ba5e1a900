"""When does a repeating maintenance come again, on the wall of the site's time zone?

"Every Sunday from 01:00 to 04:00" means what the clock on the wall shows, both times. So a
night of three hours lasts four when the clock is put back in between, and two when it is
put forward: what was announced stays true. A time that the wall does not show (02:30 in
spring) is read by the clock before the change, so it comes an hour later; one that it shows
twice is the first of the two (RFC 5545, 3.3.5). Where that would leave nothing between
beginning and end, it lasts as long as the first one.

The form is small on purpose, and says no more than people say: ``every`` day, week or month,
every ``interval`` of them; of a week, ``on`` which days; of a month always the same weekday
in it ("the second Tuesday"; a fifth one is the last), for nobody plans work for the 15th
whatever day that is. An RFC 5545 RRULE says the same, and a hundred things more that no page
could put into a sentence. Nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise, takewhile
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOKED_AHEAD = 20


class Every(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Window:
    """From one moment to another."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Repeat:
    """``on``: names of ``DAYS``, for a week only; none: the day of the first one. ``until``:
    none begins after it.
    """

    every: Every
    interval: int = 1
    on: tuple[str, ...] = ()
    until: datetime | None = None

    def stored(self) -> dict[str, Any]:
        """JSON-ready."""
        until = self.until.isoformat() if self.until else None
        return {
            "every": self.every.value,
            "interval": self.interval,
            "on": list(self.on),
            "until": until,
        }


def stored(repeat: Mapping[str, Any] | None) -> Repeat | None:
    """What ``Repeat.stored`` gave."""
    if repeat is None:
        return None
    until = datetime.fromisoformat(repeat["until"]) if repeat["until"] else None
    return Repeat(Every(repeat["every"]), repeat["interval"], tuple(repeat["on"]), until)


def occurrences(first: Window, repeat: Repeat, zone: str) -> Iterator[Window]:
    """All of them, the first as it was given; without end where ``until`` is not set."""
    local = ZoneInfo(zone)
    begins, ends = (at.astimezone(local) for at in (first.begins_at, first.ends_at))
    nights = (ends.date() - begins.date()).days
    length = first.ends_at - first.begins_at
    yield first
    later = (
        _on(day, begins.time(), ends.time(), nights, length, local)
        for day in _days(begins.date(), repeat)
        if day > begins.date()
    )
    until = repeat.until
    yield from takewhile(lambda window: until is None or window.begins_at <= until, later)


def overlaps(first: Window, repeat: Repeat, zone: str) -> bool:
    """Whether one would begin before the one before it ends."""
    some = (one for one, _ in zip(occurrences(first, repeat, zone), range(LOOKED_AHEAD)))  # noqa: B905
    return any(later.begins_at < earlier.ends_at for earlier, later in pairwise(some))


def weekday(moment: datetime, zone: str) -> str:
    """The name in ``DAYS`` of the day that it is there."""
    return DAYS[moment.astimezone(ZoneInfo(zone)).weekday()]


def _on(
    day: date, begins: time, ends: time, nights: int, length: timedelta, zone: ZoneInfo
) -> Window:
    begins_at = _shown(day, begins, zone)
    ends_at = _shown(day + timedelta(days=nights), ends, zone)
    return Window(begins_at, ends_at if ends_at > begins_at else begins_at + length)


def _shown(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When the wall shows it; the first time, where twice."""
    return datetime.combine(day, clock.replace(fold=0), zone).astimezone(UTC)


def _days(first: date, repeat: Repeat) -> Iterator[date]:
    """The days on which it begins, without end."""
    if repeat.every is Every.DAY:
        return _daily(first, repeat.interval)
    if repeat.every is Every.WEEK:
        return _weekly(first, repeat)
    return _monthly(first, repeat.interval)


def _daily(first: date, interval: int) -> Iterator[date]:
    while True:
        yield first
        first += timedelta(days=interval)


def _weekly(first: date, repeat: Repeat) -> Iterator[date]:
    monday = first - timedelta(days=first.weekday())
    named = sorted(DAYS.index(day) for day in repeat.on) or [first.weekday()]
    while True:
        yield from (monday + timedelta(days=day) for day in named)
        monday += timedelta(weeks=repeat.interval)


def _monthly(first: date, interval: int) -> Iterator[date]:
    """The same weekday, counted from the month's first; the fifth is the last there is."""
    count = (first.day - 1) // 7
    month = first.replace(day=1)
    while True:
        ahead = (first.weekday() - month.weekday()) % 7
        day = month + timedelta(days=ahead + 7 * count)
        yield day if day.month == month.month else day - timedelta(days=7)
        for _ in range(interval):
            month = (month + timedelta(days=31)).replace(day=1)
