"""How is what was said of planned work removed for good?

Title and text, in every language, from each night of a series that repeats them, from the
facts of letters and from the answers that programs got. Letters that are queued go on
without them, for their times still concern people; what was rendered or composed before is
not used any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import announcements, audit, maintenances
from statuspage.actions.erasures import out_of_answers
from statuspage.actions.maintenance_words import of_maintenance
from statuspage.actions.revision import forget_before, raise_revision
from statuspage.errors import Unknown
from statuspage.rules import erasing
from statuspage.tables import Announcement, Maintenance

FIELDS = ("name", "body")


async def erase_words(
    session: AsyncSession, maintenance_id: str, reason: str, who: str, now: datetime
) -> dict[str, int]:
    """Answers how many people's letters with them had left. Raises ``Unknown``."""
    made = await raise_revision(session)
    await forget_before(session, made)
    row = await maintenances.get(session, maintenance_id)
    texts = _texts(row)
    if not texts:
        raise Unknown(f"Maintenance {maintenance_id} has no words to remove.")
    touched = list[Announcement]()
    for night in await _series(session, row):
        if _forget(night, texts, now):
            night.revision = made
            await maintenances.note(session, night, "erased", who, now)
        touched += _out_of_letters(await of_maintenance(session, night.id), texts)
        await out_of_answers(session, night.id, lambda told: erasing.without(told, texts, FIELDS))
    sent = await announcements.sent(session, touched)
    audit.note(session, who, "maintenance erased", row.id, now, reason=reason, sent=sent)
    return {"sent": sent, "withdrawn": 0}


def _texts(row: Maintenance) -> frozenset[str]:
    said = [{"name": row.name, "body": row.body}, *row.translations.values()]
    return frozenset(text for told in said for name in FIELDS if (text := told.get(name)))


async def _series(session: AsyncSession, row: Maintenance) -> Sequence[Maintenance]:
    found = await session.scalars(
        sa.select(Maintenance).where(col(Maintenance.series_id) == row.series_id)
    )
    return found.all()


def _forget(row: Maintenance, texts: erasing.Texts, now: datetime) -> bool:
    """Whether this night said any of it."""
    if not _texts(row) & set(texts):
        return False
    row.name = None if row.name in texts else row.name
    row.body = "" if row.body in texts else row.body
    row.translations = {}
    row.updated_at = now
    return True


def _out_of_letters(
    letters: Iterable[Announcement], texts: erasing.Texts
) -> Iterable[Announcement]:
    """Those that had it, sent or not."""
    for letter in letters:
        facts: dict[str, Any] = erasing.without(letter.facts, texts, FIELDS)
        if facts != letter.facts:
            letter.facts = facts
            yield letter
