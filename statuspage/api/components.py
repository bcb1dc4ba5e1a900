"""How do the components stand, and what is held by hand?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import components, muting
from statuspage.actions.standings import standings
from statuspage.api import problems
from statuspage.api.bearer import Caller, allow
from statuspage.api.deeds import Door
from statuspage.api.fields import Asked, Instant, ThingId
from statuspage.api.incidents import Operator
from statuspage.api.lists import Listed
from statuspage.dependencies import AtDoor, Now
from statuspage.errors import Fault, Invalid
from statuspage.rules import maintenances
from statuspage.rules.components import Standings
from statuspage.rules.desk import shown_statuses
from statuspage.settings import Settings
from statuspage.tables import Cause, Component, Incident, Share
from statuspage.vocabulary import NoticeMode, Scope, Status

router = APIRouter(prefix="/components", tags=["components"])
Reader = Annotated[Caller, Depends(allow(Scope.READ, Scope.INCIDENTS, Scope.CHECKS))]


class ComponentView(BaseModel):
    """``cause`` is the component where its trouble began, itself or one below it."""

    id: str
    name: str
    group: str | None
    public: bool
    status: Status
    since: datetime | None = Field(description="when its present trouble began; null when well")
    cause: str | None
    says: str = Field(description="what its checks saw; for operators only")
    held_status: Status | None
    held_until: datetime | None
    notice: NoticeMode
    notice_until: datetime | None


class HeldStatus(Asked):
    """``null`` lets the checks decide again."""

    status: Status | None
    until: Instant | None = None


class HeldNotice(Asked):
    notice: NoticeMode
    until: Instant | None = None


@router.get("")
async def list_components(
    caller: Reader,  # noqa: ARG001
    premises: AtDoor,
    now: Now,
) -> Listed[ComponentView]:
    """All of the configuration, in its order."""
    async with premises.store.read() as session:
        views = await _views(session, premises.settings, now)
    return Listed(items=views, total=len(views), next=None)


@router.patch(
    "/{id}",
    response_model=ComponentView,
    responses=problems.responses(400, 404, 409, 413, 415),
)
async def hold_status(id: ThingId, held: HeldStatus, caller: Operator, door: Door) -> Response:
    """Hold a status by hand, whatever the checks say."""
    until = _ahead(held.until, door.now)

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        await components.hold(session, id, held.status, until, caller.who, door.now)
        return 200, await _view(session, door.premises.settings, id, door.now)

    return await door.again(caller.token_id, deed)


@router.put(
    "/{id}/notice",
    response_model=ComponentView,
    responses=problems.responses(400, 404, 409, 413, 415),
)
async def hold_notice(id: ThingId, held: HeldNotice, caller: Operator, door: Door) -> Response:
    """Show the notice in place of the component, or do not, whatever the checks say."""
    until = _ahead(held.until, door.now)

    async def deed(session: AsyncSession) -> tuple[int, BaseModel]:
        await components.hold_notice(session, id, held.notice, until, caller.who, door.now)
        return 200, await _view(session, door.premises.settings, id, door.now)

    return await door.again(caller.token_id, deed)


def _ahead(until: datetime | None, now: datetime) -> datetime | None:
    if until is not None and until <= now:
        fault = Fault(("body", "until"), "Must lie in the future.")
        raise Invalid("A hold ends in the future.", faults=[fault])
    return until


@dataclass(frozen=True, slots=True)
class _Rows:
    components: dict[str, Component]
    standings: Standings
    incidents: Sequence[Incident]
    shares: Sequence[Share]
    causes: Sequence[Cause]
    maintained: frozenset[str]


async def _view(
    session: AsyncSession, settings: Settings, component_id: str, now: datetime
) -> ComponentView:
    views = await _views(session, settings, now)
    return next(view for view in views if view.id == component_id)


async def _views(session: AsyncSession, settings: Settings, now: datetime) -> list[ComponentView]:
    rows = await _rows(session, settings, now)
    shown = shown_statuses(
        rows.components, rows.standings, rows.incidents, rows.shares, rows.maintained
    )
    told = [one for one in settings.components if one.id in rows.components]
    return [_component(rows, rows.components[one.id], shown[one.id]) for one in told]


async def _rows(session: AsyncSession, settings: Settings, now: datetime) -> _Rows:
    """What is open; the past is not asked for."""
    await session.flush()
    is_open = sa.select(Incident).where(
        col(Incident.resolved_at).is_(None), col(Incident.withdrawn_at).is_(None)
    )
    incidents = (await session.scalars(is_open.order_by(col(Incident.started_at)))).all()
    ids = [row.id for row in incidents]
    shares = sa.select(Share).where(col(Share.incident_id).in_(ids))
    causes = sa.select(Cause).where(col(Cause.incident_id).in_(ids), col(Cause.ended_at).is_(None))
    stand = await standings(session, settings)
    times = settings.checks.confirm_failures
    near = await muting.near(session, now)
    return _Rows(
        components={row.id: row for row in (await session.scalars(sa.select(Component))).all()},
        standings=stand,
        maintained=maintenances.shown_under_maintenance(near, stand, times, now),
        incidents=incidents,
        shares=(await session.scalars(shares)).all(),
        causes=(await session.scalars(causes.order_by(col(Cause.id)))).all(),
    )


def _component(rows: _Rows, row: Component, status: Status) -> ComponentView:
    named = {share.incident_id for share in rows.shares if share.component_id == row.id}
    begun = [one.since for one in rows.incidents if one.id in named]
    by_checks = rows.standings.failing_since(row.id)
    is_well = status is Status.OPERATIONAL
    return ComponentView(
        id=row.id,
        name=row.name,
        group=row.group,
        public=row.public,
        status=status,
        since=None if is_well else min([*begun, *([by_checks] if by_checks else [])], default=None),
        cause=None if is_well else _cause(rows, row.id, named),
        says=rows.standings.says(row.id),
        held_status=Status(row.held_status) if row.held_status else None,
        held_until=row.held_until,
        notice=NoticeMode(row.notice),
        notice_until=row.notice_until,
    )


def _cause(rows: _Rows, component_id: str, incidents: set[str]) -> str | None:
    """Itself where it is one; else the first of the incidents that name it."""
    causes = [cause.component_id for cause in rows.causes if cause.incident_id in incidents]
    return component_id if component_id in causes else next(iter(causes), None)
