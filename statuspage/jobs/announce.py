"""To whom is this to be told?

An announcement that is due becomes one delivery for each subscriber who wants it, in slices,
in an order of its own; a transaction takes as many as are done in a moment, and how far it
came is kept on its row: a crash in the middle costs that transaction at most, and every
delivery is unique. Rules: an automatic first word is asked afresh before anybody hears it,
outside any transaction; an operator who holds or stops an incident's letters stops the
machine's; a withdrawal takes effect with the next transaction.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from statuspage.actions import approvals, audience
from statuspage.database import Store
from statuspage.jobs import lease
from statuspage.jobs.enqueue import enqueue
from statuspage.rules import shuffling
from statuspage.settings import Settings
from statuspage.tables import Announcement, Incident, Subscriber
from statuspage.tables.claims import until

SLICE = 250
A_MOMENT_S = 0.03
"""So long a transaction goes on to take slices: others wait to write."""
CODES_AGAIN = timedelta(minutes=1)
"""So long a letter waits for codes of which there were too few."""

AsksAfresh = Callable[[str], Awaitable[bool]]
"""Of an incident: does any of its causes still fail, asked this moment?"""
FreezesNoticed = Callable[[AsyncSession, str, datetime], Awaitable[Mapping[str, Any]]]
"""The facts of an incident's automatic first word, frozen now."""


async def announce(
    store: Store,
    settings: Settings,
    asks_afresh: AsksAfresh,
    freeze_noticed: FreezesNoticed,
    now: datetime,
    who: str,
    *,
    spread_some: Callable[[], None] = lambda: None,
) -> timedelta | None:
    """Spread one announcement that is due; answers when the next one is, None: none is.

    ``spread_some`` is called after each transaction: the first letters need not wait for the last.
    """
    waits = await _next_due(store, now)  # a reader: an idle tick must not queue with the writers
    announcement = await _claim(store, now, who) if waits == timedelta(0) else None
    if announcement is None:
        return waits
    incident_id = announcement.incident_id
    if incident_id is not None and announcement.occasion == "noticed":
        if not await asks_afresh(incident_id):
            await _put_back(store, announcement, now + settings.checks.confirm_interval, who)
            return timedelta(0)
        async with store.write() as session:
            if not await _still_ours(session, announcement, who):
                return timedelta(0)
            if not announcement.facts:
                frozen = await freeze_noticed(session, incident_id, now)
                await session.execute(_ours(announcement, who).values(facts=dict(frozen)))
    while await _spread_some(store, settings, announcement, now, who):
        spread_some()
    spread_some()
    return timedelta(0)


async def _claim(store: Store, now: datetime, who: str) -> Announcement | None:
    async with store.write() as session:
        ids = await lease.claim(
            session,
            Announcement,
            _is_open(),
            col(Announcement.due_at) <= now,
            order_by=(col(Announcement.due_at), col(Announcement.id)),
            limit=1,
            who=who,
        )
        return await session.get(Announcement, ids[0]) if ids else None


def _is_open() -> sa.ColumnElement[bool]:
    return sa.and_(
        col(Announcement.spread_at).is_(None),
        col(Announcement.withdrawn_at).is_(None),
        sa.not_(sa.and_(col(Announcement.automatic), _held())),
        sa.not_(_one_before_it_is_under_way()),
    )


def _one_before_it_is_under_way() -> sa.ColumnElement[bool]:
    """Of two words of one incident the later is not spread beside the earlier: nobody is to
    read the second one first.
    """
    earlier = aliased(Announcement)
    return (
        sa.select(col(earlier.id))
        .where(
            col(earlier.incident_id) == col(Announcement.incident_id),
            col(earlier.due_at) < col(Announcement.due_at),
            col(earlier.spread_at).is_(None),
            col(earlier.withdrawn_at).is_(None),
            sa.or_(col(earlier.slices).is_not(None), col(earlier.lease_by).is_not(None)),
        )
        .exists()
    )


def _held() -> sa.ColumnElement[bool]:
    return (
        sa.select(col(Incident.id))
        .where(
            col(Incident.id) == col(Announcement.incident_id),
            sa.or_(col(Incident.letters_held), col(Incident.letters_stopped_at).is_not(None)),
        )
        .exists()
    )


async def _next_due(store: Store, now: datetime) -> timedelta | None:
    async with store.read() as session:
        due_at = await session.scalar(
            sa.select(sa.func.min(col(Announcement.due_at))).where(
                _is_open(), lease.is_free(Announcement)
            )
        )
    return None if due_at is None else max(due_at - now, timedelta(0))


