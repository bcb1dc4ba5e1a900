"""What goes now to those for whom several words wait, or who were told a lot today?

A part of the claim. All that waits for one of them is claimed together, whoever's turn it
was, and the rules see the whole; what another worker has makes the rest wait.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from notifications import channels
from notifications.postmortems import APART
from statuspage.jobs import introductions, lease
from statuspage.jobs.batches import among, times
from statuspage.jobs.outgoing import Outgoing, addressee
from statuspage.rules.deliveries import (
    DAY,
    Drop,
    Limits,
    Send,
    Told,
    Wait,
    Waiting,
    decide,
    in_turn,
)
from statuspage.tables import Announcement, Delivery, Subscriber
from statuspage.tables.deliveries import HELD_BACK

UNWANTED, OVERTAKEN = "not wanted any more", "a later word was told already"
_DELIVERIES: sa.Table = Delivery.__table__  # type: ignore[attr-defined]
_ANNOUNCEMENTS: sa.Table = Announcement.__table__  # type: ignore[attr-defined]
_SUBSCRIBERS: sa.Table = Subscriber.__table__  # type: ignore[attr-defined]


async def weigh(
    session: AsyncSession,
    subscribers: Collection[str],
    due: Collection[int],
    limits: Limits,
    now: datetime,
    who: str,
) -> list[Outgoing]:
    """The letters that may go to these people, of whose words some are ours already (``due``)."""
    theirs = _words_of(session, subscribers)
    mine = {*due, *await lease.claim(session, Delivery, *theirs, who=who)}
    rows = await _rows(session, *theirs)
    silent = [row.id for row in rows if row.id in mine and not _wanted(row)]
    await put(session, silent, state="withdrawn", ended_at=now, reason=UNWANTED)
    return await _decide(session, [row for row in rows if _wanted(row)], mine, limits, now)


def is_wanted(urgency: int, state: str, withdrawn_at: datetime | None) -> bool:
    """A word goes to whoever is told, a letter to confirm to whoever has not confirmed; one that
    a hook takes nothing any more, to its owner; and the canary to ourselves.
    """
    states = ("active",) if urgency > 0 else ("pending", "resting", "canary")
    return state in states and withdrawn_at is None


async def put(session: AsyncSession, ids: Collection[int], **values: Any) -> None:
    """Change some rows that are ours, and let go of them."""
    if ids:
        await session.execute(
            sa.update(_DELIVERIES)
            .where(among(session, _DELIVERIES.c.id, ids))
            .values(lease_by=None, lease_until=None, **values)
        )


def _wanted(row: Any) -> bool:
    return is_wanted(row.urgency, row.state, row.withdrawn_at)


def _words_of(session: AsyncSession, subscribers: Collection[str]) -> list[sa.ColumnElement[bool]]:
    return [
        among(session, _DELIVERIES.c.subscriber_id, subscribers),
        _DELIVERIES.c.state == "queued",
        _DELIVERIES.c.urgency > 0,
    ]


async def _rows(session: AsyncSession, *where: sa.ColumnElement[bool]) -> list[Any]:
    """Deliveries with what must be known of their announcement and their subscriber."""
    mine, said, theirs = _DELIVERIES.c, _ANNOUNCEMENTS.c, _SUBSCRIBERS.c
    found = await session.execute(
        sa.select(
            *(mine.id, mine.urgency, mine.subscriber_id, mine.announcement_id),
            *(mine.incident_id, mine.attempts, mine.first_tried_at),
            _about().label("about"),
            said.created_at.label("said_at"),
            *(said.withdrawn_at, said.maintenance_id),
            *(theirs.state, theirs.channel, theirs.address, theirs.language),
            *(theirs.code, theirs.confirm_code, theirs.owner, theirs.secret, theirs.ends_only),
            *introductions.columns(),
            mine.due_at,
        )
        .join_from(_DELIVERIES, _ANNOUNCEMENTS, said.id == mine.announcement_id)
        .join(_SUBSCRIBERS, theirs.id == mine.subscriber_id)
        .where(*where)
        .order_by(mine.urgency, mine.due_at, mine.id)
    )
    return list(found.all())


def _about() -> sa.ColumnElement[str]:
    """What a word is about: its incident or maintenance, where it does not stand apart."""
    apart = _ANNOUNCEMENTS.c.occasion.in_(APART)
    incident_id = sa.case((apart, None), else_=_DELIVERIES.c.incident_id)
    return sa.func.coalesce(
        incident_id, _ANNOUNCEMENTS.c.maintenance_id, _DELIVERIES.c.announcement_id
    )


async def _decide(
    session: AsyncSession, rows: Sequence[Any], mine: Collection[int], limits: Limits, now: datetime
) -> list[Outgoing]:
    """For each customer, what the rules say; rows that another worker has make them wait."""
    told = await _told(session, {row.subscriber_id for row in rows}, now)
    letters: list[Outgoing] = []
    waits: list[Wait] = []
    drops: list[int] = []
    for subscriber, theirs in _by_subscriber(rows).items():
        ours = {row.id: row for row in theirs if row.id in mine}
        waiting = [_waiting(row) for row in ours.values()]
        busy = len(ours) < len(theirs)
        if channels.kinds()[theirs[0].channel].told_in == "events":
            decisions = in_turn(waiting, now, busy=busy)
        else:
            decisions = decide(waiting, told[subscriber], limits, now, busy=busy)
        for decision in decisions:
            if isinstance(decision, Send):
                letters.append(_letter([ours[word.id] for word in decision.words]))
            elif isinstance(decision, Wait):
                waits.append(decision)
            elif isinstance(decision, Drop):
                drops.append(decision.word.id)
    await put(session, drops, state="withdrawn", ended_at=now, reason=OVERTAKEN)
    await _put_off(session, [one for one in waits if one.is_limit], reason=HELD_BACK)
    await _put_off(session, [one for one in waits if not one.is_limit])
    return letters


def _by_subscriber(rows: Iterable[Any]) -> Mapping[str, list[Any]]:
    theirs: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        theirs[row.subscriber_id].append(row)
    return theirs


def _waiting(row: Any) -> Waiting:
    return Waiting(row.id, row.announcement_id, row.about, row.said_at, row.due_at)


async def _told(
    session: AsyncSession, subscribers: Collection[str], now: datetime
) -> Mapping[str, list[Told]]:
    """What each of them has got in the last day; letters to confirm do not count."""
    mine, said = _DELIVERIES.c, _ANNOUNCEMENTS.c
    told: dict[str, list[Told]] = defaultdict(list)
    found = await session.execute(
        sa.select(mine.subscriber_id, _about(), said.created_at, mine.accepted_at)
        .join_from(_DELIVERIES, _ANNOUNCEMENTS, said.id == mine.announcement_id)
        .where(
            among(session, mine.subscriber_id, subscribers),
            mine.state == "accepted",
            mine.accepted_at > now - DAY,
            mine.urgency > 0,
        )
    )
    for subscriber, about, said_at, accepted_at in found:
        told[subscriber].append(Told(about, said_at, accepted_at))
    return told


async def _put_off(session: AsyncSession, waits: Sequence[Wait], **values: Any) -> None:
    if waits:
        each = ((word.id, wait.until) for wait in waits for word in wait.words)
        is_one, until = times(session, _DELIVERIES.c.id, each)
        await session.execute(
            sa.update(_DELIVERIES)
            .where(is_one)
            .values(lease_by=None, lease_until=None, due_at=until, **values)
        )


def _letter(rows: Sequence[Any]) -> Outgoing:
    last = rows[-1]
    tried = [row.first_tried_at for row in rows if row.first_tried_at is not None]
    return Outgoing(
        ids=tuple(row.id for row in rows),
        announcements=tuple(row.announcement_id for row in rows),
        matters=tuple(dict.fromkeys(matter for row in rows if (matter := _matter(row)))),
        addressee=addressee(last),
        is_word=last.urgency > 0,
        attempts=max(row.attempts for row in rows),
        first_tried_at=min(tried, default=None),
    )


def _matter(row: Any) -> str | None:
    """The incident or the maintenance that a letter is about."""
    found: str | None = row.incident_id or row.maintenance_id
    return found
