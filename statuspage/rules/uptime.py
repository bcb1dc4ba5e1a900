"""How much of the time was a component there?

From what was believed and said, not from single looks: what incidents say of its share,
minute by minute. Rules: an outage is a major or a partial one, counted in full, since
whoever met it could not use it; a slow hour is none. What several incidents say of one
minute counts once. A false alarm counts nothing, and is told beside. Of a time in which
nobody looked nothing is claimed, save that there was an outage. All spans are half open.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.tables import Incident, Maintenance, Share, Update
from statuspage.vocabulary import Status

OUT = (Status.PARTIAL_OUTAGE, Status.MAJOR_OUTAGE)
TROUBLE = (Status.MAJOR_OUTAGE, Status.PARTIAL_OUTAGE, Status.DEGRADED)
"""The worst first."""
NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    begins: datetime
    ends: datetime

    @property
    def length(self) -> timedelta:
        return max(self.ends - self.begins, NOTHING)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A time in which an incident said that the component fared so: slow, partly out or out."""

    incident_id: str
    status: Status
    span: Span
    false_alarm: bool = False


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which an incident said that the component was out."""

    incident_id: str
    span: Span
    false_alarm: bool = False


@dataclass(frozen=True, slots=True)
class Availability:
    """``measured``: how long we know of; ``false_alarms``: how long we wrongly said it was out,
    which is not part of ``down``.
    """

    measured: timedelta
    down: timedelta
    false_alarms: timedelta

    @property
    def percent(self) -> float | None:
        """To two decimals, never rounded up; None where nothing was measured."""
        if not self.measured:
            return None
        return math.floor(10_000 * (1 - self.down / self.measured)) / 100


def availability(
    window: Span,
    watched: Iterable[Span],
    outages: Iterable[Outage],
    excluded: Iterable[Span] = (),
) -> Availability:
    """``watched``: when somebody looked; ``excluded``: what counts neither way, such as
    maintenance that was announced.
    """
    known = tuple(outages)
    left_out = tuple(excluded)
    real = [one.span for one in known if not one.false_alarm]
    wrong = [one.span for one in known if one.false_alarm]
    down = without(within(real, window), left_out)
    measured = without(within([*watched, *real], window), left_out)
    false_alarms = without(within(wrong, window), [*real, *left_out])
    return Availability(total(measured), total(down), total(false_alarms))


def outages(
    component_id: str,
    incidents: Iterable[Incident],
    shares: Iterable[Share],
    updates: Iterable[Update],
    now: datetime,
) -> Iterator[Outage]:
    """When the component was out, by each incident that names it. Those that are open last
    until now; one that was opened by mistake and taken back never was.
    """
    named = {share.incident_id: share for share in shares if share.component_id == component_id}
    said = sorted(updates, key=lambda one: one.n)
    for incident in incidents:
        if incident.id in named:
            for one in troubles(incident, named[incident.id], said, now):
                if one.status in OUT:
                    yield Outage(one.incident_id, one.span, one.false_alarm)


def troubles(
    incident: Incident, share: Share, updates: Iterable[Update], now: datetime
) -> Iterator[Trouble]:
    """What one incident says of one component, the oldest first; ``updates``: by their number."""
    if incident.withdrawn_at is not None:
        return
    course, end = _course(incident, share, updates), incident.resolved_at or now
    until = [at for at, _ in course[1:]] + [end]
    for (begun, status), over in zip(course, until, strict=True):
        if status in TROUBLE and begun < over:
            span = Span(begun, min(over, end))
            yield Trouble(incident.id, status, span, incident.false_alarm)


def maintained(component_id: str, rows: Iterable[Maintenance], now: datetime) -> Iterator[Span]:
    """When it was worked on as announced; what took longer than that is an outage like others."""
    for row in rows:
        if component_id in row.components and row.started_at is not None:
            yield Span(row.started_at, min(row.ended_at or now, row.announced_until))


def _course(
    incident: Incident, share: Share, said: Iterable[Update]
) -> list[tuple[datetime, Status]]:
    """How it fared, as (from when on, how). What was noticed had begun before."""
    changes = [
        (update.at, Status(change["new"]))
        for update in said
        if update.incident_id == incident.id and update.withdrawn_at is None
        for change in update.changes
        if change["component_id"] == share.component_id
    ]
    if not changes:
        return [(incident.started_at, Status(share.worst))]
    (first, status), *rest = changes
    return [(min(first, incident.started_at), status), *rest]


def joined(spans: Iterable[Span], reach: timedelta = NOTHING) -> list[Span]:
    """Oldest first, one where they overlap or touch, or where no more than ``reach`` lies
    between them.
    """
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.begins <= found[-1].ends + reach:
            found[-1] = Span(found[-1].begins, max(found[-1].ends, span.ends))
        else:
            found.append(span)
    return found


def within(spans: Iterable[Span], window: Span) -> list[Span]:
    """Cut to the window, overlaps joined."""
    cut = (Span(max(one.begins, window.begins), min(one.ends, window.ends)) for one in spans)
    return joined(one for one in cut if one.begins < one.ends)


def without(spans: Iterable[Span], holes: Iterable[Span]) -> list[Span]:
    left = list(spans)
    for hole in holes:
        left = [piece for span in left for piece in _cut(span, hole)]
    return left


def _cut(span: Span, hole: Span) -> Iterator[Span]:
    for piece in (
        Span(span.begins, min(span.ends, hole.begins)),
        Span(max(span.begins, hole.ends), span.ends),
    ):
        if piece.begins < piece.ends:
            yield piece


def total(spans: Iterable[Span]) -> timedelta:
    return sum((span.length for span in spans), NOTHING)
