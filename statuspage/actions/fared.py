"""What is known of how components fared?

Read for all of them together, since the page that shows it is made with every change: which
incidents there were, and of those that are asked for what each said of whom, and when.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.rules.uptime import Trouble, troubles
from statuspage.tables import Check, Incident, Maintenance, Share, Update

Said = tuple[tuple[str, Trouble], ...]
"""What an incident said: component and trouble."""
State = tuple[object, ...]
"""What is equal for an incident of which nothing has changed."""
_Row = TypeVar("_Row", Share, Update)


async def incidents(session: AsyncSession, since: datetime) -> Mapping[str, State | None]:
    """Those that were not over before. None: it is open, so what it says changes by itself."""
    found = await session.execute(
        sa.select(
            col(Incident.id),
            col(Incident.resolved_at),
            col(Incident.updated_at),
            col(Incident.revision),
            col(Incident.false_alarm),
            col(Incident.started_at),
        ).where(col(Incident.withdrawn_at).is_(None), _not_over(Incident.resolved_at, since))
    )
    return {id: (over, *state) if over else None for id, over, *state in found.all()}


async def said(session: AsyncSession, ids: Collection[str], now: datetime) -> dict[str, Said]:
    """What these incidents say."""
    if not ids:
        return {}
    rows = await session.scalars(sa.select(Incident).where(col(Incident.id).in_(ids)))
    named = await _of(session, Share, ids, col(Share.position))
    told = await _of(session, Update, ids, col(Update.n))
    return {
        row.id: tuple(_said(row, named.get(row.id, ()), told.get(row.id, ()), now)) for row in rows
    }


async def _of(
    session: AsyncSession,
    table: type[_Row],
    ids: Collection[str],
    order: sa.SQLColumnExpression[int],
) -> dict[str, list[_Row]]:
    found = await session.scalars(
        sa.select(table).where(col(table.incident_id).in_(ids)).order_by(order)
    )
    rows: dict[str, list[_Row]] = {}
    for row in found:
        rows.setdefault(row.incident_id, []).append(row)
    return rows


def _said(
    row: Incident, shares: Sequence[Share], updates: Sequence[Update], now: datetime
) -> Iterator[tuple[str, Trouble]]:
    for share in shares:
        for one in troubles(row, share, updates, now):
            yield share.component_id, one


async def maintenances(session: AsyncSession, since: datetime) -> Sequence[Maintenance]:
    """Those that have begun, and were not over before."""
    found = await session.scalars(
        sa.select(Maintenance).where(
            col(Maintenance.started_at).is_not(None), _not_over(Maintenance.ended_at, since)
        )
    )
    return found.all()


async def checks(session: AsyncSession) -> Mapping[str, str]:
    """Each check there is or was, and its component."""
    found = await session.execute(sa.select(col(Check.id), col(Check.component_id)))
    return {row.id: row.component_id for row in found.all()}


def _not_over(ended: datetime | None, since: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(col(ended).is_(None), col(ended) > since)
