"""Which letters leave, and when do we come back?

A call sends what is due, each kind of channel in a round of its own, so that a hook that
hangs holds up no letter; while one is under way the other kinds are looked after. A relay
that cannot be used is left alone for a while and then asked with one line only; no letter's
own patience is spent on it, and no hook waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta

from notifications.alarms import OtherRelay
from statuspage.actions import calls
from statuspage.database import STORE_AWAY
from statuspage.jobs.postroom import Postroom
from statuspage.jobs.recording import next_due
from statuspage.jobs.round import Round
from statuspage.jobs.ways import Way

logger = logging.getLogger(__name__)
_POLL_S = 0.5
NOW = timedelta(0)
_Rounds = dict[asyncio.Task[timedelta | None], str]
"""What is under way -> its kind."""


async def deliver(room: Postroom, now: datetime, who: str) -> timedelta | None:
    """Send what is due; answers when to come back, None: nothing waits.

    ``who`` names this process, and no other that ever was. Cancelled, it lets the letters
    under way end (a few seconds at most), records them and gives back the rest. Errors: the
    engine's own, when the store is away before anything was sent.
    """
    clock = _Clock(now)
    rounds: _Rounds = {}
    try:
        waits = await _waits(room, now, room.ways)
        while True:
            for kind in [kind for kind, wait in waits.items() if wait == NOW]:
                this = _round(room, room.ways[kind], clock.at(), who)
                rounds[asyncio.create_task(this)] = kind
            if not rounds:
                return min(waits.values(), default=None)
            rests = await _one_ends(rounds)
            await _tell_of_relays(room, clock.at())
            # what is under way finds by itself what is due beside it
            idle = room.ways.keys() - set(rounds.values())
            waits = await _waits_beside(room, clock.at(), idle, alone=not rounds) | rests
            if not rounds:
                return min(waits.values(), default=None)
    finally:
        for task in rounds:
            task.cancel()
        await asyncio.gather(*rounds, return_exceptions=True)


async def _tell_of_relays(room: Postroom, now: datetime) -> None:
    """Operators hear once that the second stands in, and once that it need not any more."""
    relays = room.relays
    if relays is None or relays.stood_in == room.told_stood_in:
        return
    alarm = OtherRelay(at=now, stood_in=relays.stood_in, reason=relays.why)
    logger.warning("Mail goes by the %s relay.", "second" if relays.stood_in else "first")
    with suppress(*STORE_AWAY):
        async with room.store.write() as session:
            key = f"other_relay:{relays.stood_in}:{now.isoformat()}"
            await calls.call(session, room.settings, key, alarm, now)
        room.told_stood_in = relays.stood_in


class _Clock:
    """Counts on from when the job began."""

    def __init__(self, now: datetime) -> None:
        self._now, self._time = now, asyncio.get_running_loop().time
        self._began = self._time()

    def at(self) -> datetime:
        return self._now + timedelta(seconds=self._time() - self._began)


async def _round(room: Postroom, way: Way, now: datetime, who: str) -> timedelta | None:
    """How long this way is left alone now, if it must be."""
    this = Round(room, way, now, who)
    await this.run()
    if this.met_nobody:
        rest = way.met_nobody(this.at())
        logger.warning("Nothing can be sent by %s; tried again in %s.", way.kind, rest)
        return rest
    if this.met_somebody:
        way.met_somebody()
    return None


async def _one_ends(rounds: _Rounds) -> dict[str, timedelta]:
    """Or some time has gone by, in which another kind may have fallen due; who rests now."""
    ended, _ = await asyncio.wait(rounds, timeout=_POLL_S, return_when=asyncio.FIRST_COMPLETED)
    kinds = {rounds.pop(task): task for task in ended}
    rests = {kind: task.result() for kind, task in kinds.items()}
    return {kind: rest for kind, rest in rests.items() if rest}


async def _waits(room: Postroom, now: datetime, kinds: Collection[str]) -> dict[str, timedelta]:
    """How long each kind has nothing to do, or is left alone; without those that nothing
    waits for. Asked of a reader: an idle tick is in no writer's way.
    """
    rests = {kind: rest for kind in kinds if (rest := room.ways[kind].resting(now))}
    others = [kind for kind in kinds if kind not in rests]
    return rests | (await next_due(room.store, now, others) if others else {})


async def _waits_beside(
    room: Postroom, now: datetime, kinds: Collection[str], *, alone: bool
) -> dict[str, timedelta]:
    try:
        return await _waits(room, now, kinds)
    except STORE_AWAY:
        if alone:
            raise
        return {}  # whoever is under way has said so in the log, and goes on trying
