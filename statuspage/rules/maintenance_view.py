"""How does a maintenance look on the board?

With its public components alone; one that has none concerns no visitor, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from statuspage.rules import maintenances
from statuspage.rules.desk import Desk
from statuspage.rules.maintenance_facts import rhythm
from statuspage.rules.occurrences import LOOKED_AHEAD
from statuspage.rules.planned import MaintenanceView, OccurrenceView, StepView
from statuspage.tables import Maintenance, Step
from statuspage.vocabulary import By, Stage


def maintenance_views(desk: Desk) -> Iterator[MaintenanceView]:
    for row in desk.rows.maintenances:
        components = _public(desk, row)
        if components:
            yield _view(desk, row, components)


def _public(desk: Desk, row: Maintenance) -> tuple[tuple[str, str], ...]:
    known = (desk.settings.component(id) for id in row.components)
    return tuple((one.id, one.name) for one in known if one is not None and one.public)


def _view(desk: Desk, row: Maintenance, components: tuple[tuple[str, str], ...]) -> MaintenanceView:
    steps = [step for step in desk.rows.steps if step.maintenance_id == row.id]
    return MaintenanceView(
        id=row.id,
        name=row.name,
        body=row.body,
        language=row.language,
        translations=row.translations,
        stage=_stage(desk, row),
        starts_at=row.started_at or row.scheduled_for,
        ends_at=row.scheduled_until,
        created_at=row.created_at,
        updated_at=row.updated_at,
        components=components,
        steps=tuple(_step(row, step) for step in reversed(steps)),
        rhythm=rhythm(row, desk.settings.site.time_zone),
        ended_at=row.ended_at,
        cancelled=row.cancelled_at is not None,
        later=tuple(_later(desk, row)) if row.ended_at is None else (),
    )


def _later(desk: Desk, row: Maintenance) -> Iterator[OccurrenceView]:
    """What is over is followed by a row of its own."""
    windows = maintenances.later_windows(row, desk.settings.site.time_zone)
    for one in islice(windows, LOOKED_AHEAD):
        yield OccurrenceView(maintenances.later_id(row, one), one.begins_at, one.ends_at)


def _stage(desk: Desk, row: Maintenance) -> Stage:
    """By the clock where its job has not come round yet: the page never waits for that."""
    if row.status == Stage.SCHEDULED and maintenances.is_in_force(row, desk.now):
        return Stage.IN_PROGRESS
    return Stage(row.status)


def _step(row: Maintenance, step: Step) -> StepView:
    told = row.notify and step.kind in ("announced", "changed", "cancelled")
    return StepView(step.n, step.at, step.kind, Stage(step.status), By(step.by), told)
