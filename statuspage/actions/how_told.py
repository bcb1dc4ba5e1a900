"""When was an incident first shown, and how did we tell of those of the last 90 days?

What is counted is what visitors were shown: nothing that was taken back, and nothing that
concerned no visitor.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import fanouts
from statuspage.rules.lately import OF_THE_LAST, Lately, case, lately
from statuspage.settings import Settings
from statuspage.tables import Component, Incident, Share, Update
from statuspage.vocabulary import Phase


async def note_shown(session: AsyncSession, incident_id: str, at: datetime) -> None:
    """The page shows it; of several processes the first one counts."""
    await session.execute(
        sa.update(Incident)
        .where(col(Incident.id) == incident_id, col(Incident.shown_at).is_(None))
        .values(shown_at=at)
        .execution_options(synchronize_session=False)
    )


async def of_the_last(session: AsyncSession, settings: Settings, now: datetime) -> Lately:
    """Taken together; it reads all of them, so not to be asked at every moment."""
    began = await session.scalar(sa.select(sa.func.min(col(Component.created_at))))
    rows = (await session.scalars(_shown_since(settings, now))).all()
    ids = [row.id for row in rows]
    words, within = await _learned(session, ids), settings.letters.postmortem_within
    cases = [case(row, words, within) for row in rows]
    rounds = await fanouts.of_incidents(session, ids)
    return lately(cases, (one.fanout for one in rounds), began or now, now)


def _shown_since(settings: Settings, now: datetime) -> sa.Select[Incident]:
    public = [component.id for component in settings.components if component.public]
    names_one = sa.select(col(Share.incident_id)).where(
        col(Share.incident_id) == col(Incident.id), col(Share.component_id).in_(public)
    )
    return sa.select(Incident).where(
        col(Incident.created_at) > now - OF_THE_LAST,
        col(Incident.withdrawn_at).is_(None),
        sa.or_(
            col(Incident.name).is_not(None),
            col(Incident.spoken_at).is_not(None),
            names_one.exists(),
        ),
    )


async def _learned(session: AsyncSession, ids: list[str]) -> Sequence[Update]:
    found = await session.scalars(
        sa.select(Update).where(
            col(Update.incident_id).in_(ids),
            col(Update.status) == Phase.POSTMORTEM,
            col(Update.withdrawn_at).is_(None),
        )
    )
    return found.all()
