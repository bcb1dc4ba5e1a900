"""Which letters leave, and when do we come back?

Each call is one round in the post room: it sends what is due until nothing is. A relay
that cannot be used is left alone for a while and then asked with one line only; no letter's
own patience is spent on it.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from statuspage.jobs.postroom import Postroom
from statuspage.jobs.recording import next_due
from statuspage.jobs.round import Round

logger = logging.getLogger(__name__)


async def deliver(room: Postroom, now: datetime, who: str) -> timedelta | None:
    """Send what is due; answers when to come back, None: nothing waits.

    ``who`` names this process, and no other that ever was. Cancelled, it lets the letters
    under way end (a few seconds at most), records them and gives back the rest. Errors: the
    engine's own, when the store is away before anything was sent.
    """
    if not room.has_relay:
        return None
    if rest := room.resting(now):
        return rest
    waits = await next_due(room.store, now)  # a reader: an idle tick is in no writer's way
    if waits != timedelta(0):
        return waits
    this = Round(room, now, who)
    await this.run()
    if this.met_nobody:
        rest = room.met_nobody(this.at())
        logger.warning("The mail relay cannot be used; asked again in %s.", rest)
        return rest
    if this.met_somebody:
        room.met_somebody()
    return await next_due(room.store, this.at())
