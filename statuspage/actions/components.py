"""How do the rows follow the configuration, and what do operators hold by hand?"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage import settings as configured
from statuspage.actions import audit
from statuspage.actions.revision import raise_revision
from statuspage.errors import Unknown
from statuspage.settings import Settings
from statuspage.tables import Check, Component
from statuspage.vocabulary import NoticeMode, Status


async def mirror(session: AsyncSession, settings: Settings, now: datetime) -> None:
    """Make the rows like the file (law 13): what left it is retired, its history stays."""
    await _mirror_components(session, settings, now)
    await session.flush()
    await _mirror_checks(session, settings, now)
    await raise_revision(session)


async def _mirror_components(session: AsyncSession, settings: Settings, now: datetime) -> None:
    rows = {row.id: row for row in (await session.scalars(sa.select(Component))).all()}
    for position, told in enumerate(settings.components):
        row = rows.pop(told.id, None)
        if row is None:
            row = Component(id=told.id, name=told.name, created_at=now, updated_at=now)
            session.add(row)
        _copy(row, told, position, now)
    for row in rows.values():
        row.retired_at = row.retired_at or now


def _copy(row: Component, told: configured.Component, position: int, now: datetime) -> None:
    before = (row.name, row.group, row.public, row.position, row.retired_at)
    row.name, row.group, row.public, row.position = told.name, told.group, told.public, position
    row.retired_at = None
    if before != (row.name, row.group, row.public, row.position, row.retired_at):
        row.updated_at = now


async def _mirror_checks(session: AsyncSession, settings: Settings, now: datetime) -> None:
    rows = {row.id: row for row in (await session.scalars(sa.select(Check))).all()}
    number = sum(len(component.checks) for component in settings.components)
    for component in settings.components:
        for told in component.checks:
            row = rows.pop(told.id, None)
            if row is None or row.component_id != component.id:
                due_at = now + random.random() * _share(settings, told, number)  # noqa: S311
                begun = Check(
                    id=told.id, component_id=component.id, kind=told.kind, next_due_at=due_at
                )
                # merging asks for each row, which takes seconds for a thousand new ones
                if row is None:
                    session.add(row := begun)
                else:
                    row = await session.merge(begun)
            row.kind, row.retired_at = told.kind, None
    for row in rows.values():
        row.retired_at = row.retired_at or now


def _share(settings: Settings, check: configured.Check, number: int) -> timedelta:
    """New checks begin spread over a part of their interval, so that they are not all due at
    one instant ever after; over five seconds, for a newcomer watches the first look, or at a
    hundred a second where there are many.
    """
    return min(settings.interval_of(check), timedelta(seconds=max(5.0, number / 100)))


async def get(session: AsyncSession, component_id: str) -> Component:
    """A component that is in the file. Raises ``Unknown``."""
    row = await session.get(Component, component_id)
    if row is None or row.retired_at is not None:
        raise Unknown(f"There is no component {component_id!r}.")
    return row


async def hold(
    session: AsyncSession,
    component_id: str,
    status: Status | None,
    until: datetime | None,
    who: str,
    now: datetime,
) -> int:
    """Hold a status by hand, or let the checks decide again (None). Returns the revision."""
    row = await get(session, component_id)
    row.held_status = status.value if status else None
    row.held_until = until if status else None
    row.updated_at = now
    did = "status held" if status else "status released"
    audit.note(session, who, did, component_id, now, status=row.held_status, until=_iso(until))
    return await raise_revision(session)


async def hold_notice(
    session: AsyncSession,
    component_id: str,
    mode: NoticeMode,
    until: datetime | None,
    who: str,
    now: datetime,
) -> int:
    """Hold the notice shut or open, or leave it to the checks. Returns the revision."""
    row = await get(session, component_id)
    row.notice, row.notice_until = mode.value, until
    audit.note(session, who, "notice held", component_id, now, notice=mode.value, until=_iso(until))
    return await raise_revision(session)


async def end_holds(session: AsyncSession, now: datetime) -> bool:
    """Holds whose time has come end by themselves; True when one did."""
    ended = False
    for row in await held(session):
        if row.held_until is not None and row.held_until <= now:
            row.held_status, row.held_until, ended = None, None, True
        if row.notice_until is not None and row.notice_until <= now:
            row.notice, row.notice_until, ended = NoticeMode.AUTO.value, None, True
    return ended


async def held(session: AsyncSession) -> Iterable[Component]:
    held = sa.or_(col(Component.held_until).is_not(None), col(Component.notice_until).is_not(None))
    return (await session.scalars(sa.select(Component).where(held))).all()


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
