"""How is a word that must not stand (a password, a name) removed for good?

From the row itself, from the facts of letters, sent or not, and from the answers that
programs got. Letters of it that are still queued never leave; the place
says that words were removed, and the audit who removed them, but not what they were. What
was rendered or composed before is not used any more: ``not_before``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import announcements, audit, incidents, postmortems
from statuspage.actions.letters import under_way
from statuspage.actions.revision import forget_before, raise_revision
from statuspage.errors import Unknown
from statuspage.rules import erasing
from statuspage.rules.words import PARTS
from statuspage.tables import Announcement, Answer, Incident, Update

Changed = Callable[[Any], Any]


async def erase_update(
    session: AsyncSession, incident_id: str, n: int, reason: str, who: str, now: datetime
) -> dict[str, int]:
    """Remove what a word said, withdrawn or not; what it changed stays. Answers how many
    letters of it had left, and how many never will. Raises ``Unknown``.
    """
    await forget_before(session, await raise_revision(session, incident_id))
    incident = await incidents.get(session, incident_id)
    update = await session.get(Update, (incident_id, n))
    texts = _texts(update) if update is not None else frozenset()
    if update is None or not texts:
        raise Unknown(f"Number {n} of incident {incident_id} has no words to remove.")
    copies = erasing.copies(await incidents.updates_of(session, incident_id), update)
    for row in copies:
        _forget(row, texts, now)
    update.translations = {}
    incident.updated_at = now
    letters = await _out_of_letters(session, update, copies, texts, now)
    numbers = {row.n for row in copies}
    await postmortems.erase(session, incident_id, n, now)
    await out_of_answers(
        session, incident_id, lambda told: erasing.without_in_updates(told, texts, numbers)
    )
    audit.note(session, who, "update erased", incident_id, now, n=n, reason=reason, **letters)
    return letters


async def erase_name(
    session: AsyncSession, incident_id: str, reason: str, who: str, now: datetime
) -> dict[str, int]:
    """Remove a title: what is affected names the incident then. Letters that are queued go
    on without it. Raises ``Unknown``.
    """
    await forget_before(session, await raise_revision(session, incident_id))
    incident = await incidents.get(session, incident_id)
    name = incident.name
    if name is None:
        raise Unknown(f"Incident {incident_id} has no title to remove.")
    incident.name = incident.language = None
    incident.updated_at = now
    sent = await _name_out_of_letters(session, incident, name)
    await _name_out_of_befores(session, incident_id)
    await out_of_answers(session, incident_id, lambda told: _renamed(told, name))
    audit.note(session, who, "title erased", incident_id, now, reason=reason, sent=sent)
    return {"sent": sent, "withdrawn": 0}


def _forget(row: Update, texts: erasing.Texts, now: datetime) -> None:
    """In the word itself, and in what repeats it: its corrections have whole words too."""
    said = {name: getattr(row, name) for name in PARTS}
    for name in [name for name, text in said.items() if text in texts]:
        setattr(row, name, None)
        row.erased_at = now
    translations = erasing.without(row.translations, texts)
    if translations != row.translations:
        row.translations, row.erased_at = translations, now


def _texts(update: Update) -> frozenset[str]:
    own = {name: getattr(update, name) for name in PARTS}
    return erasing.texts_of(own, *update.translations.values())


async def _out_of_letters(
    session: AsyncSession,
    update: Update,
    copies: Sequence[Update],
    texts: erasing.Texts,
    now: datetime,
) -> dict[str, int]:
    """Those that have these words, and are queued, never leave."""
    touched, withdrawn = list[Announcement](), 0
    numbers = {row.n for row in copies}
    for row in await announcements.of_incident(session, update.incident_id):
        facts = erasing.without(row.facts, texts) if row.update_n in numbers else row.facts
        has_it, row.facts = facts != row.facts, facts
        if has_it or row.update_n == update.n:
            touched.append(row)
        if has_it:
            withdrawn += await announcements.stop(session, row, announcements.ERASED, now)
    sent = await announcements.sent(session, touched)
    held = await under_way(session, update.incident_id)
    return {"sent": sent, "withdrawn": withdrawn, "under_way": held}


async def _name_out_of_letters(session: AsyncSession, incident: Incident, name: str) -> int:
    touched = list[Announcement]()
    for row in await announcements.of_incident(session, incident.id):
        told = row.facts.get("incident", {})
        if told.get("name") == name:
            row.facts = {**row.facts, "incident": {**told, "name": None, "language": None}}
            touched.append(row)
    return await announcements.sent(session, touched)


async def _name_out_of_befores(session: AsyncSession, incident_id: str) -> None:
    """Nor may taking a word back bring it back."""
    for update in await incidents.updates_of(session, incident_id):
        if fields := update.before.get("fields"):
            nameless = {**fields, "name": None, "language": None}
            update.before = {**update.before, "fields": nameless}


async def out_of_answers(session: AsyncSession, about: str, changed: Changed) -> None:
    """The memory that a request was carried out stays, or its repeat would say it anew."""
    for answer in await _answers_about(session, about):
        told = erasing.without_findings(changed(json.loads(answer.body)))
        answer.body = json.dumps(told, ensure_ascii=False)


async def _answers_about(session: AsyncSession, id: str) -> Sequence[Answer]:
    found = await session.scalars(
        sa.select(Answer).where(col(Answer.body).contains(id, autoescape=True))
    )
    return found.all()


def _renamed(told: Any, name: str) -> Any:
    if isinstance(told, dict) and told.get("name") == name:
        return {**told, "name": ""}
    return told
