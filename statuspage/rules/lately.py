"""How did we tell of what happened in the last 90 days, taken together?

Of each thing that was measured: how long it took half of the time, and at the worst. No
mean, which a single bad night would hide in or spoil. A false alarm was not noticed too
late by anybody, so it counts as one and in nothing else; its letters were letters like all.
Nothing here looks at a clock, a socket or a row's store.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.rules.fanouts import Fanout, rank
from statuspage.rules.how_told import Owed, learned
from statuspage.tables import Incident, Update

OF_THE_LAST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Spread:
    """Of so many: what half of them did not exceed, and the worst; in seconds."""

    count: int
    half_s: float
    worst_s: float


@dataclass(frozen=True, slots=True)
class Case:
    """One incident, as far as it is counted. ``by_checks``: these saw it, and no person first."""

    started_at: datetime
    noticed_at: datetime
    by_checks: bool
    shown_at: datetime | None = None
    false_alarm: bool = False
    learned: Owed | None = None


@dataclass(frozen=True, slots=True)
class Lately:
    """``since``: what this counts from; None: nothing was counted yet."""

    since: datetime | None = None
    incidents: int = 0
    false_alarms: int = 0
    reported: int = 0
    """Those that no check of ours had seen: a person reported them."""
    noticed: Spread | None = None
    """From the first failed look to our noticing."""
    shown: Spread | None = None
    """From our noticing to the page."""
    half: Spread | None = None
    """Of each word that was sent: when half of those who asked had been written to."""
    most: Spread | None = None
    last: Spread | None = None
    """The same for 95 of 100, and for the last one."""
    letters: int = 0
    """How many people's letters left, all words together."""
    learned: tuple[Owed, ...] = ()
    """What was owed of what we learned."""


def case(row: Incident, words: Iterable[Update], within: timedelta) -> Case:
    """``words``: in which it was said what we learned, be it of other incidents too."""
    own = [one for one in words if one.incident_id == row.id]
    return Case(
        started_at=row.started_at,
        noticed_at=row.noticed_at,
        by_checks=row.automatic,
        shown_at=row.shown_at,
        false_alarm=row.false_alarm,
        learned=learned(row, own, within),
    )


def lately(
    cases: Iterable[Case], rounds: Iterable[Fanout], known_since: datetime, now: datetime
) -> Lately:
    """``known_since``: when we began to look, if that is less than 90 days ago."""
    told, sent = list(cases), [one for one in rounds if one.sent]
    real = [one for one in told if not one.false_alarm]
    return Lately(
        since=max(known_since, now - OF_THE_LAST),
        incidents=len(told),
        false_alarms=len(told) - len(real),
        reported=sum(not one.by_checks for one in real),
        noticed=spread((one.noticed_at - one.started_at) for one in real if one.by_checks),
        shown=spread((one.shown_at - one.noticed_at) for one in real if one.shown_at),
        half=_of(one.p50_s for one in sent),
        most=_of(one.p95_s for one in sent),
        last=_of(one.last_s for one in sent),
        letters=sum(one.sent for one in sent),
        learned=tuple(one.learned for one in told if one.learned),
    )


def spread(lengths: Iterable[timedelta]) -> Spread | None:
    return _of(max(0.0, length.total_seconds()) for length in lengths)


def _of(seconds: Iterable[float | None]) -> Spread | None:
    """By nearest rank."""
    ordered = sorted(one for one in seconds if one is not None)
    if not ordered:
        return None
    return Spread(len(ordered), ordered[rank(len(ordered), 50) - 1], ordered[-1])
