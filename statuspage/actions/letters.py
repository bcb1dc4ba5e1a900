"""How does an operator halt letters, or let go what waited?"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import announcements, audit, first_words, incidents
from statuspage.actions.revision import raise_revision
from statuspage.settings import Settings
from statuspage.tables import Delivery, Incident
from statuspage.tables.claims import until

STOPPED = "stopped by an operator"


async def stop_letters(
    session: AsyncSession, incident_id: str, who: str, now: datetime
) -> dict[str, int]:
    """Halt what is on its way; answers how many letters were sent and how many withdrawn, and
    of these how many were with a worker at that moment: the wire may have them already.
    """
    await raise_revision(session, incident_id)
    incident = await incidents.get(session, incident_id)
    incident.letters_stopped_at = now
    withdrawn = await announcements.withdraw(session, incident_id, STOPPED, now)
    letters = await announcements.letters_of(session, incident_id)
    sent = letters.get("accepted", 0)
    audit.note(session, who, "letters stopped", incident_id, now, sent=sent, withdrawn=withdrawn)
    held = await under_way(session, incident_id)
    return {"sent": sent, "withdrawn": withdrawn, "under_way": held}


async def under_way(session: AsyncSession, incident_id: str) -> int:
    """How many withdrawn letters a worker holds still: most it lets fall, but some may be on
    the wire.
    """
    mine = Delivery.__table__.c  # type: ignore[attr-defined]
    found = await session.scalar(
        sa.select(sa.func.count()).where(
            mine.incident_id == incident_id,
            mine.state == "withdrawn",
            mine.lease_until > until(timedelta(0)),
        )
    )
    return found or 0


async def release_letters(
    session: AsyncSession, settings: Settings, incident_id: str, who: str, now: datetime
) -> Incident:
    """Letters that waited, because so many causes at once might be us, may go; after a stop,
    the machine may write again.
    """
    await raise_revision(session, incident_id)
    incident = await incidents.get(session, incident_id)
    incident.letters_held, incident.letters_stopped_at = False, None
    await first_words.announce(session, settings, incident, now)
    audit.note(session, who, "letters released", incident_id, now)
    return incident
