"""What happens when a person corrects what was said?

The page shows the right words in their place at once, and what they were before. Letters
of the word that have not left take the right words; who has got the wrong ones gets a
letter that corrects them. Nothing else changes: where things stand, and when customers hear
next, was said elsewhere.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import announcements, approvals, audit, incidents, promises
from statuspage.actions.revision import forget_before, revision
from statuspage.errors import Invalid
from statuspage.rules import corrections, telling
from statuspage.rules.words import PARTS, Word
from statuspage.settings import Settings
from statuspage.tables import Incident, Update
from statuspage.vocabulary import By

OVERTAKEN = "corrected once more"


async def correct(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    word: Word,
    who: str,
    now: datetime,
) -> Update:
    """One correction; the revision is raised already. Raises ``Invalid``."""
    updates = await incidents.updates_of(session, incident.id)
    if found := list(corrections.faults(word, updates)):
        raise Invalid("Some fields are not right.", faults=found)
    before = corrections.wordings(updates, word.corrects or 0)
    update = await _write(session, incident, corrections.whole(word, before[-1]), who, now)
    await amend(session, settings, incident.id, [*before, update], now)
    for earlier in before[1:]:
        await announcements.withdraw(session, incident.id, OVERTAKEN, now, update_n=earlier.n)
    if word.notify:
        await _announce(session, settings, incident, before, update, who, now)
    detail = {"n": update.n, "corrects": update.corrects}
    overridden = {"overridden": [*word.overridden]} if word.overridden else {}
    audit.note(session, who, "update corrected", incident.id, now, **detail, **overridden)
    return update


async def put_back(
    session: AsyncSession, settings: Settings, correction: Update, now: datetime
) -> None:
    """It was taken back: the word says again what it said before, in letters too."""
    updates = await incidents.updates_of(session, correction.incident_id)
    if standing := corrections.wordings(updates, correction.corrects or 0):
        await amend(session, settings, correction.incident_id, standing, now)


async def amend(
    session: AsyncSession,
    settings: Settings,
    incident_id: str,
    wordings: list[Update],
    now: datetime,
) -> None:
    """Letters of a word that have not left say what stands now: its newest wording."""
    said = telling.said(wordings[-1])
    for row in wordings:
        for letter in await announcements.amend(session, incident_id, row.n, said):
            approvals.read_anew(settings, letter, now)
    await forget_before(session, await revision(session))


async def _write(
    session: AsyncSession, incident: Incident, word: Word, who: str, now: datetime
) -> Update:
    update = await incidents.note_update(
        session, incident, By.HUMAN, corrections.KIND, now, author=who
    )
    for name in PARTS:
        setattr(update, name, getattr(word, name))
    update.language, update.corrects, update.notify = word.language, word.corrects, word.notify
    update.translations = {code: dict(parts) for code, parts in word.translations.items()}
    return update


async def _announce(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    before: list[Update],
    update: Update,
    who: str,
    now: datetime,
) -> None:
    shares = await incidents.shares_of(session, incident.id)
    promise = await promises.open_promise(session, incident.id)
    ahead = promise.due_at if promise is not None and promise.due_at > now else None
    announced = announcements.announce(
        session,
        incident.id,
        telling.corrected(settings, incident, shares, before, update, ahead),
        by=By.HUMAN,
        due_at=now + settings.letters.undo,
        now=now,
        update_n=update.n,
    )
    announced.only_told_of = before[0].n
    await approvals.send(session, settings, incident, announced, who, now)
