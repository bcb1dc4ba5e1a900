"""Was this carried out already, and what was the answer?

The row that remembers an answer is made first, in the transaction of the deed: of two
requests that come at the same moment the second waits for the key, then finds the answer
of the first. An answer without a key of its own counts for two minutes, and not beyond a
taking back: who withdraws a word and says it again means it; so does who ends one deploy and
begins the next.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.errors import Conflict
from statuspage.tables import Answer, AuditEntry

REPEAT_WITHIN = timedelta(minutes=2)
KEYED_FOR = timedelta(hours=24)
TAKINGS_BACK = (
    *("update withdrawn", "subscriber removed"),
    *("maintenance cancelled", "maintenance ended"),
)
_UPSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def key_of(token_id: str, path: str, idempotency_key: str | None, body: bytes) -> str:
    """Under which a request is known again: whose, where to, and its key or else its body."""
    named = b"key" if idempotency_key is not None else b"body"
    what = idempotency_key.encode() if idempotency_key is not None else digest(body).encode()
    return digest(b"\0".join((token_id.encode(), path.encode(), named, what)))


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


async def first_of(
    session: AsyncSession, key: str, body: bytes, now: datetime, *, keyed: bool
) -> Answer | None:
    """The answer that the first such request got; None: this is the first, and the place of
    its answer is ours. Raises ``Conflict`` when the key was used for another body.
    """
    since = now - KEYED_FOR if keyed else await _since(session, now)
    fresh = {"body_digest": digest(body), "at": now, "status": 0, "body": ""}
    upsert: Any = _UPSERTS[session.get_bind().dialect.name](Answer)
    ours = await session.execute(
        upsert.values(key=key, **fresh)
        .on_conflict_do_update(index_elements=["key"], set_=fresh, where=col(Answer.at) <= since)
        .returning(col(Answer.key))
    )
    if ours.first() is not None:
        return None
    found = (await session.scalars(sa.select(Answer).where(col(Answer.key) == key))).one()
    if found.body_digest != digest(body):
        raise Conflict("This Idempotency-Key was used for another body.")
    return found


async def remember(session: AsyncSession, key: str, status: int, body: str) -> None:
    """What this request was answered."""
    await session.execute(
        sa.update(Answer)
        .where(col(Answer.key) == key)
        .values(status=status, body=body)
        .execution_options(synchronize_session=False)
    )


async def _since(session: AsyncSession, now: datetime) -> datetime:
    """Answers of this time and before do not count any more."""
    long_ago = now - REPEAT_WITHIN
    taken_back = await session.scalar(
        sa.select(sa.func.max(AuditEntry.at)).where(
            col(AuditEntry.at) > long_ago, col(AuditEntry.did).in_(TAKINGS_BACK)
        )
    )
    return taken_back or long_ago
