"""Which incidents are there, and how is one changed? The pieces that both hands use.

The machine's hand is ``actions.automatic``, a person's ``actions.updates``. Whoever
changes an incident raises the revision first: the row's lock makes them take turns.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.errors import Unknown
from statuspage.rules.incidents import Known
from statuspage.tables import Cause, Incident, Share, Update
from statuspage.vocabulary import By, Phase, Role, Status

_ALPHABET = string.ascii_lowercase + string.digits
_Row = TypeVar("_Row", Cause, Share)


def new_id() -> str:
    """12 random [a-z0-9], the same in API, page and v2."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


async def get(session: AsyncSession, incident_id: str) -> Incident:
    """Raises ``Unknown``."""
    row = await session.get(Incident, incident_id)
    if row is None:
        raise Unknown(f"There is no incident {incident_id!r}.")
    return row


async def shares_of(session: AsyncSession, incident_id: str) -> list[Share]:
    found = await session.scalars(
        sa.select(Share)
        .where(sa.column("incident_id") == incident_id)
        .order_by(sa.column("position"))
    )
    return list(found.all())


async def open_causes(session: AsyncSession, incident_id: str) -> list[Cause]:
    found = await session.scalars(
        sa.select(Cause).where(
            sa.column("incident_id") == incident_id, sa.column("ended_at").is_(None)
        )
    )
    return list(found.all())


async def end_causes_of(session: AsyncSession, components: Sequence[str], now: datetime) -> None:
    """A component is a cause of one open incident only (the database insists): when two
    incidents turn out to hang together, the one takes it from the other.
    """
    await session.flush()
    found = await session.scalars(
        sa.select(Cause).where(
            col(Cause.component_id).in_(components), col(Cause.ended_at).is_(None)
        )
    )
    for cause in found.all():
        cause.ended_at = now
    await session.flush()


async def causes_to_name(session: AsyncSession, incident_id: str) -> list[Cause]:
    """The open ones; when all is well again, where it was: the newest of each component."""
    if still := await open_causes(session, incident_id):
        return still
    found = await session.scalars(
        sa.select(Cause).where(sa.column("incident_id") == incident_id).order_by(sa.column("id"))
    )
    return list({cause.component_id: cause for cause in found.all()}.values())


async def recall(session: AsyncSession, since: datetime) -> tuple[Known, ...]:
    """The incidents that are open, or were resolved after ``since``; the oldest first. One that
    has its postmortem is told to its end: what fails again is another.
    """
    over_lately = sa.and_(
        col(Incident.resolved_at) >= since, col(Incident.status) != Phase.POSTMORTEM
    )
    rows = await session.scalars(
        sa.select(Incident)
        .where(sa.or_(col(Incident.resolved_at).is_(None), over_lately))
        .order_by(col(Incident.noticed_at))
    )
    incidents = list(rows.all())
    ids = [row.id for row in incidents]
    causes = await _by_incident(session, Cause, ids)
    shares = await _by_incident(session, Share, ids)
    return tuple(_known(row, causes.get(row.id, []), shares.get(row.id, [])) for row in incidents)


async def _by_incident(
    session: AsyncSession, table: type[_Row], ids: Sequence[str]
) -> dict[str, list[_Row]]:
    found: dict[str, list[_Row]] = {}
    rows = await session.scalars(sa.select(table).where(sa.column("incident_id").in_(ids)))
    for row in rows.all():
        found.setdefault(row.incident_id, []).append(row)
    return found


def _known(row: Incident, causes: Sequence[Cause], shares: Sequence[Share]) -> Known:
    return Known(
        id=row.id,
        automatic=row.automatic,
        noticed_at=row.noticed_at,
        causes=frozenset(cause.component_id for cause in causes if cause.ended_at is None),
        past_causes=frozenset(cause.component_id for cause in causes if cause.ended_at),
        shares={share.component_id: Status(share.status) for share in shares},
        by_hand=frozenset(share.component_id for share in shares if share.by_hand),
        spoken=row.spoken_at is not None,
        recovered_at=row.recovered_at,
        resolved_at=row.resolved_at,
    )


async def updates_of(session: AsyncSession, incident_id: str) -> list[Update]:
    """All that was said, oldest first, withdrawn ones included."""
    found = await session.scalars(
        sa.select(Update).where(sa.column("incident_id") == incident_id).order_by(sa.column("n"))
    )
    return list(found.all())


async def next_n(session: AsyncSession, incident_id: str) -> int:
    found = await session.execute(
        sa.select(sa.func.max(Update.n)).where(sa.column("incident_id") == incident_id)
    )
    return int(found.scalar() or 0) + 1


async def note_update(
    session: AsyncSession,
    incident: Incident,
    by: By,
    kind: str,
    now: datetime,
    changes: Sequence[dict[str, Any]] = (),
    author: str | None = None,
) -> Update:
    """A line in the record: what the machine saw, or what a person did without words."""
    row = Update(
        incident_id=incident.id,
        n=await next_n(session, incident.id),
        at=now,
        status=incident.status,
        by=by.value,
        kind=kind,
        author=author,
        changes=list(changes),
    )
    session.add(row)
    incident.updated_at = now
    return row


async def set_shares(
    session: AsyncSession,
    incident_id: str,
    shares: Mapping[str, tuple[Role, Status]],
    *,
    by_hand: bool,
) -> list[dict[str, Any]]:
    """Write each component's role and status; answers what changed, as updates keep it."""
    rows = {row.component_id: row for row in await shares_of(session, incident_id)}
    changes: list[dict[str, Any]] = []
    for component_id, (role, status) in shares.items():
        row = rows.get(component_id)
        if row is None:
            row = Share(incident_id=incident_id, component_id=component_id, position=len(rows))
            rows[component_id] = row
            session.add(row)
        if row.status != status:
            changes.append({"component_id": component_id, "old": row.status, "new": status.value})
        row.role, row.status = role.value, status.value
        row.worst = max(Status(row.worst), status, key=lambda one: one.severity).value
        row.by_hand = by_hand or row.by_hand
    return changes
