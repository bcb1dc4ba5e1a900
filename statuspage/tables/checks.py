"""When is which check due, and what do we believe about it?

The schedule is data: ``next_due_at`` and a claim (``lease_by`` until ``lease_until``).
``verdict`` is the frozen fold of ``checks.verdict``; the columns beside it are those
that queries and operators need.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from statuspage.tables.columns import data, moment, moment_or_none, parent


class Check(SQLModel, table=True):
    __tablename__ = "checks"

    id: str = Field(primary_key=True)
    component_id: str = parent("components.id")
    kind: str
    next_due_at: datetime = moment(index=True)
    lease_by: str | None = None
    lease_until: datetime | None = moment_or_none()
    verdict: dict[str, Any] = data()
    belief: str = "unknown"
    looked_at: datetime | None = moment_or_none()
    latency_ms: float | None = None
    says: str = ""
    """The last look in a sentence, for operators only."""
    address: str | None = None
    """Where the last look went: checks at one address share a server."""
    retired_at: datetime | None = moment_or_none()


class Change(SQLModel, table=True):
    """A belief that changed; done when settled."""

    __tablename__ = "changes"

    id: int | None = Field(default=None, primary_key=True)
    check_id: str = parent("checks.id")
    component_id: str = parent("components.id")
    old: str
    new: str
    at: datetime = moment()
    """When it was believed."""
    since: datetime = moment()
    """The first look that said so."""
    says: str = ""
    settled_at: datetime | None = moment_or_none(index=True)
