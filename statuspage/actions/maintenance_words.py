"""When are customers written to about a maintenance?

Through the ordinary outbox, and only those who chose one of its components, or all. A word
about its times that has not left yet is replaced by the newer one, so nobody reads of a
change of what they never heard of; who was told of nothing hears of no end. What a person
says may wait for a second reader; what the clock says waits for nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications import facts
from statuspage.actions import announcements, approvals
from statuspage.actions.earlier_words import SPARED
from statuspage.actions.revision import forget_before, revision
from statuspage.rules.maintenance_facts import planned, public_ids, spared, texts
from statuspage.rules.maintenances import Plan
from statuspage.rules.occurrences import Window
from statuspage.settings import Settings
from statuspage.tables import Announcement, Maintenance

ABOUT_TIMES = ("announced", "changed", "tomorrow")
ONLY_TOLD = ("cancelled", "finished")


async def tell(
    session: AsyncSession,
    settings: Settings,
    row: Maintenance,
    occasion: str,
    now: datetime,
    *,
    who: str | None = None,
    was: Window | None = None,
    repeats: bool = True,
) -> Announcement | None:
    """Announce it; None where nobody is to be written to. ``who`` says it; None: the clock.
    ``was``: the times before.
    """
    replaced = await _replace(session, row.id, occasion, now)
    if replaced is not None and occasion != "finished":
        occasion, was = _before_it(replaced, occasion, was)
    told = planned(settings, row, occasion, now, was, repeats=repeats)
    if told is None or not row.notify:
        return None
    if occasion in ABOUT_TIMES:
        row.told_at = now
    return await _announce(session, settings, row, told, who, now, occasion in ONLY_TOLD)


async def release(
    session: AsyncSession,
    settings: Settings,
    row: Maintenance,
    before: Plan,
    now: datetime,
    *,
    who: str,
) -> Announcement | None:
    """Whom it does not concern any more, and who has read that it does, hears that too."""
    gone = public_ids(settings, [id for id in before.components if id not in row.components])
    if not gone or not row.notify:
        return None
    told = spared(settings, row, gone, before.window, now)
    return await _announce(session, settings, row, told, who, now, only_told=True)


async def say_it_in_letters(
    session: AsyncSession, settings: Settings, row: Maintenance, now: datetime
) -> None:
    """Its texts are others: letters that have not left take them; nobody is written to again."""
    for letter in await of_maintenance(session, row.id):
        if letter.withdrawn_at is None and put_texts(letter, texts(row)):
            approvals.read_anew(settings, letter, now)
    await forget_before(session, await revision(session))


async def withdraw(session: AsyncSession, maintenance_id: str, why: str, now: datetime) -> None:
    """Nothing that was not told yet is told any more."""
    for letter in await of_maintenance(session, maintenance_id):
        if letter.spread_at is None:
            await announcements.stop(session, letter, why, now)


async def is_being_told(session: AsyncSession, maintenance_id: str) -> bool:
    """Whether a person's word of it has not left yet."""
    return any(
        letter.author and letter.spread_at is None and letter.withdrawn_at is None
        for letter in await of_maintenance(session, maintenance_id)
    )


async def of_maintenance(session: AsyncSession, maintenance_id: str) -> Sequence[Announcement]:
    """All of it that was to be told, withdrawn or not, oldest first."""
    found = await session.scalars(
        sa.select(Announcement)
        .where(col(Announcement.maintenance_id) == maintenance_id)
        .order_by(col(Announcement.created_at), col(Announcement.id))
    )
    return found.all()


def put_texts(letter: Announcement, said: dict[str, Any]) -> bool:
    """Whether the letter says something else now."""
    told = {**letter.facts, "maintenance": {**letter.facts["maintenance"], **said}}
    changed, letter.facts = told != letter.facts, told
    return changed


async def _announce(
    session: AsyncSession,
    settings: Settings,
    row: Maintenance,
    told: facts.Planned,
    who: str | None,
    now: datetime,
    only_told: bool,
) -> Announcement:
    letter = Announcement(
        id=announcements.new_id(),
        occasion=told.occasion,
        maintenance_id=row.id,
        facts=facts.freeze(told),
        automatic=who is None,
        only_told=only_told,
        created_at=now,
        due_at=now + settings.letters.undo if who else now,
    )
    session.add(letter)
    if who is not None:
        await approvals.send_planned(session, settings, row, letter, who, now)
    return letter


async def _replace(
    session: AsyncSession, maintenance_id: str, occasion: str, now: datetime
) -> Announcement | None:
    """Withdraw what has not been spread; of one that does not take place, every letter that has
    not left. Answers the first that had not been spread.
    """
    standing = [
        one for one in await of_maintenance(session, maintenance_id) if not one.withdrawn_at
    ]
    if occasion in ABOUT_TIMES:  # who is spared hears so, whatever the times are now
        standing = [one for one in standing if not one.spread_at and one.occasion != SPARED]
    for row in standing:
        await announcements.stop(session, row, f"{occasion} meanwhile", now)
    return next((one for one in standing if not one.spread_at and one.occasion != SPARED), None)


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
