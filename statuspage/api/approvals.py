"""How does an operator read another's letter before it leaves, and let it go?"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from notifications import facts
from statuspage.actions import approvals, audience
from statuspage.api import problems
from statuspage.api.bearer import Caller, allow
from statuspage.api.deeds import Door
from statuspage.api.fields import Most, Offset, ThingId
from statuspage.api.incidents import Operator
from statuspage.api.lists import Listed, count, listed
from statuspage.api.specimens import LetterView, specimens
from statuspage.dependencies import AtDoor
from statuspage.settings import Settings
from statuspage.tables import Announcement
from statuspage.vocabulary import Scope

router = APIRouter(prefix="/letters", tags=["letters"])
Reader = Annotated[Caller, Depends(allow(Scope.READ, Scope.INCIDENTS))]
Waiting = Annotated[bool | None, Query(description="for a second reader, or not")]


class WrittenView(BaseModel):
    """What an operator wrote to customers; ``leaves_at`` is null once it has left, or will not."""

    id: str
    occasion: str
    incident_id: str | None
    maintenance_id: str | None
    update_n: int | None
    author: str
    created_at: datetime
    leaves_at: datetime | None
    waiting: bool = Field(description="for a second reader")
    approved_by: str | None
    approved_at: datetime | None
    withdrawn_at: datetime | None


class ReadView(WrittenView):
    """The letters as they will leave, with an ellipsis where each reader's own links belong."""

    total: int = Field(description="how many would be written to now")
    by_language: dict[str, int]
    letters: list[LetterView]


@router.get("")
async def list_letters(
    caller: Reader,  # noqa: ARG001 -- being one is what is asked
    premises: AtDoor,
    request: Request,
    waiting: Waiting = None,
    limit: Most = 50,
    offset: Offset = 0,
) -> Listed[WrittenView]:
    """What operators wrote to customers, newest first."""
    written = approvals.letters(waiting=waiting)
    async with premises.store.read() as session:
        rows = (await session.scalars(written.limit(limit).offset(offset))).all()
        total = await count(session, written)
    return listed([_written(row) for row in rows], total, request, offset, limit)


@router.get("/{id}", responses=problems.responses(404))
async def read_letter(
    id: ThingId,
    caller: Reader,  # noqa: ARG001 -- being one is what is asked
    premises: AtDoor,
) -> ReadView:
    """The exact letters, in each language, and how many would get them."""
    async with premises.store.read() as session:
        return await _read(session, premises.settings, await approvals.get(session, id))


@router.post(
    "/{id}/approve",
    response_model=WrittenView,
    responses=problems.responses(404, 409, 415),
)
async def approve_letter(id: ThingId, caller: Operator, door: Door) -> Response:
    """Another operator has read it: it leaves in half a minute."""

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        return 200, _written(await approvals.approve(session, id, caller.who, door.now))

    return await door.again(caller.token_id, deed)


async def _read(session: AsyncSession, settings: Settings, row: Announcement) -> ReadView:
    readers = await audience.by_language(session, settings, row)
    return ReadView(
        **_written(row).model_dump(),
        total=sum(readers.values()),
        by_language=readers,
        letters=specimens(settings, facts.thaw(row.facts), readers),
    )


def _written(row: Announcement) -> WrittenView:
    is_over = row.spread_at is not None or row.withdrawn_at is not None
    return WrittenView(
        id=row.id,
        occasion=row.occasion,
        incident_id=row.incident_id,
        maintenance_id=row.maintenance_id,
        update_n=row.update_n,
        author=row.author or "",
        created_at=row.created_at,
        leaves_at=None if is_over else row.due_at,
        waiting=row.reader_wanted and row.approved_at is None and not is_over,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        withdrawn_at=row.withdrawn_at,
    )
