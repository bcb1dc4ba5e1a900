"""How fast did a component answer over a day, a week, a quarter?

Points as they are drawn: five minutes of a day, hours of a week, days of a quarter. Of a time in
which nothing was measured there is no point, and nothing is made up between those beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.rules.tally import Tally


@dataclass(frozen=True, slots=True)
class Point:
    """``begins_at``: of its step; half and 95 % of the answers came within so many ms."""

    begins_at: datetime
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Period:
    """``name``: ``day``, ``week`` or ``quarter``; ``whole``: all of it as one point, None where
    nothing was measured.
    """

    name: str
    since: datetime
    until: datetime
    step: timedelta
    points: tuple[Point, ...]
    whole: Point | None

    @property
    def runs(self) -> list[list[Point]]:
        """The points that follow one another without a gap."""
        found: list[list[Point]] = []
        for point in self.points:
            if found and point.begins_at - found[-1][-1].begins_at <= self.step:
                found[-1].append(point)
            else:
                found.append([point])
        return found


STEPS = {
    "day": (timedelta(days=1), timedelta(minutes=5)),
    "week": (timedelta(days=7), timedelta(hours=1)),
    "quarter": (timedelta(days=90), timedelta(days=1)),
}
"""Each period's length and step."""


def period(name: str, figures: Iterable[tuple[datetime, Tally]], until: datetime) -> Period:
    """``figures``: by its step, oldest first (``actions.measured``)."""
    length, step = STEPS[name]
    since = until - length
    mine = [(begun, what) for begun, what in figures if since - step < begun < until]
    points = (_point(max(begun, since), what) for begun, what in mine)
    whole = _point(since, sum((what for _, what in mine), Tally()))
    return Period(name, since, until, step, tuple(p for p in points if p), whole)


def _point(begun: datetime, what: Tally) -> Point | None:
    p50, p95 = what.percentile_ms(0.5), what.percentile_ms(0.95)
    return None if p50 is None or p95 is None else Point(begun, p50, p95)
