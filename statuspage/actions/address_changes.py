"""What becomes of somebody whose letters are to go to another address?

The new address is asked as any other is: a row of its own, one letter, a yes within a week.
Until then the old one stays as it is. With the yes, what was sent and what still waits goes
over to the new row, whose links only the new mailbox has seen; the old row is erased.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from statuspage.actions import forgetting
from statuspage.tables import CreditCode, Delivery, Recipient, Subscriber
from statuspage.tables.subscribers import mailbox_of


def note(subscriber: Subscriber, address: str, now: datetime) -> None:
    """What was asked for last, to be seen on their page; their own address: nothing more."""
    subscriber.new_address = None if is_theirs(subscriber, address) else address
    subscriber.change_asked_at = now


def is_theirs(subscriber: Subscriber, address: str) -> bool:
    """Is it the mailbox that their letters go to, however it is written?"""
    return subscriber.mailbox == mailbox_of("email", address)


async def take_over(session: AsyncSession, subscriber: Subscriber, now: datetime) -> None:
    """Of somebody who has just said yes: was it in place of another address of theirs?"""
    before = subscriber.proof.get("asked", {}).get("instead_of")
    old = await session.get(Subscriber, before, with_for_update=True) if before else None
    if old is None or not is_theirs(subscriber, old.new_address or ""):
        return
    for table, matter in (
        (Delivery, Delivery.announcement_id),
        (Recipient, Recipient.incident_id),
        (CreditCode, CreditCode.incident_id),
    ):
        await _move(session, table, matter, old.id, subscriber.id)
    await forgetting.erase(session, old.id, now, None)


async def _move(
    session: AsyncSession, table: type[SQLModel], matter: Any, old: str, new: str
) -> None:
    """Rows of one subscriber become another's, save what that one has already."""
    whose: Any = table.subscriber_id  # type: ignore[attr-defined]
    has = sa.select(col(matter)).where(col(whose) == new)
    await session.execute(
        sa.update(table)
        .where(col(whose) == old, col(matter).not_in(has))
        .values(subscriber_id=new)
        .execution_options(synchronize_session=False)
    )
