"""Who may call the operators' API?

A token is shown once, when it is made; kept is its hash. Revoking one leaves its row, so
that the audit's names keep a meaning; a name is free again once its token is revoked.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import audit
from statuspage.errors import Conflict, Unknown
from statuspage.rules import tokens as rules
from statuspage.tables import Token
from statuspage.vocabulary import Scope

SHOWN = 9
"""``av_`` and six characters: enough to tell one from another, useless to a thief."""
USED_AGAIN_AFTER = timedelta(minutes=1)


async def create(
    session: AsyncSession,
    name: str,
    scopes: Iterable[Scope],
    user: str | None,
    now: datetime,
) -> tuple[Token, str]:
    """A new token, and its secret in plain, which nobody can ever read again.

    Raises ``Conflict`` when a token of this name is in use.
    """
    if await _named(session, name) is not None:
        raise Conflict(f"There is a token called {name!r} already.")
    plain = rules.new_token()
    token = Token(
        id=secrets.token_hex(8),
        name=name,
        digest=rules.digest(plain),
        shown=plain[:SHOWN],
        scopes=sorted({scope.value for scope in scopes}),
        user=user,
        created_at=now,
    )
    session.add(token)
    audit.note(session, user or "terminal", "token created", token.id, now, name=name)
    return token, plain


async def every(session: AsyncSession) -> list[Token]:
    """All that were ever made, the oldest first."""
    return list((await session.scalars(sa.select(Token).order_by(col(Token.created_at)))).all())


async def revoke(session: AsyncSession, name: str, now: datetime) -> Token:
    """From now on it opens nothing. Raises ``Unknown``."""
    token = await _named(session, name)
    if token is None:
        raise Unknown(f"There is no token called {name!r} in use.")
    token.revoked_at = now
    # names are unique, and the next token for the same purpose is to have this one's
    token.name = f"{token.name} (revoked, {token.id})"
    audit.note(session, "terminal", "token revoked", token.id, now, name=name)
    return token


async def find(session: AsyncSession, plain: str) -> Token | None:
    """The token that somebody shows; None when it opens nothing."""
    if not rules.is_token(plain):
        return None
    token = await session.scalar(sa.select(Token).where(col(Token.digest) == rules.digest(plain)))
    if token is None or token.revoked_at is not None or not rules.matches(plain, token.digest):
        return None
    return token


def was_used_lately(token: Token, now: datetime) -> bool:
    """Whether its last use is written down closely enough."""
    return token.used_at is not None and abs(now - token.used_at) < USED_AGAIN_AFTER


async def note_use(session: AsyncSession, token_id: str, now: datetime) -> None:
    await session.execute(
        sa.update(Token)
        .where(col(Token.id) == token_id)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )


async def _named(session: AsyncSession, name: str) -> Token | None:
    found = await session.scalars(
        sa.select(Token).where(col(Token.name) == name, col(Token.revoked_at).is_(None))
    )
    return found.first()
