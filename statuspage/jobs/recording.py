"""What became of the letters that we sent, and is the mail moving?

Results are recorded fenced: only where the row is still ours. Of a letter that was
withdrawn while the relay took it, the truth is recorded: it was accepted. Reasons hold no
address.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeGuard

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.channel import Accepted, Outcome, Refused, Unreachable
from notifications.retry import next_attempt
from statuspage.actions import bounces, hooks
from statuspage.database import Store
from statuspage.jobs import introductions, lease
from statuspage.jobs.batches import among, times
from statuspage.jobs.outbox import Outgoing, leaves_by
from statuspage.tables import Announcement, Delivery
from statuspage.tables.deliveries import GIVEN_UP, IN_LETTER, is_queued

OURS = "ours: "
"""How a reason begins that is our own or our relay's fault, not the recipient's."""
STUCK_AFTER = timedelta(minutes=2)
STILL_SENT = timedelta(days=14)
"""No letter leaves so long after it was announced."""
_GONE = 410
_ANNOUNCEMENTS: sa.Table = Announcement.__table__  # type: ignore[attr-defined]
_DELIVERIES: sa.Table = Delivery.__table__  # type: ignore[attr-defined]


@dataclass(slots=True)
class Ended:
    """What became of one attempt. ``due_at``: when it is tried again (``queued``);
    ``counts``: whether it brings giving up nearer; ``gone``: they want no more of anything.
    """

    outgoing: Outgoing
    state: Literal["accepted", "failed", "queued"]
    at: datetime
    reason: str | None = None
    due_at: datetime | None = None
    counts: bool = True
    gone: bool = False
    is_refused: bool = False
    """By the other side: that counts against the address."""

    @property
    def is_accepted(self) -> bool:
        return self.state == "accepted"


def judge(outgoing: Outgoing, outcome: Outcome, at: datetime, rest: timedelta) -> Ended:
    """What an outcome means for a delivery. ``rest``: how long a relay that cannot be used
    is left alone; the letter waits as long, and its own patience is not spent.
    """
    if isinstance(outcome, Accepted):
        return Ended(outgoing, "accepted", at)
    if isinstance(outcome, Refused):
        gone, by_them = outcome.code == _GONE, outcome.code is not None
        return Ended(outgoing, "failed", at, outcome.reason, gone=gone, is_refused=by_them)
    if is_no_relay(outcome):
        return Ended(outgoing, "queued", at, OURS + outcome.reason, at + rest, counts=False)
    first_at, attempts = outgoing.first_tried_at or at, outgoing.attempts + 1
    again = next_attempt(attempts, outcome, at, first_at, key=str(outgoing.id))
    reason = OURS + outcome.reason if outcome.ours else outcome.reason
    if again is None:
        return Ended(outgoing, "failed", at, GIVEN_UP + reason)
    return Ended(outgoing, "queued", at, reason, again)


def is_no_relay(outcome: Outcome) -> TypeGuard[Unreachable]:
    """The relay could not be talked to at all: no letter is to blame."""
    return isinstance(outcome, Unreachable) and outcome.ours and outcome.code is None


def kind_of(outcome: Outcome) -> Literal["accepted", "refused", "ours", "unreachable"]:
    """As it is counted; ``ours``: the other side had no part in it."""
    if isinstance(outcome, Accepted):
        return "accepted"
    if isinstance(outcome, Refused):
        return "refused"
    return "ours" if outcome.ours else "unreachable"


async def give_way(session: AsyncSession) -> None:
    """Wait for nobody's row: whoever stops the letters locks many, in another order than we
    write ours, and PostgreSQL ends such an embrace by failing one of the two. It shall be
    us, and sooner than it looks (1 s): the next tick writes the same again.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(sa.text("SET LOCAL lock_timeout = '300ms'"))


async def record(session: AsyncSession, ended: Sequence[Ended], who: str) -> None:
    """Write down what became of some letters and of what was merged into them."""
    accepted = [one for one in ended if one.state == "accepted"]
    await _accept(session, [(one.outgoing.id, one.at) for one in accepted], who)
    letters = [one.outgoing for one in accepted if one.outgoing.is_word]
    introduced = [one.addressee.id for one in letters if one.addressee.added_at is not None]
    await introductions.made(session, introduced)
    merged = [row for one in accepted for row in _merged(one, who)]
    await _record(session, merged, ("queued", "withdrawn"))
    refused = [one for one in ended if one.is_refused]
    if refused:
        reasons = {one.outgoing.id: one.reason or "" for one in refused}
        await bounces.note_refused(session, reasons, refused[-1].at, who)
    unsent = [row for one in ended if one.state != "accepted" for row in _unsent(one, who)]
    await _record(session, unsent, ("queued",))
    await _let_fall(session, [row["its_id"] for row in unsent], who)
    await _note_hooks(session, [one for one in ended if one.outgoing.addressee.channel != "email"])


async def _let_fall(session: AsyncSession, ids: Sequence[int], who: str) -> None:
    """What was withdrawn while we tried in vain has not left: nobody's name stays on it."""
    if ids:
        await lease.release(session, Delivery, ids, who)


