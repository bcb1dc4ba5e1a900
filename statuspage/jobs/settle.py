"""What follows from the beliefs that changed?

Changes that are not settled become decisions, and decisions rows, in one transaction:
incident, update, promise, announcement, call and the revision. A failure whose tier below
is still in doubt waits: its change stays unsettled until that is known. So does one whose tier
below has just recovered: it is not blamed before it had the time to recover as well. So does
what is muted, and what fails only because of that: it is news on the day it is heard again.
Nothing is called over on looks of before a gap of ours: no data is not "well".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from checks.causes import Finding, find
from checks.verdict import Belief
from statuspage.actions import automatic, incidents, muting
from statuspage.actions.revision import raise_revision, take_turn
from statuspage.actions.standings import standings
from statuspage.premises import Premises
from statuspage.rules.components import Standings, lagging, unseen
from statuspage.rules.incidents import (
    Decision,
    Known,
    World,
    decide,
    due_to_resolve,
)
from statuspage.rules.muting import excused
from statuspage.settings import Settings
from statuspage.tables import Change, Check, Incident, Share
from statuspage.vocabulary import Status


async def settle(premises: Premises, now: datetime) -> None:
    """Settle all that can be decided now."""
    settings = premises.settings
    async with premises.store.read() as session:
        if not await _anything_to_do(session, settings, now):
            return
    async with premises.store.write() as session:
        await take_turn(session)
        decided = await _settle(session, settings, now)
        if decided:
            await raise_revision(session)
    if decided:
        premises.nudges.nudge("publish", "call", "announce")


async def _anything_to_do(session: AsyncSession, settings: Settings, now: datetime) -> bool:
    """Something unsettled, an incident that has been well for long enough, or one that says
    what no check says any more.
    """
    unsettled = sa.select(col(Change.component_id)).where(col(Change.settled_at).is_(None))
    found = set((await session.scalars(unsettled.distinct())).all())
    if found and found - await muting.silenced(session, now):
        return True
    for question in (_steady(settings, now), _left_behind()):
        if (await session.execute(question.limit(1))).first() is not None:
            return True
    return False


def _steady(settings: Settings, now: datetime) -> sa.Select[Any]:
    forgotten = sa.or_(sa.not_(col(Incident.automatic)), col(Incident.spoken_at).is_not(None))
    return sa.select(col(Incident.id)).where(
        col(Incident.resolved_at).is_(None),
        sa.or_(
            sa.and_(sa.not_(forgotten), _well_for(settings.letters.all_clear_after, now)),
            sa.and_(forgotten, _well_for(settings.letters.close_after, now)),
        ),
    )


def _well_for(length: timedelta, now: datetime) -> sa.ColumnElement[bool]:
    return col(Incident.recovered_at) <= now - length


def _left_behind() -> sa.Select[Any]:
    """Shares that the checks once gave, and no check gives now, without a change to say so:
    the check left the configuration, or a word was taken back after the trouble had ended.
    """
    seen = sa.select(col(Check.id)).where(
        col(Check.component_id) == col(Share.component_id),
        col(Check.retired_at).is_(None),
        col(Check.belief).not_in((Belief.WELL, Belief.UNKNOWN)),
    )
    return (
        sa.select(col(Share.incident_id))
        .join(Incident, col(Incident.id) == col(Share.incident_id))
        .where(
            col(Incident.resolved_at).is_(None),
            col(Incident.recovered_at).is_(None),
            col(Share.status) != Status.OPERATIONAL,
            sa.not_(col(Share.by_hand)),
            sa.not_(seen.exists()),
        )
    )


async def _settle(session: AsyncSession, settings: Settings, now: datetime) -> bool:
    changes = await _unsettled(session)
    known = await incidents.recall(session, now - settings.letters.reopen_within)
    found = await standings(session, settings)
    late = _lagging(settings, found, known)
    finding = _without(find(found.parts, now), late)
    muted = await muting.muted(session, settings, found, now)
    world = World(
        finding=finding,
        statuses=found.statuses,
        fresh=frozenset(change.component_id for change in changes) - muted,
        incidents=known,
        reopen_within=settings.letters.reopen_within,
        muted=muted,
        servers={part.id: part.servers for part in found.parts},
    )
    decisions = decide(world, now)
    decisions += _over(settings, known, decisions, unseen(settings, found, now), now)
    for decision in decisions:
        await automatic.carry_out(session, settings, decision, found, now)
    open_ends = finding.waiting.union(*(settings.tiers_below[id] for id in late))
    open_ends |= excused(finding, muted)
    for change in changes:
        if change.component_id not in open_ends:
            change.settled_at = now
    return bool(decisions)


def _lagging(settings: Settings, found: Standings, known: tuple[Known, ...]) -> frozenset[str]:
    """What is but slow to recover after its tier below; what is a cause already stays one."""
    blamed = {id for one in known if one.resolved_at is None for id in one.causes}
    return lagging(settings, found) - blamed


def _without(finding: Finding, late: frozenset[str]) -> Finding:
    """The finding in which those wait who only lag behind."""
    causes = tuple(cause for cause in finding.causes if not late.intersection(cause.parts))
    return Finding(causes, finding.consequences, finding.waiting | late)


def _over(
    settings: Settings,
    known: tuple[Known, ...],
    decisions: Sequence[Decision],
    unseen: frozenset[str],
    now: datetime,
) -> tuple[Decision, ...]:
    """Incidents that may be resolved: nothing was just decided of them, and all that they
    name has been seen lately.
    """
    touched = {getattr(decision, "incident_id", None) for decision in decisions}
    unsure = {one.id for one in known if not unseen.isdisjoint(one.shares)}
    letters = settings.letters
    steady = due_to_resolve(known, letters.all_clear_after, letters.close_after, now)
    return tuple(one for one in steady if one.incident_id not in touched | unsure)


async def _unsettled(session: AsyncSession) -> list[Change]:
    found = await session.scalars(
        sa.select(Change).where(col(Change.settled_at).is_(None)).order_by(col(Change.id))
    )
    return list(found.all())
