"""How has a component fared, day by day, in the last 90 days?

Days of the site's calendar: where the clocks are changed one has 23 hours, another 25. What is
of no note is not listed: a day without a line was calm, and a component that nothing ever
happened to costs nothing. Lengths are of whole minutes, so that what is told of a past that does
not change does not change either. Nothing here knows what time it is: what is under way ends
with the moment at which it was read.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from statuspage.rules.uptime import (
    OUT,
    TROUBLE,
    Outage,
    Span,
    Trouble,
    availability,
    joined,
    total,
    within,
    without,
)
from statuspage.vocabulary import Status

DAYS, RECENT = 90, 30
"""As many days are shown; of so many the target is asked."""
NOTABLE = timedelta(minutes=15)
"""So long we must have been away before it is told: shorter is a restart."""
MINUTE = timedelta(minutes=1)
LEAST = timedelta(hours=1)
"""Of less nothing is said in percent: a minute of trouble would be most of it."""
NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Some days that follow one another. ``starts``: when each begins, and when the last ends."""

    first: date
    starts: tuple[datetime, ...]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def whole(self) -> Span:
        return Span(self.starts[0], self.starts[-1])

    def day(self, n: int) -> Span:
        return Span(self.starts[n], self.starts[n + 1])

    def on(self, n: int) -> date:
        return self.first + timedelta(days=n)

    def touched(self, span: Span) -> range:
        """The days that it is part of."""
        first = bisect_right(self.starts, span.begins) - 1
        return range(max(first, 0), min(bisect_left(self.starts, span.ends), len(self)))


def calendar(now: datetime, zone: ZoneInfo, days: int = DAYS) -> Calendar:
    """The days up to today."""
    first = now.astimezone(zone).date() - timedelta(days=days - 1)
    # a midnight that the clocks leap over is the moment of the leap
    midnights = (
        datetime.combine(first + timedelta(days=n), time(), zone).astimezone(now.tzinfo)
        for n in range(days + 1)
    )
    return Calendar(first, tuple(midnights))


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of one component in these days. ``since``: when it came to us; ``gaps``:
    when we looked at nothing; ``is_measured``: something looks at it.
    """

    days: Calendar
    since: datetime
    watched: tuple[Span, ...] = ()
    gaps: tuple[Span, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    maintained: tuple[Span, ...] = ()
    is_measured: bool = True
    target: float | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of note, the ``n``-th of those shown. ``troubles``: how long it fared how, the worst
    first, each minute by the worst that was said of it.
    """

    n: int
    on: date
    troubles: tuple[tuple[Status, timedelta], ...] = ()
    incidents: tuple[str, ...] = ()
    maintained: timedelta = NOTHING
    false_alarm: timedelta = NOTHING
    """For how long we said wrongly that something was wrong."""
    false_alarms: tuple[str, ...] = ()
    unseen: timedelta = NOTHING
    """For how long we ourselves did not look."""
    is_unseen: bool = False
    """For most of it."""

    @property
    def status(self) -> Status:
        """The worst of the day."""
        if self.troubles:
            return self.troubles[0][0]
        return Status.UNDER_MAINTENANCE if self.maintained else Status.OPERATIONAL


