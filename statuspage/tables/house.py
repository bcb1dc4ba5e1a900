"""What does the whole house remember in one row?

``revision`` counts changes of what the public may see; the transaction that changes
something raises it, so ``publish`` finds what is new by comparing two numbers. The
row's lock also makes those who decide about incidents take turns on PostgreSQL.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from statuspage.tables.columns import data, moment_or_none


class House(SQLModel, table=True):
    """Exactly one row, id 1."""

    __tablename__ = "house"

    id: int = Field(default=1, primary_key=True)
    revision: int = 0
    not_before: int = 0
    """No snapshot and no letter composed before this revision is good any more: words that
    they hold were removed, or put in other words.
    """
    secret: str = ""
    """Random, made at the first start: the key of keyed hashes."""
    blind_since: datetime | None = moment_or_none()
    """Our own connection is cut: nothing is judged, and every process says so on its pages."""
    canary: dict[str, Any] = data()
    """The letter that we write to ourselves: when it left, was accepted, and arrived."""
