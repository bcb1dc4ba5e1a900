"""How is one person written to about their own letters, or their hook?

By mail, with an announcement of their own that is spread already; such letters go before any
fan-out. Written for many at once: an operator may have a whole list asked.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from notifications import facts
from notifications.personal_facts import Confirm, ConfirmHook, HookResting
from statuspage.tables import Announcement, Delivery

_ANNOUNCEMENTS: sa.Table = Announcement.__table__  # type: ignore[attr-defined]
_DELIVERIES: sa.Table = Delivery.__table__  # type: ignore[attr-defined]


async def write(
    session: AsyncSession, said: Mapping[str, Confirm | ConfirmHook | HookResting], now: datetime
) -> None:
    """``said``: the id of each who is written to -> what the letter knows."""
    announcements = [_announcement(id, told, now) for id, told in said.items()]
    if not announcements:
        return
    await session.execute(sa.insert(_ANNOUNCEMENTS), announcements)
    await session.execute(sa.insert(_DELIVERIES), [_delivery(one, now) for one in announcements])


def _announcement(
    subscriber_id: str, told: Confirm | ConfirmHook | HookResting, now: datetime
) -> dict[str, Any]:
    return {
        "id": secrets.token_hex(8),
        "occasion": told.occasion,
        "subscriber_id": subscriber_id,
        "facts": facts.freeze(told),
        "created_at": now,
        "due_at": now,
        "spread_at": now,
    }


def _delivery(announcement: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "announcement_id": announcement["id"],
        "subscriber_id": announcement["subscriber_id"],
        "channel": "email",
        "urgency": 0,
        "created_at": now,
        "due_at": now,
    }
