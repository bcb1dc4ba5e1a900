"""When is an outage that only the machine knows written to customers?

Only a major outage, at this moment, for which no person has spoken; as the configuration
says, ``first_after`` from now or when somebody acknowledges. One first word stands at a
time; that nobody hears it twice is seen to where it is spread.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from notifications import facts
from statuspage.actions import announcements, calls, incidents, promises
from statuspage.rules import telling
from statuspage.rules.promises import in_first_letter
from statuspage.settings import Settings
from statuspage.tables import Incident
from statuspage.vocabulary import Status


async def announce(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    now: datetime,
    *,
    joined: bool = False,
) -> None:
    """See to it that a major outage that only the machine knows is written to customers,
    when the configuration says so: ``first_after`` from now, or when somebody acknowledges.
    ``joined``: another component has gone out, whose customers may not have heard of it.
    """
    told = settings.letters
    if told.automatic == "never" or incident.letters_stopped_at:
        return
    if not await is_to_be_told(session, incident):
        return
    waits = told.automatic == "after_acknowledge" and incident.acknowledged_at is None
    due_at = None if waits else now + await first_after(session, settings, incident)
    standing = await announcements.standing_first_word(session, incident.id)
    if standing is not None and standing.spread_at is None:
        if standing.due_at and due_at:
            standing.due_at = min(standing.due_at, due_at)
    elif standing is None or joined:
        announcements.announce_noticed(session, incident.id, due_at, now)
    if incident.letters_held:
        await calls.letters_waiting(session, settings, incident, now)


async def is_to_be_told(session: AsyncSession, incident: Incident) -> bool:
    """Whether it is a major outage, at this moment, that only the machine speaks for."""
    if incident.spoken_at or incident.recovered_at or incident.resolved_at:
        return False
    shares = await incidents.shares_of(session, incident.id)
    return any(share.status == Status.MAJOR_OUTAGE for share in shares)


async def first_after(session: AsyncSession, settings: Settings, incident: Incident) -> timedelta:
    """The shortest patience of all components that are out."""
    waits = [
        settings.first_after_of(component)
        for share in await incidents.shares_of(session, incident.id)
        if share.status == Status.MAJOR_OUTAGE
        and (component := settings.component(share.component_id)) is not None
    ]
    return min(waits, default=settings.letters.first_after)


async def freeze_noticed(
    settings: Settings, session: AsyncSession, incident_id: str, now: datetime
) -> Mapping[str, Any]:
    """The facts of an automatic first word, as they are when it is spread."""
    incident = await incidents.get(session, incident_id)
    shares = await incidents.shares_of(session, incident_id)
    promise = await promises.open_promise(session, incident_id)
    due_at = promise.due_at if promise else now + settings.letters.next_update
    next_word_at = in_first_letter(due_at, settings, now)
    return facts.freeze(telling.noticed(settings, incident, shares, next_word_at, now))
