"""Who waits for a letter to confirm, and who has had the only letter that they wanted?

Rows that the next step finds: what is not done by a crash is done by the next tick.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from statuspage.actions import forgetting, invitations, only_this_time
from statuspage.premises import Premises

AT_ONCE = timedelta(0)


async def subscriptions(premises: Premises, now: datetime) -> timedelta | None:
    """A slice of each, in transactions of their own: a flood must not hold the writer, nor an
    idle tick queue with those who write.
    """
    async with premises.store.read() as session:
        wait = await invitations.anybody_waits(session)
        served = await only_this_time.served(session, now)
    more = False
    if wait:
        async with premises.store.write() as session:
            more = await invitations.release(session, premises.settings, now)
        premises.nudges.nudge("deliver")
    if served:
        async with premises.store.write() as session:
            for id in await only_this_time.served(session, now):
                await forgetting.erase(session, id, now)
    return AT_ONCE if more or served else None
