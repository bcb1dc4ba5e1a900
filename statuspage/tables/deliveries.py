"""What is to be told, and how far has each letter come? (the outbox)

An announcement is done when spread: one delivery for each subscriber who wants it,
unique. A delivery is done when accepted by the relay, given up, withdrawn or merged
into another. Both are claimed for a time, never locked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col

from statuspage.tables.columns import data, moment, moment_or_none, parent

IN_LETTER = "in letter "
"""How the reason of a word begins that left in another's letter, whose number follows."""
GIVEN_UP = "given up: "
"""How the reason begins of a letter that nobody refused, and which was tried for long enough."""
HELD_BACK = "held back: as many letters as may go to one customer have gone"
"""The reason of a letter that waits for ``[letters] per_hour`` or ``per_day``."""
_QUEUED = sa.text("state = 'queued'")
_ACCEPTED = sa.text("accepted_at IS NOT NULL")
_BACK = sa.text("bounced_at IS NOT NULL")
_UNMEASURED = sa.text("measured_at IS NULL AND subscriber_id IS NULL")


class Announcement(SQLModel, table=True):
    """``occasion`` is that of ``notifications.facts``; ``facts`` is frozen when announced
    (for an automatic first word: when it is spread, after every cause was asked afresh).
    """

    __tablename__ = "announcements"
    __table_args__ = (
        # asked every few seconds, and there is one for each letter to confirm an address
        sa.Index(
            *("announcements_unmeasured", "created_at"),
            sqlite_where=_UNMEASURED,
            postgresql_where=_UNMEASURED,
        ),
        sa.Index("announcements_counted", "counted_at"),
    )

    id: str = Field(primary_key=True)
    occasion: str
    incident_id: str | None = Field(default=None, foreign_key="incidents.id", index=True)
    update_n: int | None = None
    maintenance_id: str | None = Field(default=None, index=True)
    subscriber_id: str | None = Field(default=None, foreign_key="subscribers.id")
    """A letter to one person only (to confirm an address)."""
    facts: dict[str, Any] = data()
    automatic: bool = False
    only_told: bool = False
    """Only to those who were told of the incident before."""
    only_told_of: int | None = None
    """Only to those who have got this update of the incident: what it said is corrected."""
    created_at: datetime = moment()
    due_at: datetime | None = moment_or_none(index=True)
    """None: waits for an operator."""
    author: str | None = None
    """The operator whose words it carries."""
    reader_wanted: bool = False
    """Another operator is to read it first; unread it leaves when due, and the audit says so."""
    approved_at: datetime | None = moment_or_none()
    approved_by: str | None = None
    lease_by: str | None = None
    lease_until: datetime | None = moment_or_none()
    slices: int | None = None
    """In how many slices it is spread, fixed with the first; None: not begun."""
    slices_done: int = 0
    spread_at: datetime | None = moment_or_none()
    mailed_at: datetime | None = moment_or_none()
    """When it first reached a mailbox; noted when its deliveries are swept."""
    withdrawn_at: datetime | None = moment_or_none()
    withdrawn_why: str | None = None
    measured: dict[str, Any] = data()
    """How it went (``rules.fanouts``), once every letter was tried: kept when its deliveries
    are not.
    """
    counted_at: datetime | None = moment_or_none()
    """When ``measured`` was counted last: while some are tried again, now and then."""
    measured_at: datetime | None = moment_or_none()
    """When it was for good: nothing of it waits any more."""


class Delivery(SQLModel, table=True):
    """``state``: queued, accepted, failed, withdrawn, merged."""

    __tablename__ = "deliveries"
    __table_args__ = (
        sa.UniqueConstraint("announcement_id", "subscriber_id"),
        # in the order in which they are claimed, and only those that wait
        sa.Index(
            *("deliveries_due", "channel", "urgency", "due_at", "id"),
            sqlite_where=_QUEUED,
            postgresql_where=_QUEUED,
        ),
        sa.Index("deliveries_of_subscriber", "subscriber_id", "state", "accepted_at"),
        # "was she told of this?" is asked of each subscriber: with the incident's alone SQLite
        # would look at every delivery of it for each
        sa.Index("deliveries_of_incident", "incident_id", "subscriber_id"),
        # who was the five thousandth?
        sa.Index(
            *("deliveries_accepted", "announcement_id", "channel", "accepted_at"),
            sqlite_where=_ACCEPTED,
            postgresql_where=_ACCEPTED,
        ),
        sa.Index(
            *("deliveries_back", "announcement_id"),
            sqlite_where=_BACK,
            postgresql_where=_BACK,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    announcement_id: str = parent("announcements.id", index=False)
    subscriber_id: str = parent("subscribers.id", index=False)
    incident_id: str | None = None
    channel: str = "email"
    """Its subscriber's, kept here as well: each kind is claimed by itself."""
    state: str = "queued"
    urgency: int = 1
    """0 goes first: letters to confirm an address, before any fan-out."""
    created_at: datetime = moment()
    due_at: datetime = moment()
    attempts: int = 0
    lease_by: str | None = None
    lease_until: datetime | None = moment_or_none()
    may_have_left: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Somebody had it and died before it was written down what became of it."""
    first_tried_at: datetime | None = moment_or_none()
    accepted_at: datetime | None = moment_or_none()
    ended_at: datetime | None = moment_or_none()
    reason: str | None = None
    bounced_at: datetime | None = moment_or_none()
    """The relay took it, and it came back for good."""


def is_queued() -> sa.ColumnElement[bool]:
    """Not done yet. Said as the index of those says it: a parameter would hide from the
    planner that it may be used.
    """
    return col(Delivery.state) == sa.literal_column("'queued'")
