"""How is a maintenance planned, read, changed and cancelled?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import maintenance_erasures, maintenances, planning
from statuspage.api import problems
from statuspage.api.deeds import JSON, Doing, Door
from statuspage.api.fields import Most, Offset, ThingId
from statuspage.api.incidents import DryRun, Operator, Reader
from statuspage.api.letters import LettersView
from statuspage.api.lists import Listed, count, listed
from statuspage.api.maintenance_view import MaintenanceView, PlannedView, view
from statuspage.api.plan_review import NOTHING_SAID, reviewed, reviewed_anew
from statuspage.api.plans import Planning, Replanning
from statuspage.api.reasons import InQuery, Why, reason_of
from statuspage.api.rehearsal import RehearsalView, rehearse
from statuspage.api.review import Reviewed, views
from statuspage.dependencies import AtDoor
from statuspage.settings import Settings
from statuspage.tables import Maintenance
from statuspage.vocabulary import Stage

router = APIRouter(prefix="/maintenances", tags=["maintenances"])
Does = Callable[[AsyncSession], Awaitable[Maintenance]]
OnlyThis = Annotated[bool, Query(description="of what repeats, this one alone")]
REHEARSED = {"description": "What a dry run found", "model": RehearsalView}


@router.post(
    "",
    status_code=201,
    response_model=PlannedView,
    responses={200: REHEARSED, **problems.responses(400, 409, 413, 415)},
)
async def plan_maintenance(
    asked: Planning, caller: Operator, door: Door, dry_run: DryRun = False
) -> Response:
    """Announce a maintenance; its components are under maintenance from its beginning to its
    end, and what their checks see meanwhile opens no incident.
    """
    settings, wish = door.premises.settings, asked.plan(door.now)
    read = await reviewed(door.premises, wish, override=asked.override)
    wish = replace(wish, overridden=read.word.overridden)

    async def does(session: AsyncSession) -> Maintenance:
        return await planning.plan(session, settings, wish, caller.who, door.now)

    if dry_run:
        return await _rehearsed(door, does, read)
    return await door.once(caller.token_id, _deed(settings, does, 201, read))


@router.get("")
async def list_maintenances(
    caller: Reader,  # noqa: ARG001 -- being one is what is asked
    premises: AtDoor,
    request: Request,
    status: Stage | None = None,
    limit: Most = 50,
    offset: Offset = 0,
) -> Listed[MaintenanceView]:
    """The latest to begin first; cancelled ones only where no status is asked for."""
    rows = sa.select(Maintenance)
    if status is not None:
        rows = rows.where(
            col(Maintenance.status) == status.value, col(Maintenance.cancelled_at).is_(None)
        )
    newest = rows.order_by(sa.desc(col(Maintenance.scheduled_for)), col(Maintenance.id))
    async with premises.store.read() as session:
        total = await count(session, rows)
        found = (await session.scalars(newest.limit(limit).offset(offset))).all()
    views = [view(premises.settings, row) for row in found]
    return listed(views, total, request, offset, limit)


@router.get("/{id}", responses=problems.responses(404))
async def read_maintenance(
    id: ThingId,
    caller: Reader,  # noqa: ARG001
    premises: AtDoor,
) -> MaintenanceView:
    async with premises.store.read() as session:
        return view(premises.settings, await maintenances.get(session, id))


@router.patch(
    "/{id}",
    response_model=PlannedView | RehearsalView,
    responses=problems.responses(400, 404, 409, 413, 415),
)
async def change_maintenance(
    id: ThingId, asked: Replanning, caller: Operator, door: Door, dry_run: DryRun = False
) -> Response:
    """Move it, change it, or say where it stands."""
    settings, who, now = door.premises.settings, caller.who, door.now
    read = await reviewed_anew(door.premises, id, asked)

    async def does(session: AsyncSession) -> Maintenance:
        row = await maintenances.get(session, id)
        changes = asked.changes(maintenances.as_planned(row))
        if changes:
            changes = {**changes, "overridden": read.word.overridden}
            new_rule = asked.repeat is not None
            row = await planning.change(
                session, settings, id, who, now, new_rule=new_rule, **changes
            )
        if asked.status is not None:
            row = await planning.move_on(session, settings, id, asked.status, who, now)
        return row

    if dry_run:
        return await _rehearsed(door, does, read)
    return await door.again(caller.token_id, _deed(settings, does, 200, read))


@router.delete(
    "/{id}",
    response_model=PlannedView | RehearsalView,
    responses=problems.responses(400, 404, 409, 415),
)
async def cancel_maintenance(
    id: ThingId,
    caller: Operator,
    door: Door,
    only_this: OnlyThis = False,
    dry_run: DryRun = False,
) -> Response:
    """Cancel what has not begun, and what would follow it."""
    settings, who, now = door.premises.settings, caller.who, door.now

    async def does(session: AsyncSession) -> Maintenance:
        return await planning.cancel(session, settings, id, who, now, only_this=only_this)

    if dry_run:
        return await _rehearsed(door, does, NOTHING_SAID)
    return await door.again(caller.token_id, _deed(settings, does, 200, NOTHING_SAID))


@router.delete(
    "/{id}/words", response_model=LettersView, responses=problems.responses(400, 404, 409, 413, 415)
)
async def erase_words(
    id: ThingId,
    caller: Operator,
    door: Door,
    body: Annotated[Why | None, Body()] = None,
    reason: InQuery = None,
) -> Response:
    """Remove title and text from everywhere, in letters that are queued too; the times stay."""
    why = reason_of(body, reason)

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        letters = await maintenance_erasures.erase_words(session, id, why, caller.who, door.now)
        return 200, LettersView(**letters)

    return await door.again(caller.token_id, deed)


def _deed(
    settings: Settings, does: Does, status: int, read: Reviewed
) -> Callable[[AsyncSession], Awaitable[tuple[int, BaseModel]]]:
    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        row = await does(session)
        read.must_pass()  # in here and last: a repeat gets its first answer, an end its conflict
        told = view(settings, row).model_dump()
        return status, PlannedView(**told, findings=views(read.findings))

    return deed


async def _rehearsed(door: Doing, does: Does, read: Reviewed) -> Response:
    async def says(session: AsyncSession) -> tuple[Maintenance | None, bool]:
        row = await does(session)
        return (row if row.updated_at == door.now else None), False

    told = await rehearse(door.premises, says, read)
    return Response(told.model_dump_json(), media_type=JSON)
