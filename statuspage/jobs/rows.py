"""What does the store hold that the board is composed of?

Read in one consistent view: all that is open, and so much of the past as is shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import fanouts
from statuspage.actions.standings import standings
from statuspage.jobs.settled import Settled
from statuspage.rules.board import IncidentView
from statuspage.rules.composing import Rows
from statuspage.rules.promises import COUNTED, Outcome
from statuspage.settings import Settings
from statuspage.tables import (
    Announcement,
    Cause,
    Check,
    Component,
    Delivery,
    House,
    Incident,
    Maintenance,
    Postmortem,
    PostmortemAction,
    Promise,
    Share,
    Step,
    Update,
)
from statuspage.vocabulary import By

MOST_INCIDENTS = 50
MOST_MAINTENANCES = 100

_AS_SAID = (col(PostmortemAction.update_n), col(PostmortemAction.n))
_Row = TypeVar("_Row", Share, Cause, Update, Promise, Postmortem, PostmortemAction)


async def read_rows(
    session: AsyncSession,
    settings: Settings,
    now: datetime,
    also: Collection[str] = (),
    settled: Settled | None = None,
) -> Rows:
    """All that the board needs, in one consistent view; ``also`` these incidents, however old.
    What ``settled`` knows is not read again.
    """
    incidents = await _newest_incidents(session)
    if older := set(also).difference(row.id for row in incidents):
        incidents += await session.scalars(sa.select(Incident).where(col(Incident.id).in_(older)))
    planned = (await session.scalars(_nearest_maintenances())).all()
    views = settled.views(incidents, now) if settled else {}
    return await _rows(session, settings, now, incidents, planned, views)


async def read_old_rows(
    session: AsyncSession, settings: Settings, now: datetime, ids: Collection[str]
) -> Rows:
    """Of these incidents and maintenances alone, whatever their age."""
    incidents = sa.select(Incident).where(col(Incident.id).in_(ids))
    planned = sa.select(Maintenance).where(col(Maintenance.id).in_(ids))
    return await _rows(
        session,
        settings,
        now,
        (await session.scalars(incidents)).all(),
        (await session.scalars(planned)).all(),
    )


async def _rows(
    session: AsyncSession,
    settings: Settings,
    now: datetime,
    incidents: Sequence[Incident],
    planned: Sequence[Maintenance],
    views: Mapping[str, IncidentView] | None = None,
) -> Rows:
    known = views or {}
    house = await session.get_one(House, 1)
    components = await session.scalars(sa.select(Component))
    ids = [row.id for row in incidents if row.id not in known]
    looked_at = await session.scalar(sa.select(sa.func.max(col(Check.looked_at))))
    return Rows(
        revision=house.revision,
        components={row.id: row for row in components.all()},
        standings=await standings(session, settings),
        incidents=incidents,
        shares=await _of(session, Share, ids, col(Share.position)),
        causes=await _of(session, Cause, ids, col(Cause.id)),
        updates=await _of(session, Update, ids, col(Update.n)),
        promises=await _of(session, Promise, ids, col(Promise.id)),
        maintenances=planned,
        steps=await _steps(session, [row.id for row in planned]),
        actions=await _of(session, PostmortemAction, ids, *_AS_SAID),
        postmortems=await _of(session, Postmortem, ids),
        mailed=await _mailed(session, ids) if ids else frozenset(),
        fanouts=await fanouts.of_incidents(session, ids) if ids else (),
        lately_due=await _due_since(session, now - COUNTED),
        views=known,
        looked_at=looked_at,
        blind=house.blind_since is not None,
    )


async def _newest_incidents(session: AsyncSession) -> list[Incident]:
    """Open ones first whatever their age, then the newest. Two questions, each with an index of
    its own: together they would be one about all incidents there ever were.
    """
    is_open = col(Incident.resolved_at).is_(None)
    newest = sa.select(Incident).order_by(sa.desc(col(Incident.created_at)))
    found = list(await session.scalars(newest.where(is_open).limit(MOST_INCIDENTS)))
    room = MOST_INCIDENTS - len(found)
    return [*found, *await session.scalars(newest.where(sa.not_(is_open)).limit(room))]


async def _due_since(session: AsyncSession, since: datetime) -> Sequence[tuple[Outcome, int]]:
    """Of what was shown: a word that was taken back promised nothing."""
    kept_at, by = col(Promise.kept_at), col(Promise.by)
    in_time = kept_at.is_not(None) & (kept_at <= col(Promise.due_at))
    is_settled = kept_at.is_not(None) | col(Promise.missed_at).is_not(None)
    shown = sa.select(col(Incident.id)).where(col(Incident.withdrawn_at).is_(None))
    found = await session.execute(
        sa.select(by, in_time, is_settled, sa.func.count())
        .where(
            col(Promise.due_at) > since,
            col(Promise.dropped_at).is_(None),
            col(Promise.incident_id).in_(shown),
        )
        .group_by(by, in_time, is_settled)
    )
    return [(Outcome(By(by), bool(kept), bool(done)), n) for by, kept, done, n in found]


def _nearest_maintenances() -> sa.Select[Maintenance]:
    """Those not over in their order, whatever their number may be, then the newest."""
    is_over = col(Maintenance.ended_at).is_not(None)
    begins = col(Maintenance.scheduled_for)
    return (
        sa.select(Maintenance)
        .order_by(
            is_over, sa.case((is_over, None), else_=begins), sa.desc(begins), col(Maintenance.id)
        )
        .limit(MOST_MAINTENANCES)
    )


async def _steps(session: AsyncSession, ids: list[str]) -> Sequence[Step]:
    found = await session.scalars(
        sa.select(Step).where(col(Step.maintenance_id).in_(ids)).order_by(col(Step.n))
    )
    return found.all()


async def _of(
    session: AsyncSession, table: type[_Row], ids: list[str], *order: sa.SQLColumnExpression[Any]
) -> Sequence[_Row]:
    """Of these incidents; the store is not asked about none."""
    if not ids:
        return ()
    wanted = sa.select(table).where(col(table.incident_id).in_(ids)).order_by(*order)
    return (await session.scalars(wanted)).all()


async def _mailed(session: AsyncSession, ids: list[str]) -> frozenset[tuple[str, int]]:
    """Updates that reached a mailbox: not those stopped before anybody got them, nor those that
    nobody had asked for.
    """
    left = sa.select(col(Delivery.id)).where(
        col(Delivery.announcement_id) == col(Announcement.id),
        col(Delivery.state).in_(("accepted", "merged")),
        col(Delivery.channel) == "email",
    )
    found = await session.execute(
        sa.select(col(Announcement.incident_id), col(Announcement.update_n)).where(
            col(Announcement.incident_id).in_(ids),
            col(Announcement.update_n).is_not(None),
            col(Announcement.spread_at).is_not(None),
            sa.or_(col(Announcement.mailed_at).is_not(None), left.exists()),
        )
    )
    return frozenset((str(incident_id), int(n or 0)) for incident_id, n in found.all())
