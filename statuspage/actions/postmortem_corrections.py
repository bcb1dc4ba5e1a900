"""Who has read a postmortem that was taken back, and what do they read when it is said anew?

Nobody gets it twice. Whose letter had left by then reads what is different now, or nothing
where nothing is.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications import facts
from statuspage.actions import announcements, approvals, incidents
from statuspage.rules import telling
from statuspage.settings import Settings
from statuspage.tables import Announcement, Delivery, Incident, Update
from statuspage.vocabulary import By

Written = tuple[facts.Said | None, datetime]
"""Words that customers have, and when they were said."""


async def in_their_hands(session: AsyncSession, update: Update) -> Written:
    """What those have read to whom it was written: a correction that never left changes
    nothing for them.
    """
    last = await session.scalar(
        sa.select(Announcement)
        .where(
            col(Announcement.incident_id) == update.incident_id,
            col(Announcement.update_n) == update.n,
            col(Announcement.occasion) == "corrected",
        )
        .order_by(sa.desc(col(Announcement.created_at)))
        .limit(1)
    )
    told = facts.thaw(last.facts) if last is not None and last.spread_at is None else None
    if isinstance(told, facts.Corrected):
        return told.before, told.wrote_at
    stood = [
        row
        for row in await incidents.updates_of(session, update.incident_id)
        if update.n in (row.n, row.corrects) and row.withdrawn_at == update.withdrawn_at
    ]
    return telling.said(stood[-1]), update.at


async def tell_what_changed(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    update: Update,
    written: Written,
    who: str,
    now: datetime,
) -> None:
    """To those who have it; none where it says what they have read."""
    before, wrote_at = written
    if telling.said(update) == before:
        return
    shares = await incidents.shares_of(session, incident.id)
    letter = announcements.announce(
        session,
        incident.id,
        telling.said_anew(settings, incident, shares, update, before, wrote_at),
        by=By.HUMAN,
        due_at=now + settings.letters.undo,
        now=now,
        update_n=update.n,
    )
    letter.only_told_of = update.n
    await approvals.send(session, settings, incident, letter, who, now)


async def some_will_leave(session: AsyncSession, update: Update) -> bool:
    """Whether letters of this word are still to be written or sent."""
    waits = sa.select(col(Delivery.id)).where(
        col(Delivery.announcement_id) == col(Announcement.id), col(Delivery.state) == "queued"
    )
    found = sa.select(col(Announcement.id)).where(
        col(Announcement.incident_id) == update.incident_id,
        col(Announcement.update_n) == update.n,
        col(Announcement.withdrawn_at).is_(None),
        sa.or_(col(Announcement.spread_at).is_(None), waits.exists()),
    )
    return await session.scalar(found.limit(1)) is not None
