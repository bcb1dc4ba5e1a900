"""How are the operators called, and who may do what?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from statuspage.tables.columns import data, moment, moment_or_none


class Call(SQLModel, table=True):
    """A message to one of ``[operators] notify``: one an occasion (``key``), not through
    the customers' queue. ``state``: queued, sent, failed, dropped.
    """

    __tablename__ = "calls"
    __table_args__ = (sa.UniqueConstraint("key", "target"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str
    target: str
    incident_id: str | None = Field(default=None, index=True)
    facts: dict[str, Any] = data()
    state: str = Field(default="queued", index=True)
    created_at: datetime = moment()
    due_at: datetime = moment()
    attempts: int = 0
    lease_by: str | None = None
    lease_until: datetime | None = moment_or_none()
    sent_at: datetime | None = moment_or_none()
    reason: str | None = None


class Token(SQLModel, table=True):
    """An API token: its hash only; ``shown`` is the start that tells one from another."""

    __tablename__ = "tokens"

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    digest: str = Field(unique=True)
    shown: str
    scopes: list[str] = data(list)
    user: str | None = None
    created_at: datetime = moment()
    used_at: datetime | None = moment_or_none()
    revoked_at: datetime | None = moment_or_none()


class Answer(SQLModel, table=True):
    """The answer that a POST got, so that its repeat gets the same and does nothing."""

    __tablename__ = "answers"

    key: str = Field(primary_key=True)
    """Token, path and Idempotency-Key (or the body's hash), hashed."""
    body_digest: str
    at: datetime = moment(index=True)
    status: int
    body: str
