"""When are the operators called, and when need they be called no more?

A call is a row for each of ``[operators] notify``, one an occasion (its key is unique),
made in the transaction of what it tells of; the ``call`` job sends it by a path of its
own. Technical words are welcome here: no customer reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications import alarms
from statuspage.actions import announcements, credit_codes, incidents
from statuspage.settings import Settings
from statuspage.tables import Announcement, Call, Incident, Maintenance
from statuspage.vocabulary import Role


async def call(
    session: AsyncSession,
    settings: Settings,
    key: str,
    alarm: alarms.Alarm,
    now: datetime,
    incident_id: str | None = None,
    *,
    targets: Sequence[SecretStr] | None = None,
) -> bool:
    """Call everybody (or ``targets``), once for this key; False when that was done before."""
    if await is_made(session, key):
        return False
    facts = alarms.freeze_alarm(alarm)
    for target in settings.operators.notify if targets is None else targets:
        row = Call(
            key=key, target=target.get_secret_value(), facts=facts, created_at=now, due_at=now
        )
        row.incident_id = incident_id
        session.add(row)
    return True


async def is_made(session: AsyncSession, key: str) -> bool:
    known = await session.execute(sa.select(col(Call.id)).where(col(Call.key) == key).limit(1))
    return known.first() is not None


async def opened(
    session: AsyncSession, settings: Settings, incident: Incident, now: datetime
) -> None:
    """Something is down, or more than before: before any customer hears of it."""
    incident.called_at = now
    told = await trouble(session, settings, incident)
    key = f"opened:{incident.id}:{await _times_called(session, incident.id)}"
    await call(session, settings, key, alarms.Opened(incident=told, at=now), now, incident.id)


async def again(
    session: AsyncSession, settings: Settings, incident: Incident, now: datetime
) -> None:
    """Nobody has acknowledged it yet."""
    times = await _times_called(session, incident.id)
    incident.called_at = now
    told = await trouble(session, settings, incident)
    alarm = alarms.Again(incident=told, at=now, times=times)
    await call(session, settings, f"again:{incident.id}:{times}", alarm, now, incident.id)


async def recovered(
    session: AsyncSession, settings: Settings, incident: Incident, now: datetime
) -> None:
    told = await trouble(session, settings, incident)
    yours = incident.spoken_at is not None or not incident.automatic
    alarm = alarms.Recovered(incident=told, at=now, yours_to_close=yours)
    # who hears that it is well must not hear after that that it is not
    await _drop(session, incident.id, "it recovered", "again")
    n = await incidents.next_n(session, incident.id)
    await call(session, settings, f"recovered:{incident.id}:{n}", alarm, now, incident.id)


async def still_open(
    session: AsyncSession, settings: Settings, incident: Incident, now: datetime
) -> None:
    """Well for a while, and its last word is a person's."""
    told = await trouble(session, settings, incident)
    well_since = incident.recovered_at or now
    alarm = alarms.StillOpen(incident=told, well_since=well_since, at=now)
    key = f"still_open:{incident.id}:{well_since.isoformat()}"
    await call(session, settings, key, alarm, now, incident.id)


async def letters_waiting(
    session: AsyncSession, settings: Settings, incident: Incident, now: datetime
) -> None:
    """So much at once that it may be us."""
    told = await trouble(session, settings, incident)
    alarm = alarms.LettersWaiting(incidents=(told,), at=now)
    await call(session, settings, f"waiting:{incident.id}", alarm, now, incident.id)


async def promise_due(
    session: AsyncSession, settings: Settings, incident: Incident, due_at: datetime, now: datetime
) -> None:
    told = await trouble(session, settings, incident)
    alarm = alarms.PromiseDue(incident=told, due_at=due_at, at=now)
    key = f"promise:{incident.id}:{due_at.isoformat()}"
    await call(session, settings, key, alarm, now, incident.id)


async def reader_wanted(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    letter: Announcement,
    now: datetime,
) -> None:
    """A letter waits for another operator than its author."""
    alarm = alarms.ReaderWanted(
        incident=await trouble(session, settings, incident),
        letter=letter.id,
        author=letter.author or "",
        leaves_at=letter.due_at or now,
        at=now,
    )
    key = f"reader:{letter.id}:{alarm.leaves_at.isoformat()}"
    await call(session, settings, key, alarm, now, incident.id)


