"""What was measured of what an incident names, so that its last word may tell it?

Reads of each public component with a target when it was looked at and when it was out.
Asked once for an incident, at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications import facts
from statuspage.actions import measured
from statuspage.rules import uptime
from statuspage.rules.record import OF_THE_LAST, record
from statuspage.settings import Component, Settings
from statuspage.tables import Component as Mirrored
from statuspage.tables import Incident, Maintenance, Share, Update


async def records_of(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    shares: Sequence[Share],
    now: datetime,
) -> tuple[facts.Record, ...]:
    """One of each public component that is named, or none at all: a list with one missing
    would say by silence what the missing one is like.
    """
    components = [settings.component(share.component_id) for share in shares]
    public = [one for one in components if one is not None and one.public]
    if incident.false_alarm or not public or any(one.slo is None for one in public):
        return ()
    found = [await _record(session, settings, incident, one, now) for one in public]
    return tuple(one for one in found if one) if all(found) else ()


async def _record(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    component: Component,
    now: datetime,
) -> facts.Record | None:
    mirrored = await session.get(Mirrored, component.id)
    if mirrored is None:
        return None
    return record(
        component.name,
        component.slo,
        incident.id,
        mirrored.created_at,
        await measured.watched(session, settings, component, now - OF_THE_LAST),
        await _outages(session, component.id, now),
        now,
        await _maintained(session, component.id, now),
    )


async def _maintained(session: AsyncSession, component_id: str, now: datetime) -> list[uptime.Span]:
    ended = col(Maintenance.ended_at)
    rows = await session.scalars(
        sa.select(Maintenance).where(
            col(Maintenance.started_at).is_not(None),
            sa.or_(ended.is_(None), ended > now - OF_THE_LAST),
        )
    )
    return list(uptime.maintained(component_id, rows.all(), now))


async def _outages(session: AsyncSession, component_id: str, now: datetime) -> list[uptime.Outage]:
    since = now - OF_THE_LAST
    ended = col(Incident.resolved_at)
    shares = await session.scalars(
        sa.select(Share)
        .join(Incident, col(Incident.id) == col(Share.incident_id))
        .where(col(Share.component_id) == component_id, sa.or_(ended.is_(None), ended > since))
    )
    named = list(shares.all())
    ids = [share.incident_id for share in named]
    incidents = await session.scalars(sa.select(Incident).where(col(Incident.id).in_(ids)))
    updates = await session.scalars(sa.select(Update).where(col(Update.incident_id).in_(ids)))
    return list(uptime.outages(component_id, incidents.all(), named, updates.all(), now))
