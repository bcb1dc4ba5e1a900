"""Who was told of an incident, after the letters themselves are forgotten?

Deliveries are swept after ``[retention] deliveries``; a postmortem may come later, and goes
to exactly those who were told. Kept is no more than that: whom, of what.
"""

from __future__ import annotations

from sqlmodel import Field, SQLModel

from statuspage.tables.columns import parent


class Recipient(SQLModel, table=True):
    """Made where deliveries are swept, gone when the subscriber leaves."""

    __tablename__ = "recipients"

    incident_id: str = Field(primary_key=True)
    subscriber_id: str = parent("subscribers.id", primary_key=True)
