"""What happens when a translation comes after its word?

The page has it at once, letters that have not left take it, and nobody is written to again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import audit, corrections, incidents
from statuspage.actions.revision import raise_revision
from statuspage.errors import Fault, Invalid, Unknown
from statuspage.rules.corrections import wordings
from statuspage.rules.words import PARTS
from statuspage.settings import Settings
from statuspage.tables import Incident, Update

Parts = Mapping[str, str | None]


async def translate(
    session: AsyncSession,
    settings: Settings,
    incident_id: str,
    n: int,
    language: str,
    parts: Parts,
    who: str,
    now: datetime,
    *,
    overridden: tuple[str, ...] = (),
) -> Incident:
    """Of a word that was corrected, what says it now is translated. Raises ``Unknown`` and
    ``Invalid``. ``overridden``: rules by which the review refuses it.
    """
    await raise_revision(session, incident_id)
    incident = await incidents.get(session, incident_id)
    said = await standing(session, incident_id, n)
    row = said[-1]
    if found := list(_faults(settings, row, language, parts)):
        raise Invalid("Some fields are not right.", faults=found)
    row.translations = {**row.translations, language: {name: parts.get(name) for name in PARTS}}
    incident.updated_at = now
    await corrections.amend(session, settings, incident_id, said, now)
    detail = {"overridden": [*overridden]} if overridden else {}
    audit.note(
        session, who, "update translated", incident_id, now, n=n, language=language, **detail
    )
    return incident


async def standing(session: AsyncSession, incident_id: str, n: int) -> list[Update]:
    """The word and how it was corrected so far, oldest first. Raises ``Unknown``."""
    updates = await incidents.updates_of(session, incident_id)
    named = next((update for update in updates if update.n == n), None)
    said = wordings(updates, named.corrects or n) if named and not named.withdrawn_at else []
    if not said or not any(getattr(said[-1], name) for name in PARTS):
        raise Unknown(f"Number {n} of incident {incident_id} has no words to translate.")
    return said


def _faults(settings: Settings, row: Update, language: str, parts: Parts) -> Iterator[Fault]:
    """A translation in part is not shown, for it would mix two languages."""
    known = settings.site.languages
    if language not in known:
        told = ", ".join(known)
        yield Fault(("path", "language"), f"Not a language of this site: {told}.")
    elif language == row.language:
        yield Fault(("path", "language"), "It was written in this language: correct it instead.")
    for name in PARTS:
        if getattr(row, name) and not parts.get(name):
            yield Fault(("body", name), "The word has this part: translate it too.")
        elif parts.get(name) and not getattr(row, name):
            yield Fault(("body", name), "The word does not have this part.")
