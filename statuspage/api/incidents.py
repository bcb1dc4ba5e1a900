"""How is an incident opened, read and acknowledged?"""

from __future__ import annotations

from typing import Annotated, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import acknowledgements, incidents, updates
from statuspage.actions.standings import standings
from statuspage.api import problems
from statuspage.api.bearer import Caller, allow
from statuspage.api.deeds import JSON, Door
from statuspage.api.fields import Most, Offset, ThingId
from statuspage.api.lists import Listed, count, listed
from statuspage.api.rehearsal import RehearsalView, rehearse
from statuspage.api.review import reviewed, views
from statuspage.api.told import IncidentView, SpokenView, tell
from statuspage.api.words import Opening
from statuspage.dependencies import AtDoor, Now
from statuspage.errors import Unknown
from statuspage.tables import Incident, Update
from statuspage.vocabulary import Scope

router = APIRouter(prefix="/incidents", tags=["incidents"])
Reader = Annotated[Caller, Depends(allow(Scope.READ, Scope.INCIDENTS))]
Operator = Annotated[Caller, Depends(allow(Scope.INCIDENTS))]
DryRun = Annotated[bool, Query(description="do nothing, and tell what would happen")]


@router.post(
    "",
    status_code=201,
    response_model=SpokenView,
    responses={
        200: {
            "description": "Went on with the automatic incident, or a dry run",
            "model": SpokenView | RehearsalView,
        },
        **problems.responses(400, 409, 413, 415),
    },
)
async def open_incident(
    said: Opening, caller: Operator, door: Door, dry_run: DryRun = False
) -> Response:
    """Open an incident, or go on with the automatic one of a component that is named."""
    premises = door.premises
    read = await reviewed(premises, said.word(door.now), None, override=said.override)

    async def begin(session: AsyncSession) -> tuple[Incident, Update, bool]:
        stand = await standings(session, premises.settings)
        return await updates.open_incident(
            session, premises.settings, read.word, stand, caller.who, door.now
        )

    async def rehearsed(session: AsyncSession) -> tuple[Update, bool]:
        _, update, continued = await begin(session)
        return update, continued

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        incident, _, continued = await begin(session)
        read.must_pass()  # in here and last: a repeat gets its first answer, an end its conflict
        (view,) = await tell(session, premises.settings, [incident], door.now)
        found = views(read.findings)
        spoken = SpokenView(**view.model_dump(), continued=continued, findings=found)
        return 200 if continued else 201, spoken

    if dry_run:
        told = await rehearse(premises, rehearsed, read)
        return Response(told.model_dump_json(), media_type=JSON)
    return await door.once(caller.token_id, deed)


@router.get("")
async def list_incidents(
    caller: Reader,  # noqa: ARG001 -- being one is what is asked
    premises: AtDoor,
    now: Now,
    request: Request,
    status: Literal["unresolved", "resolved"] | None = None,
    limit: Most = 50,
    offset: Offset = 0,
) -> Listed[IncidentView]:
    """The newest first."""
    rows = sa.select(Incident).where(col(Incident.withdrawn_at).is_(None))
    if status is not None:
        ended = col(Incident.resolved_at)
        rows = rows.where(ended.is_(None) if status == "unresolved" else ended.is_not(None))
    newest = rows.order_by(sa.desc(col(Incident.created_at)), col(Incident.id))
    async with premises.store.read() as session:
        total = await count(session, rows)
        found = (await session.scalars(newest.limit(limit).offset(offset))).all()
        views = await tell(session, premises.settings, found, now)
    return listed(views, total, request, offset, limit)


@router.get("/{id}", responses=problems.responses(404))
async def read_incident(
    id: ThingId,
    caller: Reader,  # noqa: ARG001
    premises: AtDoor,
    now: Now,
) -> IncidentView:
    """One incident with its updates and promises."""
    async with premises.store.read() as session:
        row = await incidents.get(session, id)
        if row.withdrawn_at is not None:
            raise Unknown(f"Incident {id} was taken back.")
        return (await tell(session, premises.settings, [row], now))[0]


@router.post(
    "/{id}/acknowledge", response_model=IncidentView, responses=problems.responses(404, 409, 415)
)
async def acknowledge(id: ThingId, caller: Operator, door: Door) -> Response:
    """Somebody is on it: the operators are called no more, and the page may say so."""
    settings = door.premises.settings

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        row = await acknowledgements.acknowledge(session, settings, id, caller.who, door.now)
        return 200, (await tell(session, settings, [row], door.now))[0]

    return await door.again(caller.token_id, deed)
