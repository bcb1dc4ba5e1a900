"""What is made of letters that come back?

Each is marked, once; what is hard counts against the address, and after three in a row it
rests: no letter goes to it any more, those on their way included, until its owner asks
anew. Which letter it was is asked of ``return_paths``, so nothing that is forged counts.
Nobody is answered. No address stands in a reason or a log.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.bounce import Bounce
from statuspage.actions import audit, calls, mail_calls, return_paths
from statuspage.rules import bounces as rules
from statuspage.settings import Settings
from statuspage.tables import Announcement, Delivery, Subscriber

Outcome = Literal["counted", "noted", "ignored"]
"""The letter is marked, and counts against its address; it is marked; nothing has changed."""
Reasons = Mapping[int, str]
"""Delivery -> why nobody took it."""


async def came_back(
    session: AsyncSession,
    settings: Settings,
    found: Sequence[Bounce],
    now: datetime,
    *,
    by_program: bool = False,
) -> list[Outcome]:
    """One answer for each. ``by_program``: not read from a mail, which anybody can write."""
    key = await return_paths.key(session)
    ids = [
        await return_paths.letter_of(session, settings, one, key, now, by_program=by_program)
        for one in found
    ]
    pairs = zip(ids, found, strict=True)
    failed = {id: one for id, one in pairs if id is not None and one.action == "failed"}
    marked = await _mark(session, {id: one.reason for id, one in failed.items()}, now)
    hard = {id: one.reason for id, one in failed.items() if id in marked and one.is_hard}
    await _count(session, hard, now)
    await _tell_operators(session, settings, marked, now)
    return [_outcome(id, marked, hard) for id in ids]


def _outcome(id: int | None, marked: Collection[int], hard: Reasons) -> Outcome:
    if id is None or id not in marked:
        return "ignored"
    return "counted" if id in hard else "noted"


async def note_refused(session: AsyncSession, refused: Reasons, now: datetime, who: str) -> None:
    """The relay itself knows that nobody will take these: said before whoever has their claim
    writes them down as failed, so that each counts once.
    """
    if not refused:
        return
    ours = await session.scalars(
        sa.select(col(Delivery.id)).where(
            col(Delivery.id).in_(refused),
            col(Delivery.state) == "queued",
            col(Delivery.lease_by) == who,
        )
    )
    await _count(session, {id: refused[id] for id in ours if id is not None}, now)


def confirmed_anew(subscriber: Subscriber) -> None:
    """Its owner has just read a letter there: what came back before says nothing any more."""
    subscriber.hard_bounces, subscriber.bounced_at = 0, None
    subscriber.resting_since, subscriber.resting_why = None, None


async def _mark(session: AsyncSession, reasons: Reasons, now: datetime) -> frozenset[int]:
    """Those that had not come back before. A letter that we still hold as queued has left too,
    for its seal came back: we were killed before we wrote it down.
    """
    if not reasons:
        return frozenset()
    # customers first, as whoever leaves locks them: so nobody waits for the other in a circle
    await _hold(session, reasons)
    found = await session.scalars(
        sa.select(col(Delivery.id)).where(
            col(Delivery.id).in_(reasons), col(Delivery.bounced_at).is_(None)
        )
    )
    fresh = sorted(id for id in found if id is not None)
    table: sa.Table = Delivery.__table__  # type: ignore[attr-defined]
    if fresh:
        await session.execute(
            sa.update(table)
            .where(table.c.id == sa.bindparam("its_id"))
            .values(bounced_at=now, reason=sa.bindparam("its_reason")),
            [{"its_id": id, "its_reason": reasons[id]} for id in fresh],
        )
    return frozenset(fresh)


async def _count(session: AsyncSession, hard: Reasons, now: datetime) -> None:
    """Against the addresses of these letters, each of another announcement."""
    if not hard:
        return
    for id, subscriber in (await _hold(session, hard)).items():
        before, last_at = subscriber.hard_bounces, subscriber.bounced_at
        subscriber.hard_bounces = rules.in_a_row(before, last_at, now)
        subscriber.bounced_at = now
        # who has not confirmed an address is forgotten soon; who has left stays so
        if subscriber.state == "active" and rules.must_rest(subscriber.hard_bounces):
            await _rest(session, subscriber, id, hard, now)


async def _hold(session: AsyncSession, letters: Reasons) -> Mapping[int, Subscriber]:
    """The customer of each of these letters, locked; only of mail, for a hook that fails has
    rules of its own.
    """
    pairs = await session.execute(
        sa.select(col(Delivery.id), col(Delivery.subscriber_id))
        .where(col(Delivery.id).in_(letters))
        .order_by(col(Delivery.id))
    )
    whose = {id: subscriber for id, subscriber in pairs if id is not None}
    held = await session.scalars(
        sa.select(Subscriber)
        .where(col(Subscriber.id).in_(set(whose.values())), col(Subscriber.channel) == "email")
        .order_by(col(Subscriber.id))
        .with_for_update()
    )
    known = {subscriber.id: subscriber for subscriber in held}
    return {id: known[subscriber] for id, subscriber in whose.items() if subscriber in known}


async def _rest(
    session: AsyncSession, subscriber: Subscriber, last: int, hard: Reasons, now: datetime
) -> None:
    """What waits for it is withdrawn; what is being refused is written down as that."""
    why = hard[last]
    subscriber.state = "resting"
    subscriber.resting_since, subscriber.resting_why = now, why
    audit.note(session, audit.MACHINE, "subscriber rests", subscriber.id, now, why=why)
    await session.execute(
        sa.update(Delivery)
        .where(
            col(Delivery.subscriber_id) == subscriber.id,
            col(Delivery.state) == "queued",
            col(Delivery.id).not_in(hard),
        )
        .values(state="withdrawn", ended_at=now, reason="the address rests")
        .execution_options(synchronize_session=False)
    )


async def _tell_operators(
    session: AsyncSession, settings: Settings, marked: Collection[int], now: datetime
) -> None:
    """Once for each announcement of which too much comes back."""
    if not marked:
        return
    told = await session.scalars(
        sa.select(Announcement)
        .where(
            col(Announcement.id).in_(
                sa.select(col(Delivery.announcement_id)).where(col(Delivery.id).in_(marked))
            )
        )
        .order_by(col(Announcement.id))
    )
    for announcement in told.all():
        if not await calls.is_made(session, mail_calls.key(announcement)):
            letters, returned = await _share(session, announcement.id)
            if rules.are_many(returned, letters):
                await mail_calls.came_back(session, settings, announcement, letters, returned, now)


async def _share(session: AsyncSession, announcement_id: str) -> tuple[int, int]:
    """How many letters it has, and how many of them came back."""
    of_this = col(Delivery.announcement_id) == announcement_id
    sent = col(Delivery.state).in_(("queued", "accepted", "failed"))
    back = col(Delivery.bounced_at).is_not(None)  # in an index of its own
    returned = await session.scalar(sa.select(sa.func.count()).where(of_this, back))
    letters = await session.scalar(sa.select(sa.func.count()).where(of_this, sent))
    return letters or 0, returned or 0
