"""What happens when a person says what we learned?

The words are an update of the incident, so pages, undo and the v2 API know them already; they
are written to exactly those who were told of it. Said again, they are a correction on the page
and in letters that nobody has got yet, and mail nobody twice; letters that were stopped go on
after a release, to those who have none. What was taken back and is said anew is the same
postmortem: who has it already reads only what was changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications import facts
from statuspage.actions import announcements, approvals, audit, credit_codes, incidents, undo
from statuspage.actions.announcements import ERASED, TAKEN_BACK
from statuspage.actions.letters import STOPPED
from statuspage.actions.postmortem_corrections import in_their_hands, tell_what_changed
from statuspage.actions.promised_actions import actions_of, put_actions
from statuspage.actions.records import records_of
from statuspage.actions.revision import forget_before, raise_revision, revision
from statuspage.errors import Conflict, Fault, Invalid, Unknown
from statuspage.rules import postmortems, telling
from statuspage.rules.postmortems import Learned
from statuspage.settings import Settings
from statuspage.tables import (
    Announcement,
    Incident,
    Postmortem,
    Update,
)
from statuspage.vocabulary import By, Phase

_GOES_ON = (STOPPED, ERASED, TAKEN_BACK)
"""Why letters did not leave that leave after all when it is said once more."""


async def publish(
    session: AsyncSession,
    settings: Settings,
    incident_id: str,
    learned: Learned,
    who: str,
    now: datetime,
) -> tuple[Incident, Update]:
    """Say what we learned, or correct it. Raises ``Invalid``, ``Unknown``, ``Conflict``."""
    found = list(postmortems.faults(learned, settings.site.languages))
    if found:
        raise Invalid("Some fields are not right.", faults=found)
    await raise_revision(session, incident_id)
    incident = await _over(session, incident_id)
    if (row := await standing(session, incident_id)) is not None:
        return incident, await _correct(session, settings, incident, row, learned, who, now)
    if (row := await _taken_back(session, incident_id)) is not None:
        return incident, await _say_anew(session, settings, incident, row, learned, who, now)
    return incident, await _write(session, settings, incident, learned, who, now)


async def standing(session: AsyncSession, incident_id: str) -> Postmortem | None:
    """The one whose words were not taken back."""
    return await session.scalar(_of(incident_id).where(col(Update.withdrawn_at).is_(None)))


async def _taken_back(session: AsyncSession, incident_id: str) -> Postmortem | None:
    newest = _of(incident_id).order_by(sa.desc(col(Postmortem.update_n)))
    return await session.scalar(newest.limit(1))


def _of(incident_id: str) -> sa.Select[Postmortem]:
    words = sa.and_(
        col(Update.incident_id) == col(Postmortem.incident_id),
        col(Update.n) == col(Postmortem.update_n),
    )
    found = sa.select(Postmortem).join(Update, words)
    return found.where(col(Postmortem.incident_id) == incident_id)


async def letter_of(session: AsyncSession, row: Postmortem, occasion: str) -> Announcement | None:
    """The one letter of that occasion, withdrawn or not."""
    return await session.scalar(
        sa.select(Announcement).where(
            col(Announcement.incident_id) == row.incident_id,
            col(Announcement.update_n) == row.update_n,
            col(Announcement.occasion) == occasion,
        )
    )


def nobody_has(letter: Announcement | None) -> bool:
    """No delivery of it was made yet, so its facts and its gift may still change."""
    return letter is not None and letter.spread_at is None and letter.slices is None


async def _over(session: AsyncSession, incident_id: str) -> Incident:
    incident = await incidents.get(session, incident_id)
    if incident.withdrawn_at is not None:
        raise Unknown(f"Incident {incident_id} was taken back.")
    if incident.resolved_at is None:
        raise Conflict("This incident is not over yet; a postmortem comes after its end.")
    return incident


async def _write(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    learned: Learned,
    who: str,
    now: datetime,
) -> Update:
    before = await undo.as_it_is(session, incident)
    incident.status = Phase.POSTMORTEM.value
    update = await incidents.note_update(session, incident, By.HUMAN, "words", now, author=who)
    update.before, update.notify = before, True
    _put_words(update, settings, learned)
    await session.flush()
    row = Postmortem(incident_id=incident.id, update_n=update.n, credit=_credit(learned))
    session.add(row)
    await session.flush()
    await put_actions(session, row, learned)
    await _have_enough_codes(session, row)
    letter = announcements.announce(
        session,
        incident.id,
        await _facts(session, settings, incident, row, update, now),
        by=By.HUMAN,
        due_at=now + settings.letters.undo,
        now=now,
        update_n=update.n,
        only_told=True,
    )
    await approvals.send(session, settings, incident, letter, who, now)
    _note(session, who, "postmortem published", update, learned, now)
    return update


async def _correct(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    row: Postmortem,
    learned: Learned,
    who: str,
    now: datetime,
) -> Update:
    update = await session.get_one(Update, (incident.id, row.update_n))
    await _put(session, settings, incident, row, update, learned, now)
    _note(session, who, "postmortem corrected", update, learned, now)
    return update


async def _say_anew(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    row: Postmortem,
    learned: Learned,
    who: str,
    now: datetime,
) -> Update:
    """Letters of it that never left go on, with the new words; it is never mailed twice."""
    update = await session.get_one(Update, (incident.id, row.update_n))
    letter = await letter_of(session, row, "postmortem")
    written = await in_their_hands(session, update)
    somebody_has_it = not nobody_has(letter)
    update.before, update.at, update.author = await undo.as_it_is(session, incident), now, who
    update.withdrawn_at = update.withdrawn_why = None
    incident.status = Phase.POSTMORTEM.value
    await _put(session, settings, incident, row, update, learned, now)
    if letter is not None and not somebody_has_it:
        await approvals.send(session, settings, incident, letter, who, now)
    if somebody_has_it:
        await tell_what_changed(session, settings, incident, update, written, who, now)
    _note(session, who, "postmortem published", update, learned, now)
    return update


async def _put(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    row: Postmortem,
    update: Update,
    learned: Learned,
    now: datetime,
) -> None:
    """What it says now: on the page, and in letters that have not left. Raises ``Invalid``."""
    letter = await letter_of(session, row, "postmortem")
    if not nobody_has(letter) and _credit(learned) != row.credit:
        fault = Fault(("body", "credit"), "Stands in letters that have left: say it as it was.")
        raise Invalid("What was given cannot be changed.", faults=[fault])
    _put_words(update, settings, learned)
    row.credit, row.corrected_at = _credit(learned), now
    incident.updated_at = now
    await put_actions(session, row, learned)
    if letter is not None:
        await _say_it_in_letters(session, settings, incident, row, update, letter, now)


async def _say_it_in_letters(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    row: Postmortem,
    update: Update,
    letter: Announcement,
    now: datetime,
) -> None:
    """Those that have not left say it as it is said now, and those that were stopped go on."""
    if letter.withdrawn_why in _GOES_ON and not incident.letters_stopped_at:
        await announcements.resume(session, letter, approvals.due_again(settings, letter, now))
    if nobody_has(letter):
        await _have_enough_codes(session, row)
    letter.facts = facts.freeze(await _facts(session, settings, incident, row, update, now))
    approvals.read_anew(settings, letter, now)
    await forget_before(session, await revision(session))


async def erase(session: AsyncSession, incident_id: str, n: int, now: datetime) -> None:
    """The words of this update were removed for good: what hangs on them goes too."""
    row = await session.get(Postmortem, (incident_id, n))
    if row is None:
        return
    for action in await actions_of(session, row):
        await session.delete(action)
    row.credit = {}
    for occasion in ("postmortem", "actions_done"):
        letter = await letter_of(session, row, occasion)
        if letter is not None:
            letter.facts = {**letter.facts, "actions": []}
            if letter.facts.get("credit"):
                letter.facts = {**letter.facts, "credit": None}
            await announcements.stop(session, letter, ERASED, now)


def _note(
    session: AsyncSession, who: str, did: str, update: Update, learned: Learned, now: datetime
) -> None:
    overridden = {"overridden": [*learned.overridden]} if learned.overridden else {}
    audit.note(session, who, did, update.incident_id, now, n=update.n, **overridden)


def _put_words(update: Update, settings: Settings, learned: Learned) -> None:
    update.what_happened = learned.what_happened
    update.what_we_are_doing = learned.what_we_did
    update.how_we_prevent_it = learned.how_we_prevent_it
    update.language = learned.language or settings.site.default_language
    update.translations = {code: dict(parts) for code, parts in learned.translations.items()}
    update.erased_at = None


def _credit(learned: Learned) -> dict[str, Any]:
    given = learned.credit
    if given is None:
        return {}
    return {"kind": given.kind, "text": given.text, "translations": dict(given.translations)}


async def _facts(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    row: Postmortem,
    update: Update,
    now: datetime,
) -> facts.Postmortem:
    shares = await incidents.shares_of(session, incident.id)
    actions = await actions_of(session, row)
    record = await records_of(session, settings, incident, shares, now)
    return telling.postmortem(settings, incident, shares, update, row.credit, actions, record)


async def _have_enough_codes(session: AsyncSession, row: Postmortem) -> None:
    """Refused before anything is sent, not when the last customers get none."""
    if row.credit.get("kind") != "code":
        return
    needed = await credit_codes.needed(session, row.incident_id)
    free = (await credit_codes.counts(session, row.incident_id))["free"]
    if free < needed:
        told = f"{needed} customers are to get a code, and {free} are there for them."
        raise Invalid("There are too few codes.", faults=[Fault(("body", "credit", "kind"), told)])
