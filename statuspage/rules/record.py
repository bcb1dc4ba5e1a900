"""May a letter say how the past has been?

In the last word only, and only where it is no boasting: at or above the target that the
company has set itself, this outage counted in, and with no other outage in 30 days. The
figure is of what was measured; where we do not know of nearly all of the time, or of less
than a month of it, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from notifications import facts
from statuspage.rules.uptime import Outage, Span, availability

OF_THE_LAST = timedelta(days=90)
AT_LEAST = timedelta(days=30)
QUIET_BEFORE = timedelta(days=30)
KNOWN_OF = 0.95


def record(
    name: str,
    target: float | None,
    incident_id: str,
    known_since: datetime,
    watched: Iterable[Span],
    outages: Iterable[Outage],
    now: datetime,
    excluded: Iterable[Span] = (),
) -> facts.Record | None:
    """Of one component, when this incident of it is over; ``excluded``: its maintenances."""
    window = Span(max(now - OF_THE_LAST, known_since), now)
    known = tuple(outages)
    if target is None or window.length < AT_LEAST or _had_another(known, incident_id, now):
        return None
    found = availability(window, watched, known, excluded)
    if found.percent is None or found.percent < target:
        return None
    if found.measured < KNOWN_OF * window.length:
        return None
    since = known_since if known_since > now - OF_THE_LAST else None
    return facts.Record(name=name, percent=found.percent, since=since, days=OF_THE_LAST.days)


def _had_another(outages: Iterable[Outage], incident_id: str, now: datetime) -> bool:
    return any(
        one.incident_id != incident_id
        and not one.false_alarm
        and one.span.ends > now - QUIET_BEFORE
        for one in outages
    )
