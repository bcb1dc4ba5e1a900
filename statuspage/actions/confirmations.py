"""How is the owner of an address asked whether we may write to it?

One letter to each, of an announcement of their own that is spread already; they go before any
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
from statuspage.rules import subscriptions
from statuspage.rules.subscriptions import Wishes
from statuspage.settings import Settings
from statuspage.tables import Announcement, Delivery

_ANNOUNCEMENTS: sa.Table = Announcement.__table__  # type: ignore[attr-defined]
_DELIVERIES: sa.Table = Delivery.__table__  # type: ignore[attr-defined]


async def write(
    session: AsyncSession, settings: Settings, asked: Mapping[str, Wishes], now: datetime
) -> None:
    """``asked``: the id of each who is asked -> what they are to be told of."""
    announcements = [_announcement(settings, id, wishes, now) for id, wishes in asked.items()]
    if not announcements:
        return
    await session.execute(sa.insert(_ANNOUNCEMENTS), announcements)
    await session.execute(sa.insert(_DELIVERIES), [_delivery(one, now) for one in announcements])


def _announcement(
    settings: Settings, subscriber_id: str, wishes: Wishes, now: datetime
) -> dict[str, Any]:
    components = [settings.component(id) for id in wishes.components]
    names = [component.name for component in components if component is not None]
    asks = facts.Confirm(
        expires_at=now + subscriptions.CONFIRM_WITHIN,
        text_version=subscriptions.TEXT_VERSION,
        components=tuple(dict.fromkeys([*wishes.groups, *names])),
        only_this_time=wishes.only_incident_id is not None,
    )
    return {
        "id": secrets.token_hex(8),
        "occasion": "confirm",
        "subscriber_id": subscriber_id,
        "facts": facts.freeze(asks),
        "created_at": now,
        "due_at": now,
        "spread_at": now,
    }


def _delivery(announcement: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "announcement_id": announcement["id"],
        "subscriber_id": announcement["subscriber_id"],
        "urgency": 0,
        "created_at": now,
        "due_at": now,
    }
