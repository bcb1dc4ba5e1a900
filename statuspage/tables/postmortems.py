"""What did we learn of an incident, what did we promise to change, and what do we give?

The words themselves are an update like any other; what stands here hangs on it, and counts
only as long as that update was not taken back.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from statuspage.tables.columns import data, moment_or_none


class Postmortem(SQLModel, table=True):
    """``credit`` is ``{"kind", "text", "translations"}``; empty where nothing is given."""

    __tablename__ = "postmortems"
    __table_args__ = (
        sa.ForeignKeyConstraint(["incident_id", "update_n"], ["updates.incident_id", "updates.n"]),
    )

    incident_id: str = Field(primary_key=True)
    update_n: int = Field(primary_key=True)
    credit: dict[str, Any] = data()
    corrected_at: datetime | None = moment_or_none()


class PostmortemAction(SQLModel, table=True):
    """One thing that we change against a repeat; its number stays when others come and go."""

    __tablename__ = "postmortem_actions"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["incident_id", "update_n"], ["postmortems.incident_id", "postmortems.update_n"]
        ),
    )

    incident_id: str = Field(primary_key=True)
    update_n: int = Field(primary_key=True)
    n: int = Field(primary_key=True)
    text: str
    due: date
    translations: dict[str, str] = data()
    done_at: datetime | None = moment_or_none()
    done_by: str | None = None


class CreditCode(SQLModel, table=True):
    """A code that is worth something to one customer, ever: the keys see to that, whoever
    crashes when. ``subscriber_id`` is kept when the subscriber is gone, or the code would be
    free again.
    """

    __tablename__ = "credit_codes"
    __table_args__ = (sa.UniqueConstraint("incident_id", "subscriber_id"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: str = Field(foreign_key="incidents.id")
    code: str = Field(unique=True)
    subscriber_id: str | None = None
    bound_at: datetime | None = moment_or_none()
