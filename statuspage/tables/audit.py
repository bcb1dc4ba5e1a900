"""Who did what, when?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from statuspage.tables.columns import data, moment


class AuditEntry(SQLModel, table=True):
    """Written in the transaction of the deed itself."""

    __tablename__ = "audit"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = moment(index=True)
    who: str
    did: str
    """A verb and a noun: "incident opened"."""
    what: str
    """The id of the thing."""
    detail: dict[str, Any] = data()
