"""Who has read a letter before it leaves?

With ``second_reader`` an operator's word stands on the page at once, and its letter waits for
another operator. Rules: nobody approves their own; who approves may still take it back for a
while; after ``second_reader_waits`` it leaves unread, and the audit says so, for silence is
worse; the first word of an outage ("we are looking for the cause") waits for nobody.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import audit, calls
from statuspage.actions.revision import raise_revision
from statuspage.errors import Conflict, Forbidden, Unknown
from statuspage.settings import Settings
from statuspage.tables import Announcement, Incident, Maintenance
from statuspage.vocabulary import Phase

UNDO = timedelta(seconds=30)
"""After the approval a letter may still be taken back for so long."""


async def send(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    letter: Announcement,
    author: str,
    now: datetime,
) -> None:
    """When may a person's letter leave? It is due after ``undo``, or waits for a reader."""
    letter.author = author
    if not _is_first_word(incident, now) and _waits(settings, letter, now):
        await calls.reader_wanted(session, settings, incident, letter, now)


async def send_planned(
    session: AsyncSession,
    settings: Settings,
    row: Maintenance,
    letter: Announcement,
    author: str,
    now: datetime,
) -> None:
    """The same of a letter about planned work, which is never so urgent as a first word."""
    letter.author = author
    if _waits(settings, letter, now):
        await calls.planned_reader_wanted(session, settings, row, letter, now)


def _waits(settings: Settings, letter: Announcement, now: datetime) -> bool:
    """Whether it waits for a reader: so long, then it leaves unread."""
    if not settings.letters.second_reader:
        return False
    letter.reader_wanted = True
    letter.due_at = now + settings.letters.second_reader_waits
    return True


async def approve(session: AsyncSession, letter_id: str, who: str, now: datetime) -> Announcement:
    """Another operator has read it: it leaves when the time to take it back has passed.

    Raises ``Unknown``, ``Forbidden`` for one's own, ``Conflict`` where nothing waits.
    """
    await raise_revision(session)  # the approval and the end of the wait take turns
    letter = await get(session, letter_id)
    _must_wait(letter)
    if letter.author == who:
        raise Forbidden("Nobody approves their own letter: ask another operator.")
    letter.approved_at, letter.approved_by = now, who
    letter.due_at = now + UNDO
    audit.note(session, who, "letter approved", letter.id, now, **_about(letter))
    return letter


def due_again(settings: Settings, letter: Announcement, now: datetime) -> datetime:
    """When one that was stopped leaves after all; unread, it waits for its reader once more."""
    waits = letter.reader_wanted and letter.spread_at is None and letter.slices is None
    letters = settings.letters
    return now + (letters.second_reader_waits if waits else letters.undo)


def read_anew(settings: Settings, letter: Announcement, now: datetime) -> None:
    """Its words were changed after it was approved, and before it left: it is another letter."""
    if letter.approved_at is not None and letter.spread_at is None and letter.slices is None:
        letter.approved_at = letter.approved_by = None
        letter.due_at = now + settings.letters.second_reader_waits


def _must_wait(letter: Announcement) -> None:
    if letter.withdrawn_at is not None:
        raise Conflict(f"This letter was withdrawn: {letter.withdrawn_why}.")
    if letter.approved_at is not None:
        raise Conflict(f"{letter.approved_by} has approved this letter already.")
    if letter.spread_at is not None or letter.slices is not None:
        raise Conflict("This letter has left already.")
    if not letter.reader_wanted:
        raise Conflict("This letter waits for no second reader.")


def note_unread(session: AsyncSession, letter: Announcement, now: datetime) -> None:
    """It leaves, and nobody has read it in time."""
    if letter.reader_wanted and letter.approved_at is None:
        audit.note(
            session,
            audit.MACHINE,
            "letter left without a second reader",
            letter.id,
            now,
            **_about(letter),
            author=letter.author,
        )


def _about(letter: Announcement) -> dict[str, object]:
    if letter.maintenance_id is not None:
        return {"maintenance": letter.maintenance_id}
    return {"incident": letter.incident_id}


async def get(session: AsyncSession, letter_id: str) -> Announcement:
    """A letter to customers that a person wrote. Raises ``Unknown``."""
    row = await session.get(Announcement, letter_id)
    if row is None or row.author is None:
        raise Unknown(f"There is no letter {letter_id!r}.")
    return row


def letters(*, waiting: bool | None) -> sa.Select[Announcement]:
    """What operators wrote to customers, newest first; ``waiting`` for a second reader, or not."""
    waits = sa.and_(
        col(Announcement.reader_wanted),
        col(Announcement.approved_at).is_(None),
        col(Announcement.spread_at).is_(None),
        col(Announcement.withdrawn_at).is_(None),
    )
    found = sa.select(Announcement).where(col(Announcement.author).is_not(None))
    if waiting is not None:
        found = found.where(waits if waiting else sa.not_(waits))
    return found.order_by(sa.desc(col(Announcement.created_at)), col(Announcement.id))


def _is_first_word(incident: Incident, now: datetime) -> bool:
    """A person speaks for the first time, and only to say that it is known."""
    return incident.spoken_at == now and incident.status == Phase.INVESTIGATING
