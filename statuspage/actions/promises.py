"""What have we promised, and did we keep it?

A promise is open until it is kept (by a word of a person, or by the end), missed, or
dropped (undone, or passed on by the machine to its next one). One that has passed is renewed
in the transaction in which that is noticed, with its line in the record and its letter.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import announcements, audience, incidents, recipients
from statuspage.rules import telling
from statuspage.rules.promises import Course, next_due, on_passing
from statuspage.settings import Settings
from statuspage.tables import Announcement, Incident, Promise, Update
from statuspage.vocabulary import By

LATE, HOLDING = "late", "holding"
"""The kinds of the machine's lines: a person's word did not come in time, or there is no news."""
AFTER = timedelta(milliseconds=1)
"""Nobody reads that a word is late before they have read the word that promised it."""


async def open_promise(session: AsyncSession, incident_id: str) -> Promise | None:
    """The one that customers wait for now."""
    found = await session.scalars(
        sa.select(Promise)
        .where(
            sa.column("incident_id") == incident_id,
            sa.column("kept_at").is_(None),
            sa.column("missed_at").is_(None),
            sa.column("dropped_at").is_(None),
        )
        .order_by(sa.desc(sa.column("id")))
        .limit(1)
    )
    return found.first()


async def keep(session: AsyncSession, incident_id: str, by: By, now: datetime) -> None:
    """A word was said, or it is over. The machine's own words pass its promise on; only a
    person's word, or the end, keeps it. One that was due before is missed.
    """
    promise = await open_promise(session, incident_id)
    if promise is None:
        return
    is_late = promise.due_at < now
    if is_late and promise.by == By.HUMAN:
        promise.missed_at = promise.due_at
    elif promise.by == By.MACHINE and (is_late or by is By.MACHINE):
        promise.dropped_at = now
    else:
        promise.kept_at = now


def make(
    session: AsyncSession, incident_id: str, n: int, due_at: datetime, by: By, now: datetime
) -> None:
    session.add(
        Promise(incident_id=incident_id, update_n=n, made_at=now, due_at=due_at, by=by.value)
    )


async def make_the_machines(
    session: AsyncSession, settings: Settings, incident: Incident, n: int, now: datetime
) -> None:
    """The machine's promise, with which an incident begins, or begins again."""
    due_at = next_due(await _course(session, settings, incident, None), settings, now)
    make(session, incident.id, n, due_at, By.MACHINE, now)


async def renew(
    session: AsyncSession, settings: Settings, incident: Incident, promise: Promise, now: datetime
) -> None:
    """It has passed, and nobody has said anything."""
    leaving = await announcements.leaving(session, incident.id, now)
    course = await _course(session, settings, incident, leaving)
    renewal = on_passing(By(promise.by), course, settings, now)
    n = promise.update_n
    if renewal.is_missed:
        promise.missed_at = promise.due_at
    else:
        promise.dropped_at = now
    if renewal.is_missed or renewal.writes:
        kind = LATE if renewal.is_missed else HOLDING
        n = (await incidents.note_update(session, incident, By.MACHINE, kind, now)).n
    make(session, incident.id, n, renewal.due_at, By.MACHINE, now)
    waiting_since = await announcements.promise_anew(session, incident.id, renewal.due_at, now)
    if renewal.writes:
        told = telling.holding(
            settings,
            incident,
            await incidents.shares_of(session, incident.id),
            seen=bool(await incidents.open_causes(session, incident.id)),
            missed_at=promise.due_at if renewal.is_missed else None,
            next_word_at=renewal.due_at,
            now=now,
        )
        due_at = max(now, leaving.due_at + AFTER) if leaving and leaving.due_at else now
        letter = announcements.announce(
            session, incident.id, told, by=By.MACHINE, due_at=due_at, now=now, update_n=n
        )
        if waiting_since is not None:  # whenever that word leaves, it is news beside this one
            letter.created_at = waiting_since - AFTER


async def unsay_late(session: AsyncSession, update: Update, now: datetime) -> None:
    """A word is taken back before anybody was written to: nobody knows what it promised, so
    nothing says that this did not come. What was promised before it counts again.
    """
    if await _has_left(session, update):
        return
    for line in await incidents.updates_of(session, update.incident_id):
        if line.n < update.n or line.kind not in (LATE, HOLDING) or line.withdrawn_at is not None:
            continue
        why = announcements.TAKEN_BACK
        await announcements.withdraw(session, update.incident_id, why, now, update_n=line.n)
        line.withdrawn_at, line.withdrawn_why = now, update.withdrawn_why
        await drop(session, line, now)


async def drop(session: AsyncSession, update: Update, now: datetime) -> None:
    """What a line promised counts no more."""
    made = await session.scalars(
        sa.select(Promise).where(
            col(Promise.incident_id) == update.incident_id, col(Promise.update_n) == update.n
        )
    )
    for promise in made.all():
        promise.dropped_at = now


async def _has_left(session: AsyncSession, update: Update) -> bool:
    begun = sa.or_(col(Announcement.spread_at).is_not(None), col(Announcement.slices).is_not(None))
    of_it = sa.select(col(Announcement.id)).where(
        col(Announcement.incident_id) == update.incident_id,
        col(Announcement.update_n) == update.n,
        begun,
    )
    return await session.scalar(of_it.limit(1)) is not None


async def _course(
    session: AsyncSession, settings: Settings, incident: Incident, leaving: Announcement | None
) -> Course:
    letters = settings.letters
    by_machine_alone = incident.automatic and incident.spoken_at is None
    ends_after = letters.all_clear_after if by_machine_alone else letters.close_after
    return Course(
        written_at=await _written_at(session, settings, incident, leaving),
        holding=await _holding_since_last_words(session, incident),
        ends_at=incident.recovered_at + ends_after if incident.recovered_at else None,
    )


async def _written_at(
    session: AsyncSession, settings: Settings, incident: Incident, leaving: Announcement | None
) -> datetime | None:
    """When customers were last written to; None where nobody is, or an operator has stopped it.
    Whom a word is on its way to expects what it promises as well.
    """
    if incident.letters_held or incident.letters_stopped_at is not None:
        return None
    if leaving is not None and await audience.by_language(session, settings, leaving):
        return leaving.due_at
    if not await recipients.anybody(session, incident.id):
        return None
    return await session.scalar(
        sa.select(sa.func.max(col(Announcement.spread_at))).where(
            col(Announcement.incident_id) == incident.id, col(Announcement.withdrawn_at).is_(None)
        )
    )


async def _holding_since_last_words(session: AsyncSession, incident: Incident) -> int:
    said = await incidents.updates_of(session, incident.id)
    spoken = max((one.n for one in said if _is_words(one)), default=0)
    return sum(one.n > spoken and one.kind == HOLDING for one in said)


def _is_words(update: Update) -> bool:
    return update.kind == "words" and update.withdrawn_at is None
