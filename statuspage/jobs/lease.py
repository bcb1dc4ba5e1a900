"""How does one of several workers get a row to itself, for a time?

A claim is a time, so a dead worker's claim lapses by itself. The times of claims are the
database's own, whatever the workers' clocks say; what is due is asked by ``now``, as
everywhere. One statement claims, on both engines: the pick stands in a CTE, because a bare
``LIMIT … FOR UPDATE`` below an UPDATE may be run again by the planner and claim more than
it was asked to. Whoever finishes a row does so fenced: ``WHERE lease_by = me``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from statuspage.tables import Announcement, Call, Check, Delivery
from statuspage.tables.claims import until

LEASE = timedelta(seconds=30)
_LEASED: tuple[type[SQLModel], ...] = (Announcement, Delivery, Call, Check)
_OF_LETTERS: tuple[type[SQLModel], ...] = (Announcement, Delivery)


def is_free(table: type[SQLModel]) -> sa.ColumnElement[bool]:
    """Nobody has claimed the row, or the claim has lapsed."""
    lease_until = _columns(table).lease_until
    return sa.or_(lease_until.is_(None), lease_until < until(timedelta(0)))


async def claim(
    session: AsyncSession,
    table: type[SQLModel],
    *where: sa.ColumnElement[bool],
    who: str,
    order_by: Sequence[Any] = (),
    limit: int | None = None,
    length: timedelta = LEASE,
) -> list[Any]:
    """Ids of the free rows that fit and are ours now, in no order; others' are passed over."""
    claiming = _claiming(table, where, who, order_by, limit, length)
    return [id for (id,) in await session.execute(claiming.returning(_columns(table).id))]


async def claim_whole(
    session: AsyncSession,
    table: type[SQLModel],
    *where: sa.ColumnElement[bool],
    who: str,
    order_by: Sequence[Any] = (),
    limit: int | None = None,
    length: timedelta = LEASE,
) -> Sequence[sa.Row[Any]]:
    """As ``claim``, with all columns: one statement a second, not two."""
    claiming = _claiming(table, where, who, order_by, limit, length)
    found = await session.execute(claiming.returning(table.__table__))  # type: ignore[attr-defined]
    return found.all()


def _claiming(
    table: type[SQLModel],
    where: Sequence[sa.ColumnElement[bool]],
    who: str,
    order_by: Sequence[Any],
    limit: int | None,
    length: timedelta,
) -> sa.Update:
    columns = _columns(table)
    picked = (
        sa.select(columns.id)
        .where(is_free(table), *where)
        .order_by(*order_by)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("picked")
    )
    return (
        sa.update(table.__table__)  # type: ignore[attr-defined]
        .where(columns.id.in_(sa.select(picked.c.id)))
        .values({"lease_by": who, "lease_until": until(length), **_remembered(table)})
    )


def _remembered(table: type[SQLModel]) -> dict[str, Any]:
    """Whoever had a letter before us and did not give it back may have sent it."""
    if table is not Delivery:
        return {}
    columns = _columns(table)
    return {"may_have_left": sa.or_(columns.may_have_left, columns.lease_by.is_not(None))}


async def renew(session: AsyncSession, table: type[SQLModel], ids: Sequence[Any], who: str) -> None:
    """Keep for another while what is still ours."""
    columns = _columns(table)
    await session.execute(
        sa.update(table.__table__)  # type: ignore[attr-defined]
        .where(columns.id.in_(ids), columns.lease_by == who)
        .values(lease_until=until(LEASE))
    )


async def shorten(session: AsyncSession) -> None:
    """No claim of letters ends later than one that begins now: the store's clock may have
    stepped back. Whoever lives renews theirs.
    """
    for table in _OF_LETTERS:
        await session.execute(
            sa.update(table.__table__)  # type: ignore[attr-defined]
            .where(_columns(table).lease_until > until(2 * LEASE))
            .values(lease_until=until(LEASE))
        )


async def release(
    session: AsyncSession, table: type[SQLModel], ids: Sequence[Any], who: str
) -> None:
    """Give back what we did not get to."""
    columns = _columns(table)
    await session.execute(
        sa.update(table.__table__)  # type: ignore[attr-defined]
        .where(columns.id.in_(ids), columns.lease_by == who)
        .values(lease_by=None, lease_until=None)
    )


async def take_back_all(session: AsyncSession) -> None:
    """At the start, where no other worker can live (SQLite): every claim is a dead one's."""
    for table in _LEASED:
        await session.execute(_taking_back(table, _columns(table).lease_until.is_not(None)))


async def take_back_of_dead(session: AsyncSession, is_dead: Callable[[str], bool]) -> None:
    """At the start, where others may live: only what those hold who are known to be gone."""
    for table in _LEASED:
        columns = _columns(table)
        holders = await session.scalars(
            sa.select(columns.lease_by).where(columns.lease_until.is_not(None)).distinct()
        )
        if dead := [who for who in holders if is_dead(who)]:
            await session.execute(_taking_back(table, columns.lease_by.in_(dead)))


def _taking_back(table: type[SQLModel], held: sa.ColumnElement[bool]) -> sa.Update:
    """A letter stays in the dead one's name, until another claims it: see ``_remembered``."""
    freed: dict[str, Any] = {"lease_until": None}
    if table is not Delivery:
        freed["lease_by"] = None
    return sa.update(table.__table__).where(held).values(freed)  # type: ignore[attr-defined]


def _columns(table: type[SQLModel]) -> Any:
    return table.__table__.c  # type: ignore[attr-defined]
