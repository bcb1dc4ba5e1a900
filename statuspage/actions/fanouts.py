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
    for id, count in (await _came_back(session, ended)).items():
        ended[id] = replace(ended[id], came_back=max(ended[id].came_back, count))
    under_way = {row.id: await of(session, row) for row in rows if not row.measured_at}
    return ended | under_way


async def of(session: AsyncSession, row: Announcement) -> Fanout:
    """How one goes, by what is kept of its letters."""
    counts = await _counts(session, row.id)
    sent = counts["sent"]
    if not sent or row.due_at is None:
        return Fanout(**counts)
    waits: dict[str, Any] = {
        name: round((await _accepted_at(session, row.id, place) - row.due_at).total_seconds(), 3)
        for name, place in _places(sent).items()
    }
    return Fanout(**counts, **waits)


def _places(sent: int) -> dict[str, int]:
    """Which letter in the order of acceptance, from 1, each figure is that of."""
    shares = {f"p{percent}_s": rank(sent, percent) for percent in SHARES}
    return {"first_s": 1, **shares, "last_s": sent}


async def shares_of_incident(session: AsyncSession, incident_id: str) -> dict[str, float]:
    """The percentiles of all letters of an incident, each counted from its own announcement."""
    accepted_at, due_at = _DELIVERIES.c.accepted_at, _ANNOUNCEMENTS.c.due_at
    waited = _seconds(session, accepted_at, due_at).label("waited")
    ordered = sa.func.row_number().over(order_by=waited).label("place")
    ranked = (
        sa.select(waited, ordered)
        .join_from(_ANNOUNCEMENTS, _DELIVERIES)
        .where(_ANNOUNCEMENTS.c.incident_id == incident_id, accepted_at.is_not(None))
        .subquery()
    )
    sent = await session.scalar(sa.select(sa.func.max(ranked.c.place)))
    places = {name: place for name, place in _places(sent or 0).items() if name[0] == "p"}
    found = await session.execute(
        sa.select(ranked.c.place, ranked.c.waited).where(ranked.c.place.in_(places.values()))
    )
    waits = {place: round(float(seconds), 3) for place, seconds in found}
    return {name: waits[place] for name, place in places.items() if place in waits}


async def ended(session: AsyncSession, most: int) -> list[Announcement]:
    """Announcements whose letters have all ended, and which nobody has measured yet."""
    row = _ANNOUNCEMENTS.c
    waits = sa.select(_DELIVERIES.c.id).where(_DELIVERIES.c.announcement_id == row.id, is_queued())
    found = await session.scalars(
        sa.select(Announcement)
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


async def keep(session: AsyncSession, row: Announcement, fanout: Fanout, now: datetime) -> None:
    """Remember for good how one went, and show it; unless it was let go on meanwhile."""
    its = _ANNOUNCEMENTS.c
    kept = await session.execute(
        sa.update(_ANNOUNCEMENTS)
        .where(
            its.id == row.id,
            its.measured_at.is_(None),
            its.withdrawn_at.is_not_distinct_from(row.withdrawn_at),
        )
        .values(measured=fanout.freeze(), measured_at=now)
        .returning(its.id)
    )
    if kept.first() is not None and fanout.sent:
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


async def _counts(session: AsyncSession, id: str) -> dict[str, int]:
    mine = _DELIVERIES.c
    given_up = sa.case((mine.reason.startswith(GIVEN_UP), 1))
    found = await session.execute(
        sa.select(
            mine.state,
            sa.func.count(),
            sa.func.count(given_up),
            sa.func.count(mine.bounced_at),
        )
        .where(mine.announcement_id == id)
        .group_by(mine.state)
    )
    rows: Mapping[str, Any] = {row[0]: row for row in found}
    count = {state: row[1] for state, row in rows.items()}
    failed, given_up_of_them = count.get("failed", 0), rows["failed"][2] if "failed" in rows else 0
    return {
        "queued": count.get("queued", 0),
        "sent": count.get("accepted", 0),
        "refused": failed - given_up_of_them,
        "given_up": given_up_of_them,
        "came_back": sum(row[3] for row in rows.values()),
        "suppressed": count.get("withdrawn", 0) + count.get("merged", 0),
    }


async def _accepted_at(session: AsyncSession, id: str, place: int) -> datetime:
    """Of the letter at this place in the order of acceptance, which an index has."""
    mine = _DELIVERIES.c
    found = await session.execute(
        sa.select(mine.accepted_at)
        .where(mine.announcement_id == id, mine.accepted_at.is_not(None))
        .order_by(mine.accepted_at)
        .limit(1)
        .offset(place - 1)
    )
    at: datetime = found.scalar_one()
    return at


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


def _seconds(
    session: AsyncSession, end: sa.ColumnElement[Any], start: sa.ColumnElement[Any]
) -> sa.ColumnElement[Any]:
    """Each engine subtracts times in its own way."""
    if session.get_bind().dialect.name == "sqlite":
        return (sa.func.julianday(end) - sa.func.julianday(start)) * 86_400.0
    return sa.func.extract("epoch", end - start)
