"""Who asked to be told, of what, and how do we know that they asked?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from statuspage.tables.columns import data, moment, moment_or_none


class Subscriber(SQLModel, table=True):
    """``state``: pending (not confirmed), active, left. ``components``: ids, empty for all."""

    __tablename__ = "subscribers"
    __table_args__ = (
        sa.UniqueConstraint("channel", "address"),
        # a fan-out takes them in slices, in the order of their ids
        sa.Index("subscribers_in_state", "state", "id"),
    )

    id: str = Field(primary_key=True)
    channel: str = "email"
    address: str
    language: str
    components: list[str] = data(list)
    state: str = "pending"
    code: str = Field(unique=True)
    """In the links of each letter: manage and stop. 128 random bits."""
    confirm_code: str | None = Field(default=None, unique=True)
    created_at: datetime = moment()
    asked_at: datetime | None = moment_or_none()
    """When the last letter to confirm was asked for."""
    confirmed_at: datetime | None = moment_or_none()
    left_at: datetime | None = moment_or_none()
    proof: dict[str, Any] = data()
    """When, from which address and to which text they said yes (GDPR art. 7)."""
    basis: str | None = None
    source: str | None = None
