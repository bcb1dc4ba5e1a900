"""How is a letter written to ourselves, and what is made of its fate?

It is a row of the outbox like every other, to a subscriber of its own who is in no list, no
count and no audience (``state`` canary; the address is the configuration's). What is known of
it stands in the house's row, which also makes several workers send one an hour together.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications import facts, personal_facts
from notifications.identity import message_id
from statuspage.actions import mail_calls
from statuspage.rules import canary as rules
from statuspage.rules.tokens import new_code
from statuspage.settings import Settings
from statuspage.tables import Announcement, Delivery, House, Subscriber

ID = "canary"
"""Of its subscriber."""


def id_of(letter: str, settings: Settings) -> str:
    """The Message-ID by which it is known when it arrives; nobody else can know it."""
    return message_id(letter, ID, urlsplit(settings.site.url).hostname or "localhost")


async def known(session: AsyncSession) -> rules.Canary:
    return rules.thaw(await session.scalar(sa.select(col(House.canary))) or {})


async def send(session: AsyncSession, settings: Settings, now: datetime) -> bool:
    """If one is due; False: another worker has."""
    house = await _hold(session)
    canary = rules.thaw(house.canary)
    if not rules.is_due(canary, now):
        return False
    await _put_away(session, now)
    letter = secrets.token_hex(8)
    if await session.get(Subscriber, ID) is None:
        session.add(
            Subscriber(
                id=ID,
                language=settings.site.default_language,
                state="canary",
                code=new_code(),
                created_at=now,
            )
        )
        await session.flush()
    session.add(
        Announcement(
            id=letter,
            occasion="canary",
            subscriber_id=ID,
            facts=facts.freeze(personal_facts.Canary(sent_at=now)),
            created_at=now,
            due_at=now,
            spread_at=now,
        )
    )
    await session.flush()
    session.add(
        Delivery(announcement_id=letter, subscriber_id=ID, urgency=0, created_at=now, due_at=now)
    )
    house.canary = rules.freeze(rules.sent(canary, letter, now))
    return True


async def watch(
    session: AsyncSession,
    settings: Settings,
    arrived: Collection[str],
    since: datetime,
    now: datetime,
    *,
    has_mailbox: bool,
    blind: str | None = None,
) -> None:
    """Look after the one that is out. ``arrived``: Message-IDs that lay in the mailbox, where
    there is one; else the relay's acceptance counts. ``blind``: why it cannot be read.
    """
    house = await _hold(session)
    before = rules.thaw(house.canary)
    if before.letter is None:
        return
    found = await session.execute(
        sa.select(col(Delivery.accepted_at), col(Delivery.reason)).where(
            col(Delivery.announcement_id) == before.letter
        )
    )
    accepted_at, reason = next(iter(found.all()), (None, None))
    found_at = now if id_of(before.letter, settings) in arrived else None
    if not has_mailbox:
        found_at = accepted_at
    after = rules.watched(before, accepted_at, found_at, since, now)
    if after == before:
        return
    house.canary = rules.freeze(after)
    if after.lost_at and not before.lost_at:
        await mail_calls.canary_lost(session, settings, after, blind or reason or "", now)
    if before.lost_at and not after.lost_at:
        await mail_calls.canary_back(session, settings, after, before.lost_at, now)


async def _hold(session: AsyncSession) -> House:
    """The house's row, so that two workers take turns."""
    return (await session.scalars(sa.select(House).with_for_update())).one()


async def _put_away(session: AsyncSession, now: datetime) -> None:
    """Of those before: what still waits is withdrawn, for the next one stands for it; the rest
    is forgotten. So there are never more than two.
    """
    theirs = col(Delivery.subscriber_id) == ID
    waits = col(Delivery.state) == "queued"
    await session.execute(sa.delete(Delivery).where(theirs, sa.not_(waits)))
    await session.execute(
        sa.update(Delivery)
        .where(theirs, waits)
        .values(state="withdrawn", ended_at=now, reason="another takes its place")
        .execution_options(synchronize_session=False)
    )
    kept = sa.select(col(Delivery.announcement_id)).where(theirs)
    await session.execute(
        sa.delete(Announcement).where(
            col(Announcement.subscriber_id) == ID, col(Announcement.id).not_in(kept)
        )
    )
