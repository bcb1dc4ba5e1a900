"""How are the letters of one kind that are due sent, on all lines at once?

A feeder claims a little ahead, lanes (one for each line) send, and a tick writes down and
looks again. Rules, all from law 4 and the promise to stop at once:

* what was accepted is written down within 100 ms, and no lane begins another letter while
  something waits longer to be written (a store that is away must not pile up repeats);
* what was claimed is looked at again ten times a second: who left, and what was stopped, is not
  sent, nor words that were removed since; a process that was frozen longer than its claim
  sends nothing before it looked;
* a lane that cannot talk to the other side (a relay that is away) ends, and its letter keeps
  its patience; when the last lane has ended, the round is over.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from contextlib import suppress
from datetime import datetime, timedelta

from notifications.channel import Outcome, Unreachable
from statuspage.database import STORE_AWAY
from statuspage.jobs import lease, outbox, recording
from statuspage.jobs.appetite import Appetite
from statuspage.jobs.outbox import Outgoing
from statuspage.jobs.postroom import Postroom
from statuspage.jobs.recording import Ended
from statuspage.jobs.ways import Line, Way
from statuspage.tables import Delivery

logger = logging.getLogger(__name__)
TICK_S = 0.05
WRITTEN_WITHIN_S = 0.1
LOOK_S = 0.1
LOOKED_WITHIN_S = 0.5
GRACE_S = 2.5
_POLL_S = 0.25


class Round:
    """Sends until nothing is due that leaves this way. ``now`` is when it begins; it counts
    on from there.
    """

    def __init__(self, room: Postroom, way: Way, now: datetime, who: str) -> None:
        self._room, self._way, self._now, self._who = room, way, now, who
        self._probing = way.misses > 0
        self._lines = way.lines[:1] if self._probing else way.lines
        self._lanes = self._lines if self._probing else self._lines * way.at_once
        lanes = len(self._lanes)
        self._appetite = Appetite(lanes if self._probing else 2 * lanes, lanes)
        self._patience = 1 if self._probing else 3
        for line in self._lines:
            line.faults = 0
        self._queue: asyncio.Queue[Outgoing | None] = asyncio.Queue()
        self._claimed: dict[int, Outgoing] = {}
        self._ended: list[Ended] = []
        self._returned: list[int] = []
        self._gone: frozenset[int] = frozenset()
        self._began = self._ended_at = self._looked_at = self._renewed_at = _time()
        self._stopping = False
        self._over, self._fresh, self._moved = (asyncio.Event() for _ in range(3))
        self.met_somebody = False
        """The other side talked with us about a letter."""

    @property
    def met_nobody(self) -> bool:
        """No line could be used."""
        return not any(self._is_usable(line) for line in self._lines)

    def at(self) -> datetime:
        """What time it is by now."""
        return self._now + timedelta(seconds=_time() - self._began)

    async def run(self) -> None:
        lanes = [asyncio.create_task(self._lane(line)) for line in self._lanes]
        tick = asyncio.create_task(self._tick())
        try:
            await self._feed(tick)
        finally:
            await self._wind_up(lanes, tick)

    # ---- claiming

    async def _feed(self, tick: asyncio.Task[None]) -> None:
        while not self.met_nobody and not tick.done():
            found = False
            if self._wants_more() and (self._appetite.is_fresh or not self._probing):
                found = await self._claim(self._appetite.next(_time()))
            if not found and not self._claimed and not self._ended and self._wants_more():
                return
            if not found or not self._wants_more():
                await self._until_moved()

    def _wants_more(self) -> bool:
        return self._appetite.wants_more(self._queue.qsize())

    async def _claim(self, most: int) -> bool:
        """Whether anything was due."""
        claiming = asyncio.create_task(self._take(most))
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            # cut off in its commit, nobody would know what is ours and has to be given back
            await claiming
            raise
        except STORE_AWAY:
            if not self._claimed and not self._ended:
                raise
            return False  # the tick has said so in the log, and goes on trying

    async def _take(self, most: int) -> bool:
        room = self._room
        # the store's clock stepped forward: claims have lapsed of which we hold the letters still
        held = {*self._held(), *(id for one in self._ended for id in one.outgoing.ids)}
        async with room.store.write() as session:
            limits, kind = room.limits, self._way.kind
            claimed = await outbox.claim(session, limits, self.at(), self._who, most, kind)
        letters = [one for one in claimed.letters if held.isdisjoint(one.ids)]
        self._claimed.update({letter.id: letter for letter in letters})
        try:
            await room.parcels.fetch(room.store, letters, self.at())
        except BaseException:  # held and never queued, they would wait for as long as we live
            self._give_back(*letters)
            raise
        for letter in letters:
            self._queue.put_nowait(letter)
        return claimed.found > 0

    def _give_back(self, *letters: Outgoing) -> None:
        for letter in letters:
            self._returned.extend(letter.ids)
            del self._claimed[letter.id]

    async def _until_moved(self) -> None:
        self._moved.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(_POLL_S):
                await self._moved.wait()

    # ---- sending

    async def _lane(self, line: Line) -> None:
        while self._is_usable(line):
            await line.take()
            try:
                if not await self._send_next(line):
                    return
            finally:
                line.free()
        self._moved.set()

    def _is_usable(self, line: Line) -> bool:
        return line.faults < self._patience

    async def _send_next(self, line: Line) -> bool:
        """False: there is nothing more to send."""
        outgoing = await self._queue.get()
        if outgoing is None:
            return False
        if not self._is_usable(line):  # while we waited
            self._queue.put_nowait(outgoing)
            return True
        outcome = await self._send(line, outgoing)
        if self._wants_more():
            self._moved.set()
        if outcome is not None and recording.is_no_relay(outcome):
            line.faults = self._patience
        elif isinstance(outcome, Unreachable) and outcome.ours:
            line.faults += 1
        else:
            line.faults = 0
        return True

    async def _send(self, line: Line, outgoing: Outgoing) -> Outcome | None:
        """What came of it; None: it was not sent after all."""
        if self._must_be_put_off(outgoing):
            return None
        await self._way.pacing.turn()
        while self._must_wait():
            await self._fresh.wait()
        if self._stopping or self._gone.intersection(outgoing.ids):
            self._give_back(outgoing)
            return None
        try:
            parcel = self._room.parcels.parcel(outgoing, self.at())
            outcome = await line.send(parcel)
        except Exception as error:  # noqa: BLE001  see below
            # a mistake with one letter must not stop the others; its words may hold an address
            where = "".join(traceback.format_tb(error.__traceback__))
            kind = type(error).__name__
            logger.error("Delivery %d: our mistake, %s at\n%s", outgoing.id, kind, where)  # noqa: TRY400
            self._end(outgoing, Unreachable(f"our mistake: {kind}", 0, ours=True))
            return None
        self._end(outgoing, outcome)
        return outcome

    def _must_be_put_off(self, outgoing: Outgoing) -> bool:
        """Its domain takes no more just now: that is no attempt."""
        until = self._way.pacing.put_off(outgoing.id, outgoing.addressee.address, self.at())
        if until is not None:
            self._note(Ended(outgoing, "queued", self.at(), due_at=until, counts=False))
        return until is not None

    def _must_wait(self) -> bool:
        unwritten = bool(self._ended) and _time() - self._ended_at > WRITTEN_WITHIN_S
        unseen = _time() - self._looked_at > LOOKED_WITHIN_S
        return not self._stopping and (unwritten or unseen)

    def _end(self, outgoing: Outgoing, outcome: Outcome) -> None:
        self._note(recording.judge(outgoing, outcome, self.at(), self._way.next_rest()))
        kind = recording.kind_of(outcome)
        if kind == "accepted":
            self._room.metrics.letters_accepted.inc()
        else:
            self._room.metrics.letters_failed.labels(kind).inc()
        self.met_somebody |= kind != "ours"

    def _note(self, ended: Ended) -> None:
        if not self._ended:
            self._ended_at = _time()
        self._ended.append(ended)
        del self._claimed[ended.outgoing.id]

    # ---- writing down, looking again

    async def _tick(self) -> None:
        away = False
        while not self._over.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._over.wait()
            try:
                await self._write_down()
                await self._look()
            except STORE_AWAY:
                if not away:
                    logger.warning("The store is away: no letter leaves until it is back.")
                away = True
            else:
                away = False
                self._fresh.set()
                self._fresh.clear()

    async def _write_down(self) -> None:
        ended, returned = list(self._ended), list(self._returned)
        if not ended and not returned:
            return
        since = _time()
        async with self._room.store.write() as session:
            await recording.give_way(session)
            await recording.record(session, ended, self._who)
            if returned:
                await lease.release(session, Delivery, returned, self._who)
        del self._ended[: len(ended)], self._returned[: len(returned)]
        self._ended_at = since
        self._moved.set()

    async def _look(self) -> None:
        since = _time()
        if since - self._looked_at < LOOK_S:
            return
        if ids := self._held():
            self._gone = await recording.look_again(self._room.store, ids, self._who)
            await self._room.parcels.refresh(self._room.store)
        if ids and since - self._renewed_at > lease.LEASE.total_seconds() / 3:
            async with self._room.store.write() as session:
                await recording.give_way(session)
                await lease.renew(session, Delivery, ids, self._who)
            self._renewed_at = since
        self._looked_at = since

    def _held(self) -> list[int]:
        return [id for letter in self._claimed.values() for id in letter.ids]

    async def _wind_up(self, lanes: list[asyncio.Task[None]], tick: asyncio.Task[None]) -> None:
        """Let what is under way end and be written down, and give back what was not begun."""
        self._stopping = True
        while not self._queue.empty():
            self._queue.get_nowait()
        for _ in lanes:
            self._queue.put_nowait(None)
        self._fresh.set()
        _, late = await asyncio.wait(lanes, timeout=GRACE_S)
        for lane in late:
            lane.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        self._over.set()
        await tick
        self._returned.extend(self._held())
        try:
            await self._write_down()
        except STORE_AWAY:
            logger.warning("%d results are lost with the store: may repeat.", len(self._ended))


def _time() -> float:
    return asyncio.get_running_loop().time()
