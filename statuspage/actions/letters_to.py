"""What was somebody told, and when?

By the letters that are still kept (``[retention] deliveries``). The facts of a letter are
frozen, so the letter itself can be shown; words that were removed since are removed here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications import facts
from statuspage.errors import Unknown
from statuspage.tables import Announcement, Delivery
from statuspage.tables.deliveries import IN_LETTER


@dataclass(frozen=True, slots=True)
class LetterTo:
    """One word to one person. ``told`` is what it says."""

    delivery: Delivery
    announcement: Announcement

    @property
    def told(self) -> facts.Facts:
        return facts.thaw(self.announcement.facts)


async def page(
    session: AsyncSession, subscriber_id: str, limit: int, offset: int = 0
) -> list[LetterTo]:
    """The newest first."""
    newest = _of(subscriber_id).order_by(sa.desc(col(Delivery.id)))
    found = await session.execute(newest.limit(limit).offset(offset))
    return [LetterTo(*row) for row in found]


async def find(session: AsyncSession, subscriber_id: str, n: int) -> LetterTo:
    """Raises ``Unknown``."""
    found = await session.execute(_of(subscriber_id).where(col(Delivery.id) == n))
    row = found.first()
    if row is None:
        raise Unknown("They were not sent such a letter, or it is not kept any more.")
    return LetterTo(*row)


async def whole(session: AsyncSession, one: LetterTo) -> facts.Facts:
    """What the letter said that this word was in: it may have waited together with others."""
    carrier = _carrier(one.delivery)
    found = await session.execute(
        _of(one.delivery.subscriber_id)
        .where(
            sa.or_(
                col(Delivery.id) == carrier,
                sa.and_(
                    col(Delivery.state) == "merged",
                    col(Delivery.reason) == f"{IN_LETTER}{carrier}",
                ),
            )
        )
        # the one that carried the others was the last of them
        .order_by(col(Delivery.id) == carrier, col(Delivery.due_at), col(Delivery.id))
    )
    return _together([LetterTo(*row).told for row in found])


def _carrier(delivery: Delivery) -> int | None:
    """The word whose letter this one left in: mostly itself."""
    reason = delivery.reason or ""
    if delivery.state == "merged" and reason.startswith(IN_LETTER):
        return int(reason.removeprefix(IN_LETTER))
    return delivery.id


def _together(words: Sequence[facts.Facts]) -> facts.Facts:
    if len(words) == 1:
        return words[0]
    return facts.Merged(parts=tuple(one for one in words if not isinstance(one, facts.Apart)))


def _of(subscriber_id: str) -> sa.Select[Delivery, Announcement]:
    return (
        sa.select(Delivery, Announcement)
        .join(Announcement, col(Announcement.id) == col(Delivery.announcement_id))
        .where(col(Delivery.subscriber_id) == subscriber_id)
    )
