"""Who is written to in the demo, and who may call its API?

Two customers, who ask and confirm as everybody does, through the same actions as the form
and the link in the letter; and one token, made anew at every start.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import subscribers, tokens
from statuspage.errors import Unknown
from statuspage.rules.subscriptions import Wishes
from statuspage.settings import Settings
from statuspage.tables import Subscriber
from statuspage.vocabulary import Scope

CUSTOMERS: Mapping[str, str] = {"anna@demo.example": "it", "paul@demo.example": "en"}
TOKEN = "demo"  # noqa: S105  its name
_PROOF = {"ip": "127.0.0.1", "text": "avviso demo"}


async def subscribe_all(session: AsyncSession, settings: Settings, now: datetime) -> None:
    """Both are told of everything, each in their language. Twice is harmless."""
    for address, language in CUSTOMERS.items():
        await subscribers.ask(session, settings, address, language, Wishes(), now, _PROOF)
        code = await session.scalar(
            sa.select(col(Subscriber.confirm_code)).where(col(Subscriber.address) == address)
        )
        if code is not None:
            await subscribers.confirm(session, code, now, _PROOF)


async def fresh_token(session: AsyncSession, now: datetime) -> str:
    """A token that may do all; that of an earlier start opens nothing any more."""
    with contextlib.suppress(Unknown):
        await tokens.revoke(session, TOKEN, now)
    _, plain = await tokens.create(session, TOKEN, [Scope.ADMIN], None, now)
    return plain
