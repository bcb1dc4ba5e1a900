"""How is somebody forgotten, and how do they stay so?

Everything by which a person could be found leaves every row: address, codes, proof, wishes.
What points to them (deliveries, a code that they were given) points to an id from then on.
A keyed hash stays, so that no import writes to them again; it ends when they come back by
themselves. No address stands in an exception or a log.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import recipients
from statuspage.rules import limits
from statuspage.tables import Answer, Delivery, House, Subscriber, Suppression

_UPSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
_NOTHING: dict[str, Any] = {
    **dict.fromkeys(("address", "mailbox", "new_address", "owner", "secret")),
    **dict.fromkeys(("code", "confirm_code")),
    **dict.fromkeys(("asked_at", "confirmed_at", "change_asked_at", "failing_since", "bounced_at")),
    **dict.fromkeys(("basis", "source", "only_incident_id", "resting_since", "resting_why")),
    "language": "",
    "components": [],
    "groups": [],
    "least_impact": "none",
    "ends_only": False,
    "proof": {},
    "to_introduce": False,
    "hard_bounces": 0,
}
"""A row of which no more is known than that there was one."""


async def erase(
    session: AsyncSession, subscriber_id: str, now: datetime, why: str | None = "erased"
) -> bool:
    """Forget a subscriber for good; False: there is none of that id. Twice is harmless.

    ``why`` they stay silent: left, erased, bounced; None: they need not. Letters that wait for
    them never leave.
    """
    subscriber = await session.get(Subscriber, subscriber_id, with_for_update=True)
    if subscriber is None:
        return False
    if subscriber.state == "erased":
        return True
    for address in filter(None, (subscriber.address, subscriber.new_address)):
        await _forget_answers(session, address)
    if subscriber.address is not None and why is not None:
        await suppress(session, subscriber.channel, subscriber.address, why, now)
    await withdraw_letters(session, subscriber.id, now, "erased")
    await recipients.forget(session, subscriber.id)
    for name, value in _NOTHING.items():
        setattr(subscriber, name, value)
    subscriber.state = "erased"
    subscriber.left_at = now
    return True


async def withdraw_letters(
    session: AsyncSession, subscriber_id: str, now: datetime, reason: str
) -> None:
    """What waits for somebody never leaves, what is on its way to the relay included."""
    await session.execute(
        sa.update(Delivery)
        .where(col(Delivery.subscriber_id) == subscriber_id, col(Delivery.state) == "queued")
        .values(state="withdrawn", ended_at=now, reason=reason)
    )


async def suppress(
    session: AsyncSession, channel: str, address: str, why: str, now: datetime
) -> None:
    """Nobody but its owner makes us write to this address again."""
    upsert: Any = _UPSERTS[session.get_bind().dialect.name](Suppression)
    hashed = _hash(await _secret(session), channel, address)
    await session.execute(
        upsert.values(hash=hashed, why=why, at=now).on_conflict_do_nothing(index_elements=["hash"])
    )


async def is_suppressed(session: AsyncSession, channel: str, address: str) -> bool:
    """Was whoever has this (normalised) address forgotten, and has not come back?"""
    return bool(await suppressed_among(session, channel, [address]))


async def suppressed_among(
    session: AsyncSession, channel: str, addresses: Collection[str]
) -> set[str]:
    """Of some thousands of addresses at most, those that must stay silent."""
    secret = await _secret(session)
    hashes = {address: _hash(secret, channel, address) for address in addresses}
    found = await session.scalars(
        sa.select(col(Suppression.hash)).where(col(Suppression.hash).in_(hashes.values()))
    )
    silent = set(found)
    return {address for address, hashed in hashes.items() if hashed in silent}


async def lift(session: AsyncSession, channel: str, address: str) -> None:
    """Its owner has said yes again."""
    hashed = _hash(await _secret(session), channel, address)
    await session.execute(
        sa.delete(Suppression)
        .where(col(Suppression.hash) == hashed)
        .execution_options(synchronize_session=False)
    )


async def _secret(session: AsyncSession) -> bytes:
    return (await session.get_one(House, 1)).secret.encode()


def _hash(secret: bytes, channel: str, address: str) -> str:
    return limits.keyed_hash(f"{channel}:{address}", secret)


async def _forget_answers(session: AsyncSession, address: str) -> None:
    """The answer to whoever added them says their address: its repeat is asked anew, and is
    told that they stay silent.
    """
    written = json.dumps(address, ensure_ascii=False)
    await session.execute(
        sa.delete(Answer)
        .where(col(Answer.body).contains(written, autoescape=True))
        .execution_options(synchronize_session=False)
    )
