"""What happens when a person speaks?

A word goes on the page at once; its letters leave when the undo window has passed. From
the first word on the machine no longer speaks for that incident, but notes recovery.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import (
    announcements,
    approvals,
    audit,
    calls,
    corrections,
    incidents,
    only_this_time,
    promises,
    undo,
)
from statuspage.actions.records import records_of
from statuspage.actions.revision import raise_revision
from statuspage.errors import Conflict, Invalid
from statuspage.rules import severity, telling, words
from statuspage.rules.components import Standings
from statuspage.rules.words import Word
from statuspage.settings import Settings
from statuspage.tables import Incident, Share, Update
from statuspage.vocabulary import By, Impact, Phase, Role, Status

DEFAULT_PROMISE = timedelta(minutes=30)


async def open_incident(
    session: AsyncSession,
    settings: Settings,
    word: Word,
    standings: Standings,
    who: str,
    now: datetime,
) -> tuple[Incident, Update, bool]:
    """A new incident, or the first human word of the automatic one that a component named
    already has: the last value is True then. Raises ``Invalid``.
    """
    _check(settings, word, now)
    await raise_revision(session)
    going_on = None if word.separate else await automatic_of(session, word)
    if going_on is not None:
        return going_on, await _say(session, settings, going_on, word, standings, who, now), True
    incident = Incident(
        id=incidents.new_id(),
        name=word.name,
        language=word.language or settings.site.languages[0],
        status=(word.status or Phase.INVESTIGATING).value,
        started_at=word.started_at or now,
        noticed_at=now,
        created_at=now,
        updated_at=now,
    )
    session.add(incident)
    await session.flush()
    audit.note(session, who, "incident opened", incident.id, now, components=[*word.components])
    return incident, await _say(session, settings, incident, word, standings, who, now), False


async def add_update(
    session: AsyncSession,
    settings: Settings,
    incident_id: str,
    word: Word,
    standings: Standings,
    who: str,
    now: datetime,
) -> tuple[Incident, Update]:
    """One more word. Raises ``Invalid``, ``Unknown``, ``Conflict`` when it is over."""
    _check(settings, word, now)
    await raise_revision(session, incident_id)
    incident = await incidents.get(session, incident_id)
    if word.corrects is not None:
        return incident, await corrections.correct(session, settings, incident, word, who, now)
    if incident.resolved_at is not None:
        raise Conflict("This incident is over; open another one.")
    return incident, await _say(session, settings, incident, word, standings, who, now)


def _check(settings: Settings, word: Word, now: datetime) -> None:
    known = {component.id for component in settings.components}
    found = list(words.faults(word, known, settings.site.languages, now))
    if found:
        raise Invalid("Some fields are not right.", faults=found)


async def automatic_of(session: AsyncSession, word: Word) -> Incident | None:
    """The open automatic incident that names one of these components."""
    found = await session.scalars(
        sa.select(Incident)
        .join(Share, Share.incident_id == Incident.id)  # type: ignore[arg-type]
        .where(
            Share.component_id.in_(list(word.components)),  # type: ignore[attr-defined]
            Incident.resolved_at.is_(None),  # type: ignore[union-attr]
            Incident.automatic.is_(True),  # type: ignore[attr-defined]
        )
        .order_by(Incident.noticed_at)  # type: ignore[arg-type]
        .limit(1)
    )
    return found.first()


async def _say(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    word: Word,
    standings: Standings,
    who: str,
    now: datetime,
) -> Update:
    before = await undo.as_it_is(session, incident)
    await announcements.withdraw(session, incident.id, "a person speaks", now, only_automatic=True)
    _change(incident, word, who, now)
    changes = await _change_shares(session, incident, word, standings)
    await _weigh(session, incident, word)
    if found := list(words.tone_faults(word.tone, Impact(incident.impact))):
        raise Invalid("Some fields are not right.", faults=found)
    update = await _write(session, settings, incident, word, changes, before, who, now)
    due_at = await _promise(session, incident, word, update.n, now)
    await calls.answered(session, incident.id)
    if word.notify or await _is_awaited(session, incident):
        await _announce(session, settings, incident, update, due_at, who, now)
    overridden = {"overridden": [*word.overridden]} if word.overridden else {}
    audit.note(
        session,
        who,
        "update posted",
        incident.id,
        now,
        n=update.n,
        status=update.status,
        **overridden,
    )
    return update


def _change(incident: Incident, word: Word, who: str, now: datetime) -> None:
    incident.spoken_at = incident.spoken_at or now
    if incident.acknowledged_at is None:
        incident.acknowledged_at, incident.acknowledged_by = now, who
    incident.name = word.name or incident.name
    incident.language = word.language or incident.language
    if word.started_at is not None:
        _date_back(incident, word.started_at)
    if word.status is not None:
        incident.status = word.status.value
    if word.status is Phase.MONITORING:
        incident.monitoring_at = incident.monitoring_at or now
    if word.status is Phase.RESOLVED:
        incident.resolved_at, incident.resolved_by = now, who
        incident.false_alarm = word.false_alarm


def _date_back(incident: Incident, began_at: datetime) -> None:
    """What began again was over before: its first time stays as it was."""
    if incident.again_at is None:
        incident.started_at = began_at
    else:
        incident.again_at = began_at


async def _change_shares(
    session: AsyncSession, incident: Incident, word: Word, standings: Standings
) -> list[dict[str, Any]]:
    """A resolve ends the incident's share in every component it names."""
    present = {
        share.component_id: share for share in await incidents.shares_of(session, incident.id)
    }
    if incident.resolved_at is not None:
        for cause in await incidents.open_causes(session, incident.id):
            cause.ended_at = incident.resolved_at
        over = {id: (Role(share.role), Status.OPERATIONAL) for id, share in present.items()}
        return await incidents.set_shares(session, incident.id, over, by_hand=False)
    named: dict[str, tuple[Role, Status]] = {}
    for component_id, said in word.components.items():
        share = present.get(component_id)
        if said is None and share is not None:
            continue
        by_checks = standings.statuses.get(component_id, Status.OPERATIONAL)
        status = words.implied_status(said, word.impact, by_checks)
        named[component_id] = (Role(share.role) if share else Role.AFFECTED, status)
    return await incidents.set_shares(session, incident.id, named, by_hand=True)


