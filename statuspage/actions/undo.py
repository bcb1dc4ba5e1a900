"""How is a word taken back?

Every word keeps what it changed, so that the incident can be as it was before. Letters
that are still queued never leave; the audit keeps that there was a word, and who.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import announcements, audit, automatic, incidents, promises
from statuspage.actions.revision import raise_revision
from statuspage.errors import Unknown
from statuspage.settings import Settings
from statuspage.tables import Cause, Incident, Promise, Update
from statuspage.vocabulary import Phase

_FIELDS = (
    *("name", "language", "status", "impact", "impact_held", "false_alarm"),
    *("acknowledged_by", "resolved_by"),
)
_TIMES = ("spoken_at", "acknowledged_at", "resolved_at", "monitoring_at", "started_at")


async def withdraw_update(
    session: AsyncSession,
    settings: Settings,
    incident_id: str,
    n: int,
    reason: str,
    who: str,
    now: datetime,
) -> dict[str, int]:
    """Take a word back: its letters that are still queued never leave, the incident is as
    it was before. Only the newest word can be undone in full. Answers sent and withdrawn.
    """
    await raise_revision(session)
    incident = await incidents.get(session, incident_id)
    update = await session.get(Update, (incident_id, n))
    if update is None or update.kind != "words" or update.withdrawn_at is not None:
        raise Unknown(f"Incident {incident_id} has no word number {n} to take back.")
    withdrawn = await announcements.withdraw(session, incident_id, "taken back", now, update_n=n)
    update.withdrawn_at, update.withdrawn_why = now, reason
    if await _is_newest(session, update):
        await _put_back(session, incident, update, now)
        await automatic.first_word(session, settings, incident, now)
    letters = await announcements.letters_of(session, incident_id)
    sent = letters.get("accepted", 0)
    audit.note(session, who, "update withdrawn", incident_id, now, n=n, reason=reason)
    return {"sent": sent, "withdrawn": withdrawn}


async def as_it_is(session: AsyncSession, incident: Incident) -> dict[str, Any]:
    """What a word may change, JSON-ready, so that it can be put back."""
    shares = await incidents.shares_of(session, incident.id)
    promise = await promises.open_promise(session, incident.id)
    return {
        "fields": {name: getattr(incident, name) for name in _FIELDS},
        "times": {
            name: moment.isoformat() if (moment := getattr(incident, name)) else None
            for name in _TIMES
        },
        "shares": [
            [share.component_id, share.role, share.status, share.by_hand] for share in shares
        ],
        "causes": [cause.id for cause in await incidents.open_causes(session, incident.id)],
        "promise": promise.id if promise else None,
    }


async def _is_newest(session: AsyncSession, update: Update) -> bool:
    later = [
        row
        for row in await incidents.updates_of(session, update.incident_id)
        if row.n > update.n and row.kind == "words" and row.withdrawn_at is None
    ]
    return not later


async def _put_back(
    session: AsyncSession, incident: Incident, update: Update, now: datetime
) -> None:
    for name, value in update.before["fields"].items():
        setattr(incident, name, value)
    for name, value in update.before["times"].items():
        setattr(incident, name, datetime.fromisoformat(value) if value else None)
    await _put_shares_back(session, incident, update)
    for cause in await _causes_by_id(session, update.before["causes"]):
        cause.ended_at = None
    await _put_promise_back(session, incident, update, now)
    if not incident.automatic and incident.spoken_at is None:
        # its only word: nobody ever wanted this incident
        incident.status, incident.resolved_at = Phase.RESOLVED.value, now
        incident.resolved_by, incident.withdrawn_at = update.author, now


async def _put_shares_back(session: AsyncSession, incident: Incident, update: Update) -> None:
    before = {row[0]: row[1:] for row in update.before["shares"]}
    for share in await incidents.shares_of(session, incident.id):
        if share.component_id in before:
            share.role, share.status, share.by_hand = before[share.component_id]
        else:
            await session.delete(share)


async def _causes_by_id(session: AsyncSession, ids: list[int]) -> list[Cause]:
    return list((await session.scalars(sa.select(Cause).where(sa.column("id").in_(ids)))).all())


async def _put_promise_back(
    session: AsyncSession, incident: Incident, update: Update, now: datetime
) -> None:
    mine = await session.scalars(
        sa.select(Promise).where(
            sa.column("incident_id") == incident.id, sa.column("update_n") == update.n
        )
    )
    for promise in mine.all():
        promise.dropped_at = now
    earlier = update.before["promise"]
    if earlier is not None and (promise_before := await session.get(Promise, earlier)):
        promise_before.kept_at = promise_before.missed_at = promise_before.dropped_at = None