async def _note_hooks(session: AsyncSession, ended: Sequence[Ended]) -> None:
    """How those fare who are called and not written to."""
    await hooks.took(session, [one.outgoing.addressee.id for one in ended if one.is_accepted])
    for one in ended:
        if one.gone:
            await hooks.gone(session, one.outgoing.addressee.id, one.at)
        elif not one.is_accepted:
            await hooks.failed(session, one.outgoing.addressee.id, one.at, one.reason)


async def _accept(session: AsyncSession, letters: Sequence[tuple[int, datetime]], who: str) -> None:
    """One statement for all of them: nearly everything that is ever recorded is this."""
    if not letters:
        return
    mine = _DELIVERIES.c
    is_one, at = times(session, mine.id, letters)
    await session.execute(
        sa.update(_DELIVERIES)
        .where(is_one, mine.lease_by == who, mine.state.in_(("queued", "withdrawn")))
        .values(
            state="accepted",
            attempts=mine.attempts + 1,
            first_tried_at=sa.func.coalesce(mine.first_tried_at, at),
            accepted_at=at,
            ended_at=at,
            reason=None,
            lease_by=None,
            lease_until=None,
        )
    )


async def _record(
    session: AsyncSession, rows: Sequence[dict[str, Any]], states: Collection[str]
) -> None:
    if not rows:
        return
    table = _DELIVERIES
    named: dict[str, Any] = {
        key: sa.bindparam(key) for key in rows[0] if not key.startswith("its_")
    }
    await session.execute(
        sa.update(table)
        .where(
            table.c.id == sa.bindparam("its_id"),
            table.c.lease_by == sa.bindparam("its_owner"),
            sa.or_(*(table.c.state == state for state in states)),  # IN takes no executemany
        )
        .values(lease_by=None, lease_until=None, **named),
        rows,
    )


def _attempt(one: Ended, id: int, who: str) -> dict[str, Any]:
    return {
        "its_id": id,
        "its_owner": who,
        "state": one.state,
        "attempts": one.outgoing.attempts + one.counts,
        "first_tried_at": one.outgoing.first_tried_at or one.at,
        "reason": one.reason,
    }


def _merged(one: Ended, who: str) -> list[dict[str, Any]]:
    why = {"state": "merged", "reason": f"{IN_LETTER}{one.outgoing.id}", "ended_at": one.at}
    return [{**_attempt(one, id, who), **why} for id in one.outgoing.ids[:-1]]


def _unsent(one: Ended, who: str) -> list[dict[str, Any]]:
    again = one.due_at if one.state == "queued" else None
    end = {"due_at": again or one.at, "ended_at": None if again else one.at}
    return [{**_attempt(one, id, who), **end} for id in one.outgoing.ids]


async def look_again(store: Store, ids: Collection[int], who: str) -> frozenset[int]:
    """Which of these deliveries are no longer ours to send: withdrawn, or another's."""
    async with store.read() as session:
        still = await session.scalars(
            sa.select(col(Delivery.id)).where(
                among(session, _DELIVERIES.c.id, ids),
                col(Delivery.state) == "queued",
                col(Delivery.lease_by) == who,
            )
        )
        return frozenset(ids) - set(still)


async def next_due(store: Store, now: datetime, kinds: Collection[str]) -> dict[str, timedelta]:
    """How long until a delivery is due that nobody has, for each kind that has any."""
    async with store.read() as session:
        found = await session.execute(
            sa.select(col(Delivery.channel), sa.func.min(col(Delivery.due_at)))
            .where(col(Delivery.channel).in_(kinds), is_queued(), lease.is_free(Delivery))
            .group_by(col(Delivery.channel))
        )
        return {kind: max(due_at - now, timedelta(0)) for kind, due_at in found}


async def mail_is_stuck(session: AsyncSession, now: datetime) -> bool:
    """Has a letter been due for two minutes while none was accepted, or been refused that
    long for a fault of ours? A recipient who asks us to come later is not our mail being
    stuck, nor is a long fan-out that moves; and hooks are no mail.
    """
    long_ago = now - STUCK_AFTER
    late = sa.and_(col(Delivery.due_at) < long_ago, sa.not_(_moves(now)))
    ours = sa.and_(col(Delivery.first_tried_at) < long_ago, col(Delivery.reason).startswith(OURS))
    found = await session.scalar(
        sa.select(col(Delivery.id))
        .where(leaves_by("email"), is_queued(), sa.or_(late, ours))
        .limit(1)
    )
    return found is not None


def _moves(now: datetime) -> sa.ColumnElement[bool]:
    """Was a letter accepted lately? Asked of what was announced lately, for there is an index
    of the letters of each.
    """
    its, said = _DELIVERIES.alias("accepted").c, _ANNOUNCEMENTS.alias("said").c
    accepted = sa.select(its.id).where(
        its.announcement_id == said.id,
        its.accepted_at >= now - STUCK_AFTER,
        its.channel == "email",
    )
    recent = sa.select(said.id).where(said.due_at >= now - STILL_SENT, accepted.exists())
    return recent.exists()
