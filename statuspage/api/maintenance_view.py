"""How does an operator read a maintenance?"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from statuspage.api.review import FindingView
from statuspage.rules.occurrences import Every
from statuspage.settings import Settings
from statuspage.tables import Maintenance
from statuspage.vocabulary import Stage


class RuleView(BaseModel):
    every: Every
    interval: int
    on: list[str]
    until: datetime | None


class MaintenanceView(BaseModel):
    id: str
    url: str
    name: str
    status: Stage
    scheduled_for: datetime
    scheduled_until: datetime
    started_at: datetime | None
    ended_at: datetime | None
    cancelled_at: datetime | None
    repeat: RuleView | None
    series_id: str = Field(description="the id of the first of those that repeat")
    components: list[str]
    body: str
    notify: bool
    language: str
    translations: dict[str, dict[str, str | None]]
    created_at: datetime
    created_by: str
    updated_at: datetime


class PlannedView(MaintenanceView):
    """What was just said of it, with what the review found in that."""

    findings: list[FindingView]


def view(settings: Settings, row: Maintenance) -> MaintenanceView:
    return MaintenanceView(
        id=row.id,
        url=f"{settings.site.url}/maintenances/{row.id}",
        name=row.name or _named(settings, row),
        status=Stage(row.status),
        scheduled_for=row.scheduled_for,
        scheduled_until=row.scheduled_until,
        started_at=row.started_at,
        ended_at=row.ended_at,
        cancelled_at=row.cancelled_at,
        repeat=RuleView.model_validate(row.repeat) if row.repeat else None,
        series_id=row.series_id,
        components=row.components,
        body=row.body,
        notify=row.notify,
        language=row.language,
        translations=row.translations,
        created_at=row.created_at,
        created_by=row.created_by,
        updated_at=row.updated_at,
    )


def _named(settings: Settings, row: Maintenance) -> str:
    """Nobody gave it a title: what it touches."""
    known = [(id, settings.component(id)) for id in row.components]
    return ", ".join(one.name if one else id for id, one in known)
