"""Which letters are ours to send now?

The claim of ``deliver``, one short transaction. Rules: it looks at the rows again, so who
left and what was withdrawn since is not sent; all that waits for one customer is claimed
together, so that limits and merging see the whole; what may not go yet gets a later due
time, and what is not wanted any more is closed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications.postmortems import APART
from statuspage.jobs import lease
from statuspage.rules.deliveries import DAY, Drop, Limits, Send, Told, Wait, Waiting, decide
from statuspage.tables import Announcement, Delivery, Subscriber


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a letter goes to, as of the claim."""

    id: str
    channel: str
    address: str
    language: str
    code: str
    confirm_code: str | None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One letter to send: the delivery that carries it is the last of ``ids`` and
    ``announcements``, before it those that are merged into it. ``matters``: the
    incidents and maintenances it is about, for threading. ``is_word``: about one of them, not
    to confirm an address.
    """

    ids: tuple[int, ...]
    announcements: tuple[str, ...]
    matters: tuple[str, ...]
    addressee: Addressee
    is_word: bool
    attempts: int
    first_tried_at: datetime | None

    @property
    def id(self) -> int:
        return self.ids[-1]


@dataclass(frozen=True, slots=True)
class Claimed:
    """``found``: how many due rows there were, whatever was decided about them."""

    letters: tuple[Outgoing, ...] = ()
    found: int = 0


async def claim(
    session: AsyncSession, limits: Limits, now: datetime, who: str, most: int, kind: str
) -> Claimed:
    """Take up to so many due deliveries that leave by this kind of channel, the most urgent
    first, and decide about each.
    """
    due = await lease.claim(
        session,
        Delivery,
        _is_queued(),
        col(Delivery.due_at) <= now,
        leaves_by(kind),
        order_by=(col(Delivery.urgency), col(Delivery.due_at), col(Delivery.id)),
        limit=most,
        who=who,
    )
    if not due:
        return Claimed()
    rows = await _rows(session, col(Delivery.id).in_(due))
    subscribers = {row.subscriber_id for row in rows if row.urgency > 0}
    mine = set(due) | await _claim_companions(session, subscribers, who)
    words = await _rows(session, *_words_of(subscribers))
    rows = [row for row in rows if row.urgency == 0] + words
    silent = [row.id for row in rows if row.id in mine and not _is_wanted(row)]
    await _put(session, silent, state="withdrawn", ended_at=now, reason="not wanted any more")
    letters = [_letter([row]) for row in rows if row.urgency == 0 and _is_wanted(row)]
    wanted = [row for row in words if _is_wanted(row)]
    letters += await _decide(session, wanted, mine, limits, now)
    return Claimed(tuple(letters), len(due))


async def _claim_companions(
    session: AsyncSession, subscribers: Collection[str], who: str
) -> set[int]:
    """The other words that wait for the same customers, due or not."""
    if not subscribers:
        return set()
    claimed = await lease.claim(session, Delivery, *_words_of(subscribers), who=who)
    return set(claimed)


def _words_of(subscribers: Collection[str]) -> list[sa.ColumnElement[bool]]:
    return [
        col(Delivery.subscriber_id).in_(subscribers),
        _is_queued(),
        col(Delivery.urgency) > 0,
    ]


def leaves_by(kind: str) -> sa.ColumnElement[bool]:
    """Asked of each row in its turn: most go the same way, and few are looked at in vain."""
    way = sa.select(col(Subscriber.channel)).where(
        col(Subscriber.id) == col(Delivery.subscriber_id)
    )
    return way.scalar_subquery() == kind


def _is_queued() -> sa.ColumnElement[bool]:
    return col(Delivery.state) == "queued"


async def _rows(session: AsyncSession, *where: sa.ColumnElement[bool]) -> list[Any]:
    """Deliveries with what must be known of their announcement and their subscriber."""
    found = await session.execute(
        sa.select(
            *(col(column) for column in (Delivery.id, Delivery.urgency, Delivery.subscriber_id)),
            col(Delivery.announcement_id),
            col(Delivery.incident_id),
            col(Delivery.attempts),
            col(Delivery.first_tried_at),
            _about().label("about"),
            col(Announcement.created_at).label("said_at"),
            col(Announcement.withdrawn_at),
            col(Announcement.maintenance_id),
            *(col(column) for column in (Subscriber.state, Subscriber.channel)),
            *(col(column) for column in (Subscriber.address, Subscriber.language)),
            *(col(column) for column in (Subscriber.code, Subscriber.confirm_code)),
        )
        .join(Announcement, col(Announcement.id) == col(Delivery.announcement_id))
        .join(Subscriber, col(Subscriber.id) == col(Delivery.subscriber_id))
        .where(*where)
        .order_by(col(Delivery.urgency), col(Delivery.due_at), col(Delivery.id))
    )
    return list(found.all())


def _about() -> sa.ColumnElement[str]:
    """What a word is about: its incident or maintenance, where it does not stand apart."""
    apart = col(Announcement.occasion).in_(APART)
    incident_id = sa.case((apart, None), else_=col(Delivery.incident_id))
    return sa.func.coalesce(
        incident_id, col(Announcement.maintenance_id), col(Delivery.announcement_id)
    )


def _is_wanted(row: Any) -> bool:
    """A word goes to whoever is told, a letter to confirm to whoever has not confirmed."""
    state = "active" if row.urgency > 0 else "pending"
    return bool(row.state == state and row.withdrawn_at is None)


async def _decide(
    session: AsyncSession, rows: Sequence[Any], mine: Collection[int], limits: Limits, now: datetime
) -> list[Outgoing]:
    """For each customer, what the rules say; rows that another worker has make them wait."""
    told = await _told(session, {row.subscriber_id for row in rows}, now)
    letters: list[Outgoing] = []
    for subscriber, theirs in _by_subscriber(rows).items():
        ours = {row.id: row for row in theirs if row.id in mine}
        waiting = [_waiting(row) for row in ours.values()]
        busy = len(ours) < len(theirs)
        for decision in decide(waiting, told[subscriber], limits, now, busy=busy):
            if isinstance(decision, Send):
                letters.append(_letter([ours[word.id] for word in decision.words]))
            elif isinstance(decision, Wait):
                await _put(session, [word.id for word in decision.words], due_at=decision.until)
            elif isinstance(decision, Drop):
                why = {"ended_at": now, "reason": "a later word was told already"}
                await _put(session, [decision.word.id], state="withdrawn", **why)
    return letters


def _by_subscriber(rows: Iterable[Any]) -> Mapping[str, list[Any]]:
    theirs: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        theirs[row.subscriber_id].append(row)
    return theirs


def _waiting(row: Any) -> Waiting:
    return Waiting(row.id, row.announcement_id, row.about, row.said_at)


def _matter(row: Any) -> str | None:
    """The incident or the maintenance that a letter is about."""
    found: str | None = row.incident_id or row.maintenance_id
    return found


async def _told(
    session: AsyncSession, subscribers: Collection[str], now: datetime
) -> Mapping[str, list[Told]]:
    """What each of them has got in the last day; letters to confirm do not count."""
    told: dict[str, list[Told]] = defaultdict(list)
    found: sa.Result[Any] = await session.execute(
        sa.select(
            col(Delivery.subscriber_id),
            _about().label("about"),
            col(Announcement.created_at).label("said_at"),
            col(Delivery.accepted_at),
        )
        .join(Announcement, col(Announcement.id) == col(Delivery.announcement_id))
        .where(
            col(Delivery.subscriber_id).in_(subscribers),
            col(Delivery.state) == "accepted",
            col(Delivery.accepted_at) > now - DAY,
            col(Delivery.urgency) > 0,
        )
    )
    for row in found:
        told[row.subscriber_id].append(Told(row.about, row.said_at, row.accepted_at))
    return told


def _letter(rows: Sequence[Any]) -> Outgoing:
    last = rows[-1]
    tried = [row.first_tried_at for row in rows if row.first_tried_at is not None]
    return Outgoing(
        ids=tuple(row.id for row in rows),
        announcements=tuple(row.announcement_id for row in rows),
        matters=tuple(dict.fromkeys(matter for row in rows if (matter := _matter(row)))),
        addressee=Addressee(
            id=last.subscriber_id,
            channel=last.channel,
            address=last.address,
            language=last.language,
            code=last.code,
            confirm_code=last.confirm_code,
        ),
        is_word=last.urgency > 0,
        attempts=max(row.attempts for row in rows),
        first_tried_at=min(tried, default=None),
    )


async def _put(session: AsyncSession, ids: Sequence[int], **values: Any) -> None:
    """Change some rows that are ours, and let go of them."""
    if ids:
        await session.execute(
            sa.update(Delivery)
            .where(col(Delivery.id).in_(ids))
            .values(lease_by=None, lease_until=None, **values)
            .execution_options(synchronize_session=False)
        )
