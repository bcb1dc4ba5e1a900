"""Which checks are due, what did they see, and what do we believe now?

Each tick writes what has come back since the last one and claims what is due, in one
short transaction; the probes run between ticks. A probe that finds a failure has the
tiers below asked at once, so that nobody is blamed for what lies under them. When
failures appear, the reference targets are asked before anything is believed: if none
answers, it is our own connection, and no verdict changes.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from checks.network import Network
from checks.result import Grade, Result
from checks.verdict import Belief, Policy, Verdict, freeze, judge, next_look, thaw
from notifications.alarms import ConnectedAgain, CutOff
from statuspage.actions import calls
from statuspage.actions.revision import raise_revision
from statuspage.claims import claim
from statuspage.premises import Premises
from statuspage.settings import Check as CheckSettings
from statuspage.tables import Cause, Change, Check, Sample

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 400
"""Probes in flight: enough for hanging targets not to hold up the others."""
LEASE_MARGIN = timedelta(seconds=10)
SLOT = timedelta(minutes=5)
SOONEST, LATEST = timedelta(milliseconds=50), timedelta(seconds=1)
REFERENCE_TIMEOUT = timedelta(seconds=2)
CHECKS: sa.Table = Check.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Looked:
    """One look that has come back: with what was believed before it."""

    check: CheckSettings
    component_id: str
    before: Verdict
    result: Result
    begun_at: datetime
    ended_at: datetime
    policy: Policy


@dataclass(frozen=True, slots=True)
class Judged:
    """A look and what follows from it. ``verdict`` is the old one when we were cut off."""

    look: Looked
    verdict: Verdict
    next_due_at: datetime

    @property
    def change(self) -> tuple[str, str] | None:
        """(old, new) when what is believed changed; a first good answer is no news."""
        old, new = _state(self.look.before), _state(self.verdict)
        return None if old == new or (old, new) == ("unknown", "well") else (old, new)

    @property
    def doubt_moved(self) -> bool:
        return self.verdict.in_doubt != self.look.before.in_doubt

    @property
    def began_to_doubt(self) -> bool:
        return self.verdict.in_doubt and not self.look.before.in_doubt


class Watch:
    """The one long-lived piece of the job: the probes in flight, and what they brought."""

    def __init__(self, premises: Premises, network: Network, who: str) -> None:
        self.premises = premises
        self.network = network
        self.who = who
        self.cut_off_since: datetime | None = None
        self._connection_news: CutOff | ConnectedAgain | None = None
        self._flying: set[asyncio.Task[None]] = set()
        self._back: list[Looked] = []
        settings = premises.settings
        self._checks = {
            check.id: (component.id, check, settings.policy(check), settings.timeout_of(check))
            for component in settings.components
            for check in component.checks
        }
        lower = settings.tiers_below
        self._checks_below = {
            component.id: [
                check.id
                for other in settings.components
                if other.id in lower[component.id]
                for check in other.checks
            ]
            for component in settings.components
        }
        self._longest = max((one[3] for one in self._checks.values()), default=timedelta(0))

    async def tick(self, now: datetime) -> timedelta:
        """Record, claim, start; answers how long the next tick may wait."""
        back, self._back = self._back, []
        try:
            judged = await self._judge(back, now)
            async with self.premises.store.write() as session:
                await self._record(session, judged, now)
                claimed = await self._claim(session, now)
        except Exception:
            self._back = back + self._back  # a look is not lost because the store is away
            raise
        self._after_recording(judged)
        for row in claimed:
            self._start(row, now)
        return await self._pause(now)

    async def still_fails(self, incident_id: str) -> bool:
        """Ask every cause of an incident afresh: does any still fail? Not when we are cut
        off: then we know nothing.
        """
        async with self.premises.store.read() as session:
            found = await session.execute(
                sa.select(col(Cause.component_id)).where(
                    col(Cause.incident_id) == incident_id, col(Cause.ended_at).is_(None)
                )
            )
            causes = {row[0] for row in found.all()}
        if not causes or await self._is_cut_off():
            return False
        results = await asyncio.gather(
            *(
                check.probe.run(self.network, timeout)
                for component_id, check, _, timeout in self._checks.values()
                if component_id in causes
            )
        )
        return any(result.grade is Grade.FAILED for result in results)

    async def close(self) -> None:
        """Stop looking; what is in flight is looked at again by whoever starts next."""
        for task in self._flying:
            task.cancel()
        await asyncio.gather(*self._flying, return_exceptions=True)

    def _start(self, row: sa.Row[Any], now: datetime) -> None:
        lateness = (now - row.next_due_at).total_seconds()
        self.premises.metrics.probe_lateness.observe(max(lateness, 0.0))
        task = asyncio.create_task(self._look(row.id, thaw(row.verdict)))
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)

    async def _look(self, check_id: str, before: Verdict) -> None:
        component_id, check, policy, timeout = self._checks[check_id]
        begun_at = self.premises.clock()
        result = await check.probe.run(self.network, timeout)
        ended_at = self.premises.clock()
        self._back.append(Looked(check, component_id, before, result, begun_at, ended_at, policy))
        self.premises.metrics.probes.labels(check.kind, result.grade.value).inc()
        self.premises.nudges.nudge("watch")

    async def _judge(self, back: Sequence[Looked], now: datetime) -> list[Judged]:
        suspicious = [look for look in back if _is_bad_news(look)]
        cut_off = bool(suspicious) and await self._is_cut_off()
        self._note_connection(len(suspicious) if cut_off else 0, bool(back), now)
        return [
            _unjudged(look) if cut_off and look in suspicious else _judged(look) for look in back
        ]

    async def _is_cut_off(self) -> bool:
        references = self.premises.settings.checks.reference
        return not await self.network.reachable(references, REFERENCE_TIMEOUT)

    def _note_connection(self, unbelieved: int, looked: bool, now: datetime) -> None:
        if unbelieved and self.cut_off_since is None:
            self.cut_off_since = now
            references = self.premises.settings.checks.reference
            self._connection_news = CutOff(at=now, references=references, failing=unbelieved)
            logger.warning("Cut off: no reference target answers; nothing is judged meanwhile.")
        elif looked and not unbelieved and self.cut_off_since is not None:
            self._connection_news = ConnectedAgain(since=self.cut_off_since, at=now)
            self.cut_off_since = None
            logger.warning("Connected again; looking afresh.")
        self.premises.metrics.cut_off.set(self.cut_off_since is not None)

    async def _record(self, session: AsyncSession, judged: Sequence[Judged], now: datetime) -> None:
        if not judged:
            return
        await session.execute(_RECORD, [_row(one, self.who) for one in judged])
        await _count(session, judged)
        for one in judged:
            if one.change is not None:
                session.add(_change(one))
        if any(one.doubt_moved for one in judged):
            await raise_revision(session)  # the notice says "we have just noticed"
        await self._ask_below(session, judged, now)
        await self._call_about_connection(session, now)

    async def _call_about_connection(self, session: AsyncSession, now: datetime) -> None:
        news, self._connection_news = self._connection_news, None
        if news is not None:
            key = f"{news.occasion}:{now.isoformat()}"
            await calls.call(session, self.premises.settings, key, news, now)

    async def _ask_below(
        self, session: AsyncSession, judged: Sequence[Judged], now: datetime
    ) -> None:
        """Where a failure appears, the tiers below are asked at once."""
        below = {
            check_id
            for one in judged
            if one.began_to_doubt
            for check_id in self._checks_below[one.look.component_id]
        }
        if below:
            await session.execute(
                sa.update(CHECKS)
                .where(CHECKS.c.id.in_(below), CHECKS.c.next_due_at > now)
                .values(next_due_at=now)
            )

    async def _claim(self, session: AsyncSession, now: datetime) -> Sequence[sa.Row[Any]]:
        room = MOST_AT_ONCE - len(self._flying)
        if room <= 0:
            return []
        rows = await claim(
            session,
            CHECKS,
            due=[CHECKS.c.next_due_at <= now, CHECKS.c.retired_at.is_(None)],
            order=[CHECKS.c.next_due_at],
            most=room,
            who=self.who,
            now=now,
            lease=self._longest + LEASE_MARGIN,
        )
        return [row for row in rows if row.id in self._checks]

    async def _pause(self, now: datetime) -> timedelta:
        """Until the next due time, at least 50 ms and at most 1 s."""
        async with self.premises.store.read() as session:
            found = await session.execute(
                sa.select(sa.func.min(CHECKS.c.next_due_at)).where(
                    CHECKS.c.retired_at.is_(None), CHECKS.c.lease_by.is_(None)
                )
            )
        due_at = found.scalar()
        return LATEST if due_at is None else min(max(due_at - now, SOONEST), LATEST)

    def _after_recording(self, judged: Sequence[Judged]) -> None:
        changed = [one for one in judged if one.change is not None]
        if changed:
            self.premises.metrics.verdict_changes.inc(len(changed))
        if changed or any(not _is_calm(one) for one in judged):
            self.premises.nudges.nudge("settle")
        if any(one.doubt_moved for one in judged):
            self.premises.nudges.nudge("publish")


def _is_bad_news(look: Looked) -> bool:
    """A failure that would move what is believed."""
    return look.result.grade is Grade.FAILED and look.before.belief is not Belief.FAILED


def _is_calm(one: Judged) -> bool:
    return one.verdict.belief is Belief.WELL and not one.verdict.in_doubt


def _judged(look: Looked) -> Judged:
    verdict = judge(look.before, look.result, look.policy, look.ended_at)
    return Judged(look, verdict, look.begun_at + next_look(verdict, look.policy))


def _unjudged(look: Looked) -> Judged:
    """We are cut off: no verdict changes, and it is asked again soon."""
    pause = min(look.policy.confirm_interval, look.policy.interval)
    return Judged(look, look.before, look.ended_at + pause)


def _state(verdict: Verdict) -> str:
    return "flapping" if verdict.flapping else verdict.belief.value


_RECORD = (
    sa.update(CHECKS)
    .where(CHECKS.c.id == sa.bindparam("check_id"), CHECKS.c.lease_by == sa.bindparam("by"))
    .values(
        verdict=sa.bindparam("frozen"),
        belief=sa.bindparam("state"),
        looked_at=sa.bindparam("looked"),
        latency_ms=sa.bindparam("latency"),
        says=sa.bindparam("said"),
        address=sa.bindparam("place"),
        next_due_at=sa.bindparam("due"),
        lease_by=None,
        lease_until=None,
    )
)


def _row(one: Judged, who: str) -> dict[str, Any]:
    result = one.look.result
    return {
        "check_id": one.look.check.id,
        "by": who,
        "frozen": freeze(one.verdict),
        "state": _state(one.verdict),
        "looked": one.look.ended_at,
        "latency": result.latency_ms,
        "said": result.says,
        "place": result.address,
        "due": one.next_due_at,
    }


def _change(one: Judged) -> Change:
    old, new = one.change or ("", "")
    return Change(
        check_id=one.look.check.id,
        component_id=one.look.component_id,
        old=old,
        new=new,
        at=one.look.ended_at,
        since=one.verdict.since or one.look.ended_at,
        says=one.look.result.says,
    )


async def _count(session: AsyncSession, judged: Sequence[Judged]) -> None:
    """One row a check and five minutes, whatever its interval."""
    samples: sa.Table = Sample.__table__  # type: ignore[attr-defined]
    insert = _insert_for(session)(samples)
    statement = insert.on_conflict_do_update(
        index_elements=["check_id", "slot_at"],
        set_={
            "asked": samples.c.asked + insert.excluded.asked,
            "failed": samples.c.failed + insert.excluded.failed,
            "slow": samples.c.slow + insert.excluded.slow,
            "latency_sum_ms": samples.c.latency_sum_ms + insert.excluded.latency_sum_ms,
            "latency_max_ms": sa.case(
                (
                    samples.c.latency_max_ms > insert.excluded.latency_max_ms,
                    samples.c.latency_max_ms,
                ),
                else_=insert.excluded.latency_max_ms,
            ),
        },
    )
    await session.execute(statement, [_sample(one.look) for one in judged])


def _sample(look: Looked) -> Mapping[str, Any]:
    latency = look.result.latency_ms or 0.0
    seconds = int(SLOT.total_seconds())
    slot = int(look.ended_at.timestamp()) // seconds * seconds
    return {
        "check_id": look.check.id,
        "slot_at": datetime.fromtimestamp(slot, UTC),
        "asked": 1,
        "failed": int(look.result.grade is Grade.FAILED),
        "slow": int(look.result.grade is Grade.SLOW),
        "latency_sum_ms": latency,
        "latency_max_ms": latency,
    }


def _insert_for(session: AsyncSession) -> Callable[[sa.Table], Any]:
    """Both engines have ON CONFLICT; SQLAlchemy keeps it with each dialect."""
    from sqlalchemy.dialects import postgresql, sqlite  # noqa: PLC0415

    name = session.get_bind().dialect.name
    return postgresql.insert if name == "postgresql" else sqlite.insert
