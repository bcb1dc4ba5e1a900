"""How far have an incident's letters come, and how fast did they go?

Seconds count from the end of the undo window (when the announcement was due) to the
relay's acceptance. Percentiles are nearest-rank and found by the database: a fan-out to a
hundred thousand customers is watched every second.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import incidents
from statuspage.actions.announcements import letters_of
from statuspage.api import problems
from statuspage.api.fields import ThingId
from statuspage.api.incidents import Reader
from statuspage.dependencies import AtDoor
from statuspage.tables import Announcement, Delivery

router = APIRouter(prefix="/incidents/{id}/deliveries", tags=["letters"])


class DeliveriesView(BaseModel):
    total: int
    queued: int
    sent: int = Field(description="accepted by the relay")
    failed: int = Field(description="given up")
    suppressed: int = Field(description="withdrawn, or merged into another letter")
    first_sent_at: datetime | None
    last_sent_at: datetime | None
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None


@router.get("", responses=problems.responses(404))
async def read_deliveries(
    id: ThingId,
    caller: Reader,  # noqa: ARG001
    premises: AtDoor,
) -> DeliveriesView:
    """All letters of an incident, as they stand now."""
    async with premises.store.read() as session:
        await incidents.get(session, id)
        states = await letters_of(session, id)
        sent = states.get("accepted", 0)
        first, last = await _times(session, id)
        waits = await _percentiles(session, id, sent, (50, 95, 99))
    return DeliveriesView(
        total=sum(states.values()),
        queued=states.get("queued", 0),
        sent=sent,
        failed=states.get("failed", 0),
        suppressed=states.get("withdrawn", 0) + states.get("merged", 0),
        first_sent_at=first,
        last_sent_at=last,
        p50_s=waits.get(50),
        p95_s=waits.get(95),
        p99_s=waits.get(99),
    )


async def _times(
    session: AsyncSession, incident_id: str
) -> tuple[datetime | None, datetime | None]:
    accepted_at = col(Delivery.accepted_at)
    found = await session.execute(
        sa.select(sa.func.min(accepted_at), sa.func.max(accepted_at)).where(*_accepted(incident_id))
    )
    row = found.one()
    return row[0], row[1]


async def _percentiles(
    session: AsyncSession, incident_id: str, sent: int, wished: tuple[int, ...]
) -> dict[int, float]:
    """Percentile -> seconds; nothing when nothing was sent."""
    ranks = {percent: math.ceil(sent * percent / 100) for percent in wished}
    waited = _seconds(session).label("waited")
    ranked = (
        sa.select(waited, sa.func.row_number().over(order_by=waited).label("rank"))
        .select_from(Delivery)
        .join(Announcement, col(Announcement.id) == col(Delivery.announcement_id))
        .where(*_accepted(incident_id), col(Announcement.due_at).is_not(None))
        .subquery()
    )
    found = await session.execute(
        sa.select(ranked.c.rank, ranked.c.waited).where(ranked.c.rank.in_(set(ranks.values())))
    )
    waits = {int(rank): round(float(waited), 3) for rank, waited in found}
    return {percent: waits[rank] for percent, rank in ranks.items() if rank in waits}


def _accepted(incident_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return col(Delivery.incident_id) == incident_id, col(Delivery.state) == "accepted"


def _seconds(session: AsyncSession) -> sa.ColumnElement[Any]:
    """From due to accepted; each engine subtracts times in its own way."""
    accepted_at, due_at = col(Delivery.accepted_at), col(Announcement.due_at)
    if session.get_bind().dialect.name == "sqlite":
        days = sa.func.julianday(accepted_at) - sa.func.julianday(due_at)
        return days * 86_400.0
    return sa.func.extract("epoch", accepted_at - due_at)
