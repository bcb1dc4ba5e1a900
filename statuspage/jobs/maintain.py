"""Which maintenances begin, end, or are to be told of?

By the clock alone. Each state is set in the transaction that writes its step, its letter and
the revision, and only on rows that are not in it yet: a kill before the commit leaves all of
it to be done, a kill after it nothing. What was due while nobody ran is done in its order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import maintenances
from statuspage.actions.revision import raise_revision, take_turn
from statuspage.actions.standings import standings
from statuspage.premises import Premises
from statuspage.rules.maintenances import (
    Begin,
    Complete,
    Decision,
    TellAgain,
    TellOver,
    due,
    due_after,
)
from statuspage.settings import Settings
from statuspage.tables import Maintenance


async def maintain(premises: Premises, now: datetime) -> None:
    """Do all that is due."""
    settings = premises.settings
    async with premises.store.read() as session:
        if not await _due(session, settings, now):
            return
    async with premises.store.write() as session:
        await take_turn(session)
        decisions = await _due(session, settings, now)
        for decision in decisions:
            await _carry_out(session, settings, decision, now)
        if decisions:
            await raise_revision(session)
    premises.nudges.nudge("publish", "settle", "announce")


async def _due(session: AsyncSession, settings: Settings, now: datetime) -> Sequence[Decision]:
    found = list(due(await maintenances.open_ones(session), now))
    if late := await _ended_late(session):
        stand = await standings(session, settings)
        found += due_after(late, stand, settings.checks.confirm_failures, now)
    return found


async def _ended_late(session: AsyncSession) -> Sequence[Maintenance]:
    found = await session.scalars(
        sa.select(Maintenance).where(
            sa.or_(
                col(Maintenance.ended_at) > col(Maintenance.announced_until),
                col(Maintenance.told_at) > col(Maintenance.started_at),
            ),
            col(Maintenance.told_at) < col(Maintenance.ended_at),
            col(Maintenance.cancelled_at).is_(None),
        )
    )
    return found.all()


async def _carry_out(
    session: AsyncSession, settings: Settings, decision: Decision, now: datetime
) -> None:
    row = decision.row
    match decision:
        case Begin():
            await maintenances.begin(session, row, None, now)
        case Complete():
            await maintenances.complete(session, settings, row, None, now)
        case TellAgain():
            await maintenances.tell_again(session, settings, row, now)
        case TellOver(well=True):
            await maintenances.tell_over(session, settings, row, now)
        case TellOver():
            row.told_at = now  # what follows is an incident, and is told as one
