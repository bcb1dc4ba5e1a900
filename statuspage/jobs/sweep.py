"""What need not be kept any longer?"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from statuspage.actions import fanouts, forgetting, recipients
from statuspage.jobs.thinning import forget_changes, thin_out
from statuspage.premises import Premises
from statuspage.rules.subscriptions import CONFIRM_WITHIN
from statuspage.tables import (
    Announcement,
    Answer,
    Call,
    Counter,
    Delivery,
    Recipient,
    Subscriber,
)

ANSWERS = timedelta(days=1)
COUNTERS = timedelta(days=1)
CALLS = timedelta(days=90)
MOST_AT_ONCE = 1000
SLICE = 100
"""Of people who are forgotten, each of whom is looked for in several tables."""
WHERE_FROM = "from"
"""The key of a proof that holds a network address."""


async def sweep(premises: Premises, now: datetime) -> None:
    """Delete what is older than its time; each kind in a transaction of its own, so that
    none holds the writer for long.
    """
    kept = premises.settings.retention
    for condition in (
        (Answer, col(Answer.at) < now - ANSWERS),
        (Counter, col(Counter.window_at) < now - COUNTERS),
        (Call, sa.and_(col(Call.state) != "queued", col(Call.created_at) < now - CALLS)),
    ):
        async with premises.store.write() as session:
            table, old = condition
            await session.execute(sa.delete(table).where(old))
    await thin_out(premises, now)
    await forget_changes(premises, now - kept.changes)
    await _forget_deliveries(premises, now - kept.deliveries)
    await _forget_who_left(premises, now, now - kept.left)
    await _forget_unconfirmed(premises, now)
    await _forget_unconfirmed_changes(premises, now)
    await _forget_where_from(premises, now - kept.proof_ip)


async def _forget_deliveries(premises: Premises, before: datetime) -> None:
    """Letters, but not who was told of what: a postmortem may come yet. In slices, each with
    what is remembered of it, so that a crash between two loses nothing.
    """
    old = (
        sa.select(col(Delivery.id))
        .where(col(Delivery.ended_at).is_not(None), col(Delivery.ended_at) < before)
        .order_by(col(Delivery.id))
        .limit(MOST_AT_ONCE)
    )
    while True:
        async with premises.store.write() as session:
            ids = [id for id in await session.scalars(old) if id is not None]
            await recipients.remember(session, ids)
            await fanouts.remember_back(session, ids)
            await session.execute(sa.delete(Delivery).where(col(Delivery.id).in_(ids)))
        if len(ids) < MOST_AT_ONCE:
            return


async def _forget_who_left(premises: Premises, now: datetime, before: datetime) -> None:
    """An address is not kept for ever because its owner stopped the letters. That they stopped
    them is: no import brings them back, nor whoever asks again for them and gets no yes.
    """
    gone = sa.or_(
        sa.and_(col(Subscriber.state) == "left", col(Subscriber.left_at) < before),
        sa.and_(_is_unconfirmed(now), col(Subscriber.left_at).is_not(None)),
    )
    while True:
        async with premises.store.write() as session:
            found = await session.scalars(sa.select(col(Subscriber.id)).where(gone).limit(SLICE))
            ids = found.all()
            for id in ids:
                await forgetting.erase(session, id, now, "left")
        if len(ids) < SLICE:
            return


def _is_unconfirmed(now: datetime) -> sa.ColumnElement[bool]:
    asked = sa.func.coalesce(col(Subscriber.asked_at), col(Subscriber.created_at))
    return sa.and_(col(Subscriber.state) == "pending", asked < now - CONFIRM_WITHIN)


async def _forget_unconfirmed(premises: Premises, now: datetime) -> None:
    """An address that never said yes is nobody's business after a week (GDPR art. 5). One that
    rests goes on resting: who asks for it without reading its letters wakes nobody.
    """
    async with premises.store.write() as session:
        late = _is_unconfirmed(now)
        await session.execute(
            sa.update(Subscriber)
            .where(late, col(Subscriber.resting_since).is_not(None))
            .values(state="resting", confirm_code=None)
            .execution_options(synchronize_session=False)
        )
        gone = sa.select(col(Subscriber.id)).where(late)
        for theirs in (Delivery, Recipient):
            await session.execute(sa.delete(theirs).where(col(theirs.subscriber_id).in_(gone)))
        await session.execute(
            sa.delete(Announcement).where(col(Announcement.subscriber_id).in_(gone))
        )
        await session.execute(sa.delete(Subscriber).where(col(Subscriber.id).in_(gone)))


async def _forget_unconfirmed_changes(premises: Premises, now: datetime) -> None:
    """Nor is an address that letters were to go to, and that never said yes."""
    async with premises.store.write() as session:
        await session.execute(
            sa.update(Subscriber)
            .where(
                col(Subscriber.new_address).is_not(None),
                col(Subscriber.change_asked_at) < now - CONFIRM_WITHIN,
            )
            .values(new_address=None)
            .execution_options(synchronize_session=False)
        )


async def _forget_where_from(premises: Premises, before: datetime) -> None:
    """That somebody said yes, when and to which text is kept as proof; their network address
    only as long as ``[retention] proof_ip``.
    """
    said = sa.func.coalesce(col(Subscriber.confirmed_at), col(Subscriber.created_at))
    names_it = sa.cast(col(Subscriber.proof), sa.String).like(f'%"{WHERE_FROM}"%')
    async with premises.store.write() as session:
        found = await session.scalars(
            sa.select(Subscriber).where(said < before, names_it).limit(MOST_AT_ONCE)
        )
        for subscriber in found.all():
            subscriber.proof = {
                step: {name: value for name, value in told.items() if name != WHERE_FROM}
                for step, told in subscriber.proof.items()
            }
