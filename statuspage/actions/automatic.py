"""What does the machine do with an incident, once the rules have decided?

Facts only: an incident that opens by itself says what the checks saw and when customers
hear next. Every decision is carried out in the transaction in which it was made, with
its line in the record, its promise, its announcement and its call to the operators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import announcements, audience, calls, first_words, incidents, promises
from statuspage.actions.records import records_of
from statuspage.rules import severity, telling
from statuspage.rules.components import Standings
from statuspage.rules.incidents import (
    JOIN_WITHIN,
    Decision,
    Ease,
    Extend,
    Open,
    Recover,
    Resolve,
    Shape,
)
from statuspage.settings import Settings
from statuspage.tables import Cause, Incident
from statuspage.vocabulary import By, Impact, Phase, Role, Status, worst


async def carry_out(
    session: AsyncSession,
    settings: Settings,
    decision: Decision,
    standings: Standings,
    now: datetime,
) -> None:
    """One decision, its rows and nothing else."""
    match decision:
        case Open():
            await _open(session, settings, decision, standings, now)
        case Extend():
            await _extend(session, settings, decision, standings, now)
        case Ease():
            await _ease(session, decision, standings, now)
        case Recover():
            await _recover(session, settings, decision, now)
        case Resolve():
            await _resolve(session, settings, decision, now)


async def _open(
    session: AsyncSession,
    settings: Settings,
    decision: Open,
    standings: Standings,
    now: datetime,
) -> None:
    incident = Incident(
        id=incidents.new_id(),
        automatic=True,
        started_at=_began(decision.shape, standings, now),
        noticed_at=now,
        created_at=now,
        updated_at=now,
        whole_server=decision.shape.whole_server,
        letters_held=decision.many,
        called_at=now,
    )
    session.add(incident)
    await session.flush()
    await _write_causes(session, incident, decision.shape, standings, now)
    changes = await incidents.set_shares(session, incident.id, decision.shape.shares, by_hand=False)
    incident.impact = severity.impact_of(_statuses(decision.shape)).value
    said = await incidents.note_update(session, incident, By.MACHINE, "noticed", now, changes)
    await promises.make_the_machines(session, settings, incident, said.n, now)
    await first_words.announce(session, settings, incident, now)
    await calls.opened(session, settings, incident, now)


async def _extend(
    session: AsyncSession,
    settings: Settings,
    decision: Extend,
    standings: Standings,
    now: datetime,
) -> None:
    incident = await incidents.get(session, decision.incident_id)
    if decision.again:
        if incident.resolved_at is not None:
            incident.again_at = _began(decision.shape, standings, now)
        await _begin_again(session, settings, incident, now)
    incident.letters_held = incident.letters_held or decision.many
    known = {cause.component_id for cause in await incidents.open_causes(session, incident.id)}
    await _take_over(session, incident, standings)
    named = {share.component_id for share in await incidents.shares_of(session, incident.id)}
    await _write_causes(session, incident, decision.shape, standings, now)
    changes = await incidents.set_shares(session, incident.id, decision.shape.shares, by_hand=False)
    _weigh(incident, decision.shape)
    await _note_more(session, incident, decision, changes, now)
    joined = any(id not in named for id in decision.shape.shares)
    await first_words.announce(session, settings, incident, now, joined=joined)
    if set(decision.shape.causes) - known:  # what only suffers from a known cause is no news
        await calls.opened(session, settings, incident, now)


async def _note_more(
    session: AsyncSession,
    incident: Incident,
    decision: Extend,
    changes: Sequence[dict[str, Any]],
    now: datetime,
) -> None:
    """A line of its own; but what is found in the first minute belongs to the first line,
    so that visitors do not read "worse" a second after "noticed". Where a person speaks, the
    machine says no more than that it recovered, or failed again.
    """
    if incident.spoken_at and not decision.again:
        return
    said = await incidents.updates_of(session, incident.id)
    if not decision.again and len(said) == 1 and now - said[0].at <= JOIN_WITHIN:
        said[0].changes = [*said[0].changes, *changes]
        return
    kind = "again" if decision.again else "worse"
    await incidents.note_update(session, incident, By.MACHINE, kind, now, changes)


async def _begin_again(
    session: AsyncSession, settings: Settings, incident: Incident, now: datetime
) -> None:
    """It had recovered, or was over: what was to be said about that is true no more."""
    await announcements.withdraw(session, incident.id, "it failed again", now, only_automatic=True)
    incident.status = Phase.INVESTIGATING.value
    incident.recovered_at = incident.monitoring_at = None
    if incident.resolved_at is not None:
        await _is_the_machines_again(session, incident)
    incident.resolved_at = incident.resolved_by = None
    if await promises.open_promise(session, incident.id) is None:
        n = await incidents.next_n(session, incident.id)
        await promises.make_the_machines(session, settings, incident, n, now)


async def _is_the_machines_again(session: AsyncSession, incident: Incident) -> None:
    """A person's last word was said, and somebody was on what is over: nobody is known to be
    on this, so operators are called until they say so, and customers hear of it.
    """
    incident.acknowledged_at = incident.acknowledged_by = incident.spoken_at = None
    incident.false_alarm = False
    for share in await incidents.shares_of(session, incident.id):
        share.by_hand = False


async def _take_over(session: AsyncSession, incident: Incident, standings: Standings) -> None:
    """A status that a person set stands until the checks see trouble there themselves; from
    then on it follows them, so that a gate opens when they do not see it any more.
    """
    for share in await incidents.shares_of(session, incident.id):
        seen = standings.statuses.get(share.component_id, Status.OPERATIONAL)
        share.by_hand = share.by_hand and seen is Status.OPERATIONAL


async def _ease(
    session: AsyncSession,
    decision: Ease,
    standings: Standings,
    now: datetime,
) -> None:
    incident = await incidents.get(session, decision.incident_id)
    await _write_causes(session, incident, decision.shape, standings, now)
    changes = await incidents.set_shares(session, incident.id, decision.shape.shares, by_hand=False)
    _weigh(incident, decision.shape)
    if _got_less_bad(changes, decision.shape):
        await incidents.note_update(session, incident, By.MACHINE, "better", now, changes)
    if changes and Status.MAJOR_OUTAGE not in _statuses(decision.shape):
        await announcements.withdraw(
            session, incident.id, "no major outage any more", now, only_automatic=True
        )


def _got_less_bad(changes: Sequence[Mapping[str, Any]], shape: Shape) -> bool:
    """Customers fare better where the worst of what suffers is gone: that the cause is back
    a second before the rest, or one of two parts, is not worth a line.
    """
    suffering = {id for id, (role, _) in shape.shares.items() if role is Role.AFFECTED}
    concerned = suffering or set(shape.shares)
    worst_left = worst([shape.shares[id][1] for id in concerned])
    return any(
        Status(change["old"]).severity > worst_left.severity
        for change in changes
        if change["component_id"] in concerned
    )


async def _recover(
    session: AsyncSession, settings: Settings, decision: Recover, now: datetime
) -> None:
    """Monitoring at once; what was not told yet need not be told."""
    incident = await incidents.get(session, decision.incident_id)
    for cause in await incidents.open_causes(session, incident.id):
        cause.ended_at = now
    changes = await incidents.set_shares(session, incident.id, decision.shape.shares, by_hand=False)
    incident.status = Phase.MONITORING.value
    incident.monitoring_at = incident.recovered_at = now
    await incidents.note_update(session, incident, By.MACHINE, "recovered", now, changes)
    await announcements.withdraw(session, incident.id, "it recovered", now, only_automatic=True)
    await calls.recovered(session, settings, incident, now)


async def _resolve(
    session: AsyncSession, settings: Settings, decision: Resolve, now: datetime
) -> None:
    """Over, by the checks alone; a letter to those who had one about it. Where a person has
    spoken and forgot to end it, the record says that nobody did.
    """
    incident = await incidents.get(session, decision.incident_id)
    incident.status = Phase.RESOLVED.value
    incident.resolved_at, incident.resolved_by = now, By.MACHINE.value
    over = {
        share.component_id: (Role(share.role), Status.OPERATIONAL)
        for share in await incidents.shares_of(session, incident.id)
    }
    changes = await incidents.set_shares(session, incident.id, over, by_hand=False)
    kind = "closed" if decision.forgotten else "resolved"
    said = await incidents.note_update(session, incident, By.MACHINE, kind, now, changes)
    await promises.keep(session, incident.id, By.HUMAN, now)
    if await audience.anybody_hears_the_end(session, incident.id):
        shares = await incidents.shares_of(session, incident.id)
        announcements.announce(
            session,
            incident.id,
            telling.over(
                settings,
                incident,
                shares,
                now,
                await records_of(session, settings, incident, shares, now),
            ),
            by=By.MACHINE,
            due_at=now,
            now=now,
            update_n=said.n,
            only_told=True,
        )


async def _write_causes(
    session: AsyncSession,
    incident: Incident,
    shape: Shape,
    standings: Standings,
    now: datetime,
) -> None:
    """Open rows for the causes of this shape, and none other."""
    incident.whole_server = shape.whole_server
    before = {
        cause.component_id: cause for cause in await incidents.open_causes(session, incident.id)
    }
    for component_id, cause in before.items():
        if component_id not in shape.causes:
            cause.ended_at = now
    fresh = [component_id for component_id in shape.causes if component_id not in before]
    await incidents.end_causes_of(session, fresh, now)
    for component_id in fresh:
        session.add(
            Cause(
                incident_id=incident.id,
                component_id=component_id,
                since=standings.failing_since(component_id) or now,
                confirmed_at=now,
                says=standings.says(component_id),
            )
        )


def _weigh(incident: Incident, shape: Shape) -> None:
    """The impact follows the worst component, unless a person said how bad it is. It
    does not fall before the end: what was critical was critical.
    """
    if not incident.impact_held:
        found = severity.impact_of(_statuses(shape))
        incident.impact = max(Impact(incident.impact), found, key=lambda one: one.weight).value


def _statuses(shape: Shape) -> Sequence[Status]:
    return [status for _, status in shape.shares.values()]


def _began(shape: Shape, standings: Standings, now: datetime) -> datetime:
    """When customers began to notice: the first failing look of any of its components."""
    times = [standings.failing_since(component_id) for component_id in shape.shares]
    return min((moment for moment in times if moment), default=now)
