"""Who was told of an incident, for those who write the bills?

A table of those whom a postmortem goes to, or went to: who has stopped the letters since keeps
what it promised.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import incidents, recipients
from statuspage.api import problems, sheets
from statuspage.api.bearer import Caller, allow
from statuspage.api.fields import ThingId
from statuspage.api.sheets import Csv
from statuspage.dependencies import AtDoor
from statuspage.tables import Announcement, CreditCode, Delivery, Subscriber
from statuspage.vocabulary import Scope

router = APIRouter(prefix="/incidents/{id}", tags=["postmortems"])
Keeper = Annotated[Caller, Depends(allow(Scope.SUBSCRIBERS))]
"""Whoever may list all addresses."""
COLUMNS = ("address", "language", "source", "code")


@router.get(
    "/recipients.csv",
    response_class=Csv,
    responses={**sheets.RESPONSES, **problems.responses(404)},
)
async def list_recipients(
    id: ThingId,
    caller: Keeper,  # noqa: ARG001
    premises: AtDoor,
) -> Csv:
    """Address, language, where the address comes from, and the code that is theirs."""
    async with premises.store.read() as session:
        await incidents.get(session, id)
    return sheets.sheet(f"recipients-{id}", premises.store, COLUMNS, partial(_page, id))


async def _page(incident_id: str, session: AsyncSession, after: str) -> list[tuple[str, ...]]:
    theirs = sa.and_(
        col(CreditCode.incident_id) == incident_id,
        col(CreditCode.subscriber_id) == col(Subscriber.id),
    )
    to_be_told = sa.and_(col(Subscriber.state) == "active", recipients.were_told(incident_id))
    found: sa.Result[Any] = await session.execute(
        sa.select(
            *(col(column) for column in (Subscriber.id, Subscriber.address, Subscriber.language)),
            *(col(column) for column in (Subscriber.source, CreditCode.code)),
        )
        .outerjoin(CreditCode, theirs)
        .where(col(Subscriber.id) > after, sa.or_(to_be_told, _got_it(incident_id)))
        .order_by(col(Subscriber.id))
        .limit(sheets.PAGE)
    )
    return [tuple(str(value or "") for value in row) for row in found]


def _got_it(incident_id: str) -> sa.ColumnElement[bool]:
    """The postmortem itself reached them, whether or not they have left since."""
    letters = sa.select(col(Announcement.id)).where(
        col(Announcement.incident_id) == incident_id,
        col(Announcement.occasion) == "postmortem",
    )
    return recipients.were_told_lately(incident_id, col(Delivery.announcement_id).in_(letters))
