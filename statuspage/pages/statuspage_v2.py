"""What do programs read that know the field's convention?

The public API that Atlassian Statuspage made the convention, version 2, to the letter:
every list is there even when it is empty, ids are 12 characters of a-z and 0-9, times
have milliseconds and a zone, updates stand newest first, a group is a row of its own
before its children. It speaks the site's first language.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from statuspage.memory import Page
from statuspage.pages.card import title
from statuspage.pages.line import line_of
from statuspage.pages.postmortem import in_lines
from statuspage.pages.prose import paragraphs
from statuspage.pages.reader import Reader, plain
from statuspage.pages.templates import to_bytes
from statuspage.pages.v2_maintenances import lists
from statuspage.pages.v2_rows import (
    Row,
    component_row,
    component_rows,
    instant,
    or_null,
    page_id,
)
from statuspage.rules.board import Board, IncidentView, StatusChange, UpdateView
from statuspage.rules.short_ids import short_id
from statuspage.vocabulary import Phase, Status

NEWEST = 50
"""So many incidents and maintenances are listed."""

CORS = (("Access-Control-Allow-Origin", "*"),)

_ROLL_UP = {
    Status.OPERATIONAL: ("none", "All Systems Operational"),
    Status.UNDER_MAINTENANCE: ("maintenance", "Service Under Maintenance"),
    Status.DEGRADED: ("minor", "Partially Degraded Service"),
    Status.PARTIAL_OUTAGE: ("major", "Partial System Outage"),
    Status.MAJOR_OUTAGE: ("critical", "Major Service Outage"),
}


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    site = _page(board)
    for path, content in _answers(board, readers[0]).items():
        body = json.dumps({"page": site, **content}, ensure_ascii=False, separators=(",", ":"))
        yield Page(
            path=f"/api/v2/{path}.json",
            media_type="application/json",
            body=to_bytes(body),
            headers=CORS,
        )


def _answers(board: Board, reader: Reader) -> Mapping[str, Row]:
    components = component_rows(board)
    unresolved = [_incident(one, board, reader) for one in board.open_incidents]
    planned = lists(board, reader, NEWEST)
    return {
        "status": {"status": _status(board)},
        "summary": {
            "components": components,
            "incidents": unresolved,
            "scheduled_maintenances": planned["ahead"],
            "status": _status(board),
        },
        "components": {"components": components},
        "incidents": {"incidents": _newest(board, reader)},
        "incidents/unresolved": {"incidents": unresolved},
        "scheduled-maintenances": {"scheduled_maintenances": planned["all"]},
        "scheduled-maintenances/upcoming": {"scheduled_maintenances": planned["upcoming"]},
        "scheduled-maintenances/active": {"scheduled_maintenances": planned["active"]},
    }


def _page(board: Board) -> Row:
    # when something last changed, not when we last looked: else no answer would ever be 304
    changes = [component.updated_at for component in board.components]
    changes += [one.updated_at for one in (*board.open_incidents, *board.past_incidents)]
    changes += [one.updated_at for one in board.maintenances]
    return {
        "id": page_id(board),
        "name": plain(board.site.name),
        "url": board.site.url,
        "time_zone": board.site.time_zone,
        "updated_at": instant(max(changes, default=board.composed_at)),
    }


def _status(board: Board) -> Row:
    indicator, description = _ROLL_UP[board.status]
    return {"indicator": indicator, "description": description}


def _newest(board: Board, reader: Reader) -> list[Row]:
    known = (*board.open_incidents, *board.past_incidents)
    newest = sorted(known, key=lambda one: one.created_at, reverse=True)[:NEWEST]
    return [_incident(one, board, reader) for one in newest]


def _incident(incident: IncidentView, board: Board, reader: Reader) -> Row:
    affected = (board.component(part.id) for part in incident.components)
    return {
        "id": incident.id,
        "name": title(incident, reader).striptags(),
        "status": incident.status,
        "created_at": instant(incident.created_at),
        "updated_at": instant(incident.updated_at),
        "monitoring_at": or_null(incident.monitoring_at),
        "resolved_at": or_null(incident.resolved_at),
        "impact": incident.impact,
        "shortlink": f"{board.site.url}/incidents/{incident.id}",
        "started_at": instant(incident.started_at),
        "page_id": page_id(board),
        "incident_updates": [
            _update(update, incident, board, reader)
            for update in sorted(incident.updates, key=lambda one: one.n, reverse=True)
        ],
        "components": [component_row(one, board) for one in affected if one],
    }


def _update(update: UpdateView, incident: IncidentView, board: Board, reader: Reader) -> Row:
    at, corrected = instant(update.at), update.words and update.words.corrected_at
    return {
        "id": short_id("update", incident.id, update.n),
        "status": update.phase,
        "body": _body(update, incident, reader),
        "incident_id": incident.id,
        "created_at": at,
        "updated_at": instant(corrected) if corrected else at,
        "display_at": at,
        "affected_components": [_change(one, board) for one in update.changes] or None,
        "deliver_notifications": update.mailed,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _body(update: UpdateView, incident: IncidentView, reader: Reader) -> str:
    if update.words is None or update.erased:
        return line_of(update, incident, reader).body.striptags()
    told = [text for text in update.words.read_in(reader.code)[:3] if text]
    blocks = [block for text in told for block in paragraphs(text)]
    if update.phase is Phase.POSTMORTEM:
        blocks += in_lines(incident, reader)
    return "\n\n".join(blocks)


def _change(change: StatusChange, board: Board) -> Row:
    known = board.component(change.component_id)
    return {
        "code": known.code if known else short_id("component", change.component_id),
        "name": plain(change.name),
        "old_status": change.old,
        "new_status": change.new,
    }
