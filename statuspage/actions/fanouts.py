"""How far have an announcement's letters come, and how fast did they go?

All is counted by the database: a fan-out to a hundred thousand customers is watched every
second. Once every letter was tried it is measured, again each minute while some wait, and at
last for good, for letters are not kept. A mailbox that says "later" for two days, or a hook
that is away, holds nobody's figures.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions.revision import raise_revision
from statuspage.rules.fanouts import SHARES, Fanout, Told, rank
from statuspage.tables import Announcement, Delivery
from statuspage.tables.deliveries import GIVEN_UP, is_queued

_DELIVERIES: sa.Table = Delivery.__table__  # type: ignore[attr-defined]
_ANNOUNCEMENTS: sa.Table = Announcement.__table__  # type: ignore[attr-defined]

SOON = timedelta(minutes=1)
"""What falls due within it is under way, not put off."""
COUNTED_AGAIN = timedelta(minutes=1)


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
        .where(_ANNOUNCEMENTS.c.incident_id == incident_id, *_accepted())
        .subquery()
    )
    sent = await session.scalar(sa.select(sa.func.max(ranked.c.place)))
    places = {name: place for name, place in _places(sent or 0).items() if name[0] == "p"}
    found = await session.execute(
        sa.select(ranked.c.place, ranked.c.waited).where(ranked.c.place.in_(places.values()))
    )
    waits = {place: round(float(seconds), 3) for place, seconds in found}
    return {name: waits[place] for name, place in places.items() if place in waits}


async def to_measure(session: AsyncSession, now: datetime, most: int) -> list[Announcement]:
    """Announcements whose letters were all tried, and that are not measured for good; of those
    that were measured meanwhile, the ones that have ended, or were counted a while ago.
    """
    row, mine = _ANNOUNCEMENTS.c, _DELIVERIES.c
    waits = sa.select(mine.id).where(mine.announcement_id == row.id, is_queued())
    untried = waits.where(mine.channel == "email", mine.attempts == 0, mine.due_at <= now + SOON)
    found = await session.scalars(
        sa.select(Announcement)
        .where(
            row.measured_at.is_(None),
            row.subscriber_id.is_(None),
            sa.or_(row.spread_at.is_not(None), row.withdrawn_at.is_not(None)),
            ~untried.exists(),
            sa.or_(
                row.counted_at.is_(None),
                row.counted_at <= now - COUNTED_AGAIN,
                ~waits.exists(),
            ),
        )
        .order_by(row.created_at)
        .limit(most)
    )
    return list(found)


async def keep(session: AsyncSession, row: Announcement, fanout: Fanout, now: datetime) -> None:
    """Remember how one went, for good where nothing of it waits, and show it; unless it was
    let go on meanwhile.
    """
    its = _ANNOUNCEMENTS.c
    kept = await session.execute(
        sa.update(_ANNOUNCEMENTS)
        .where(
            its.id == row.id,
            its.measured_at.is_(None),
            its.withdrawn_at.is_not_distinct_from(row.withdrawn_at),
        )
        .values(
            measured=fanout.freeze(),
            counted_at=now,
            measured_at=None if fanout.waits else now,
        )
        .returning(its.id)
    )
    is_news = row.counted_at is None or fanout != Fanout.thaw(row.measured)
    if kept.first() is not None and fanout.sent and is_news:
        await raise_revision(session, row.incident_id)


async def of_incidents(session: AsyncSession, ids: Collection[str]) -> list[Told]:
    """All that was measured of these, the oldest first."""
    row = _ANNOUNCEMENTS.c
    found = await session.execute(
        sa.select(row.incident_id, row.update_n, row.created_at, row.measured, row.due_at)
        .where(row.incident_id.in_(ids), row.counted_at.is_not(None))
        .order_by(row.created_at)
    )
    return [
        Told(id, n, said_at, Fanout.thaw(measured), due_at)
        for id, n, said_at, measured, due_at in found
    ]


async def remember_back(session: AsyncSession, deliveries: Collection[int]) -> None:
    """Of letters that are about to be forgotten: how many of their announcement came back."""
    mine = _DELIVERIES.c
    touched = sa.select(mine.announcement_id).where(mine.id.in_(deliveries))
    for id, count in (await _came_back(session, touched)).items():
        row = await session.get_one(Announcement, id)
        known = row.measured.get("came_back", 0)
        row.measured = {**row.measured, "came_back": max(known, count)}


async def newest(session: AsyncSession) -> Fanout | None:
    """The last one that was measured, be it not for good."""
    row = _ANNOUNCEMENTS.c
    found = await session.scalar(
        sa.select(row.measured)
        .where(row.counted_at.is_not(None))
        .order_by(sa.desc(row.counted_at))
        .limit(1)
    )
    return None if found is None else Fanout.thaw(found)


async def _counts(session: AsyncSession, id: str) -> dict[str, int]:
    mine = _DELIVERIES.c
    by_mail, given_up = mine.channel == "email", mine.reason.startswith(GIVEN_UP)
    found = await session.execute(
        sa.select(
            by_mail,
            mine.state,
            sa.func.count(),
            sa.func.count(sa.case((given_up, 1))),
            sa.func.count(mine.bounced_at),
        )
        .where(mine.announcement_id == id)
        .group_by(by_mail, mine.state)
    )
    rows = {(bool(row[0]), row[1]): row[2:] for row in found}
    mail = {state: row for (is_mail, state), row in rows.items() if is_mail}
    hooks = {state: row[0] for (is_mail, state), row in rows.items() if not is_mail}
    count = {state: row[0] for state, row in mail.items()}
    given_up_of_them = mail["failed"][1] if "failed" in mail else 0
    return {
        "queued": count.get("queued", 0),
        "sent": count.get("accepted", 0),
        "refused": count.get("failed", 0) - given_up_of_them,
        "given_up": given_up_of_them,
        "came_back": sum(row[2] for row in mail.values()),
        "suppressed": count.get("withdrawn", 0) + count.get("merged", 0),
        "hooks_queued": hooks.get("queued", 0),
        "hooks_called": hooks.get("accepted", 0),
        "hooks_failed": hooks.get("failed", 0),
    }


def _accepted() -> tuple[sa.ColumnElement[bool], ...]:
    """Letters by mail; seconds are never of hooks."""
    return (_DELIVERIES.c.channel == "email", _DELIVERIES.c.accepted_at.is_not(None))


async def waiting(
    session: AsyncSession, incident_id: str, now: datetime
) -> tuple[int, datetime | None]:
    """Of an incident's letters and calls: how many are due within a minute, or under way, and
    when the next is.
    """
    mine = _DELIVERIES.c
    soon = sa.func.count(sa.case((mine.due_at <= now + SOON, 1)))
    found = await session.execute(
        sa.select(soon, sa.func.min(mine.due_at)).where(
            mine.incident_id == incident_id, is_queued()
        )
    )
    due_soon, next_at = found.one()
    return due_soon, next_at


async def _accepted_at(session: AsyncSession, id: str, place: int) -> datetime:
    """Of the letter at this place in the order of acceptance, which an index has."""
    mine = _DELIVERIES.c
    found = await session.execute(
        sa.select(mine.accepted_at)
        .where(mine.announcement_id == id, *_accepted())
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
