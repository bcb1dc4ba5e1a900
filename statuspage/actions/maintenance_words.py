"""When are customers written to about a maintenance?

Through the ordinary outbox, and only those who chose one of its components, or all. A word
about its times that has not left yet is replaced by the newer one, so nobody reads of a
change of what they never heard of; who was told of nothing hears of no end.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications import facts
from statuspage.actions import announcements
from statuspage.rules.maintenance_facts import planned
from statuspage.rules.occurrences import Window
from statuspage.settings import Settings
from statuspage.tables import Announcement, Maintenance
from statuspage.vocabulary import By

ABOUT_TIMES = ("announced", "changed", "tomorrow")
ONLY_TOLD = ("cancelled", "finished")


async def tell(
    session: AsyncSession,
    settings: Settings,
    row: Maintenance,
    occasion: str,
    now: datetime,
    *,
    by: By,
    was: Window | None = None,
    repeats: bool = True,
) -> Announcement | None:
    """Announce it; None where nobody is to be written to. ``was``: the times before."""
    replaced = await _replace(session, row.id, occasion, now)
    if replaced is not None and occasion != "finished":
        occasion, was = _before_it(replaced, occasion, was)
    told = planned(settings, row, occasion, now, was, repeats=repeats)
    if told is None or not row.notify:
        return None
    made = Announcement(
        id=announcements.new_id(),
        occasion=told.occasion,
        maintenance_id=row.id,
        facts=facts.freeze(told),
        automatic=by is By.MACHINE,
        only_told=occasion in ONLY_TOLD,
        created_at=now,
        due_at=now + settings.letters.undo if by is By.HUMAN else now,
    )
    session.add(made)
    if occasion in ABOUT_TIMES:
        row.told_at = now
    return made


async def _replace(
    session: AsyncSession, maintenance_id: str, occasion: str, now: datetime
) -> Announcement | None:
    """Withdraw what has not been spread; of one that does not take place, every letter that has
    not left. Answers the first that had not been spread.
    """
    standing = [
        col(Announcement.maintenance_id) == maintenance_id,
        col(Announcement.withdrawn_at).is_(None),
    ]
    if occasion in ABOUT_TIMES:
        standing.append(col(Announcement.spread_at).is_(None))
    found = await session.scalars(
        sa.select(Announcement).where(*standing).order_by(col(Announcement.created_at))
    )
    rows = list(found.all())
    for row in rows:
        await announcements.stop(session, row, f"{occasion} meanwhile", now)
    return next((row for row in rows if row.spread_at is None), None)


def _before_it(
    replaced: Announcement, occasion: str, was: Window | None
) -> tuple[str, Window | None]:
    """The newer word takes the place of the one that never left: what nobody has read was not
    announced, and what was announced before it still counts as that.
    """
    if replaced.occasion == "maintenance_announced":
        return (occasion if occasion in ONLY_TOLD else "announced"), None
    told = facts.thaw(replaced.facts)
    if isinstance(told, facts.Planned) and told.was_from and told.was_until:
        return occasion, Window(told.was_from, told.was_until)
    return occasion, was
