"""How is the owner of an address asked whether we may write to it?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notifications.personal_facts import Confirm, ConfirmHook
from statuspage.actions import personal_letters
from statuspage.rules import subscriptions
from statuspage.rules.subscriptions import Wishes
from statuspage.settings import Settings


async def write(
    session: AsyncSession,
    settings: Settings,
    asked: Mapping[str, Wishes],
    now: datetime,
    channel: str = "email",
) -> None:
    """``asked``: the id of each who is asked -> what they are to be told of, by this channel."""
    questions = {id: _question(settings, wishes, channel, now) for id, wishes in asked.items()}
    await personal_letters.write(session, questions, now)


def _question(
    settings: Settings, wishes: Wishes, channel: str, now: datetime
) -> Confirm | ConfirmHook:
    components = [settings.component(id) for id in wishes.components]
    names = [component.name for component in components if component is not None]
    told_of = tuple(dict.fromkeys([*wishes.groups, *names]))
    until, text = now + subscriptions.CONFIRM_WITHIN, subscriptions.TEXT_VERSION
    if channel != "email":
        return ConfirmHook(kind=channel, expires_at=until, text_version=text, components=told_of)
    return Confirm(
        expires_at=until,
        text_version=text,
        components=told_of,
        only_this_time=wishes.only_incident_id is not None,
    )
