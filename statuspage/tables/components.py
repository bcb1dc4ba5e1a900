"""Which components are there, and what do operators hold by hand?

The configuration file is the source (law 13); these rows mirror it, so that history
keeps its names after a component has left the file.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from statuspage.tables.columns import moment, moment_or_none


class Component(SQLModel, table=True):
    __tablename__ = "components"

    id: str = Field(primary_key=True)
    name: str
    group: str | None = None
    public: bool = True
    position: int = 0
    created_at: datetime = moment()
    updated_at: datetime = moment()
    retired_at: datetime | None = moment_or_none()
    held_status: str | None = None
    held_until: datetime | None = moment_or_none()
    notice: str = "auto"
    notice_until: datetime | None = moment_or_none()
