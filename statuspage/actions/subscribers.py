"""How does somebody begin, change and end being told?

Each function is one transaction's worth, with an open session. Nothing is sent to an
address whose owner has not said yes, and nothing here lets on whether an address was
known: asking twice does the same as asking once. Leaving works at once and for ever,
until the owner asks again. No address stands in an exception or a log.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import (
    address_changes,
    bounces,
    invitations,
    mailboxes,
    only_this_time,
    recipients,
)
from statuspage.actions.forgetting import erase, is_suppressed, lift, withdraw_letters
from statuspage.actions.wishes import wish, wishes_of
from statuspage.rules import subscriptions, tokens
from statuspage.rules.subscriptions import Wishes
from statuspage.settings import Settings
from statuspage.tables import Subscriber

__all__ = [
    "Added",
    "Proof",
    "add",
    "ask",
    "ask_for_address",
    "change_wishes",
    "confirm",
    "erase",
    "find_by_code",
    "find_to_confirm",
    "is_suppressed",
    "leave",
    "wishes_of",
]

TOLD = ("active", "resting")
"""Whose letters are sent, or will be when their mailbox takes any."""
Proof = Mapping[str, str]
"""From which network address, and to which version of the text, somebody said yes."""
_UPSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


@dataclass(frozen=True, slots=True)
class Added:
    """What came of an operator's adding; ``kept``: who chose for themselves keeps what they
    chose; ``silent``: who has left or was erased is not brought back, nor whose mailbox takes
    nothing, and of whoever was erased there is no subscriber. ``secret``: what a hook's calls are
    signed with, where that is news.
    """

    subscriber: Subscriber | None
    outcome: Literal["added", "updated", "kept", "silent"]
    secret: str | None = None


async def ask(
    session: AsyncSession,
    settings: Settings,
    address: str,
    language: str,
    wishes: Wishes,
    now: datetime,
    proof: Proof,
) -> None:
    """Somebody wishes that this (normalised) address be told: ask its owner.

    A pending row and one letter to confirm, with growing pauses for one address. Who is told
    already gets nothing, and nothing of theirs changes: the form proves no ownership.
    """
    subscriber = await row_of(session, "email", address, language, now)
    if subscriber.state != "active":
        await ask_owner(session, settings, subscriber, language, wishes, now, proof)


async def ask_owner(
    session: AsyncSession,
    settings: Settings,
    subscriber: Subscriber,
    language: str,
    wishes: Wishes,
    now: datetime,
    proof: Proof,
) -> None:
    """Of somebody who is not told: may we?"""
    before = subscriber.proof.get("asked", {})
    again = subscriptions.may_ask_again(subscriber.asked_at, now, before.get("letters", 0))
    kept = {name: before[name] for name in ("letters", "waits") if name in before}
    subscriber.state = "pending"
    subscriber.proof = {"asked": {"at": now.isoformat(), **proof, **kept}}
    wish(subscriber, language, wishes)
    if again or "waits" in before:  # who waits and asks again is the newest of those who wait
        await invitations.invite(session, settings, subscriber, now)


async def confirm(
    session: AsyncSession, code: str, now: datetime, proof: Proof
) -> Subscriber | None:
    """The owner says yes; None for a code that is unknown or too old. Twice is harmless.

    Who wanted only the end of what is over meanwhile is erased: they are told by the answer.
    """
    subscriber = await find_to_confirm(session, code, now)
    if subscriber is None or subscriber.state != "pending" or subscriber.address is None:
        return subscriber
    if subscriber.channel == "email":
        await invitations.welcome(session, subscriber, now)
    awaited = subscriber.only_incident_id
    if awaited is not None and await only_this_time.is_over(session, awaited, now):
        await erase(session, subscriber.id, now)
        return subscriber
    await lift(session, subscriber.channel, subscriber.address)
    subscriber.state = "active"
    subscriber.confirmed_at = now
    subscriber.left_at = None
    subscriber.failing_since = None
    bounces.confirmed_anew(subscriber)
    subscriber.basis = "consent"
    await address_changes.take_over(session, subscriber, now)
    asked = dict(subscriber.proof.get("asked", {}))
    asked.pop("letters", None)
    asked.pop("instead_of", None)
    subscriber.proof = {"asked": asked, "confirmed": {"at": now.isoformat(), **proof}}
    return subscriber


async def leave(session: AsyncSession, code: str, now: datetime) -> Subscriber | None:
    """No more letters, from this moment, those on their way to the relay included; None for
    an unknown code. Twice is harmless.
    """
    subscriber = await find_by_code(session, code)
    if subscriber is not None and subscriber.state != "left":
        subscriber.state = "left"
        subscriber.left_at = now
        # an old link to confirm must not bring back who has left
        subscriber.confirm_code = None
        subscriber.asked_at = subscriber.new_address = None
        await withdraw_letters(session, subscriber.id, now, "unsubscribed")
        await recipients.forget(session, subscriber.id)
    return subscriber


async def change_wishes(
    session: AsyncSession, code: str, wishes: Wishes, language: str, now: datetime
) -> Subscriber | None:
    """Other wishes or another language; None unless they are being told. "Only this time" may
    be taken back, not begun here: whoever is told already would be forgotten with its end.
    """
    subscriber = await find_by_code(session, code)
    if subscriber is None or subscriber.state not in TOLD:
        return None
    if wishes.only_incident_id != subscriber.only_incident_id:
        wishes = replace(wishes, only_incident_id=None)
    wish(subscriber, language, wishes)
    subscriber.proof = {**subscriber.proof, "changed": {"at": now.isoformat()}}
    return subscriber


async def ask_for_address(
    session: AsyncSession, settings: Settings, code: str, address: str, now: datetime, proof: Proof
) -> Subscriber | None:
    """Letters shall go to another (normalised) address: its owner is asked, and until they say
    yes all stays as it is. None unless they are being told.
    """
    subscriber = await find_by_code(session, code)
    if subscriber is None or subscriber.state not in TOLD or subscriber.channel != "email":
        return None
    address_changes.note(subscriber, address, now)
    if not address_changes.is_theirs(subscriber, address):
        told = {**proof, "instead_of": subscriber.id}
        wishes, language = wishes_of(subscriber), subscriber.language
        await ask(session, settings, address, language, wishes, now, told)
    return subscriber


async def add(
    session: AsyncSession,
    address: str,
    language: str,
    components: Sequence[str],
    now: datetime,
    *,
    basis: str = "contract",
    source: str | None = None,
) -> Added:
    """An operator adds a (normalised) address that needs no letter to confirm: active at once."""
    if await is_suppressed(session, "email", address):
        return Added(None, "silent")
    subscriber = await row_of(session, "email", address, language, now)
    if subscriber.left_at is not None or subscriber.state == "resting":
        return Added(subscriber, "silent")
    if subscriber.state == "active" and subscriptions.chose_themselves(subscriber.proof):
        return Added(subscriber, "kept")
    outcome: Literal["added", "updated"] = "updated" if subscriber.state == "active" else "added"
    subscriber.only_incident_id = None  # or the end of that incident would erase them
    subscriber.to_introduce |= outcome == "added"
    subscriber.state = "active"
    subscriber.language = language
    subscriber.components = list(components)
    subscriber.confirmed_at = subscriber.confirmed_at or now
    subscriber.basis = basis
    subscriber.source = source
    return Added(subscriber, outcome)


async def find_by_code(session: AsyncSession, code: str) -> Subscriber | None:
    """Whose links these are, whatever became of them."""
    if not tokens.is_code(code):
        return None
    return await session.scalar(sa.select(Subscriber).where(col(Subscriber.code) == code))


async def find_to_confirm(session: AsyncSession, code: str, now: datetime) -> Subscriber | None:
    """Whom a link to confirm belongs to; None when it is too old. A used one is still known."""
    if not tokens.is_code(code):
        return None
    found = await session.scalar(sa.select(Subscriber).where(col(Subscriber.confirm_code) == code))
    if found is None or found.state == "active":
        return found
    return None if subscriptions.has_expired(found.asked_at, now) else found


async def row_of(
    session: AsyncSession, channel: str, address: str, language: str, now: datetime
) -> Subscriber:
    """The address's row, made if need be, and held to the end: of two who ask at the same
    moment, the second waits for what the first did.
    """
    fresh = {
        "id": secrets.token_hex(8),
        "channel": channel,
        "address": address,
        "language": language,
        "components": [],
        "state": "pending",
        "code": tokens.new_code(),
        "created_at": now,
        "proof": {},
    }
    upsert: Any = _UPSERTS[session.get_bind().dialect.name](Subscriber)
    await session.execute(upsert.values(**fresh).on_conflict_do_nothing())
    found = await session.scalars(
        sa.select(Subscriber).where(mailboxes.is_at(channel, address)).with_for_update()
    )
    return found.one()
