"""What do programs read of maintenances?

In the convention they are incidents with ``scheduled_for`` and ``scheduled_until`` and the
impact ``maintenance``; what was cancelled is not listed. Nothing that a strict reader wants
as a text is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from statuspage.pages.planned import title
from statuspage.pages.prose import paragraphs
from statuspage.pages.reader import Reader
from statuspage.pages.v2_rows import Row, instant, or_null, page_id
from statuspage.rules.board import Board
from statuspage.rules.planned import MaintenanceView, StepView
from statuspage.rules.short_ids import short_id


def listed(board: Board, newest: int) -> Mapping[str, Sequence[MaintenanceView]]:
    """``all``: the newest; ``upcoming``, ``active``; ``ahead`` is both, for the summary."""
    kept = [one for one in board.maintenances if not one.cancelled]
    kept.sort(key=lambda one: one.starts_at, reverse=True)
    return {
        "all": kept[:newest],
        "upcoming": board.ahead,
        "active": board.under_way,
        "ahead": (*board.under_way, *board.ahead),
    }


def maintenance_row(view: MaintenanceView, parts: Mapping[str, Row], reader: Reader) -> Row:
    """``parts``: component id -> its row, at least of those that it touches."""
    return {
        "id": view.id,
        "name": title(view, reader).striptags(),
        "status": view.stage,
        "created_at": instant(view.created_at),
        "updated_at": instant(view.updated_at),
        "monitoring_at": None,
        "resolved_at": or_null(view.ended_at),
        "impact": "maintenance",
        "shortlink": f"{reader.site.url}/maintenances/{view.id}",
        "started_at": instant(view.starts_at),
        "page_id": page_id(reader.site),
        "incident_updates": [_update(step, view, reader) for step in view.steps],
        "components": [parts[id] for id, _ in view.components if id in parts],
        "scheduled_for": instant(view.starts_at),
        "scheduled_until": instant(view.ends_at),
    }


def _update(step: StepView, view: MaintenanceView, reader: Reader) -> Row:
    at = instant(step.at)
    return {
        "id": short_id("step", view.id, step.n),
        "status": step.stage,
        "body": _body(step, view, reader),
        "incident_id": view.id,
        "created_at": at,
        "updated_at": at,
        "display_at": at,
        "affected_components": None,
        "deliver_notifications": step.told,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _body(step: StepView, view: MaintenanceView, reader: Reader) -> str:
    """The operator's text with the announcement; else what happened, in a sentence."""
    text = view.read_in(reader.code)[1] if step.kind == "announced" else ""
    said = reader.say(f"page.maintenance.said.{step.kind}").striptags()
    return "\n\n".join(paragraphs(text)) or said
