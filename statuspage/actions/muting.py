"""Whose failures open no incident now?

Those of components under maintenance, and of those whose status an operator holds by hand:
the word of a person stands, so the machine says nothing against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions.standings import standings
from statuspage.rules import maintenances
from statuspage.rules.components import Standings
from statuspage.settings import Settings
from statuspage.tables import Cause, Component, Maintenance
from statuspage.vocabulary import Stage


async def silenced(session: AsyncSession, now: datetime) -> frozenset[str]:
    """Held by hand, or under maintenance at this moment."""
    return await _held(session) | maintenances.under_way(await near(session, now), now)


async def muted(
    session: AsyncSession, settings: Settings, found: Standings, now: datetime
) -> frozenset[str]:
    """The same, and what was not looked at anew since its maintenance ended."""
    rows, times = await near(session, now), settings.checks.confirm_failures
    quiet = maintenances.under_way(rows, now) | maintenances.just_over(rows, found, times, now)
    return await _held(session) | quiet


async def all_muted(
    session: AsyncSession, settings: Settings, incident_id: str, now: datetime
) -> bool:
    """Whether all that an incident began with, and that is not over, is muted."""
    found = await session.scalars(
        sa.select(col(Cause.component_id)).where(
            col(Cause.incident_id) == incident_id, col(Cause.ended_at).is_(None)
        )
    )
    causes = set(found.all())
    stand = await standings(session, settings)
    return bool(causes) and causes <= await muted(session, settings, stand, now)


async def _held(session: AsyncSession) -> frozenset[str]:
    held = await session.scalars(
        sa.select(col(Component.id)).where(col(Component.held_status).is_not(None))
    )
    return frozenset(held.all())


async def near(session: AsyncSession, now: datetime) -> Sequence[Maintenance]:
    """Those that have begun by their times, and are not over or only just."""
    since = now - maintenances.REMEMBERED
    begun = sa.or_(
        col(Maintenance.scheduled_for) <= now, col(Maintenance.status) != Stage.SCHEDULED
    )
    not_long_over = sa.or_(col(Maintenance.ended_at).is_(None), col(Maintenance.ended_at) >= since)
    found = await session.scalars(sa.select(Maintenance).where(begun, not_long_over))
    return found.all()
