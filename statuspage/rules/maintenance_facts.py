"""What do we tell customers of a maintenance? A row becomes facts.

Only what is public gets in; one that touches no public component is nobody's concern
outside, and has no facts.
"""

from __future__ import annotations

from datetime import datetime

from notifications import facts
from notifications.rhythm import Rhythm
from statuspage.rules import occurrences
from statuspage.rules.occurrences import DAYS, Every, Window
from statuspage.settings import Settings
from statuspage.tables import Maintenance
from statuspage.vocabulary import Stage


def planned(
    settings: Settings,
    row: Maintenance,
    occasion: str,
    now: datetime,
    was: Window | None = None,
    *,
    repeats: bool = True,
) -> facts.Planned | None:
    """``occasion``: announced, tomorrow, changed, cancelled, finished. ``was``: the times that
    were announced before. ``repeats``: whether to say that it comes again.
    """
    names = public_names(settings, row)
    if not names:
        return None
    return facts.Planned(
        maintenance=_facts(settings, row, names, repeats=repeats),
        said_at=now,
        under_way=Stage(row.status).is_under_way,
        was_from=was.begins_at if was else None,
        was_until=was.ends_at if was else None,
        occasion=f"maintenance_{occasion}",  # type: ignore[arg-type]  # checked by the value itself
    )


def public_names(settings: Settings, row: Maintenance) -> tuple[str, ...]:
    known = (settings.component(id) for id in row.components)
    return tuple(one.name for one in known if one is not None and one.public)


def _facts(
    settings: Settings, row: Maintenance, names: tuple[str, ...], *, repeats: bool
) -> facts.MaintenanceFacts:
    return facts.MaintenanceFacts(
        id=row.id,
        url=f"{settings.site.url}/maintenances/{row.id}",
        starts_at=row.started_at or row.scheduled_for,
        ends_at=row.ended_at if row.ended_at and not row.cancelled_at else row.scheduled_until,
        names=names,
        name=row.name,
        body=row.body,
        language=row.language,
        translations={
            language: facts.Title(name=told.get("name"), body=told.get("body") or "")
            for language, told in row.translations.items()
        },
        rhythm=rhythm(row, settings.site.time_zone) if repeats else None,
    )


def rhythm(row: Maintenance, zone: str) -> Rhythm | None:
    """How it repeats; of a weekly one, on which days."""
    repeat = occurrences.stored(row.repeat)
    if repeat is None:
        return None
    on = repeat.on or (occurrences.weekday(row.anchor_for, zone),)
    days = tuple(DAYS.index(day) for day in on) if repeat.every is Every.WEEK else ()
    return Rhythm(every=repeat.every.value, interval=repeat.interval, on=days)
