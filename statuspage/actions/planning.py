"""What happens when a person plans a maintenance, changes it, cancels it or says where it stands?

Each is one transaction: the row, its step, what customers are to be told, and the revision.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.actions import audit, maintenances
from statuspage.actions.incidents import new_id
from statuspage.actions.maintenance_words import release, say_it_in_letters, tell
from statuspage.actions.revision import raise_revision
from statuspage.errors import Conflict, Fault, Invalid
from statuspage.rules import maintenances as rules
from statuspage.rules.maintenances import Plan
from statuspage.settings import Settings
from statuspage.tables import Maintenance
from statuspage.vocabulary import Stage


async def plan(
    session: AsyncSession, settings: Settings, asked: Plan, who: str, now: datetime
) -> Maintenance:
    """Announce it; one that has begun by its times begins at once. Raises ``Invalid``."""
    _check(settings, asked, now)
    await raise_revision(session)
    row = maintenances.row_of(settings, asked, new_id(), who, now)
    session.add(row)
    await session.flush()
    await maintenances.note(session, row, "announced", who, now)
    await tell(session, settings, row, "announced", now, who=who)
    audit.note(session, who, "maintenance announced", row.id, now, **_told_audit(row, asked))
    if row.scheduled_for <= now:
        await maintenances.begin(session, row, who, now)
    return row


def _check(settings: Settings, asked: Plan, now: datetime) -> None:
    known = {component.id for component in settings.components}
    site = settings.site
    found = list(rules.faults(asked, known, site.languages, site.time_zone, now))
    if found:
        raise Invalid("Some fields are not right.", faults=found)


async def change(
    session: AsyncSession,
    settings: Settings,
    maintenance_id: str,
    who: str,
    now: datetime,
    *,
    new_rule: bool = False,
    **changes: object,
) -> Maintenance:
    """Change what is not over. Times alone move this one only; where it repeats and a rule is
    given with them (``new_rule``), all later ones follow it. Raises ``Invalid``, ``Unknown``,
    ``Conflict``.
    """
    await raise_revision(session)
    row = await _open(session, maintenance_id)
    before = maintenances.as_planned(row)
    asked = replace(before, **changes)  # type: ignore[arg-type]
    _check(settings, asked, now)
    if row.started_at is not None and asked.window.begins_at != before.window.begins_at:
        fault = Fault(("body", "scheduled_for"), "It has begun; only its end can be moved.")
        raise Invalid("Some fields are not right.", faults=[fault])
    if asked == before and not (new_rule and row.anchor_for != row.scheduled_for):
        return row
    _write(row, asked, new_rule=new_rule)
    if new_rule:
        row.occurs_at = await maintenances.free_place(session, row)
    row.updated_at = now
    await maintenances.note(session, row, "changed", who, now)
    audit.note(session, who, "maintenance changed", row.id, now, **_told_audit(row, asked))
    if _concerns_customers(before, asked):
        await tell(session, settings, row, "changed", now, who=who, was=before.window)
        await release(session, settings, row, before, now, who=who)
    else:
        await say_it_in_letters(session, settings, row, now)
    if row.started_at is None and row.scheduled_for <= now:
        await maintenances.begin(session, row, who, now)
    return row


def _concerns_customers(before: Plan, asked: Plan) -> bool:
    """When, or of which parts; a word in the text is on the page, and in letters that have not
    left.
    """
    return (before.window, set(before.components)) != (asked.window, set(asked.components))


def _write(row: Maintenance, asked: Plan, *, new_rule: bool) -> None:
    row.name, row.body, row.notify = asked.name, asked.body, asked.notify
    row.language = asked.language or row.language
    row.translations = {code: dict(told) for code, told in asked.translations.items()}
    row.components = list(asked.components)
    row.scheduled_for, row.scheduled_until = asked.window.begins_at, asked.window.ends_at
    if row.started_at is None:
        row.announced_until = row.scheduled_until
    row.repeat = asked.repeat.stored() if asked.repeat else None
    if new_rule:
        row.anchor_for, row.anchor_until = row.scheduled_for, row.scheduled_until


async def cancel(
    session: AsyncSession,
    settings: Settings,
    maintenance_id: str,
    who: str,
    now: datetime,
    *,
    only_this: bool = False,
) -> Maintenance:
    """Take back what has not begun, and what would follow it; ``only_this``: this night alone.
    Raises ``Unknown``, ``Conflict``.
    """
    await raise_revision(session)
    row = await _open(session, maintenance_id)
    if row.started_at is not None:
        raise Conflict('It has begun. To end it: PATCH it with {"status": "completed"}.')
    row.cancelled_at = row.ended_at = row.updated_at = now
    await maintenances.note(session, row, "cancelled", who, now)
    await tell(session, settings, row, "cancelled", now, who=who, repeats=not only_this)
    audit.note(session, who, "maintenance cancelled", row.id, now, only_this=only_this)
    if only_this:
        await maintenances.follow(session, settings, row, now)
    return row


async def move_on(
    session: AsyncSession,
    settings: Settings,
    maintenance_id: str,
    stage: Stage,
    who: str,
    now: datetime,
) -> Maintenance:
    """A person says where it stands. Raises ``Unknown``, ``Conflict``."""
    await raise_revision(session)
    row = await _open(session, maintenance_id)
    if row.status == stage:
        return row
    if stage is Stage.SCHEDULED:
        raise Conflict("It has begun.")
    if stage is Stage.COMPLETED:
        if row.started_at is None:
            raise Conflict("It has not begun: cancel it.")
        await maintenances.complete(session, settings, row, who, now)
    elif row.started_at is None:
        await maintenances.begin(session, row, who, now)
    if stage is not Stage.COMPLETED and row.status != stage:
        row.status = stage.value
        row.updated_at = now
        kind = "verifying" if stage is Stage.VERIFYING else "begun"
        await maintenances.note(session, row, kind, who, now)
    return row


async def _open(session: AsyncSession, maintenance_id: str) -> Maintenance:
    row = await maintenances.get(session, maintenance_id)
    if row.cancelled_at is not None:
        raise Conflict("This maintenance was cancelled.")
    if row.ended_at is not None:
        raise Conflict("This maintenance is over.")
    return row


def _told_audit(row: Maintenance, asked: Plan) -> dict[str, object]:
    overridden = {"overridden": [*asked.overridden]} if asked.overridden else {}
    return {
        **overridden,
        "components": list(row.components),
        "scheduled_for": row.scheduled_for.isoformat(),
        "scheduled_until": row.scheduled_until.isoformat(),
    }
