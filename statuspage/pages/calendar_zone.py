"""When does the clock of a zone change, in a calendar's words?

A VTIMEZONE for the years that the events lie in (RFC 5545, 3.6.5), for programs that do not
know the zone by its name. An onset is written as the wall showed it before the change.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


@lru_cache(maxsize=64)
def calendar_zone(name: str, first_year: int, last_year: int) -> Timezone:
    """The zone from the first of these years to the end of the last."""
    zone = ZoneInfo(name)
    begin = datetime(first_year, 1, 1, tzinfo=UTC) - _DAY
    end = datetime(last_year + 1, 1, 1, tzinfo=UTC)
    told = Timezone()
    told.add("tzid", name)
    told.add_component(_rule(begin, _offset(begin, zone), zone))
    for before, after in _changes(begin, end, zone):
        told.add_component(_rule(after, _offset(before, zone), zone))
    return told


def _rule(
    since: datetime, offset_from: timedelta, zone: ZoneInfo
) -> TimezoneDaylight | TimezoneStandard:
    local = since.astimezone(zone)
    rule = TimezoneDaylight() if local.dst() else TimezoneStandard()
    rule.add("dtstart", (since + offset_from).replace(tzinfo=None))
    rule.add("tzoffsetfrom", offset_from)
    rule.add("tzoffsetto", _offset(since, zone))
    rule.add("tzname", local.tzname())
    return rule


def _changes(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The last minute before each change, and the first one after it."""
    day = begin
    while day < end:
        before, after = day, day + _DAY
        if _offset(before, zone) != _offset(after, zone):
            while after - before > _MINUTE:
                middle = before + (after - before) // _MINUTE // 2 * _MINUTE
                same = _offset(middle, zone) == _offset(before, zone)
                before, after = (middle, after) if same else (before, middle)
            yield before, after
        day += _DAY


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
