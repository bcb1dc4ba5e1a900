"""How often has whom asked lately? (counters that hold across replicas)"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from statuspage.tables.columns import moment


class Counter(SQLModel, table=True):
    """``bucket`` is a limit's name and a keyed hash: no address stands here."""

    __tablename__ = "counters"

    bucket: str = Field(primary_key=True)
    window_at: datetime = moment(primary_key=True, index=True)
    count: int = 0
