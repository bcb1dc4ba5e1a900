"""Which of our letters came back?

By the seal in the address that it came to, which nobody else can have written; where letters
leave without one, by their Message-ID and the address together, which only who has the letter
knows. A program that showed its token is believed by the address alone: then it was the last
letter to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.bounce import Bounce
from notifications.identity import message_id
from notifications.return_path import number_in
from statuspage.actions import mailboxes
from statuspage.settings import Settings
from statuspage.tables import Delivery, House, Subscriber

COMES_BACK_WITHIN = timedelta(days=10)
"""Relays try for five days, and their reports may wait as long."""
_MOST_LETTERS = 200


async def key(session: AsyncSession) -> bytes:
    """What seals are made with."""
    return (await session.scalar(sa.select(col(House.secret))) or "").encode()


async def letter_of(
    session: AsyncSession,
    settings: Settings,
    bounce: Bounce,
    sealed_with: bytes,
    now: datetime,
    *,
    by_program: bool,
) -> int | None:
    """The delivery; None: none of ours, or nothing shows that it was."""
    address = settings.bounces.address
    if address and (number := number_in(bounce.came_to, address, sealed_with)) is not None:
        return number
    if bounce.recipient is None or (address and not by_program):
        return None
    theirs = await _letters_to(session, bounce.recipient, now)
    if bounce.message_id is None:
        return theirs[0][0] if theirs and by_program else None
    domain = urlsplit(settings.site.url).hostname or "localhost"
    known = {message_id(told, whom, domain): id for id, told, whom in theirs}
    return known.get(bounce.message_id)


async def _letters_to(
    session: AsyncSession, address: str, now: datetime
) -> Sequence[tuple[int, str, str]]:
    """Delivery, announcement and subscriber of what was sent there lately, the newest first."""
    found = await session.execute(
        sa.select(col(Delivery.id), col(Delivery.announcement_id), col(Delivery.subscriber_id))
        .join(Subscriber, col(Subscriber.id) == col(Delivery.subscriber_id))
        .where(
            mailboxes.is_at("email", address),
            col(Delivery.accepted_at) > now - COMES_BACK_WITHIN,
        )
        .order_by(sa.desc(col(Delivery.id)))
        .limit(_MOST_LETTERS)
    )
    return [(id or 0, announcement, subscriber) for id, announcement, subscriber in found]
