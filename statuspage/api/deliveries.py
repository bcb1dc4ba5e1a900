"""How far have an incident's letters come, and how fast did they go?

Seconds count from the end of the undo window (when the announcement was due) to the
relay's acceptance: of all its letters together, and of those of each word. Hooks are counted
apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import announcements, fanouts, incidents
from statuspage.api import problems
from statuspage.api.fields import ThingId
from statuspage.api.incidents import Reader
from statuspage.dependencies import AtDoor, Now
from statuspage.rules.fanouts import Fanout, together
from statuspage.tables import Announcement

router = APIRouter(prefix="/incidents/{id}/deliveries", tags=["letters"])


class _Counted(BaseModel):
    total: int
    queued: int
    sent: int = Field(description="accepted by the relay")
    failed: int = Field(description="the other side said no, or given up after two days")
    refused: int = Field(description="the other side said no for good")
    not_reached: int = Field(description="failed, or accepted and come back since")
    suppressed: int = Field(description="withdrawn, or merged into another letter")
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None
    hooks_queued: int = Field(description="webhooks and chats, in none of the other figures")
    hooks_called: int
    hooks_failed: int


class AnnouncementView(_Counted):
    """One word that was to be told."""

    occasion: str = Field(description="noticed, worded, over, corrected, postmortem …")
    update: int | None = Field(description="the number of the update that it tells")
    due_at: datetime | None = Field(description="the end of the undo window")
    counted_at: datetime | None = Field(
        description="when the page's figures were counted: once every letter was tried, and each "
        "minute while some wait"
    )
    measured_at: datetime | None = Field(description="when none of its letters waited any more")
    first_s: float | None
    last_s: float | None


class DeliveriesView(_Counted):
    first_sent_at: datetime | None
    last_sent_at: datetime | None
    due_soon: int = Field(description="queued, and due within a minute; hooks too")
    next_due_at: datetime | None = Field(description="of whatever is queued; hooks too")
    announcements: list[AnnouncementView]


@router.get("", responses=problems.responses(404))
async def read_deliveries(
    id: ThingId,
    caller: Reader,  # noqa: ARG001
    premises: AtDoor,
    now: Now,
) -> DeliveriesView:
    """All letters of an incident, as they stand now."""
    async with premises.store.read() as session:
        await incidents.get(session, id)
        rows = await announcements.of_incident(session, id)
        each = await fanouts.of_each(session, rows)
        together = await _together(session, id, list(each.values()))
        due_soon, next_due_at = await fanouts.waiting(session, id, now)
    return DeliveriesView(
        **_counted(together),
        first_sent_at=min(_times(rows, each, "first_s"), default=None),
        last_sent_at=max(_times(rows, each, "last_s"), default=None),
        due_soon=due_soon,
        next_due_at=next_due_at,
        announcements=[_view(row, each[row.id]) for row in rows],
    )


async def _together(session: AsyncSession, id: str, each: Sequence[Fanout]) -> Fanout:
    """Of one word alone it is the same, and need not be counted again."""
    told = [one for one in each if one.sent]
    if len(told) == 1 == len(each):
        return told[0]
    shares = await fanouts.shares_of_incident(session, id) if told else {}
    return replace(together(each), **shares)  # type: ignore[arg-type]


def _times(rows: Sequence[Announcement], each: Mapping[str, Fanout], which: str) -> list[datetime]:
    waits = ((row.due_at, getattr(each[row.id], which)) for row in rows)
    return [due_at + timedelta(seconds=s) for due_at, s in waits if due_at and s is not None]


def _view(row: Announcement, fanout: Fanout) -> AnnouncementView:
    return AnnouncementView(
        **_counted(fanout),
        occasion=row.occasion,
        update=row.update_n,
        due_at=row.due_at,
        counted_at=row.counted_at,
        measured_at=row.measured_at,
        first_s=fanout.first_s,
        last_s=fanout.last_s,
    )


def _counted(fanout: Fanout) -> dict[str, Any]:
    return {name: getattr(fanout, name) for name in _Counted.model_fields}
