"""How does a hook fare that we call: does it take what we say, and when is it left alone?

Each function is one transaction's worth, with an open session. Rules: who takes something is
well; who has taken nothing for a day is called no more, and whoever looks after it is written
to; who answers that it is gone has left. No address stands in a reason.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.personal_facts import HookResting
from statuspage.actions import personal_letters, subscribers
from statuspage.actions.forgetting import withdraw_letters
from statuspage.tables import Subscriber

QUARANTINE_AFTER = timedelta(days=1)


async def took(session: AsyncSession, ids: Collection[str]) -> None:
    if ids:
        await session.execute(
            sa.update(Subscriber)
            .where(col(Subscriber.id).in_(ids), col(Subscriber.failing_since).is_not(None))
            .values(failing_since=None)
            .execution_options(synchronize_session=False)
        )


async def failed(session: AsyncSession, id: str, now: datetime, reason: str | None) -> None:
    """It has not taken something; after a day of that it rests."""
    hook = await session.get(Subscriber, id, with_for_update=True, populate_existing=True)
    if hook is None or hook.state != "active":
        return
    if hook.failing_since is None or hook.failing_since > now:  # a clock that stepped back
        hook.failing_since = now
    elif now - hook.failing_since >= QUARANTINE_AFTER:
        await _rest(session, hook, hook.failing_since, now, reason)


async def gone(session: AsyncSession, id: str, now: datetime) -> None:
    hook = await session.get(Subscriber, id)
    if hook is not None and hook.code is not None:
        await subscribers.leave(session, hook.code, now)


async def start_again(session: AsyncSession, code: str) -> Subscriber | None:
    """Whoever looks after it says that it is ready; None for an unknown code. Twice is harmless."""
    hook = await subscribers.find_by_code(session, code)
    if hook is not None and hook.state == "resting":
        hook.state = "active"
        hook.failing_since = hook.resting_since = hook.resting_why = None
    return hook


async def _rest(
    session: AsyncSession, hook: Subscriber, since: datetime, now: datetime, reason: str | None
) -> None:
    hook.state = "resting"
    hook.resting_since = now
    hook.resting_why = f"took nothing for a day: {reason}" if reason else "took nothing for a day"
    await withdraw_letters(session, hook.id, now, "the hook took nothing for a day")
    if hook.owner is not None:
        said = HookResting(kind=hook.channel, since=since, said_at=now)
        await personal_letters.write(session, {hook.id: said}, now)