async def _weigh(session: AsyncSession, incident: Incident, word: Word) -> None:
    if word.impact is not None:
        incident.impact, incident.impact_held = word.impact.value, True
    elif not incident.impact_held and incident.resolved_at is None:
        shares = await incidents.shares_of(session, incident.id)
        found = severity.impact_of(Status(share.status) for share in shares)
        incident.impact = max(Impact(incident.impact), found, key=lambda one: one.weight).value


async def _write(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    word: Word,
    changes: list[dict[str, Any]],
    before: dict[str, Any],
    who: str,
    now: datetime,
) -> Update:
    update = await incidents.note_update(
        session, incident, By.HUMAN, "words", now, changes, author=who
    )
    update.what_happened = word.what_happened
    update.what_we_are_doing = word.what_we_are_doing
    update.how_we_prevent_it = word.how_we_prevent_it
    update.language = word.language or settings.site.languages[0]
    update.translations = {language: dict(parts) for language, parts in word.translations.items()}
    update.before = before
    update.notify, update.tone = word.notify, word.tone.value
    return update


async def _promise(
    session: AsyncSession, incident: Incident, word: Word, n: int, now: datetime
) -> datetime | None:
    """Every word keeps the promise before it; one that leaves the incident open makes another."""
    await promises.keep(session, incident.id, By.HUMAN, now)
    if incident.resolved_at is not None:
        return None
    due_at = word.next_update_by or now + DEFAULT_PROMISE
    promises.make(session, incident.id, n, due_at, By.HUMAN, now)
    return due_at


async def _is_awaited(session: AsyncSession, incident: Incident) -> bool:
    """The end, by somebody who asked for that one letter: it is theirs, whoever else is spared."""
    is_over = incident.resolved_at is not None
    return is_over and await only_this_time.anybody_waits(session, incident.id)


async def _announce(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    update: Update,
    next_word_at: datetime | None,
    who: str,
    now: datetime,
) -> None:
    shares = await incidents.shares_of(session, incident.id)
    is_over = incident.resolved_at is not None
    record = await records_of(session, settings, incident, shares, now) if is_over else ()
    letter = announcements.announce(
        session,
        incident.id,
        telling.worded(settings, incident, shares, update, next_word_at, record),
        by=By.HUMAN,
        due_at=now + settings.letters.undo,
        now=now,
        update_n=update.n,
        only_told=is_over,
    )
    await approvals.send(session, settings, incident, letter, who, now)
