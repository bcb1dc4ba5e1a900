"""May one more letter to confirm leave now?

Whoever fills in the form is never refused for the company they are in: thousands of honest
visitors share one mobile carrier's address, and they come in the outage. What is limited is
how many strangers hear from us because of one network, and because of all: a letter beyond
that waits. Each yes shows that the letters were wanted, and makes room for more than itself,
so that honest crowds are soon through and invented addresses are not. Of those who wait, the
newest are first: who came honestly after a flood does not stand behind it
(``docs/decisions/0009-subscribing.md``).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import confirmations
from statuspage.actions import limits as counted
from statuspage.actions.forgetting import withdraw_letters
from statuspage.actions.wishes import wishes_of
from statuspage.rules import limits, subscriptions, tokens
from statuspage.rules.limits import Denied, Limit
from statuspage.settings import Settings
from statuspage.tables import House, Subscriber

A_SLICE = 50
_WAITS = ("asked", "waits")


async def invite(
    session: AsyncSession, settings: Settings, subscriber: Subscriber, now: datetime
) -> None:
    """One letter to one address, before any fan-out: now, or as soon as there is room."""
    network = await _network(session, subscriber)
    if await _room(session, network, now) is not None:
        _note(subscriber, waits=network)
        subscriber.asked_at = now
        return
    await _write(session, settings, subscriber, now)


async def anybody_waits(session: AsyncSession) -> bool:
    return bool(await _waiting(session, set(), 1))


async def release(session: AsyncSession, settings: Settings, now: datetime) -> bool:
    """Letters to some of those who wait, the newest first; whether there may be more to do."""
    full, written = set[str](), 0
    while rows := await _waiting(session, full, A_SLICE):
        for row in rows:
            network = row.proof["asked"]["waits"]
            if written == A_SLICE:
                return True
            full_up = None if network in full else await _room(session, network, now)
            if full_up and full_up.name == limits.LETTERS_IN_ALL.name:
                return False
            if full_up:
                full.add(network)
            if network not in full:
                await _write(session, settings, row, now)
                written += 1
    return False


async def welcome(session: AsyncSession, subscriber: Subscriber, now: datetime) -> None:
    """They said yes: the letter was wanted, and others of their network get theirs sooner."""
    network = await _network(session, subscriber)
    await counted.count(session, _buckets(network), now, by=-subscriptions.ROOM_OF_A_YES)


async def _network(session: AsyncSession, subscriber: Subscriber) -> str:
    """Whom the letter is counted for: a keyed hash, for it is stored; empty: an operator."""
    seen_from = subscriber.proof.get("asked", {}).get("from")
    if not seen_from:
        return ""
    house = await session.get_one(House, 1)
    return limits.keyed_hash(limits.network_of(seen_from), house.secret.encode())


async def _room(session: AsyncSession, network: str, now: datetime) -> Limit | None:
    """Take room for one letter; if there is none, which limit says so."""
    verdict = await counted.take(session, _buckets(network), now)
    return verdict.limit if isinstance(verdict, Denied) else None


def _buckets(network: str) -> dict[str, Limit]:
    buckets = {limits.bucket_of(limits.LETTERS_IN_ALL, ""): limits.LETTERS_IN_ALL}
    if network:
        its = limits.bucket_of(limits.LETTERS_PER_NETWORK, network)
        buckets[its] = limits.LETTERS_PER_NETWORK
    return buckets


async def _waiting(session: AsyncSession, full: set[str], most: int) -> list[Subscriber]:
    waits: Any = col(Subscriber.proof)[_WAITS].as_string()
    found = await session.scalars(
        sa.select(Subscriber)
        .where(col(Subscriber.state) == "pending", waits.is_not(None), waits.not_in(full))
        .order_by(sa.desc(col(Subscriber.asked_at)), col(Subscriber.id))
        .limit(most)
    )
    return list(found)


def _note(subscriber: Subscriber, **told: Any) -> None:
    """In the proof, beside what was asked: JSON is only seen to change when it is another."""
    asked: dict[str, Any] = subscriber.proof.get("asked", {})
    kept = {name: value for name, value in (asked | told).items() if value is not None}
    subscriber.proof = {**subscriber.proof, "asked": kept}


async def _write(
    session: AsyncSession, settings: Settings, subscriber: Subscriber, now: datetime
) -> None:
    """It is spread as soon as it is there, and takes the place of one that never left."""
    letters = subscriber.proof.get("asked", {}).get("letters", 0)
    _note(subscriber, waits=None, letters=letters + 1)
    subscriber.asked_at = now
    subscriber.confirm_code = subscriber.confirm_code or tokens.new_code()
    await withdraw_letters(session, subscriber.id, now, "asked for again")
    await session.flush()
    asked = {subscriber.id: wishes_of(subscriber)}
    await confirmations.write(session, settings, asked, now, subscriber.channel)
