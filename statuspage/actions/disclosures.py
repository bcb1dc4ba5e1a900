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
    kept = await kept_of(session, subscriber)
    return kept | {"deliveries": await _letters(session, subscriber.id)}


async def kept_of(session: AsyncSession, subscriber: Subscriber) -> dict[str, Any]:
    """``subscriber``: their row; ``told_of``: incidents whose letters are not kept any more;
    ``credits``: codes that they were given; ``history``: what was done with their entry. Without
    the letters, of which there may be thousands.
    """
    its = subscriber.id
    told_of = sa.select(col(Recipient.incident_id)).order_by(col(Recipient.incident_id))
    codes = sa.select(col(CreditCode.incident_id), col(CreditCode.code), col(CreditCode.bound_at))
    history = sa.select(col(AuditEntry.at), col(AuditEntry.did)).order_by(col(AuditEntry.id))
    shown = [name for name in Subscriber.model_fields if name not in SECRETS]
    return {
        "subscriber": to_jsonable_python({name: getattr(subscriber, name) for name in shown}),
        "history": await _rows(session, history, AuditEntry.what, its),
        "told_of": [
            one["incident_id"]
            for one in await _rows(session, told_of, Recipient.subscriber_id, its)
        ],
        "credits": await _rows(session, codes, CreditCode.subscriber_id, its),
    }


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
    told: list[dict[str, Any]] = to_jsonable_python([dict(row) for row in found.mappings()])
    return told
