"""What is and was wrong, what was said about it, and what was promised?

``Cause`` carries the rule that the database itself keeps: one open automatic incident
for each cause, by a partial unique index.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from statuspage.tables.columns import data, moment, moment_or_none, parent


class Incident(SQLModel, table=True):
    __tablename__ = "incidents"

    id: str = Field(primary_key=True)
    name: str | None = None
    """An operator's title; None: each reader's language names it."""
    language: str | None = None
    automatic: bool = False
    status: str = "investigating"
    impact: str = "none"
    impact_held: bool = False
    """A person said how bad it is: the checks no longer change it."""
    started_at: datetime = moment()
    again_at: datetime | None = moment_or_none()
    """It was over, and began again then: what stands now is no older."""
    noticed_at: datetime = moment()
    created_at: datetime = moment(index=True)
    shown_at: datetime | None = moment_or_none()
    """When a process first showed it on the page; None: not yet, or before that was measured."""
    updated_at: datetime = moment()
    acknowledged_at: datetime | None = moment_or_none()
    acknowledged_by: str | None = None
    spoken_at: datetime | None = moment_or_none()
    """The first word of a person: from then on the machine only notes recovery."""
    monitoring_at: datetime | None = moment_or_none()
    recovered_at: datetime | None = moment_or_none()
    """All its checks are well since; None while something fails."""
    resolved_at: datetime | None = moment_or_none(index=True)
    resolved_by: str | None = None
    false_alarm: bool = False
    whole_server: bool = False
    withdrawn_at: datetime | None = moment_or_none()
    """Opened by a person by mistake and taken back: shown nowhere."""
    letters_stopped_at: datetime | None = moment_or_none()
    letters_held: bool = False
    """Ten causes at once: it may be us, so the letters wait for an operator."""
    called_at: datetime | None = moment_or_none()
    """When the operators were last called about it."""
    revision: int = Field(default=0, index=True)
    """The house's, when a word about this incident last changed it; the machine, which only
    speaks of what is open, does not mark it.
    """

    @property
    def since(self) -> datetime:
        """Since when what it tells of has lasted."""
        return self.again_at or self.started_at


class Cause(SQLModel, table=True):
    """A component where an incident began; open while ``ended_at`` is None."""

    __tablename__ = "causes"
    __table_args__ = (
        sa.Index(
            "one_open_incident_for_each_cause",
            "component_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: str = parent("incidents.id")
    component_id: str = parent("components.id", index=False)
    since: datetime = moment()
    confirmed_at: datetime = moment()
    ended_at: datetime | None = moment_or_none()
    says: str = ""
    """What the check saw, for operators only."""


class Share(SQLModel, table=True):
    """A component's share in an incident: how bad, and whether it is cause or consequence."""

    __tablename__ = "shares"

    incident_id: str = parent("incidents.id", primary_key=True, index=False)
    component_id: str = parent("components.id", primary_key=True)
    role: str = "affected"
    status: str = "operational"
    worst: str = "operational"
    by_hand: bool = False
    position: int = 0


class Update(SQLModel, table=True):
    """One thing that was said: by a person (three parts), or by the machine (``kind``)."""

    __tablename__ = "updates"

    incident_id: str = parent("incidents.id", primary_key=True, index=False)
    n: int = Field(primary_key=True)
    at: datetime = moment()
    status: str
    by: str
    kind: str = "words"
    corrects: int | None = None
    """Of a correction: the number of the word that should have said this."""
    tone: str = "plain"
    author: str | None = None
    what_happened: str | None = None
    what_we_are_doing: str | None = None
    how_we_prevent_it: str | None = None
    language: str | None = None
    translations: dict[str, dict[str, str | None]] = data()
    changes: list[dict[str, Any]] = data(list)
    """[{"component_id", "old", "new"}]."""
    before: dict[str, Any] = data()
    """What it changed in the incident, so that ``undo`` can put it back."""
    notify: bool = False
    withdrawn_at: datetime | None = moment_or_none()
    withdrawn_why: str | None = None
    erased_at: datetime | None = moment_or_none()
    """Its words must not stand: nobody has them any more, and the place says so."""


class Promise(SQLModel, table=True):
    """When customers hear next; open until kept, missed or renewed."""

    __tablename__ = "promises"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: str = parent("incidents.id")
    update_n: int
    made_at: datetime = moment()
    due_at: datetime = moment(index=True)
    by: str
    kept_at: datetime | None = moment_or_none()
    missed_at: datetime | None = moment_or_none()
    dropped_at: datetime | None = moment_or_none()
    """Withdrawn by undo, or passed on by the machine to its next one: neither kept nor missed."""
    reminded_at: datetime | None = moment_or_none()
