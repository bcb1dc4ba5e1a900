"""How do rows become the board?

Only here and in the views is it decided what the public may see.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from statuspage import settings as configured
from statuspage.rules import promises
from statuspage.rules.board import Board
from statuspage.rules.component_view import component_view
from statuspage.rules.desk import Desk, Rows
from statuspage.rules.dress import dress
from statuspage.rules.incident_view import incident_view
from statuspage.rules.maintenance_view import maintenance_views
from statuspage.rules.site_view import SiteView
from statuspage.rules.taken_back import taken_back
from statuspage.settings import Settings
from statuspage.vocabulary import worst

__all__ = ["Rows", "compose", "site"]


def compose(settings: Settings, rows: Rows, now: datetime) -> Board:
    """All that is public, now."""
    desk = Desk(settings, rows, now)
    shown = [row for row in rows.incidents if row.withdrawn_at is None]
    views = [rows.views.get(row.id) or incident_view(desk, row) for row in shown]
    # what names no public component and has no word of a person concerns no visitor
    views = [view for view in views if view.components or view.name or view.latest_words]
    past = tuple(view for view in views if not view.status.is_open)
    components = tuple(
        component_view(desk, component, position)
        for position, component in enumerate(settings.components)
        if component.public
    )
    return Board(
        site=site(settings),
        revision=rows.revision,
        composed_at=now,
        status=worst([component.status for component in components]),
        components=components,
        open_incidents=tuple(view for view in views if view.status.is_open),
        past_incidents=past,
        looked_at=rows.looked_at,
        interval=min((settings.interval_of(check) for check in _checks(settings)), default=None),
        blind=rows.blind,
        maintenances=tuple(maintenance_views(desk)),
        last_outage=next((view for view in past if not view.false_alarm), None),
        promises=promises.count_all(rows.lately_due),
        lately=rows.lately,
        taken_back=tuple(taken_back(rows.incidents)),
    )


def site(settings: Settings) -> SiteView:
    told, contact = settings.site, settings.site.contact
    return SiteView(
        name=told.name,
        url=told.url,
        languages=tuple(told.languages),
        time_zone=told.time_zone,
        contact_email=contact.email,
        contact_phone=contact.phone,
        contact_hours=contact.hours,
        controller=told.controller,
        privacy_url=told.privacy_url,
        writes_letters=bool(settings.mail.server),
        calls_team=bool(settings.operators.notify),
        publishes_counts=told.publish_counts,
        dress=dress(told),
    )


def _checks(settings: Settings) -> Iterable[configured.Check]:
    return (check for component in settings.components for check in component.checks)
