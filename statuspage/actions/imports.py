"""How do many customers come in at once, none of them against their will?

A batch is one short transaction, so that whoever else writes waits for none, and it can be
carried out again: who is there already is brought up to date, not doubled. Silent stay those
who left or were erased, and whose mailbox takes nothing; who chose for themselves keeps what
they chose.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import confirmations, mailboxes
from statuspage.actions.forgetting import suppressed_among
from statuspage.actions.wishes import wishes_of
from statuspage.rules import subscriptions, tokens
from statuspage.rules.imports import Entry
from statuspage.rules.subscriptions import Wishes
from statuspage.settings import Settings
from statuspage.tables import Subscriber

Outcome = Literal["added", "updated", "kept", "silent"]
_SUBSCRIBERS: sa.Table = Subscriber.__table__  # type: ignore[attr-defined]
_NOT_BROUGHT_BACK = ("left", "resting", "erased")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file is taken. ``basis`` and ``source`` hold where a line names none; ``confirm``:
    nobody is told of anything before they have said yes.
    """

    settings: Settings
    basis: str | None = None
    source: str | None = None
    confirm: bool = False

    def said_by(self, entry: Entry) -> dict[str, Any]:
        """Of a line and its file, as a subscriber's fields; what neither says is not there."""
        of_file = {"basis": self.basis, "source": self.source}
        return {name: value for name, value in of_file.items() if value} | dict(entry.said)


@dataclass(slots=True)
class Counts:
    """What came of some lines; of the silent ones, their numbers in order."""

    added: int = 0
    updated: int = 0
    kept: int = 0
    silent: list[int] = field(default_factory=list)

    def note(self, outcome: Outcome, line: int) -> None:
        if outcome == "silent":
            self.silent.append(line)
        else:
            setattr(self, outcome, getattr(self, outcome) + 1)


async def store(
    session: AsyncSession,
    entries: Iterable[Entry],
    manner: Manner,
    now: datetime,
) -> Counts:
    """Take in a batch of some hundred lines. On PostgreSQL somebody may make one of the rows at
    the same moment: an ``IntegrityError``, and the batch can be stored again.
    """
    decided = await _decide(session, entries, manner, hold=True)
    wished = [one for one in decided if one.outcome in ("added", "updated")]
    fresh = [_fresh(one.entry, manner, now) for one in wished if one.row is None]
    if fresh:
        await session.execute(sa.insert(_SUBSCRIBERS), fresh)
    asked = {row["id"]: _wishes_in(row) for row in fresh if manner.confirm}
    for one in wished:
        if one.row is not None:
            asked |= _bring_up_to_date(one.row, one, manner, now)
    await session.flush()
    await confirmations.write(session, manner.settings, asked, now)
    return _counted(decided)


async def foresee(session: AsyncSession, entries: Iterable[Entry], manner: Manner) -> Counts:
    """What would come of a batch; nothing is written."""
    return _counted(await _decide(session, entries, manner, hold=False))


@dataclass(slots=True)
class _Decided:
    """What becomes of one address, and which lines of the batch name it."""

    entry: Entry
    lines: list[int] = field(default_factory=list)
    row: Subscriber | None = None
    outcome: Outcome = "added"


async def _decide(
    session: AsyncSession,
    entries: Iterable[Entry],
    manner: Manner,
    *,
    hold: bool,
) -> Sequence[_Decided]:
    """In the order of addresses: two files at the same moment lock no rows crosswise."""
    decided: dict[str, _Decided] = {}
    for entry in sorted(entries, key=lambda entry: (entry.address.casefold(), entry.line)):
        one = decided.setdefault(entry.address.casefold(), _Decided(entry))
        one.entry = entry.after(one.entry)
        one.lines.append(entry.line)
    addresses = [one.entry.address for one in decided.values()]
    rows = await _rows_of(session, addresses, hold=hold)
    silent = await suppressed_among(session, "email", addresses)
    for key, one in decided.items():
        one.row = rows.get(key)
        one.outcome = "silent" if one.entry.address in silent else _outcome(one.row, manner)
    return list(decided.values())


def _outcome(row: Subscriber | None, manner: Manner) -> Outcome:
    if row is None:
        return "added"
    if _stays_silent(row):
        return "silent"
    if row.state != "active":
        return "updated" if manner.confirm else "added"
    keeps = manner.confirm or subscriptions.chose_themselves(row.proof)
    return "kept" if keeps else "updated"


def _stays_silent(row: Subscriber) -> bool:
    """Who left, and asked again, but has not said yes yet, has ``left_at`` still."""
    return row.state in _NOT_BROUGHT_BACK or row.left_at is not None


async def _rows_of(
    session: AsyncSession, addresses: Collection[str], *, hold: bool
) -> Mapping[str, Subscriber]:
    """Mailbox -> its row."""
    found = (
        sa.select(Subscriber)
        .where(mailboxes.is_among("email", addresses))
        .order_by(col(Subscriber.mailbox))
    )
    # fan-outs refer to these rows, and go on beside
    held = found.with_for_update(key_share=True) if hold else found
    return {row.mailbox or "": row for row in await session.scalars(held)}


def _fresh(entry: Entry, manner: Manner, now: datetime) -> dict[str, Any]:
    """A new row, and a plain one: building the class takes longer than storing it."""
    blank = {
        "id": secrets.token_hex(8),
        "address": entry.address,
        "language": manner.settings.site.default_language,
        "components": [],
        "groups": [],
        "least_impact": "none",
        "ends_only": False,
        "source": None,
        "code": tokens.new_code(),
        "created_at": now,
    }
    return blank | _beginning(manner, now) | manner.said_by(entry)


def _wishes_in(row: Mapping[str, Any]) -> Wishes:
    return Wishes(tuple(row["components"]), tuple(row["groups"]))


def _beginning(manner: Manner, now: datetime) -> dict[str, Any]:
    """What makes somebody told from now on, or asked."""
    if not manner.confirm:
        told = {"state": "active", "confirmed_at": now, "to_introduce": True, "basis": "contract"}
        return told | {"only_incident_id": None}  # of somebody who had asked for one letter only
    proof = {"at": now.isoformat(), "by": "import", "text": subscriptions.TEXT_VERSION}
    return {"asked_at": now, "confirm_code": tokens.new_code(), "proof": {"asked": proof}}


def _bring_up_to_date(
    row: Subscriber, one: _Decided, manner: Manner, now: datetime
) -> dict[str, Wishes]:
    """Whom to ask, if anybody, as ``confirmations.write`` takes it."""
    new = dict(manner.said_by(one.entry))
    asks = manner.confirm and subscriptions.may_ask_again(row.asked_at, now)
    if one.outcome == "added" or asks:
        new = _beginning(manner, now) | new
    for name, value in new.items():
        setattr(row, name, value)
    return {row.id: wishes_of(row)} if asks else {}


def _counted(decided: Iterable[_Decided]) -> Counts:
    counts = Counts()
    for one in decided:
        first, *further = one.lines
        counts.note(one.outcome, first)
        for line in further:
            counts.note("updated" if one.outcome == "added" else one.outcome, line)
    counts.silent.sort()
    return counts
