"""What was this customer told, and when, and did it reach them?

For whoever answers the telephone (scope ``support``): it says what the letter was about and
what became of it, and shows the letter as they got it, without their own links.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field
from sqlmodel import col

from notifications import facts
from statuspage.actions import letters_to
from statuspage.actions.letters_to import LetterTo
from statuspage.api import problems, specimens
from statuspage.api.fields import Most, Offset, ThingId
from statuspage.api.lists import Listed, count, listed
from statuspage.api.subscribers import Support, found
from statuspage.dependencies import AtDoor
from statuspage.settings import Settings
from statuspage.tables import Delivery

router = APIRouter(prefix="/subscribers/{id}/deliveries", tags=["subscribers"])
LetterNumber = Annotated[int, Path(ge=1, le=2**63 - 1)]


class LetterToView(BaseModel):
    """One letter to one subscriber; ``reason`` says why it did not leave, or did not arrive."""

    n: int
    occasion: str
    subject: str
    incident_id: str | None
    maintenance_id: str | None
    url: str | None = Field(description="the page of what it is about")
    state: Literal["queued", "accepted", "failed", "withdrawn", "merged"]
    created_at: datetime
    due_at: datetime
    attempts: int
    accepted_at: datetime | None = Field(description="by the relay")
    came_back_at: datetime | None = Field(description="it could not be delivered after all")
    ended_at: datetime | None
    reason: str | None


class WholeLetterView(LetterToView):
    """``text`` has an ellipsis where their own links belong."""

    language: str
    text: str


@router.get("", responses=problems.responses(404))
async def list_letters_to(
    id: ThingId,
    caller: Support,  # noqa: ARG001
    premises: AtDoor,
    request: Request,
    limit: Most = 50,
    offset: Offset = 0,
) -> Listed[LetterToView]:
    """What they were sent, the newest first."""
    async with premises.store.read() as session:
        reader = await found(session, id)
        total = await count(session, sa.select(Delivery).where(col(Delivery.subscriber_id) == id))
        letters = await letters_to.page(session, id, limit, offset)
    views = [_view(premises.settings, one, reader.language) for one in letters]
    return listed(views, total, request, offset, limit)


@router.get("/{n}", responses=problems.responses(404))
async def read_letter_to(
    id: ThingId,
    n: LetterNumber,
    caller: Support,  # noqa: ARG001
    premises: AtDoor,
) -> WholeLetterView:
    """The letter as they got it, in the language that they have now."""
    settings = premises.settings
    async with premises.store.read() as session:
        reader = await found(session, id)
        one = await letters_to.find(session, id, n)
        whole = await letters_to.whole(session, one)
    return whole_view(settings, one, whole, reader.language)


def whole_view(
    settings: Settings, one: LetterTo, whole: facts.Facts, language: str
) -> WholeLetterView:
    """``whole``: what the letter said that this word left in."""
    made = specimens.specimen(settings, whole, language)
    view = _view(settings, one, language).model_dump() | {"subject": made.subject}
    return WholeLetterView(**view, language=made.language, text=made.text)


def _view(settings: Settings, one: LetterTo, language: str) -> LetterToView:
    delivery, announcement = one.delivery, one.announcement
    return LetterToView(
        n=delivery.id or 0,
        occasion=announcement.occasion,
        subject=specimens.subject(settings, one.told, language),
        incident_id=delivery.incident_id,
        maintenance_id=announcement.maintenance_id,
        url=_url(one.told),
        state=delivery.state,
        created_at=delivery.created_at,
        due_at=delivery.due_at,
        attempts=delivery.attempts,
        accepted_at=delivery.accepted_at,
        came_back_at=delivery.bounced_at,
        ended_at=delivery.ended_at,
        reason=delivery.reason,
    )


def _url(told: facts.Facts) -> str | None:
    if isinstance(told, facts.Apart):
        return None
    return told.maintenance.url if isinstance(told, facts.Planned) else told.incident.url
