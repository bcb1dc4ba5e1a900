"""What follows when somebody says: I am on it?"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import announcements, audit, calls, first_words, incidents
from statuspage.actions.revision import raise_revision
from statuspage.settings import Settings
from statuspage.tables import Incident
from statuspage.vocabulary import By


async def acknowledge(
    session: AsyncSession, settings: Settings, incident_id: str, who: str, now: datetime
) -> Incident:
    """Somebody is on it; said on the page, and the operators are called no more."""
    await raise_revision(session, incident_id)
    incident = await incidents.get(session, incident_id)
    if incident.acknowledged_at is not None:
        return incident
    incident.acknowledged_at, incident.acknowledged_by = now, who
    await incidents.note_update(session, incident, By.HUMAN, "acknowledged", now, author=who)
    await calls.answered(session, incident_id)
    audit.note(session, who, "incident acknowledged", incident_id, now)
    waiting = await announcements.pending_first_word(session, incident_id)
    if waiting is not None and settings.letters.automatic == "after_acknowledge":
        # not sooner than any other outage: one that is over in a minute is written to nobody
        patience = await first_words.first_after(session, settings, incident)
        waiting.due_at = waiting.due_at or max(now, waiting.created_at + patience)
    return incident
