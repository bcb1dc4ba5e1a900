"""How is the owner of an address asked whether we may write to it?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.personal_facts import Confirm
from statuspage.actions import personal_letters
from statuspage.rules import subscriptions
from statuspage.rules.subscriptions import Wishes
from statuspage.settings import Settings


async def write(
    session: AsyncSession, settings: Settings, asked: Mapping[str, Wishes], now: datetime
) -> None:
    """``asked``: the id of each who is asked -> what they are to be told of."""
    questions = {id: _question(settings, wishes, now) for id, wishes in asked.items()}
    await personal_letters.write(session, questions, now)


def _question(settings: Settings, wishes: Wishes, now: datetime) -> Confirm:
    components = [settings.component(id) for id in wishes.components]
    names = [component.name for component in components if component is not None]
    return Confirm(
        expires_at=now + subscriptions.CONFIRM_WITHIN,
        text_version=subscriptions.TEXT_VERSION,
        components=tuple(dict.fromkeys([*wishes.groups, *names])),
        only_this_time=wishes.only_incident_id is not None,
    )
