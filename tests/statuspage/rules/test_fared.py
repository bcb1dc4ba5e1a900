"""Is each day told as it was, by the wall clock of the site?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.rules.fared import DAYS, Fared, Past, calendar, fare, gaps
from statuspage.rules.uptime import Span, Trouble
from statuspage.vocabulary import Status

ROME = ZoneInfo("Europe/Rome")
NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
"""13:00 in Rome; 90 days before, it was summer there."""
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
MAJOR, PARTIAL, SLOW = Status.MAJOR_OUTAGE, Status.PARTIAL_OUTAGE, Status.DEGRADED
CALENDAR = calendar(NOON, ROME)


def span(begins: datetime, length: timedelta) -> Span:
    return Span(begins, begins + length)


def trouble(
    begins: datetime, length: timedelta, status: Status = MAJOR, id: str = "a", **more: Any
) -> Trouble:
    return Trouble(id, status, span(begins, length), **more)


def fared(*troubles: Trouble, **changed: Any) -> Fared:
    """Ours for a year, looked at all the time."""
    watched = (Span(CALENDAR.starts[0], NOON),)
    past = Past(CALENDAR, NOON - 365 * DAY, watched=watched, troubles=troubles)
    return fare(replace(past, **changed))


def rome(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ROME).astimezone(UTC)


def test_a_calm_past_has_no_days_of_note() -> None:
    calm = fared()
    assert (calm.first, calm.count) == (date(2026, 8, 13), 90)
    assert calm.days == ()
    assert calm.is_whole
    assert calm.lately is not None
    assert (calm.lately.percent, calm.lately.since) == (100.0, None)


def test_an_outage_over_midnight_is_of_both_days() -> None:
    first, second = fared(trouble(rome(11, 5, 23, 30), HOUR)).days
    assert [first.on, second.on] == [date(2026, 11, 5), date(2026, 11, 6)]
    assert first.troubles == second.troubles == ((MAJOR, 30 * MINUTE),)
    assert second.n == first.n + 1 == 85


def test_each_minute_counts_by_the_worst_that_was_said_of_it() -> None:
    begun = rome(11, 5, 10)
    (day,) = fared(
        trouble(begun, 3 * HOUR, SLOW, "a"),
        trouble(begun + HOUR, HOUR, MAJOR, "b"),
        trouble(begun + HOUR, 90 * MINUTE, PARTIAL, "c"),
    ).days
    assert day.troubles == ((MAJOR, HOUR), (PARTIAL, 30 * MINUTE), (SLOW, 90 * MINUTE))
    assert day.status is MAJOR
    assert day.incidents == ("a", "b", "c"), "in the order in which they began, and ended"


def test_a_false_alarm_is_marked_and_not_counted() -> None:
    (day,) = (told := fared(trouble(rome(11, 5, 10), HOUR, false_alarm=True))).days
    assert (day.status, day.troubles, day.incidents) == (Status.OPERATIONAL, (), ())
    assert (day.false_alarm, day.false_alarms) == (HOUR, ("a",))
    assert told.lately is not None
    assert told.lately.percent == 100.0


def test_announced_work_is_neither_trouble_nor_counted() -> None:
    begun = rome(11, 5, 10)
    (day,) = (
        told := fared(trouble(begun, HOUR), maintained=(span(begun, 40 * MINUTE),), target=99.9)
    ).days
    assert (day.maintained, day.troubles) == (40 * MINUTE, ((MAJOR, 20 * MINUTE),))
    assert told.budget is not None
    assert told.budget.spent == 20 * MINUTE
    (within,) = fared(trouble(begun, HOUR), maintained=(span(begun, HOUR),)).days
    assert (within.status, within.incidents) == (Status.UNDER_MAINTENANCE, ())


def test_the_night_on_which_the_clocks_are_put_back_has_twenty_five_hours() -> None:
    (day,) = fared(trouble(rome(10, 25), 25 * HOUR)).days
    assert (day.on, day.troubles) == (date(2026, 10, 25), ((MAJOR, 25 * HOUR),))


def test_what_began_before_the_first_day_or_is_of_today_is_cut_to_the_days() -> None:
    before, today = fared(
        trouble(CALENDAR.starts[0] - DAY, DAY + HOUR), trouble(NOON - MINUTE, MINUTE)
    ).days
    assert (before.n, before.troubles) == (0, ((MAJOR, HOUR),))
    assert (today.n, today.on) == (89, date(2026, 11, 10))
    assert fared(trouble(CALENDAR.starts[0] - DAY, DAY)).days == ()


def test_what_is_younger_has_no_days_before_and_its_share_says_since_when() -> None:
    since = rome(11, 3, 15)
    young = fared(trouble(since + DAY, HOUR), since=since, watched=(Span(since, NOON),))
    assert (young.known_from, young.is_whole) == (82, False)
    assert young.lately is not None
    assert young.recently is not None
    assert young.lately.percent == young.recently.percent
    assert (young.lately.since, young.lately.is_short) == (since, False)
    assert young.lately.percent == 99.39, "of 166 hours, not of 90 days"
    just_now = fared(since=NOON - HOUR, watched=(Span(NOON - HOUR, NOON),)).lately
    assert just_now is not None
    assert just_now.is_short


def test_of_less_than_an_hour_no_share_is_told() -> None:
    """Who has just begun, and breaks something to see what happens, was not there for 0 %."""
    since = NOON - HOUR + MINUTE
    begun = fared(trouble(since, MINUTE), since=since, watched=(Span(since, NOON),))
    assert begun.lately is None
    assert begun.recently is None
    assert [day.status for day in begun.days] == [Status.MAJOR_OUTAGE]


def test_of_what_came_to_us_forty_days_ago_the_last_thirty_are_whole() -> None:
    since = NOON - 40 * DAY
    told = fared(since=since, watched=(Span(since, NOON),))
    assert told.lately is not None
    assert told.recently is not None
    assert (told.lately.since, told.recently.since) == (since, None)


def test_a_day_on_which_we_were_away_says_so_and_is_not_called_calm() -> None:
    away = Span(rome(11, 4, 20), rome(11, 6, 4))
    watched = (Span(CALENDAR.starts[0], away.begins), Span(away.ends, NOON))
    first, second, third = fared(watched=watched, gaps=(away,)).days
    assert [one.unseen for one in (first, second, third)] == [4 * HOUR, DAY, 4 * HOUR]
    assert [one.is_unseen for one in (first, second, third)] == [False, True, False]
    assert fared(watched=watched, gaps=(away,), since=rome(11, 6, 3)).days[0].unseen == HOUR


def test_an_outage_that_somebody_told_of_while_we_were_away_is_told() -> None:
    (day,) = fared(
        trouble(rome(11, 5, 10), HOUR), watched=(), gaps=(Span(rome(11, 5), rome(11, 6)),)
    ).days
    assert (day.status, day.unseen) == (MAJOR, DAY)


def test_without_a_check_no_share_is_claimed() -> None:
    told = fared(trouble(rome(11, 5, 10), HOUR), is_measured=False, watched=())
    assert (told.lately, told.recently) == (None, None)
    assert len(told.days) == 1


@pytest.mark.parametrize(
    ("target", "out", "allowed", "left"),
    [
        (99.9, 12, 43, 31),
        (99.9, 0, 43, 43),
        (99.9, 60, 43, -17),
        (99.99, 0, 4, 4),
        (100.0, 0, 0, 0),
        (100.0, 1, 0, -1),
    ],
)
def test_of_the_target_s_room_so_much_is_left(
    target: float, out: int, allowed: int, left: int
) -> None:
    """And an outage of more than 30 days ago, or a slow hour, takes nothing of it."""
    others = trouble(NOON - 31 * DAY, HOUR), trouble(NOON - 3 * DAY, HOUR, SLOW)
    budget = fared(trouble(NOON - 2 * DAY, out * MINUTE), *others, target=target).budget
    assert budget is not None
    assert (budget.allowed, budget.left) == (allowed * MINUTE, left * MINUTE)


def test_a_past_that_does_not_change_is_told_by_the_minute() -> None:
    begun = NOON - 20 * MINUTE
    now, later = (fared(trouble(begun, 20 * MINUTE + timedelta(seconds=more))) for more in (0, 5))
    assert now == later
    short = fared(trouble(begun, timedelta(seconds=5))).days[0].troubles[0][1]
    assert timedelta(0) < short < MINUTE


@pytest.mark.parametrize(
    ("name", "watched", "expected"),
    [
        ("nothing is looked at", [], []),
        ("always", [(0, 600)], []),
        ("a restart", [(0, 100), (110, 600)], []),
        ("an evening", [(0, 100), (200, 600)], [(100, 200)]),
        ("others looked meanwhile", [(0, 100), (200, 600), (90, 210)], []),
        ("we came later", [(60, 600)], [(0, 60)]),
        ("the last look is not known yet", [(0, 580)], []),
        ("we are away now", [(0, 500)], [(500, 600)]),
    ],
)
def test_we_were_away_when_nobody_looked_at_anything(
    name: str, watched: list[tuple[int, int]], expected: list[tuple[int, int]]
) -> None:
    begun = NOON - 600 * MINUTE
    spans = [Span(begun + a * MINUTE, begun + b * MINUTE) for a, b in watched]
    found = gaps(spans, begun, NOON)
    told = [((one.begins - begun) // MINUTE, (one.ends - begun) // MINUTE) for one in found]
    assert told == expected, name


ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
MOMENTS = st.integers(0, 28 * 365 * 24 * 60).map(
    # before 2012 Newfoundland put its clocks back from 00:01, so that a midnight came twice
    lambda minutes: datetime(2012, 1, 1, tzinfo=UTC) + minutes * MINUTE
)


@given(ZONES, MOMENTS)
def test_days_follow_one_another_in_every_zone(zone: ZoneInfo, now: datetime) -> None:
    days = calendar(now, zone)
    assert len(days) == DAYS
    assert days.on(DAYS - 1) == now.astimezone(zone).date()
    assert days.starts[-2] <= now < days.starts[-1]
    assert all(before <= after for before, after in pairwise(days.starts))
    assert all(timedelta(0) <= days.day(n).length <= 26 * HOUR for n in range(DAYS))
    for n in range(DAYS):
        if days.day(n).length:  # a zone may leap over a whole day
            assert days.starts[n].astimezone(zone).date() == days.on(n)


@given(
    ZONES,
    MOMENTS,
    st.lists(st.tuples(st.integers(-200_000, 0), st.integers(1, 9000), st.integers(0, 2))),
)
def test_no_minute_is_lost_or_told_twice(
    zone: ZoneInfo, now: datetime, told: list[tuple[int, int, int]]
) -> None:
    days = calendar(now, zone)
    statuses = (MAJOR, PARTIAL, SLOW)
    troubles = [
        trouble(now + begun * MINUTE, length * MINUTE, statuses[which])
        for begun, length, which in told
    ]
    past = fare(Past(days, days.starts[0] - DAY, watched=(days.whole,), troubles=tuple(troubles)))
    lasted = sum((length for day in past.days for _, length in day.troubles), timedelta(0))
    minutes = set(_minutes(troubles, days.whole, now))
    slack = MINUTE * sum(len(day.troubles) for day in past.days)
    assert abs(lasted - len(minutes) * MINUTE) <= slack
    assert all(sum((t for _, t in day.troubles), timedelta(0)) <= 26 * HOUR for day in past.days)


def _minutes(troubles: list[Trouble], whole: Span, now: datetime) -> Iterator[int]:
    for one in troubles:
        begins, ends = max(one.span.begins, whole.begins), min(one.span.ends, whole.ends)
        yield from range((begins - now) // MINUTE, (ends - now) // MINUTE)
