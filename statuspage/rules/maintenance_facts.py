"""What do we tell customers of a maintenance? A row becomes facts.

Only what is public gets in; one that touches no public component is nobody's concern
outside, and has no facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

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
    names = public_names(settings, row.components)
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


def spared(
    settings: Settings, row: Maintenance, gone: Sequence[str], was: Window, now: datetime
) -> facts.Planned:
    """These components are not touched any more; whoever chose only them reads so."""
    return facts.Planned(
        maintenance=_facts(settings, row, public_names(settings, gone), repeats=False),
        said_at=now,
        was_from=was.begins_at,
        was_until=was.ends_at,
        of=tuple(gone),
        occasion="maintenance_spared",
    )


def public_ids(settings: Settings, ids: Iterable[str]) -> tuple[str, ...]:
    """Those that customers can have chosen."""
    known = (settings.component(id) for id in ids)
    return tuple(one.id for one in known if one is not None and one.public)


def public_names(settings: Settings, ids: Iterable[str]) -> tuple[str, ...]:
    known = (settings.component(id) for id in ids)
    return tuple(one.name for one in known if one is not None and one.public)


def texts(row: Maintenance) -> dict[str, Any]:
    """What an operator has written of it, as letters keep it."""
    return {
        "name": row.name,
        "body": row.body,
        "language": row.language,
        "translations": {code: asdict(told) for code, told in _translations(row).items()},
    }


def _translations(row: Maintenance) -> dict[str, facts.Title]:
    return {
        code: facts.Title(name=told.get("name"), body=told.get("body") or "")
        for code, told in row.translations.items()
    }


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
        translations=_translations(row),
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
