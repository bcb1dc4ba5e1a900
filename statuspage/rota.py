"""Which job runs how often?

The letters' jobs are beside these (``mailing``), for they may run in another process.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from statuspage.jobs.call import call, call_at_once
from statuspage.jobs.collect import Collect
from statuspage.jobs.guard_clock import plan_anew
from statuspage.jobs.leave_no_trace import leave_no_trace
from statuspage.jobs.maintain import maintain
from statuspage.jobs.measure import Measure
from statuspage.jobs.postmortems import postmortems
from statuspage.jobs.publish import Publish
from statuspage.jobs.remind import remind
from statuspage.jobs.roll_up import roll_up
from statuspage.jobs.settle import settle
from statuspage.jobs.subscriptions import subscriptions
from statuspage.jobs.sweep import sweep
from statuspage.jobs.watch import Watch
from statuspage.premises import Premises
from statuspage.scheduler import Tick

MILLISECOND, SECOND, HOUR = timedelta(milliseconds=1), timedelta(seconds=1), timedelta(hours=1)


def publishing(publish: Publish) -> Tick:
    """A flood of changes takes a fifth of the time at the most, and is shown by fewer rounds."""
    return Tick("publish", publish.tick, at_most=SECOND, share=0.2)


def of_pages(publish: Publish) -> Sequence[Tick]:
    """In every process that shows them."""
    return (
        publishing(publish),
        Tick("past", publish.past.walk, at_most=5 * SECOND),
        Tick("faring", publish.faring.read_again, at_most=30 * SECOND),
        Tick("speeds", publish.speeds.read_on, at_most=5 * SECOND),
    )


def of_work(premises: Premises, watch: Watch, who: str) -> Sequence[Tick]:
    """Looking, deciding, calling and keeping order."""
    settings, store, metrics = premises.settings, premises.store, premises.metrics
    measure = Measure(premises, partial(call_at_once, settings))
    return (
        Tick("watch", watch.tick, at_most=SECOND, at_least=50 * MILLISECOND),
        Tick("settle", partial(settle, premises), at_most=SECOND, at_least=10 * MILLISECOND),
        Tick("call", lambda now: call(store, settings, metrics, now, who), at_most=SECOND),
        Tick("remind", partial(remind, premises), at_most=SECOND),
        Tick("maintain", partial(maintain, premises), at_most=SECOND),
        Tick("postmortems", partial(postmortems, premises), at_most=60 * SECOND),
        Tick("subscriptions", partial(subscriptions, premises), at_most=2 * SECOND),
        Tick("collect", Collect(premises).tick, at_most=60 * SECOND),
        Tick("measure", measure.tick, at_most=5 * SECOND),
        Tick("roll_up", partial(roll_up, premises), at_most=30 * SECOND),
        Tick("sweep", partial(sweep, premises), at_most=HOUR),
        Tick("leave_no_trace", partial(leave_no_trace, premises), at_most=30 * SECOND),
        Tick("guard_clock", partial(plan_anew, premises), at_most=HOUR),
    )
