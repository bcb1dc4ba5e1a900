"""What happens when what we promised is done?

Every action against a repeat has its mark on the page. With the last one, everybody who was
told of the incident gets one letter that says so, ever: a mark that is taken back stops what
has not left of it, and set anew it goes on to the others.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from notifications import facts
from statuspage.actions import announcements, approvals, audit, incidents, postmortems
from statuspage.actions.promised_actions import actions_of
from statuspage.actions.revision import raise_revision
from statuspage.errors import Unknown
from statuspage.rules import telling
from statuspage.settings import Settings
from statuspage.tables import (
    Incident,
    Postmortem,
    PostmortemAction,
    Update,
)
from statuspage.vocabulary import By

NOT_DONE = "an action is not done after all"


async def mark_done(
    session: AsyncSession, settings: Settings, incident_id: str, n: int, who: str, now: datetime
) -> tuple[Incident, Update | None]:
    """We promised; it is done. With the last one, everybody who was told hears of it: then the
    postmortem's words come with the answer.
    """
    incident, row, action = await _action(session, incident_id, n)
    if action.done_at is None:
        action.done_at, action.done_by = now, who
        incident.updated_at = now
        audit.note(session, who, "action done", incident_id, now, n=n)
        await session.flush()
        if all(one.done_at for one in await actions_of(session, row)):
            return incident, await _tell_that_all_is_done(
                session, settings, incident, row, who, now
            )
    return incident, None


async def mark_not_done(
    session: AsyncSession, incident_id: str, n: int, who: str, now: datetime
) -> Incident:
    """Not done after all: letters that have not left say nothing else."""
    incident, row, action = await _action(session, incident_id, n)
    if action.done_at is not None:
        action.done_at = action.done_by = None
        incident.updated_at = now
        audit.note(session, who, "action not done", incident_id, now, n=n)
        last = await postmortems.letter_of(session, row, "actions_done")
        if last is not None and last.withdrawn_at is None:
            await announcements.stop(session, last, NOT_DONE, now)
    return incident


async def _action(
    session: AsyncSession, incident_id: str, n: int
) -> tuple[Incident, Postmortem, PostmortemAction]:
    await raise_revision(session, incident_id)
    incident = await incidents.get(session, incident_id)
    row = await postmortems.standing(session, incident_id)
    action = await session.get(PostmortemAction, (incident_id, row.update_n, n)) if row else None
    if row is None or action is None:
        raise Unknown(f"The postmortem of incident {incident_id} has no action {n}.")
    return incident, row, action


async def _tell_that_all_is_done(
    session: AsyncSession,
    settings: Settings,
    incident: Incident,
    row: Postmortem,
    who: str,
    now: datetime,
) -> Update:
    """One letter, ever. Where a mark was taken back in the middle, it goes on to the others."""
    update = await session.get_one(Update, (incident.id, row.update_n))
    shares, actions = (
        await incidents.shares_of(session, incident.id),
        await actions_of(session, row),
    )
    done = telling.actions_done(settings, incident, shares, update, actions, now)
    due_at = now + settings.letters.undo
    letter = await postmortems.letter_of(session, row, done.occasion)
    if letter is None:
        letter = announcements.announce(
            session,
            incident.id,
            done,
            by=By.HUMAN,
            due_at=due_at,
            now=now,
            update_n=row.update_n,
            only_told=True,
        )
        await approvals.send(session, settings, incident, letter, who, now)
    elif letter.withdrawn_at is not None and letter.withdrawn_why == NOT_DONE:
        await announcements.resume(session, letter, due_at)
        if postmortems.nobody_has(letter):
            letter.facts = facts.freeze(done)
            approvals.read_anew(settings, letter, now)
    return update