async def planned_reader_wanted(
    session: AsyncSession,
    settings: Settings,
    row: Maintenance,
    letter: Announcement,
    now: datetime,
) -> None:
    """The same of a letter about planned work."""
    work = alarms.Trouble(
        id=row.id,
        url=f"{settings.site.url}/maintenances/{row.id}",
        started_at=row.started_at or row.scheduled_for,
        impact="maintenance",
        affected=tuple(_name(settings, id) for id in row.components),
    )
    alarm = alarms.ReaderWanted(
        incident=work,
        letter=letter.id,
        author=letter.author or "",
        leaves_at=letter.due_at or now,
        at=now,
        planned=True,
    )
    key = f"reader:{letter.id}:{alarm.leaves_at.isoformat()}"
    await call(session, settings, key, alarm, now)


async def postmortem_due(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    due_at: datetime,
    which: str,
    now: datetime,
) -> None:
    """``which`` of the reminders: each once."""
    told = await trouble(session, settings, incident)
    alarm = alarms.PostmortemDue(incident=told, due_at=due_at, at=now)
    key = f"postmortem:{incident.id}:{which}"
    await call(session, settings, key, alarm, now, incident.id)


async def codes_missing(
    session: AsyncSession,
    settings: Settings,
    incident_id: str,
    announcement_id: str,
    now: datetime,
) -> None:
    """Once for each letter that waits."""
    incident = await incidents.get(session, incident_id)
    missing = await credit_codes.missing(session, incident_id)
    told = await trouble(session, settings, incident)
    alarm = alarms.CodesMissing(incident=told, missing=missing, at=now)
    await call(session, settings, f"codes:{announcement_id}", alarm, now, incident_id)


async def answered(session: AsyncSession, incident_id: str) -> None:
    """Somebody is on it: what was still to be sent about it need not be."""
    await _drop(session, incident_id, "acknowledged", "opened", "again")


async def _drop(session: AsyncSession, incident_id: str, reason: str, *occasions: str) -> None:
    of_these = sa.or_(*(col(Call.key).startswith(f"{one}:") for one in occasions))
    await session.execute(
        sa.update(Call)
        .where(col(Call.incident_id) == incident_id, col(Call.state) == "queued", of_these)
        .values(state="dropped", reason=reason)
        .execution_options(synchronize_session=False)
    )


async def trouble(session: AsyncSession, settings: Settings, incident: Incident) -> alarms.Trouble:
    """An incident as operators see it, with what the probes said."""
    pending = await announcements.pending_first_word(session, incident.id)
    held = incident.letters_held or incident.letters_stopped_at is not None
    return alarms.Trouble(
        id=incident.id,
        url=await _page_of(session, settings, incident),
        started_at=incident.since,
        impact=incident.impact,
        causes=tuple(
            alarms.Cause(
                component=_name(settings, cause.component_id),
                since=cause.since,
                says=(cause.says,) if cause.says else (),
            )
            for cause in await incidents.causes_to_name(session, incident.id)
        ),
        affected=tuple(
            _name(settings, share.component_id)
            for share in await incidents.shares_of(session, incident.id)
            if share.role == Role.AFFECTED
        ),
        letters_at=pending.due_at if pending is not None and not held else None,
    )


async def _page_of(session: AsyncSession, settings: Settings, incident: Incident) -> str:
    """Its own page, if it has one: what concerns no public component shows none."""
    named = [
        settings.component(share.component_id)
        for share in await incidents.shares_of(session, incident.id)
    ]
    if incident.name or any(component is not None and component.public for component in named):
        return f"{settings.site.url}/incidents/{incident.id}"
    return f"{settings.site.url}/"


def _name(settings: Settings, component_id: str) -> str:
    component = settings.component(component_id)
    return component.name if component is not None else component_id


async def _times_called(session: AsyncSession, incident_id: str) -> int:
    found = await session.execute(
        sa.select(sa.func.count(sa.distinct(col(Call.key)))).where(
            sa.column("incident_id") == incident_id,
            sa.or_(sa.column("key").like("opened:%"), sa.column("key").like("again:%")),
        )
    )
    return int(found.scalar() or 0)
