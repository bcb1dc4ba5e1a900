"""What would customers get, if this were said?

The word is said in a transaction that is rolled back, so what is shown is what would
happen, by the same code.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications import facts
from statuspage.actions import audience
from statuspage.api.review import FindingView, Reviewed, views
from statuspage.api.specimens import LetterView, specimens
from statuspage.premises import Premises
from statuspage.settings import Settings
from statuspage.tables import Announcement, Maintenance, Update

Says = Callable[[AsyncSession], Awaitable[tuple[Update | Maintenance | None, bool]]]
"""Says a word: the update, or the maintenance that it changed, None where it changed nothing;
and whether it went on with an automatic incident.
"""


class RehearsalView(BaseModel):
    """What would have happened; nothing has."""

    dry_run: bool = True
    continued: bool = Field(description="it would go on with an automatic incident")
    total: int = Field(description="how many would be written to")
    by_language: dict[str, int]
    letters: list[LetterView]
    findings: list[FindingView]
    needs_override: bool = Field(
        description="a finding is an error: it is taken with override only"
    )


@dataclass(frozen=True, slots=True)
class _Outcome:
    continued: bool
    told: facts.Facts | None
    readers: Mapping[str, int]


async def rehearse(
    premises: Premises, says: Says, read: Reviewed, *, occasion: str | None = None
) -> RehearsalView:
    """Raises what saying it would raise, save that the review refuses it: that is shown.
    ``occasion``: which letter, where an update has two.
    """
    settings = premises.settings
    async with premises.store.write() as session:
        outcome = await _outcome(session, settings, says, occasion)
        await session.rollback()
    return RehearsalView(
        continued=outcome.continued,
        total=sum(outcome.readers.values()),
        by_language=dict(outcome.readers),
        letters=specimens(settings, outcome.told, outcome.readers) if outcome.told else [],
        findings=views(read.findings),
        needs_override=bool(read.refused) and not read.word.overridden,
    )


async def _outcome(
    session: AsyncSession, settings: Settings, says: Says, occasion: str | None
) -> _Outcome:
    said, continued = await says(session)
    await session.flush()
    announced = await _announced(session, said, occasion) if said is not None else None
    if announced is None:
        return _Outcome(continued, None, {})
    readers = await audience.by_language(session, settings, announced)
    return _Outcome(continued, facts.thaw(announced.facts), readers)


async def _announced(
    session: AsyncSession, said: Update | Maintenance, occasion: str | None
) -> Announcement | None:
    """What was just announced: of a maintenance, the newest word that stands."""
    if isinstance(said, Maintenance):
        about = [
            col(Announcement.maintenance_id) == said.id,
            col(Announcement.created_at) == said.updated_at,
            col(Announcement.withdrawn_at).is_(None),
        ]
    else:
        about = [
            col(Announcement.incident_id) == said.incident_id,
            col(Announcement.update_n) == said.n,
            col(Announcement.spread_at).is_(None),
        ]
    if occasion is not None:
        about.append(col(Announcement.occasion) == occasion)
    found = await session.scalars(sa.select(Announcement).where(*about))
    return found.first()
