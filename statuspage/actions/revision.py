"""How does the page learn that something public has changed?"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.tables import House, Incident

CHANNEL = "avviso"
"""Where PostgreSQL tells every process, with the commit, that there is something new."""


async def raise_revision(session: AsyncSession, about: str | None = None) -> int:
    """One more; the row stays locked until the end of the transaction, so on PostgreSQL
    those who change incidents take turns (SQLite has one writer anyway). ``about``: the
    incident that is changed may be too old for the board, and has its page all the same.
    """
    made = await session.execute(
        sa.update(House)
        .where(col(House.id) == 1)
        .values(revision=House.revision + 1)
        .returning(col(House.revision), *_hint(session))
        .execution_options(synchronize_session=False)
    )
    raised = int(made.one()[0])
    if about is not None:
        await session.execute(
            sa.update(Incident)
            .where(col(Incident.id) == about)
            .values(revision=raised)
            .execution_options(synchronize_session=False)
        )
    return raised


def _hint(session: AsyncSession) -> list[sa.ColumnElement[object]]:
    """In the same statement: it costs no way to the server and back of its own."""
    if session.get_bind().dialect.name != "postgresql":
        return []
    return [sa.func.pg_notify(CHANNEL, "")]


async def forget_before(session: AsyncSession, made: int) -> None:
    """Nothing that was rendered or composed before this revision may be shown or sent."""
    await session.execute(
        sa.update(House)
        .where(col(House.id) == 1)
        .values(not_before=made)
        .execution_options(synchronize_session=False)
    )


async def not_before(session: AsyncSession) -> int:
    """Nothing that was rendered or composed before this revision is good any more."""
    found = await session.execute(sa.select(col(House.not_before)))
    return int(found.scalar_one())


async def revision(session: AsyncSession) -> int:
    found = await session.execute(sa.select(col(House.revision)))
    return int(found.scalar_one())


async def take_turn(session: AsyncSession) -> None:
    """Wait until nobody else is changing incidents; until the end of this transaction
    nobody else does. SQLite has one writer anyway.
    """
    await session.execute(
        sa.select(col(House.revision)).where(col(House.id) == 1).with_for_update()
    )
