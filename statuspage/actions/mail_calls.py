"""When are the operators called because the letters themselves are in trouble?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications import alarms, channels
from statuspage.actions import calls, incidents
from statuspage.rules.canary import Canary
from statuspage.settings import Settings
from statuspage.tables import Announcement, Delivery


def key(announcement: Announcement) -> str:
    return f"came_back:{announcement.id}"


async def came_back(
    session: AsyncSession,
    settings: Settings,
    announcement: Announcement,
    letters: int,
    returned: int,
    now: datetime,
) -> None:
    """So many of its letters that it is no matter of single addresses."""
    incident = None
    if announcement.incident_id is not None:
        about = await incidents.get(session, announcement.incident_id)
        incident = await calls.trouble(session, settings, about)
    reason = await session.scalar(
        sa.select(col(Delivery.reason))
        .where(
            col(Delivery.announcement_id) == announcement.id,
            col(Delivery.bounced_at).is_not(None),
        )
        .group_by(col(Delivery.reason))
        .order_by(sa.desc(sa.func.count()), col(Delivery.reason))
        .limit(1)
    )
    alarm = alarms.CameBack(
        letters=letters, returned=returned, reason=reason or "", at=now, incident=incident
    )
    await calls.call(session, settings, key(announcement), alarm, now, announcement.incident_id)


async def canary_lost(
    session: AsyncSession, settings: Settings, canary: Canary, reason: str, now: datetime
) -> None:
    """By another way than mail where there is one: it is mail that is in doubt."""
    sent_at = canary.sent_at or now
    alarm = alarms.CanaryLost(
        sent_at=sent_at, at=now, accepted_at=canary.accepted_at, reason=reason
    )
    key = f"canary_lost:{canary.letter}"
    await calls.call(session, settings, key, alarm, now, targets=_beside_mail(settings))


async def canary_back(
    session: AsyncSession, settings: Settings, canary: Canary, since: datetime, now: datetime
) -> None:
    alarm = alarms.CanaryBack(since=since, at=now, took_s=canary.took_s or 0.0)
    key = f"canary_back:{since.isoformat()}"
    await calls.call(session, settings, key, alarm, now, targets=_beside_mail(settings))


def _beside_mail(settings: Settings) -> Sequence[SecretStr]:
    everybody = settings.operators.notify
    others = [one for one in everybody if channels.kind_for(one.get_secret_value()) != "email"]
    return others or everybody
