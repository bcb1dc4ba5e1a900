"""When is somebody there, and when do customers sleep?

Wall-clock hours in the site's time zone: whoever asks hands in a time that is aware and
already in that zone. Nothing here looks at a clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated

from pydantic import BeforeValidator

from statuspage.settings.mistakes import Wrong

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WINDOW = re.compile(r"(?:(\w{3})(?:-(\w{3}))?\s+)?(\d\d):(\d\d)-(\d\d):(\d\d)")
_MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Window:
    """From one wall-clock time to another on some weekdays (0 is Monday); with ``ends`` not
    after ``begins`` it runs past midnight, and the days are those on which it begins.
    """

    days: frozenset[int]
    begins: time
    ends: time

    def on(self, day: date, now: datetime) -> tuple[datetime, datetime] | None:
        """Its begin and end on a day, in the zone of ``now``; None when it rests that day."""
        if day.weekday() not in self.days:
            return None
        last = day + timedelta(days=1) if self.ends <= self.begins else day
        zone = now.tzinfo
        return datetime.combine(day, self.begins, zone), datetime.combine(last, self.ends, zone)


@dataclass(frozen=True, slots=True)
class Hours:
    """Some windows of the week; none at all means always."""

    windows: tuple[Window, ...] = ()

    @property
    def always(self) -> bool:
        return not self.windows

    def covers(self, local: datetime) -> bool:
        """Is this moment inside? Begins are inside, ends are not."""
        return self.always or any(True for _ in self._covering(local))

    def next_start(self, local: datetime) -> datetime:
        """When a window begins next, not before ``local``; ``local`` itself when always."""
        if self.always:
            return local
        starts = (begins for begins, _ in self._around(local))
        return min(at for at in starts if at.timestamp() >= local.timestamp())

    def end(self, local: datetime) -> datetime:
        """When what covers this moment is over; ``local`` itself when nothing does."""
        return max(self._covering(local), key=datetime.timestamp, default=local)

    def _covering(self, local: datetime) -> Iterator[datetime]:
        """The ends of all that covers a moment. Compared as instants: on the wall, the hour
        that comes twice in autumn would be one.
        """
        for begins, ends in self._around(local):
            if begins.timestamp() <= local.timestamp() < ends.timestamp():
                yield ends

    def _around(self, local: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Everything from yesterday, whose night may last until today, to this day next week."""
        for offset in range(-1, 8):
            for window in self.windows:
                if found := window.on(local.date() + timedelta(days=offset), local):
                    yield found


def staffed(value: object) -> Hours:
    """``always``, or windows with commas between them: ``Mon-Fri 08:00-19:00, Sat 09:00-13:00``."""
    if isinstance(value, Hours):
        return value
    if not isinstance(value, str):
        raise Wrong("{value} is not text", _STAFFED)
    if value.strip().lower() == "always":
        return Hours()
    return Hours(tuple(_window(part.strip(), _STAFFED) for part in value.split(",")))


def quiet(value: object) -> Hours | None:
    """``22:00-07:00``; empty: letters may come at any hour."""
    if isinstance(value, Hours) or value is None:
        return value
    if not isinstance(value, str):
        raise Wrong("{value} is not text", _QUIET)
    return Hours((_window(value.strip(), _QUIET),)) if value.strip() else None


def _window(text: str, allowed: str) -> Window:
    found = _WINDOW.fullmatch(text)
    if not found:
        raise Wrong("{value} are no hours", allowed)
    first, last, *clock = found.groups()
    begins, ends = _clock(clock[0], clock[1], allowed), _clock(clock[2], clock[3], allowed)
    return Window(_days(first, last, allowed), begins, ends)


def _clock(hour: str, minute: str, allowed: str) -> time:
    if (hour, minute) == ("24", "00"):
        return _MIDNIGHT
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise Wrong(f"{hour}:{minute} is no time of day", allowed) from None


def _days(first: str | None, last: str | None, allowed: str) -> frozenset[int]:
    if first is None:
        return frozenset(range(7))
    begin, end = _day(first, allowed), _day(last or first, allowed)
    return frozenset((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def _day(name: str, allowed: str) -> int:
    if name.capitalize() not in DAYS:
        raise Wrong(f'"{name}" is no day of the week', allowed)
    return DAYS.index(name.capitalize())


_STAFFED = '"always", or hours like "Mon-Fri 08:00-19:00, Sat 09:00-13:00"'
_QUIET = 'hours like "22:00-07:00", or "" for none'

Staffed = Annotated[Hours, BeforeValidator(staffed)]
QuietHours = Annotated[Hours | None, BeforeValidator(quiet)]
