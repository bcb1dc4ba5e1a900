"""Who asked to be told, of what, and how do we know that they asked?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from statuspage.tables.columns import data, moment, moment_or_none


def mailbox_of(channel: str, address: str) -> str:
    """Capitals make no other mailbox (RFC 5321 2.4 lets them; nobody has them so), but they may
    make another hook.
    """
    return address.casefold() if channel == "email" else address


def _mailbox_of_new(new: Any) -> str | None:
    """Of a row that is being made, by whatever statement."""
    told = new.get_current_parameters()
    address = told.get("address")
    return mailbox_of(told.get("channel", "email"), address) if address else None


class Subscriber(SQLModel, table=True):
    """``state``: pending (not confirmed), active, resting (their mailbox or hook takes nothing),
    left, erased; canary is ourselves. What is erased keeps its id alone, for the deliveries
    that point to it: no address, no code, no proof, no hook.
    """

    __tablename__ = "subscribers"
    __table_args__ = (
        sa.UniqueConstraint("channel", "address"),
        sa.Index("subscribers_mailbox", "channel", "mailbox", unique=True),
        # a fan-out takes them in slices, in the order of their ids
        sa.Index("subscribers_in_state", "state", "id"),
        sa.Index(
            "subscribers_only_this_time",
            "only_incident_id",
            sqlite_where=sa.text("only_incident_id IS NOT NULL"),
            postgresql_where=sa.text("only_incident_id IS NOT NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    channel: str = "email"
    address: str | None = None
    """A mailbox, or a hook's URL; None: erased."""
    mailbox: str | None = Field(
        default=None, sa_column=sa.Column(sa.String, default=_mailbox_of_new)
    )
    """The address by which they are found, however it is written; filled in by itself."""
    language: str
    components: list[str] = data(list)
    """Ids; with no group either: all."""
    groups: list[str] = data(list)
    """Names of groups: whatever belongs to them when something happens."""
    least_impact: str = "none"
    """Told of incidents at least this bad."""
    ends_only: bool = False
    """Told the first and the last word of an incident, none between."""
    only_incident_id: str | None = None
    """Only this time: the last word of this incident, then the address is erased."""
    state: str = "pending"
    code: str | None = Field(default=None, unique=True)
    """In the links of each letter: manage and stop. 128 random bits."""
    confirm_code: str | None = Field(default=None, unique=True)
    created_at: datetime = moment()
    asked_at: datetime | None = moment_or_none()
    """When the last letter to confirm was asked for."""
    confirmed_at: datetime | None = moment_or_none()
    left_at: datetime | None = moment_or_none()
    new_address: str | None = None
    """Asked for in place of the other, and not confirmed yet."""
    change_asked_at: datetime | None = moment_or_none()
    proof: dict[str, Any] = data()
    """When, from which address and to which text they said yes (GDPR art. 7)."""
    basis: str | None = None
    source: str | None = None
    to_introduce: bool = False
    """The next letter says why they get it: they were added, and did not ask."""
    secret: str | None = None
    """What a hook's calls are signed with (``whsec_…``)."""
    owner: str | None = None
    """The mailbox of whoever looks after a hook: told when it is given up."""
    failing_since: datetime | None = moment_or_none()
    """A hook has taken nothing since."""
    hard_bounces: int = 0
    """In a row: letters that came back for good."""
    bounced_at: datetime | None = moment_or_none()
    """When the last of them did."""
    resting_since: datetime | None = moment_or_none()
    resting_why: str | None = None


class Suppression(SQLModel, table=True):
    """An address that was erased and must stay silent: a keyed hash is all that is known of it."""

    __tablename__ = "suppressions"

    hash: str = Field(primary_key=True)
    """``rules.limits.keyed_hash`` of channel and address, by the house's secret."""
    why: str
    """left, erased, bounced."""
    at: datetime = moment()
