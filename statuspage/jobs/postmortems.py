"""Whom must we remind that customers wait to read what we learned?

Operators: half-way, a day before, and when it is late; each once, and by day: nobody is woken
for a text that takes an hour. The page says by itself when it is late.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import calls
from statuspage.actions.revision import take_turn
from statuspage.premises import Premises
from statuspage.rules.postmortems import OWED_FOR, REMIND_FOR, owed_by, reminder
from statuspage.settings import Settings
from statuspage.tables import Incident


async def postmortems(premises: Premises, now: datetime) -> None:
    """One round over what is over and not written about yet."""
    settings = premises.settings
    if _people_sleep(settings, now):
        return
    since = now - settings.letters.postmortem_within - REMIND_FOR
    async with premises.store.read() as session:
        if not await _over_since(session, since):
            return
    async with premises.store.write() as session:
        await take_turn(session)
        for incident in await _over_since(session, since):
            await _remind_of(session, settings, incident, now)
    premises.nudges.nudge("call")


def _people_sleep(settings: Settings, now: datetime) -> bool:
    quiet = settings.letters.quiet_hours
    return quiet is not None and quiet.covers(now.astimezone(settings.site.zone))


async def _over_since(session: AsyncSession, since: datetime) -> list[Incident]:
    found = await session.scalars(
        sa.select(Incident).where(
            col(Incident.resolved_at) > since, col(Incident.impact).in_(OWED_FOR)
        )
    )
    return list(found.all())


async def _remind_of(
    session: AsyncSession, settings: Settings, incident: Incident, now: datetime
) -> None:
    due_at = owed_by(incident, settings.letters.postmortem_within)
    if due_at is None or incident.resolved_at is None:
        return
    which = reminder(incident.resolved_at, due_at, now)
    if which is not None:
        await calls.postmortem_due(session, settings, incident, due_at, which, now)
