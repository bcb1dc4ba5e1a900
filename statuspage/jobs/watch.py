"""Which checks are due, what did they see, and what do we believe now?

Each tick writes what has come back since the last one and claims what is due, in one
short transaction; the probes run between ticks. A probe that finds a failure has the
tiers below and above asked at once: nobody is blamed for what lies under them, and what
customers notice is known together with its cause. When failures appear, the reference
targets are asked before anything is believed: if none answers, it is our own connection,
and no verdict changes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from checks.network import Network
from checks.result import Grade
from checks.verdict import Verdict, thaw
from notifications.alarms import ConnectedAgain, CutOff
from statuspage.actions import calls
from statuspage.actions.revision import raise_revision
from statuspage.jobs import lease
from statuspage.jobs.afresh import is_cut_off
from statuspage.jobs.looks import CHECKS, Judged, Looked, judge_look, put_off, write_down
from statuspage.premises import Premises
from statuspage.settings import Settings
from statuspage.tables import Check, House

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 400
"""Probes in flight: enough for hanging targets not to hold up the others."""
LEASE_MARGIN = timedelta(seconds=10)
SOONEST, LATEST = timedelta(milliseconds=100), timedelta(seconds=1)
MAY_WAIT = timedelta(seconds=5)
"""A check asked no more often than this has time: its good news waits for the next tick."""
_NEXT_DUE = sa.select(sa.func.min(CHECKS.c.next_due_at)).where(
    CHECKS.c.retired_at.is_(None), CHECKS.c.lease_by.is_(None)
)


class Watch:
    """The one long-lived piece of the job: the probes in flight, and what they brought."""

    def __init__(self, premises: Premises, network: Network, who: str) -> None:
        self.premises = premises
        self.network = network
        self.who = who
        self.cut_off_since: datetime | None = None
        self._has_recalled = False
        self._connection_news: CutOff | ConnectedAgain | None = None
        self._flying: set[asyncio.Task[None]] = set()
        self._back: list[Looked] = []
        settings = premises.settings
        self._checks = {
            check.id: (component.id, check, settings.policy(check), settings.timeout_of(check))
            for component in settings.components
            for check in component.checks
        }
        self._checks_beside = _checks_beside(settings)
        self._longest = max((one[3] for one in self._checks.values()), default=timedelta(0))

    async def tick(self, now: datetime) -> timedelta:
        """Record, claim, start; answers how long the next tick may wait."""
        back, self._back = self._back, []
        news = self._connection_news
        try:
            await self._recall()
            judged = await self._judge(back, now)
            news = self._connection_news
            async with self.premises.store.write() as session:
                await self._record(session, judged, now)
                claimed = await self._claim(session, now)
                pause = await self._pause(session, now)
        except Exception:
            # neither a look nor a call is lost because the store is away
            self._back, self._connection_news = back + self._back, news
            raise
        self._after_recording(judged)
        for row in claimed:
            self._start(row)
        return pause

    async def _recall(self) -> None:
        """Cut off before we were started: it is over when a reference answers, and then told."""
        if not self._has_recalled:
            async with self.premises.store.read() as session:
                self.cut_off_since = (await session.get_one(House, 1)).blind_since
            self._has_recalled = True

    async def close(self) -> None:
        """Stop looking; what is in flight is looked at again by whoever starts next."""
        for task in self._flying:
            task.cancel()
        await asyncio.gather(*self._flying, return_exceptions=True)

    def _start(self, row: sa.Row[Any]) -> None:
        lateness = (self.premises.clock() - row.next_due_at).total_seconds()
        self.premises.metrics.probe_lateness.observe(max(lateness, 0.0))
        task = asyncio.create_task(self._look(row.id, thaw(row.verdict)))
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)

    async def _look(self, check_id: str, before: Verdict) -> None:
        component_id, check, policy, timeout = self._checks[check_id]
        begun_at = self.premises.clock()
        result = await check.probe.run(self.network, timeout)
        ended_at = self.premises.clock()
        look = Looked(check, component_id, before, result, begun_at, ended_at, policy)
        self._back.append(look)
        self.premises.metrics.probes.labels(check.kind, result.grade.value).inc()
        if not look.is_no_news or policy.interval < MAY_WAIT:
            self.premises.nudges.nudge("watch")

    async def _judge(self, back: Sequence[Looked], now: datetime) -> list[Judged]:
        suspicious = [look for look in back if look.is_bad_news]
        doubted = bool(suspicious) or (bool(back) and self.cut_off_since is not None)
        cut_off = doubted and await is_cut_off(self.premises.settings, self.network)
        if doubted:
            self._note_connection(len(suspicious), cut_off, now)
        return [
            put_off(look) if cut_off and look.result.grade is Grade.FAILED else judge_look(look)
            for look in back
        ]

    def _note_connection(self, unbelieved: int, cut_off: bool, now: datetime) -> None:
        """Cut off when failures appear and no reference answers; connected when one does: a
        good look alone may be at a neighbour on our side of the cut.
        """
        if cut_off and unbelieved and self.cut_off_since is None:
            self.cut_off_since = now
            references = self.premises.settings.checks.reference
            self._connection_news = CutOff(at=now, references=references, failing=unbelieved)
            logger.warning("Cut off: no reference target answers; nothing is judged meanwhile.")
        elif not cut_off and self.cut_off_since is not None:
            self._connection_news = ConnectedAgain(since=self.cut_off_since, at=now)
            self.cut_off_since = None
            logger.warning("Connected again; looking afresh.")
        self.premises.metrics.cut_off.set(self.cut_off_since is not None)

    async def _record(self, session: AsyncSession, judged: Sequence[Judged], now: datetime) -> None:
        if not judged:
            return
        await write_down(session, judged, self.who)
        if any(one.doubt_moved for one in judged):
            await raise_revision(session)  # the notice says "we have just noticed"
        await self._ask_beside(session, judged, now)
        await self._tell_of_connection(session, now)

    async def _tell_of_connection(self, session: AsyncSession, now: datetime) -> None:
        """To the operators, and to every process that shows pages."""
        news, self._connection_news = self._connection_news, None
        if news is None:
            return
        await raise_revision(session)
        await session.execute(sa.update(House).values(blind_since=self.cut_off_since))
        key = f"{news.occasion}:{now.isoformat()}"
        await calls.call(session, self.premises.settings, key, news, now)

    async def _ask_beside(
        self, session: AsyncSession, judged: Sequence[Judged], now: datetime
    ) -> None:
        """Where a failure appears, the tiers below and above are asked at once."""
        beside = {
            check_id
            for one in judged
            if one.began_to_doubt
            for check_id in self._checks_beside[one.look.component_id]
        }
        if beside:
            await session.execute(
                sa.update(CHECKS)
                .where(CHECKS.c.id.in_(beside), CHECKS.c.next_due_at > now)
                .values(next_due_at=now)
            )

    async def _claim(self, session: AsyncSession, now: datetime) -> Sequence[sa.Row[Any]]:
        room = MOST_AT_ONCE - len(self._flying)
        if room <= 0:
            return []
        rows = await lease.claim_whole(
            session,
            Check,
            CHECKS.c.next_due_at <= now,
            CHECKS.c.retired_at.is_(None),
            order_by=[CHECKS.c.next_due_at],
            limit=room,
            who=self.who,
            length=self._longest + LEASE_MARGIN,
        )
        return [row for row in rows if row.id in self._checks]

    async def _pause(self, session: AsyncSession, now: datetime) -> timedelta:
        """Until the next due time, at least 100 ms and at most 1 s."""
        due_at = (await session.execute(_NEXT_DUE)).scalar()
        return LATEST if due_at is None else min(max(due_at - now, SOONEST), LATEST)

    def _after_recording(self, judged: Sequence[Judged]) -> None:
        changed = [one for one in judged if one.change is not None]
        if changed:
            self.premises.metrics.verdict_changes.inc(len(changed))
        if changed or any(not one.is_calm for one in judged):
            self.premises.nudges.nudge("settle")
        if any(one.doubt_moved for one in judged):
            self.premises.nudges.nudge("publish")


def _checks_beside(settings: Settings) -> Mapping[str, Sequence[str]]:
    """The checks of each component's tiers below and above."""
    checks = {one.id: [check.id for check in one.checks] for one in settings.components}
    beside: dict[str, list[str]] = {id: [] for id in checks}
    for id, below in settings.tiers_below.items():
        for other in below:
            beside[id] += checks[other]
            beside[other] += checks[id]
    return beside
