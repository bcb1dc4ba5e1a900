"""What is to be told to customers, and what is not to be told after all?

An announcement is a row with its facts; ``announce`` spreads it when it is due. Here it
is only made, put off or withdrawn, together with the letters that are still queued.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications import facts
from statuspage.actions.earlier_words import is_quiet
from statuspage.tables import Announcement, Delivery
from statuspage.vocabulary import By

ERASED = "its words were removed"
TAKEN_BACK = "taken back"
_AMENDED = (facts.Worded, facts.Over, facts.Corrected, facts.Postmortem)


def new_id() -> str:
    """16 random [a-z0-9]: unguessable enough, and safe in a Message-ID."""
    return secrets.token_hex(8)


def announce(
    session: AsyncSession,
    incident_id: str,
    told: facts.Facts,
    *,
    by: By,
    due_at: datetime,
    now: datetime,
    update_n: int | None = None,
    only_told: bool = False,
) -> Announcement:
    """Tell this, from ``due_at`` on."""
    row = Announcement(
        id=new_id(),
        occasion=told.occasion,
        incident_id=incident_id,
        update_n=update_n,
        facts=facts.freeze(told),
        automatic=by is By.MACHINE,
        only_told=only_told,
        created_at=now,
        due_at=due_at,
    )
    session.add(row)
    return row


def announce_noticed(
    session: AsyncSession, incident_id: str, due_at: datetime | None, now: datetime
) -> None:
    """The automatic first word; its facts are frozen when it is spread."""
    session.add(
        Announcement(
            id=new_id(),
            occasion="noticed",
            incident_id=incident_id,
            automatic=True,
            created_at=now,
            due_at=due_at,
        )
    )


async def withdraw(
    session: AsyncSession,
    incident_id: str,
    why: str,
    now: datetime,
    *,
    only_automatic: bool = False,
    update_n: int | None = None,
) -> int:
    """Stop what is not told yet; returns how many letters were still queued."""
    ours = [Announcement.incident_id == incident_id, Announcement.withdrawn_at.is_(None)]  # type: ignore[union-attr]
    if only_automatic:
        ours.append(Announcement.automatic.is_(True))  # type: ignore[attr-defined]
    if update_n is not None:
        ours.append(Announcement.update_n == update_n)
    found = list((await session.scalars(sa.select(Announcement).where(*ours))).all())
    return sum([await stop(session, row, why, now) for row in found])


async def stop(session: AsyncSession, row: Announcement, why: str, now: datetime) -> int:
    """Stop one; returns how many of its letters were still queued."""
    withdrawn = await _withdraw_letters(session, row.id, why, now)
    if row.withdrawn_at is None and (row.spread_at is None or withdrawn):
        row.withdrawn_at, row.withdrawn_why = now, why
    return withdrawn


async def _withdraw_letters(
    session: AsyncSession, announcement_id: str, why: str, now: datetime
) -> int:
    done = await session.execute(
        sa.update(Delivery)
        .where(sa.column("announcement_id") == announcement_id, sa.column("state") == "queued")
        .values(state="withdrawn", ended_at=now, reason=why)
        .returning(col(Delivery.id))
        .execution_options(synchronize_session=False)
    )
    return len(done.all())


async def go_on(session: AsyncSession, incident_id: str, why: str, since: datetime) -> None:
    """Let go on what was withdrawn at that moment and for that reason, to the last letter."""
    halted = await session.scalars(
        sa.select(Announcement).where(
            col(Announcement.incident_id) == incident_id,
            col(Announcement.withdrawn_at) == since,
            col(Announcement.withdrawn_why) == why,
        )
    )
    for row in halted.all():
        row.withdrawn_at = row.withdrawn_why = row.counted_at = row.measured_at = None
        await session.execute(
            sa.update(Delivery)
            .where(
                col(Delivery.announcement_id) == row.id,
                col(Delivery.state) == "withdrawn",
                col(Delivery.ended_at) == since,
                col(Delivery.reason) == why,
            )
            .values(state="queued", ended_at=None, reason=None)
            .execution_options(synchronize_session=False)
        )
    await session.flush()


async def resume(session: AsyncSession, row: Announcement, due_at: datetime) -> None:
    """Let one go on that was stopped, from ``due_at``, to those who have not got it."""
    stopped = (
        col(Delivery.announcement_id) == row.id,
        col(Delivery.state) == "withdrawn",
        col(Delivery.ended_at) == row.withdrawn_at,
        col(Delivery.reason) == row.withdrawn_why,
    )
    row.withdrawn_at, row.withdrawn_why, row.due_at = None, None, due_at
    row.counted_at = row.measured_at = None
    await session.execute(
        sa.update(Delivery)
        .where(*stopped)
        .values(state="queued", ended_at=None, reason=None, due_at=due_at)
        .execution_options(synchronize_session=False)
    )


async def pending_first_word(session: AsyncSession, incident_id: str) -> Announcement | None:
    """The automatic first word that was neither spread nor withdrawn yet."""
    return await _first_word(session, incident_id, sa.column("spread_at").is_(None))


async def standing_first_word(session: AsyncSession, incident_id: str) -> Announcement | None:
    """The newest automatic first word that was not withdrawn, spread or not; one that "it is
    over" has answered since does not count: what begins again is told again.
    """
    answered = last_over(incident_id)
    newer = sa.or_(answered.is_(None), sa.column("created_at") > answered)
    return await _first_word(session, incident_id, newer)


def last_over(incident_id: str | None) -> sa.ScalarSelect[Any]:
    """When customers were last told that it is over; NULL: they were not."""
    return (
        sa.select(sa.func.max(col(Announcement.created_at)))
        .where(
            col(Announcement.incident_id) == incident_id,
            col(Announcement.occasion) == "over",
            col(Announcement.spread_at).is_not(None),
            sa.not_(is_quiet(col(Announcement.incident_id), col(Announcement.update_n))),
        )
        .scalar_subquery()
    )


async def _first_word(
    session: AsyncSession, incident_id: str, *more: sa.ColumnElement[bool]
) -> Announcement | None:
    found = await session.scalars(
        sa.select(Announcement)
        .where(
            sa.column("incident_id") == incident_id,
            sa.column("occasion") == "noticed",
            sa.column("withdrawn_at").is_(None),
            *more,
        )
        .order_by(sa.desc(sa.column("created_at")))
        .limit(1)
    )
    return found.first()


async def leaving(session: AsyncSession, incident_id: str, now: datetime) -> Announcement | None:
    """The newest word of a person's that is being spread, or will be in a moment; one that waits
    for a second reader may yet wait long.
    """
    found = await session.scalars(
        _of_a_person(incident_id)
        .where(sa.not_(_waits(now)))
        .order_by(sa.desc(col(Announcement.due_at)))
        .limit(1)
    )
    return found.first()


async def promise_anew(
    session: AsyncSession, incident_id: str, due_at: datetime, now: datetime
) -> datetime | None:
    """A letter that waits for its reader promises what stands now: when it leaves, nobody is
    promised what has passed. Answers since when the first of them waits.
    """
    rows = (await session.scalars(_of_a_person(incident_id).where(_waits(now)))).all()
    for row in rows:
        told = facts.thaw(row.facts)
        if isinstance(told, facts.Worded | facts.Corrected) and told.next_word_at is not None:
            row.facts = facts.freeze(replace(told, next_word_at=due_at))
    return min((row.created_at for row in rows), default=None)


def _waits(now: datetime) -> sa.ColumnElement[bool]:
    """For a second reader, and who knows how long."""
    return sa.and_(
        col(Announcement.reader_wanted),
        col(Announcement.approved_at).is_(None),
        col(Announcement.due_at) > now,
    )


def _of_a_person(incident_id: str) -> sa.Select[Announcement]:
    return sa.select(Announcement).where(
        col(Announcement.incident_id) == incident_id,
        col(Announcement.author).is_not(None),
        col(Announcement.spread_at).is_(None),
        col(Announcement.withdrawn_at).is_(None),
        col(Announcement.due_at).is_not(None),
    )


async def amend(
    session: AsyncSession, incident_id: str, update_n: int, said: facts.Said | None
) -> list[Announcement]:
    """Say in letters of this word that have not left what it should have said; answers which."""
    amended = []
    for row in await of_incident(session, incident_id):
        if row.update_n == update_n and row.withdrawn_at is None:
            told = facts.thaw(row.facts)
            if isinstance(told, _AMENDED):
                row.facts = facts.freeze(replace(told, said=said))
                amended.append(row)
    return amended


async def of_incident(session: AsyncSession, incident_id: str) -> Sequence[Announcement]:
    """All of it that was to be told, withdrawn or not, oldest first."""
    found = await session.scalars(
        sa.select(Announcement)
        .where(col(Announcement.incident_id) == incident_id)
        .order_by(col(Announcement.created_at), col(Announcement.id))
    )
    return found.all()


async def sent(session: AsyncSession, rows: Iterable[Announcement]) -> int:
    """How many people's letters of these have left, merged into others or not."""
    found = await session.scalar(
        sa.select(sa.func.count(sa.distinct(col(Delivery.subscriber_id)))).where(
            col(Delivery.announcement_id).in_([row.id for row in rows]),
            col(Delivery.state).in_(("accepted", "merged")),
        )
    )
    return int(found or 0)


async def letters_of(session: AsyncSession, incident_id: str) -> dict[str, int]:
    """State of a delivery -> how many of this incident are in it."""
    state = col(Delivery.state)
    found = await session.execute(
        sa.select(state, sa.func.count())
        .select_from(Delivery)
        .where(sa.column("incident_id") == incident_id)
        .group_by(state)
    )
    return {row[0]: row[1] for row in found.all()}