@dataclass(frozen=True, slots=True)
class Measured:
    """The share of the time in which it was there. ``since``: where that is not all of the days
    that are told of; ``is_short``: not even a day.
    """

    days: int
    percent: float
    since: datetime | None = None
    is_short: bool = False


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a component may be out in 30 days for its target (percent), and how long it was."""

    target: float
    allowed: timedelta
    spent: timedelta

    @property
    def left(self) -> timedelta:
        """Below nothing where the target was missed."""
        return self.allowed - self.spent


@dataclass(frozen=True, slots=True)
class Fared:
    """``known_from``: the number of the first day on which it was ours; ``days``: those of note,
    the oldest first; ``lately``: the 90 days, ``recently``: the last 30 of them, None where
    nothing was measured.
    """

    first: date
    count: int
    known_from: int
    since: datetime
    days: tuple[Day, ...] = ()
    lately: Measured | None = None
    recently: Measured | None = None
    budget: Budget | None = None

    @property
    def incidents(self) -> tuple[str, ...]:
        """All that its days tell of."""
        return tuple(id for day in self.days for id in (*day.incidents, *day.false_alarms))

    @property
    def is_whole(self) -> bool:
        """It was ours on all of these days."""
        return self.known_from == 0


def fare(past: Past) -> Fared:
    days = past.days
    return Fared(
        first=days.first,
        count=len(days),
        known_from=min(max(bisect_right(days.starts, past.since) - 1, 0), len(days)),
        since=past.since,
        days=tuple(_days_of_note(past)),
        lately=_measured(past, len(days)),
        recently=_measured(past, min(RECENT, len(days))),
        budget=_budget(past),
    )


def gaps(watched: Iterable[Span], begun: datetime, now: datetime) -> tuple[Span, ...]:
    """When nobody looked at anything, since ``begun``; ``watched``: at whatever it was. Of a look
    that was just made we hear a little later, so the last minutes are no gap yet.
    """
    seen = joined(watched)
    if not seen:
        return ()
    until = now if now - seen[-1].ends >= 2 * NOTABLE else seen[-1].ends
    holes = without([Span(begun, until)], seen)
    return tuple(hole for hole in holes if hole.length >= NOTABLE)


def _days_of_note(past: Past) -> Iterator[Day]:
    told = [one.span for one in past.troubles] + [*past.maintained, *past.gaps]
    touched = {n for span in told for n in past.days.touched(span)}
    for n in sorted(touched):
        day = _day(n, past)
        if day.troubles or day.maintained or day.false_alarm or day.unseen:
            yield day


def _day(n: int, past: Past) -> Day:
    day = past.days.day(n)
    mine = Span(max(day.begins, past.since), day.ends)
    worked = within(past.maintained, day)
    real = [one for one in past.troubles if not one.false_alarm]
    wrong = [one for one in past.troubles if one.false_alarm]
    wrongly = without(within((one.span for one in wrong), day), [one.span for one in real])
    unseen = total(within(past.gaps, mine))
    unseen = unseen if unseen >= NOTABLE else NOTHING
    return Day(
        n=n,
        on=past.days.on(n),
        troubles=tuple(_lengths(real, day, worked)),
        incidents=_ids(real, day, worked),
        maintained=_rounded(total(worked)),
        false_alarm=_rounded(total(without(wrongly, worked))),
        false_alarms=_ids(wrong, day, worked),
        unseen=_rounded(unseen),
        is_unseen=unseen > total(within(past.watched, mine)),
    )


def _lengths(
    troubles: Sequence[Trouble], day: Span, worked: Sequence[Span]
) -> Iterator[tuple[Status, timedelta]]:
    counted = list(worked)
    for status in TROUBLE:
        spans = without(
            within((one.span for one in troubles if one.status is status), day), counted
        )
        if spans:
            yield status, _rounded(total(spans))
        counted += spans


def _ids(troubles: Iterable[Trouble], day: Span, worked: Sequence[Span]) -> tuple[str, ...]:
    """In the order in which they began."""
    told = [one for one in troubles if without(within([one.span], day), worked)]
    told.sort(key=lambda one: one.span)
    return tuple(dict.fromkeys(one.incident_id for one in told))


def _rounded(length: timedelta) -> timedelta:
    """To the minute; what there was is never nothing."""
    return max(MINUTE * round(length / MINUTE), MINUTE / 2 if length else NOTHING)


def _measured(past: Past, days: int) -> Measured | None:
    """Never rounded up; an outage that nobody measured is no measure."""
    if not past.is_measured:
        return None
    window = _last(days, past)
    found = availability(window, past.watched, _outages(past), past.maintained)
    if found.percent is None or found.measured < LEAST:
        return None
    is_whole = window.begins > past.since or past.since <= past.days.starts[0]
    since = None if is_whole else past.since
    is_short = since is not None and found.measured < timedelta(days=1)
    return Measured(days, found.percent, since, is_short)


def _last(days: int, past: Past) -> Span:
    """The last of these days, as far as it was ours."""
    whole = past.days.whole
    return Span(max(past.days.starts[-1 - days], past.since), whole.ends)


def _outages(past: Past) -> list[Outage]:
    return [
        Outage(one.incident_id, one.span, one.false_alarm)
        for one in past.troubles
        if one.status in OUT
    ]


def _budget(past: Past) -> Budget | None:
    if past.target is None:
        return None
    down = availability(
        _last(min(RECENT, len(past.days)), past), past.watched, _outages(past), past.maintained
    ).down
    allowed = timedelta(days=RECENT) * (100 - past.target) / 100
    return Budget(past.target, MINUTE * (allowed // MINUTE), _rounded(down))
