"""How is a word taken back?

Every word keeps what it changed, so that the incident can be as it was before; what the
machine has noted since (it recovered, it failed again) stays noted. Letters that are still
queued never leave, and those that the word had overtaken go on; the audit keeps that there
was a word, and who.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import (
    announcements,
    audit,
    corrections,
    first_words,
    incidents,
    promises,
)
from statuspage.actions.letters import under_way
from statuspage.actions.revision import raise_revision
from statuspage.errors import Unknown
from statuspage.rules.corrections import KIND, wordings
from statuspage.settings import Settings
from statuspage.tables import Cause, Incident, Promise, Update
from statuspage.vocabulary import Phase

_FIELDS = (
    *("name", "language", "status", "impact", "impact_held", "false_alarm"),
    *("acknowledged_by", "resolved_by"),
)
_BY_PEOPLE = ("words", KIND)
_NOTED = ("status", "monitoring_at", "again_at")
"""What the machine changes too, when it notes recovery or a new failure."""
_TIMES = (
    *("spoken_at", "acknowledged_at", "resolved_at", "monitoring_at"),
    *("started_at", "again_at"),
)


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
    await raise_revision(session, incident_id)
    incident = await incidents.get(session, incident_id)
    update = await session.get(Update, (incident_id, n))
    if update is None or update.kind not in _BY_PEOPLE or update.withdrawn_at is not None:
        raise Unknown(f"Incident {incident_id} has no word number {n} to take back.")
    withdrawn = 0
    for row in wordings(await incidents.updates_of(session, incident_id), n):
        withdrawn += await announcements.withdraw(
            session, incident_id, announcements.TAKEN_BACK, now, update_n=row.n
        )
        row.withdrawn_at, row.withdrawn_why = now, reason
    incident.updated_at = now  # whoever follows us has the word, and looks again only by this
    if update.corrects is not None:
        await corrections.put_back(session, settings, update, now)
    elif await _is_newest(session, update):
        await _put_back(session, incident, update, now)
        if await first_words.is_to_be_told(session, incident):
            await announcements.go_on(session, incident_id, "a person speaks", update.at)
            await first_words.announce(session, settings, incident, now)
    letters = await announcements.letters_of(session, incident_id)
    sent = letters.get("accepted", 0)
    audit.note(session, who, "update withdrawn", incident_id, now, n=n, reason=reason)
    held = await under_way(session, incident_id)
    return {"sent": sent, "withdrawn": withdrawn, "under_way": held}


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
    noted = await _noted_since(session, update)
    before = update.before["fields"] | {
        name: datetime.fromisoformat(value) if value else None
        for name, value in update.before["times"].items()
    }
    for name, value in before.items():
        if not (noted and name in _NOTED):
            setattr(incident, name, value)
    if not noted:
        await _put_causes_back(session, update)
    await _put_shares_back(session, update, over=update.status == Phase.RESOLVED and not noted)
    await _put_promise_back(session, update, now)
    if not incident.automatic and incident.spoken_at is None:
        await _leave_to_the_checks(session, incident, update, now)


async def _noted_since(session: AsyncSession, update: Update) -> bool:
    """Whether the machine has noted since that it recovered, or failed again."""
    return any(
        row.n > update.n and row.kind in ("recovered", "again")
        for row in await incidents.updates_of(session, update.incident_id)
    )


async def _put_causes_back(session: AsyncSession, update: Update) -> None:
    """Those that the word ended, and that no other incident has taken up since."""
    ended = await session.scalars(
        sa.select(Cause).where(
            col(Cause.id).in_(update.before["causes"]), col(Cause.ended_at) == update.at
        )
    )
    still = await session.scalars(
        sa.select(col(Cause.component_id)).where(col(Cause.ended_at).is_(None))
    )
    elsewhere = set(still.all())
    for cause in ended.all():
        if cause.component_id not in elsewhere:
            cause.ended_at = None


async def _put_shares_back(session: AsyncSession, update: Update, *, over: bool) -> None:
    """What a person set; all of them after a resolve (``over``). What the checks gave since
    is theirs.
    """
    before = {row[0]: row[1:] for row in update.before["shares"]}
    causes = {
        cause.component_id for cause in await incidents.open_causes(session, update.incident_id)
    }
    for share in await incidents.shares_of(session, update.incident_id):
        if share.component_id in before and (share.by_hand or over):
            share.role, share.status, share.by_hand = before[share.component_id]
        elif share.component_id in causes:
            share.by_hand = False
        elif share.component_id not in before and share.by_hand:
            await session.delete(share)


async def _leave_to_the_checks(
    session: AsyncSession, incident: Incident, update: Update, now: datetime
) -> None:
    """Its only word is gone: it goes on as the machine's where the checks have a part in it;
    else nobody ever wanted this incident.
    """
    if await incidents.open_causes(session, incident.id):
        incident.automatic, incident.name, incident.language = True, None, None
        return
    incident.status, incident.resolved_at = Phase.RESOLVED.value, now
    incident.resolved_by, incident.withdrawn_at = update.author, now


async def _put_promise_back(session: AsyncSession, update: Update, now: datetime) -> None:
    await promises.drop(session, update, now)
    await promises.unsay_late(session, update, now)
    earlier = update.before["promise"]
    if earlier is not None and (promise_before := await session.get(Promise, earlier)):
        promise_before.kept_at = promise_before.missed_at = promise_before.dropped_at = None
