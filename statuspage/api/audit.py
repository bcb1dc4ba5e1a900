"""Who did what, when?"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from sqlmodel import col

from statuspage.api.bearer import Caller, allow
from statuspage.api.fields import Most, Offset
from statuspage.api.lists import Listed, count, listed
from statuspage.dependencies import AtDoor
from statuspage.tables import AuditEntry
from statuspage.vocabulary import Scope

router = APIRouter(prefix="/audit", tags=["audit"])


class EntryView(BaseModel):
    """``did`` is a noun and a verb ("incident opened"), ``what`` the id of the thing."""

    id: int
    at: datetime
    who: str
    did: str
    what: str
    detail: dict[str, Any]


@router.get("")
async def list_entries(
    caller: Annotated[Caller, Depends(allow(Scope.READ))],  # noqa: ARG001
    premises: AtDoor,
    request: Request,
    limit: Most = 50,
    offset: Offset = 0,
) -> Listed[EntryView]:
    """The newest first."""
    newest = sa.select(AuditEntry).order_by(sa.desc(col(AuditEntry.id)))
    async with premises.store.read() as session:
        total = await count(session, sa.select(AuditEntry))
        found = (await session.scalars(newest.limit(limit).offset(offset))).all()
    views = [EntryView.model_validate(row, from_attributes=True) for row in found]
    return listed(views, total, request, offset, limit)
