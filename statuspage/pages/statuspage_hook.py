"""What is a program told that asked to be called?

The body of the field's convention (Statuspage's webhook): how the page is, and the incident
with every update up to the one that is told, so that an event which arrives late says what
was true when it was announced. Maintenances are incidents with ``scheduled_for``. A word that
is no update of its own (there is no news, and we say so) stands as one, for whoever only
reads the newest.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from notifications.card import Card
from notifications.facts import Planned, Telling
from statuspage.pages.reader import Reader
from statuspage.pages.statuspage_v2 import status_row
from statuspage.pages.v2_incidents import incident_row
from statuspage.pages.v2_maintenances import maintenance_row
from statuspage.pages.v2_rows import Row, instant, or_null, page_id, rows_by_id
from statuspage.rules.board import Board, IncidentView
from statuspage.rules.short_ids import short_id

_HAS_NO_UPDATE = ("holding", "actions_done", "maintenance_tomorrow")


def event(board: Board, reader: Reader, told: Telling, card: Card) -> Row:
    """The body but for what is one subscriber's own (``with_links``). What is not shown any more
    has no ``incident``.
    """
    if isinstance(told, Planned):
        row = _planned(board, reader, told)
    else:
        row = _incident(board, reader, told.incident.id, told.said_at)
    if row is not None and told.occasion in _HAS_NO_UPDATE:
        row["incident_updates"].insert(0, _word(row, told, card))
    status = status_row(board)
    page = {
        "id": page_id(board.site),
        "status_indicator": status["indicator"],
        "status_description": status["description"],
    }
    return {"page": page, **({"incident": row} if row is not None else {})}


def with_links(body: Row, unsubscribe_url: str, documentation_url: str, now: datetime) -> Row:
    """The same for one subscriber."""
    meta = {
        "unsubscribe": unsubscribe_url,
        "documentation": documentation_url,
        "generated_at": instant(now),
    }
    return {"meta": meta, **body}


def _incident(board: Board, reader: Reader, id: str, said_at: datetime) -> Row | None:
    known = (*board.open_incidents, *board.past_incidents)
    found = next((one for one in known if one.id == id), None)
    if found is None:
        return None
    row = incident_row(_as_of(found, said_at), rows_by_id(board), reader)
    postmortem = next((u for u in row["incident_updates"] if u["status"] == "postmortem"), None)
    return _whole(row) | {
        "postmortem_body": postmortem and postmortem["body"],
        "postmortem_body_last_updated_at": postmortem and postmortem["updated_at"],
        "postmortem_published_at": postmortem and postmortem["display_at"],
        "postmortem_notified_subscribers": postmortem is not None,
    }


def _as_of(incident: IncidentView, said_at: datetime) -> IncidentView:
    """Without what was said later."""
    updates = tuple(one for one in incident.updates if one.at <= said_at)
    if len(updates) == len(incident.updates) or not updates:
        return incident
    newest = max(updates, key=lambda one: one.n)
    over, watched = incident.resolved_at, incident.monitoring_at
    return replace(
        incident,
        updates=updates,
        status=newest.phase,
        updated_at=newest.at,
        resolved_at=over if over and over <= said_at and not newest.phase.is_open else None,
        monitoring_at=watched if watched and watched <= said_at else None,
    )


def _planned(board: Board, reader: Reader, told: Planned) -> Row | None:
    id, said_at = told.maintenance.id, told.said_at
    found = next((one for one in board.maintenances if one.id == id), None)
    if found is None:
        return None
    steps = tuple(one for one in found.steps if one.at <= said_at) or found.steps
    stage = steps[0].stage if len(steps) < len(found.steps) else found.stage
    row = maintenance_row(replace(found, steps=steps, stage=stage), rows_by_id(board), reader)
    reminded = said_at if told.occasion == "maintenance_tomorrow" else None
    return _whole(row) | {
        "status": "completed" if found.cancelled else row["status"],
        "scheduled_for": row["scheduled_for"],
        "scheduled_until": row["scheduled_until"],
        "scheduled_remind_prior": True,
        "scheduled_reminded_at": or_null(reminded),
        "scheduled_auto_in_progress": True,
        "scheduled_auto_completed": True,
    }


def _whole(row: Row) -> Row:
    """With every key that readers of the convention may look for."""
    updates = [
        {**one, "wants_twitter_update": False, "twitter_updated_at": None}
        for one in row["incident_updates"]
    ]
    return {
        **row,
        "incident_updates": updates,
        "postmortem_ignored": False,
        "postmortem_body": None,
        "postmortem_body_last_updated_at": None,
        "postmortem_published_at": None,
        "postmortem_notified_subscribers": False,
        "postmortem_notified_twitter": False,
        "backfilled": False,
        "scheduled_for": None,
        "scheduled_until": None,
        "scheduled_remind_prior": False,
        "scheduled_reminded_at": None,
        "impact_override": None,
        "scheduled_auto_in_progress": False,
        "scheduled_auto_completed": False,
    }


def _word(row: Row, told: Telling, card: Card) -> Row:
    """What the letter says, as an update."""
    texts = [card.intro, *(text for _, text in card.parts), card.next_word or ""]
    at = instant(told.said_at)
    return {
        "id": short_id("word", row["id"], told.occasion, at),
        "status": row["status"],
        "body": "\n\n".join(text for text in texts if text),
        "incident_id": row["id"],
        "created_at": at,
        "updated_at": at,
        "display_at": at,
        "affected_components": None,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
        "wants_twitter_update": False,
        "twitter_updated_at": None,
    }
