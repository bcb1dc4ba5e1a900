"""What do we keep about somebody? (GDPR art. 15 and 20)

All of it but the secrets in their links, which whoever asks has shown already.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.tables import (
    Announcement,
    AuditEntry,
    CreditCode,
    Delivery,
    Recipient,
    Subscriber,
)

SECRETS = frozenset({"code", "confirm_code", "secret"})


async def all_about(session: AsyncSession, subscriber: Subscriber) -> dict[str, Any]:
    """Ready for JSON; times are RFC 3339."""
    kept = {
        "subscription": subscriber.model_dump(exclude=set(SECRETS)),
        "letters": await _letters(session, subscriber.id),
        "told_of": await _rows(
            session, sa.select(col(Recipient.incident_id)), Recipient.subscriber_id, subscriber.id
        ),
        "credit_codes": await _rows(
            session,
            sa.select(col(CreditCode.incident_id), col(CreditCode.code), col(CreditCode.bound_at)),
            CreditCode.subscriber_id,
            subscriber.id,
        ),
        "audit": await _rows(
            session,
            sa.select(col(AuditEntry.at), col(AuditEntry.did)),
            AuditEntry.what,
            subscriber.id,
        ),
    }
    told: dict[str, Any] = to_jsonable_python(kept)
    return told


async def _letters(session: AsyncSession, subscriber_id: str) -> list[dict[str, Any]]:
    columns = (Announcement.occasion, Delivery.incident_id, Announcement.maintenance_id)
    times = (Delivery.created_at, Delivery.accepted_at, Delivery.ended_at, Delivery.bounced_at)
    letters = (
        sa.select(*map(col, columns), col(Delivery.state), *map(col, times), col(Delivery.reason))
        .join(Announcement, col(Announcement.id) == col(Delivery.announcement_id))
        .order_by(col(Delivery.id))
    )
    return await _rows(session, letters, Delivery.subscriber_id, subscriber_id)


async def _rows(
    session: AsyncSession, rows: Any, whose: Any, subscriber_id: str
) -> list[dict[str, Any]]:
    found = await session.execute(rows.where(col(whose) == subscriber_id))
    return [dict(row) for row in found.mappings()]
