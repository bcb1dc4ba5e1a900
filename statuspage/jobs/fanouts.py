"""Which fan-outs have come round, and how did they go?

Looked for every few seconds; each is measured when all of its letters were tried, and for good
when none waits any more. A worker that dies between two leaves the rest to the next round.
"""

from __future__ import annotations

import math
from datetime import datetime

from statuspage.actions import fanouts
from statuspage.database import Store
from statuspage.metrics import Metrics
from statuspage.rules.fanouts import Fanout

MOST_AT_ONCE = 20
_OUTCOMES = ("sent", "refused", "given_up", "came_back", "suppressed")


async def measure(store: Store, now: datetime) -> int:
    """Measure those that have; answers how many there were."""
    async with store.read() as session:
        found = await fanouts.to_measure(session, now, MOST_AT_ONCE)
    for row in found:
        async with store.read() as session:  # nobody waits to write while we count
            fanout = await fanouts.of(session, row)
        async with store.write() as session:
            await fanouts.keep(session, row, fanout, now)
    return len(found)


def show(metrics: Metrics, last: Fanout | None) -> None:
    """To Prometheus; where none was measured, nothing."""
    if last is None:
        return
    for outcome in _OUTCOMES:
        metrics.fanout_letters.labels(outcome).set(getattr(last, outcome))
    times = {"0": last.first_s, "0.5": last.p50_s, "0.95": last.p95_s, "0.99": last.p99_s}
    for share, seconds in {**times, "1": last.last_s}.items():
        metrics.fanout_seconds.labels(share).set(math.nan if seconds is None else seconds)
