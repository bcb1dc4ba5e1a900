"""Which work is announced or under way, and what has become of it?

A row is one occurrence with a page, a thread of letters and an id of its own. A repeating
one is followed by its next row when it is over: ``series_id`` is the first one's id, and
``anchor_for`` and ``anchor_until`` are the times from which the wall time of all later ones
is read, so that a move of one night, or a night without 02:30, does not move the rest.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from statuspage.tables.columns import data, moment, moment_or_none, parent


class Maintenance(SQLModel, table=True):
    __tablename__ = "maintenances"
    __table_args__ = (sa.UniqueConstraint("series_id", "occurs_at"),)

    id: str = Field(primary_key=True)
    series_id: str
    occurs_at: datetime = moment()
    """When it begins by its rule; ``scheduled_for`` is where an operator has moved it."""
    name: str | None = None
    """An operator's title; None: each reader's language names it."""
    body: str = ""
    language: str
    translations: dict[str, dict[str, str | None]] = data()
    components: list[str] = data(list)
    scheduled_for: datetime = moment()
    scheduled_until: datetime = moment()
    announced_until: datetime = moment()
    """The end that stood when it began: whoever read of it waits no longer than this."""
    repeat: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON, nullable=True)
    anchor_for: datetime = moment()
    anchor_until: datetime = moment()
    notify: bool = True
    status: str = "scheduled"
    created_at: datetime = moment()
    created_by: str
    updated_at: datetime = moment()
    told_at: datetime | None = moment_or_none()
    """When customers were last told of its present times."""
    started_at: datetime | None = moment_or_none()
    ended_at: datetime | None = moment_or_none(index=True)
    """Over, or cancelled: nothing happens to it any more."""
    cancelled_at: datetime | None = moment_or_none()
    revision: int = Field(default=0, index=True)
    """The house's, when its words were last changed after it was over."""


class Step(SQLModel, table=True):
    """One thing that became of it: announced, changed, begun, verifying, completed, cancelled."""

    __tablename__ = "maintenance_steps"

    maintenance_id: str = parent("maintenances.id", primary_key=True, index=False)
    n: int = Field(primary_key=True)
    at: datetime = moment()
    kind: str
    status: str
    """Of the maintenance, after it."""
    by: str
    author: str | None = None
    scheduled_for: datetime = moment()
    scheduled_until: datetime = moment()
    """As they were after it."""
