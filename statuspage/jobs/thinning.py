"""How does what the checks saw become less with time?

Check by check, since the rows of each lie together: no index by age is kept up for it. A
transaction ends as soon as it has deleted some hundred rows, so that no probe waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

from statuspage.premises import Premises
from statuspage.settings.sections import Retention
from statuspage.tables import Change, Check, Figures, Looks
from statuspage.tables.history import FIVE_MINUTES, HOUR

ROWS = 300
"""A transaction goes on to the next check as long as it has deleted fewer."""
CHECKS = 50
"""And for no more than so many, where there is nothing to delete."""


async def thin_out(premises: Premises, now: datetime) -> None:
    """Looks that are in the figures, five minutes and hours; days stay for ever."""
    async with premises.store.read() as session:
        ids = list((await session.scalars(sa.select(col(Check.id)).order_by(col(Check.id)))).all())
    while ids:
        async with premises.store.write() as session:
            deleted = 0
            for check_id in ids[:CHECKS]:
                for statement in _too_old(check_id, premises.settings.retention, now):
                    deleted += (await session.execute(statement)).rowcount  # type: ignore[attr-defined]
                ids.remove(check_id)
                if deleted >= ROWS:
                    break


def _too_old(check_id: str, kept: Retention, now: datetime) -> Iterator[sa.Delete]:
    yield sa.delete(Looks).where(
        col(Looks.check_id) == check_id,
        col(Looks.slot_at) < now - kept.looks,
        col(Looks.rolled_up),
    )
    for minutes, length in ((FIVE_MINUTES, kept.minutes), (HOUR, kept.hours)):
        yield sa.delete(Figures).where(
            col(Figures.check_id) == check_id,
            col(Figures.minutes) == minutes,
            col(Figures.begins_at) < now - length,
        )


async def forget_changes(premises: Premises, before: datetime) -> None:
    """Of what is believed. One that is not settled yet is still to be acted on."""
    old = sa.select(col(Change.id)).where(col(Change.settled_at) < before).limit(ROWS)
    while True:
        async with premises.store.write() as session:
            ids = (await session.scalars(old)).all()
            await session.execute(sa.delete(Change).where(col(Change.id).in_(ids)))
        if len(ids) < ROWS:
            return
