"""Whom must we remind, and which holds and promises have run out?

Operators: again until somebody acknowledges (but not of what is muted), before a promise
falls due, and when all is well but nobody has said so. A promise that has passed is renewed,
and customers hear of it as the rules say.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from statuspage.actions import calls, components, muting, promises
from statuspage.actions.revision import raise_revision, take_turn
from statuspage.premises import Premises
from statuspage.settings import Settings
from statuspage.tables import Incident, Promise
from statuspage.vocabulary import By

WELL_FOR = timedelta(minutes=15)


async def remind(premises: Premises, now: datetime) -> None:
    """One round over the open incidents."""
    async with premises.store.read() as session:
        if not await _open_incidents(session) and not await components.held(session):
            return
    async with premises.store.write() as session:
        await take_turn(session)
        changed = await components.end_holds(session, now)
        for incident in await _open_incidents(session):
            changed |= await _remind_of(session, premises.settings, incident, now)
        if changed:
            await raise_revision(session)
    premises.nudges.nudge("call", *(["publish", "announce"] if changed else []))


async def _open_incidents(session: AsyncSession) -> list[Incident]:
    found = await session.scalars(sa.select(Incident).where(col(Incident.resolved_at).is_(None)))
    return list(found.all())


async def _remind_of(
    session: AsyncSession, settings: Settings, incident: Incident, now: datetime
) -> bool:
    """True when something public changed."""
    unanswered = _is_unanswered(incident, settings.operators.again_every, now)
    if unanswered and not await muting.all_muted(session, settings, incident.id, now):
        await calls.again(session, settings, incident, now)
    if _is_forgotten(incident, now):
        await calls.still_open(session, settings, incident, now)
    return await _watch_promise(session, settings, incident, now)


def _is_unanswered(incident: Incident, every: timedelta, now: datetime) -> bool:
    """Failing, and nobody has said that they are on it."""
    if not incident.automatic or incident.acknowledged_at or incident.recovered_at:
        return False
    return incident.called_at is not None and now - incident.called_at >= every


def _is_forgotten(incident: Incident, now: datetime) -> bool:
    """Well for a while, and its last word is a person's."""
    if incident.recovered_at is None or (incident.automatic and incident.spoken_at is None):
        return False
    return now - incident.recovered_at >= WELL_FOR


async def _watch_promise(
    session: AsyncSession, settings: Settings, incident: Incident, now: datetime
) -> bool:
    promise = await promises.open_promise(session, incident.id)
    if promise is None:
        return False
    if promise.due_at <= now:
        await promises.renew(session, settings, incident, promise, now)
        return True
    before = settings.letters.remind_before
    if _is_somebodys(promise, incident) and promise.due_at - before <= now:
        promise.reminded_at = now
        await calls.promise_due(session, settings, incident, promise.due_at, now)
    return False


def _is_somebodys(promise: Promise, incident: Incident) -> bool:
    """Somebody can keep it, and was not reminded yet: before anybody is on it they are called
    all the same, and of what is well again they hear otherwise.
    """
    if promise.reminded_at is not None or incident.recovered_at is not None:
        return False
    return promise.by == By.HUMAN or incident.acknowledged_at is not None
