"""How far have an announcement's letters come, and how fast did they go?

All is counted by the database: a fan-out to a hundred thousand customers is watched every
second. What has ended is measured once and kept, for letters are not kept for good.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions.revision import raise_revision
from statuspage.rules.fanouts import SHARES, Fanout, Told, rank
from statuspage.tables import Announcement, Delivery
from statuspage.tables.deliveries import GIVEN_UP, is_queued

_DELIVERIES: sa.Table = Delivery.__table__  # type: ignore[attr-defined]
_ANNOUNCEMENTS: sa.Table = Announcement.__table__  # type: ignore[attr-defined]


async def of_each(session: AsyncSession, rows: Collection[Announcement]) -> dict[str, Fanout]:
    """Id of an announcement -> how its letters go; of what was measured, with those that came
    back since.
    """
    ended = {row.id: Fanout.thaw(row.measured) for row in rows if row.measured_at}
    under_way = await _count(session, [row.id for row in rows if not row.measured_at])
    back = await _came_back(session, ended)
    for id, count in back.items():
        ended[id] = replace(ended[id], came_back=max(ended[id].came_back, count))
    return {row.id: Fanout() for row in rows} | ended | under_way


async def of_incident(session: AsyncSession, incident_id: str) -> Fanout:
    """Of all its announcements together."""
    its = _DELIVERIES.c.incident_id
    found = await _fanouts(session, its, its == incident_id)
    return found.get(incident_id, Fanout())


async def ended(session: AsyncSession, most: int) -> list[str]:
    """Announcements whose letters have all ended, and which nobody has measured yet."""
    row = _ANNOUNCEMENTS.c
    waits = sa.select(_DELIVERIES.c.id).where(_DELIVERIES.c.announcement_id == row.id, is_queued())
    found = await session.scalars(
        sa.select(row.id)
        .where(
            row.measured_at.is_(None),
            row.subscriber_id.is_(None),
            sa.or_(row.spread_at.is_not(None), row.withdrawn_at.is_not(None)),
            ~waits.exists(),
        )
        .order_by(row.created_at)
        .limit(most)
    )
    return list(found)


async def measure(session: AsyncSession, id: str, now: datetime) -> None:
    """Keep how one went, and show it."""
    fanout = (await _count(session, [id])).get(id, Fanout())
    await session.execute(
        sa.update(_ANNOUNCEMENTS)
        .where(_ANNOUNCEMENTS.c.id == id)
        .values(measured=fanout.freeze(), measured_at=now)
    )
    if fanout.sent:
        await raise_revision(session)


async def of_incidents(session: AsyncSession, ids: Collection[str]) -> list[Told]:
    """All that was measured of these, the oldest first."""
    row = _ANNOUNCEMENTS.c
    found = await session.execute(
        sa.select(row.incident_id, row.update_n, row.created_at, row.measured)
        .where(row.incident_id.in_(ids), row.measured_at.is_not(None))
        .order_by(row.created_at)
    )
    return [Told(id, n, said_at, Fanout.thaw(measured)) for id, n, said_at, measured in found]


async def remember_back(session: AsyncSession, deliveries: Collection[int]) -> None:
    """Of letters that are about to be forgotten: how many of their announcement came back."""
    mine = _DELIVERIES.c
    touched = sa.select(mine.announcement_id).where(mine.id.in_(deliveries))
    for id, count in (await _came_back(session, touched)).items():
        row = await session.get_one(Announcement, id)
        known = row.measured.get("came_back", 0)
        row.measured = {**row.measured, "came_back": max(known, count)}


async def newest(session: AsyncSession) -> Fanout | None:
    """The last one that was measured."""
    row = _ANNOUNCEMENTS.c
    found = await session.scalar(
        sa.select(row.measured)
        .where(row.measured_at.is_not(None))
        .order_by(sa.desc(row.measured_at))
        .limit(1)
    )
    return None if found is None else Fanout.thaw(found)


async def _count(session: AsyncSession, ids: Collection[str]) -> dict[str, Fanout]:
    its = _DELIVERIES.c.announcement_id
    return await _fanouts(session, its, its.in_(ids)) if ids else {}


async def _came_back(
    session: AsyncSession, ids: Collection[str] | sa.Select[tuple[str]]
) -> dict[str, int]:
    mine = _DELIVERIES.c
    found = await session.execute(
        sa.select(mine.announcement_id, sa.func.count())
        .where(mine.bounced_at.is_not(None), mine.announcement_id.in_(ids))
        .group_by(mine.announcement_id)
    )
    return {row[0]: row[1] for row in found}


async def _fanouts(
    session: AsyncSession, key: sa.ColumnElement[str], *where: sa.ColumnElement[bool]
) -> dict[str, Fanout]:
    mine = _DELIVERIES.c
    counted = await session.execute(
        sa.select(
            key,
            *(_those(mine.state == state).label(state) for state in ("queued", "accepted")),
            _those(mine.state == "failed").label("failed"),
            _those(sa.and_(mine.state == "failed", mine.reason.startswith(GIVEN_UP))).label(
                "given_up"
            ),
            sa.func.count(mine.bounced_at).label("came_back"),
            _those(mine.state.in_(("withdrawn", "merged"))).label("suppressed"),
        )
        .where(*where)
        .group_by(key)
    )
    rows = {row[0]: row for row in counted}
    waits = await _waits(session, key, {id: row.accepted for id, row in rows.items()}, where)
    return {id: _fanout(row, waits.get(id, {})) for id, row in rows.items()}


def _those(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count(sa.case((condition, 1)))


def _fanout(row: Any, waits: Mapping[int, float]) -> Fanout:
    ranks = {percent: rank(row.accepted, percent) for percent in SHARES}
    shares = {f"p{percent}_s": waits.get(place) for percent, place in ranks.items()}
    return Fanout(
        queued=row.queued,
        sent=row.accepted,
        refused=row.failed - row.given_up,
        given_up=row.given_up,
        came_back=row.came_back,
        suppressed=row.suppressed,
        first_s=waits.get(1),
        last_s=waits.get(row.accepted),
        **shares,
    )


async def _waits(
    session: AsyncSession,
    key: sa.ColumnElement[str],
    sent: Mapping[str, int],
    where: Collection[sa.ColumnElement[bool]],
) -> dict[str, dict[int, float]]:
    """Key -> place in the order of acceptance, from 1 -> seconds waited; the places that are
    asked for.
    """
    places = {
        place
        for count in sent.values()
        if count
        for place in (1, count, *(rank(count, percent) for percent in SHARES))
    }
    if not places:
        return {}
    waited = _seconds(session).label("waited")
    joined = _ANNOUNCEMENTS.c.id == _DELIVERIES.c.announcement_id
    ranked = (
        sa.select(
            key.label("key"),
            waited,
            sa.func.row_number().over(partition_by=key, order_by=waited).label("place"),
        )
        .join_from(_DELIVERIES, _ANNOUNCEMENTS, joined)
        .where(*where, _DELIVERIES.c.state == "accepted", _ANNOUNCEMENTS.c.due_at.is_not(None))
        .subquery()
    )
    found = await session.execute(sa.select(ranked).where(ranked.c.place.in_(places)))
    waits: dict[str, dict[int, float]] = {}
    for key_of, seconds, place in found:
        waits.setdefault(key_of, {})[place] = round(float(seconds), 3)
    return waits


def _seconds(session: AsyncSession) -> sa.ColumnElement[Any]:
    """From due to accepted; each engine subtracts times in its own way."""
    accepted_at, due_at = _DELIVERIES.c.accepted_at, _ANNOUNCEMENTS.c.due_at
    if session.get_bind().dialect.name == "sqlite":
        days = sa.func.julianday(accepted_at) - sa.func.julianday(due_at)
        return days * 86_400.0
    return sa.func.extract("epoch", accepted_at - due_at)