async def _put_back(store: Store, announcement: Announcement, due_at: datetime, who: str) -> None:
    """Well again: no letter now. The recovery itself withdraws it; if the trouble comes back
    first, it is told.
    """
    async with store.write() as session:
        await _put_off(session, announcement, due_at, who)


async def _put_off(
    session: AsyncSession, announcement: Announcement, due_at: datetime, who: str
) -> None:
    away = {"due_at": due_at, "lease_by": None, "lease_until": None}
    await session.execute(_ours(announcement, who).values(**_far(announcement), **away))


def _far(announcement: Announcement) -> dict[str, int | None]:
    return {"slices": announcement.slices, "slices_done": announcement.slices_done}


async def _spread_some(
    store: Store, settings: Settings, announcement: Announcement, now: datetime, who: str
) -> bool:
    """One transaction's worth; whether there is more to do."""
    async with store.write() as session:
        if not await _still_ours(session, announcement, who):
            return False
        if announcement.slices is None:
            approvals.note_unread(session, announcement, now)
            announcement.slices = await _slices_of(session, announcement)
        since = time.monotonic()
        while announcement.slices_done < announcement.slices:
            if not await _spread_slice(session, settings, announcement, now):
                await _put_off(session, announcement, now + CODES_AGAIN, who)
                return False
            if time.monotonic() - since > A_MOMENT_S:
                break
        is_last = announcement.slices_done == announcement.slices
        await _keep_place(session, announcement, who, now if is_last else None)
        return not is_last


async def _spread_slice(
    session: AsyncSession, settings: Settings, announcement: Announcement, now: datetime
) -> bool:
    """Whether it could be: everybody in it has what their letter gives them."""
    subscribers = await _next_slice(session, settings, announcement)
    if not await enqueue(session, settings, announcement, subscribers, now):
        return False
    announcement.slices_done += 1
    return True


async def _keep_place(
    session: AsyncSession, announcement: Announcement, who: str, spread_at: datetime | None
) -> None:
    ends = {"spread_at": spread_at, "lease_by": None, "lease_until": None}
    goes_on = {"lease_until": until(lease.LEASE)}
    await session.execute(
        _ours(announcement, who).values(**_far(announcement), **(ends if spread_at else goes_on))
    )


async def _still_ours(session: AsyncSession, announcement: Announcement, who: str) -> bool:
    """Neither withdrawn nor held meanwhile, nor claimed by somebody else; locked from here."""
    found = await session.scalar(
        sa.select(col(Announcement.id))
        .where(
            col(Announcement.id) == announcement.id,
            col(Announcement.lease_by) == who,
            col(Announcement.due_at).is_not(None),
            _is_open(),
        )
        .with_for_update()
    )
    return found is not None


async def _slices_of(session: AsyncSession, announcement: Announcement) -> int:
    """In how many slices it is spread: by all who are told of anything, for counting those
    who want this would take as long as finding them.
    """
    if announcement.subscriber_id is not None:
        return 1
    active = sa.select(sa.func.count()).where(col(Subscriber.state) == "active")
    return shuffling.slices_for(await session.scalar(active) or 0, SLICE)


async def _next_slice(
    session: AsyncSession, settings: Settings, announcement: Announcement
) -> list[str]:
    """Those of the next slice who want to hear, in the order of this announcement."""
    if announcement.subscriber_id is not None:
        return [announcement.subscriber_id]
    asked = await audience.of(session, settings, announcement)
    rows = await session.execute(
        sa.select(col(Subscriber.id), *asked.columns).where(*asked.among, *_in_slice(announcement))
    )
    wanting = [id for id, *row in rows if asked.wants(row)]
    return shuffling.shuffled(announcement.id, wanting)


def _in_slice(announcement: Announcement) -> list[sa.ColumnElement[bool]]:
    """Which ids are next."""
    ids = shuffling.slice_at(announcement.id, announcement.slices or 1, announcement.slices_done)
    below = [] if ids.high is None else [col(Subscriber.id) < ids.high]
    return [col(Subscriber.id) >= ids.low, *below]


def _ours(announcement: Announcement, who: str) -> sa.Update:
    return (
        sa.update(Announcement)
        .where(col(Announcement.id) == announcement.id, col(Announcement.lease_by) == who)
        .execution_options(synchronize_session=False)
    )
