"""What do programs read that know the field's convention?

The public API that Atlassian Statuspage made the convention, version 2, to the letter:
every list is there even when it is empty, ids are 12 characters of a-z and 0-9, times
have milliseconds and a zone, updates stand newest first, a group is a row of its own
before its children. It speaks the site's first language.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from statuspage.memory import Page
from statuspage.pages.card import title
from statuspage.pages.line import line_of
from statuspage.pages.prose import paragraphs
from statuspage.pages.reader import Reader, plain
from statuspage.pages.templates import to_bytes
from statuspage.rules.board import Board, ComponentView, IncidentView, StatusChange, UpdateView
from statuspage.vocabulary import Status, worst

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

_Row = dict[str, Any]


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


def _answers(board: Board, reader: Reader) -> Mapping[str, _Row]:
    components = _components(board)
    unresolved = [_incident(one, board, reader) for one in board.open_incidents]
    planned = {"scheduled_maintenances": list[_Row]()}
    return {
        "status": {"status": _status(board)},
        "summary": {
            "components": components,
            "incidents": unresolved,
            **planned,
            "status": _status(board),
        },
        "components": {"components": components},
        "incidents": {"incidents": _newest(board, reader)},
        "incidents/unresolved": {"incidents": unresolved},
        "scheduled-maintenances": planned,
        "scheduled-maintenances/upcoming": planned,
        "scheduled-maintenances/active": planned,
    }


def _page(board: Board) -> _Row:
    # when something last changed, not when we last looked: else no answer would ever be 304
    changes = [component.updated_at for component in board.components]
    changes += [one.updated_at for one in (*board.open_incidents, *board.past_incidents)]
    return {
        "id": page_id(board),
        "name": plain(board.site.name),
        "url": board.site.url,
        "time_zone": board.site.time_zone,
        "updated_at": _time(max(changes, default=board.composed_at)),
    }


def page_id(board: Board) -> str:
    return short_id("page", board.site.url)


def short_id(*parts: object) -> str:
    """12 characters [a-z0-9], always the same for the same parts."""
    digest = hashlib.sha256("\n".join(str(part) for part in parts).encode("utf-8", "replace"))
    number, letters = int.from_bytes(digest.digest()), "0123456789abcdefghijklmnopqrstuvwxyz"
    return "".join(letters[number // 36**place % 36] for place in range(12))


def _time(at: datetime) -> str:
    """``2026-01-02T03:04:05.678Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _or_null(at: datetime | None) -> str | None:
    return _time(at) if at else None


def _status(board: Board) -> _Row:
    indicator, description = _ROLL_UP[board.status]
    return {"indicator": indicator, "description": description}


def _components(board: Board) -> list[_Row]:
    """Groups before their children; children of one group stand together."""
    rows, told = list[_Row](), set[str]()
    for component in sorted(board.components, key=lambda one: one.position):
        if component.group is None:
            rows.append(_component(component, board))
        elif component.group not in told:
            told.add(component.group)
            children = [one for one in board.components if one.group == component.group]
            children.sort(key=lambda one: one.position)
            rows.append(_group(component.group, children, board))
            rows.extend(_component(child, board) for child in children)
    return rows


def _component(component: ComponentView, board: Board) -> _Row:
    return {
        "id": component.code,
        "name": plain(component.name),
        "status": component.status,
        "created_at": _time(component.created_at),
        "updated_at": _time(component.updated_at),
        "position": component.position,
        "description": None,
        "showcase": False,
        "start_date": component.created_at.astimezone(UTC).date().isoformat(),
        "group_id": short_id("group", component.group) if component.group is not None else None,
        "page_id": page_id(board),
        "group": False,
        "only_show_if_degraded": False,
    }


def _group(name: str, children: Sequence[ComponentView], board: Board) -> _Row:
    return {
        "id": short_id("group", name),
        "name": plain(name),
        "status": worst([child.status for child in children]),
        "created_at": _time(min(child.created_at for child in children)),
        "updated_at": _time(max(child.updated_at for child in children)),
        "position": children[0].position,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": page_id(board),
        "group": True,
        "only_show_if_degraded": False,
        "components": [child.code for child in children],
    }


def _newest(board: Board, reader: Reader) -> list[_Row]:
    known = (*board.open_incidents, *board.past_incidents)
    newest = sorted(known, key=lambda one: one.created_at, reverse=True)[:NEWEST]
    return [_incident(one, board, reader) for one in newest]


def _incident(incident: IncidentView, board: Board, reader: Reader) -> _Row:
    affected = (board.component(part.id) for part in incident.components)
    return {
        "id": incident.id,
        "name": title(incident, reader).striptags(),
        "status": incident.status,
        "created_at": _time(incident.created_at),
        "updated_at": _time(incident.updated_at),
        "monitoring_at": _or_null(incident.monitoring_at),
        "resolved_at": _or_null(incident.resolved_at),
        "impact": incident.impact,
        "shortlink": f"{board.site.url}/incidents/{incident.id}",
        "started_at": _time(incident.started_at),
        "page_id": page_id(board),
        "incident_updates": [
            _update(update, incident, board, reader)
            for update in sorted(incident.updates, key=lambda one: one.n, reverse=True)
        ],
        "components": [_component(one, board) for one in affected if one],
    }


def _update(update: UpdateView, incident: IncidentView, board: Board, reader: Reader) -> _Row:
    at, corrected = _time(update.at), update.words and update.words.corrected_at
    return {
        "id": short_id("update", incident.id, update.n),
        "status": update.phase,
        "body": _body(update, incident, reader),
        "incident_id": incident.id,
        "created_at": at,
        "updated_at": _time(corrected) if corrected else at,
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
    return "\n\n".join(block for text in told for block in paragraphs(text))


def _change(change: StatusChange, board: Board) -> _Row:
    known = board.component(change.component_id)
    return {
        "code": known.code if known else short_id("component", change.component_id),
        "name": plain(change.name),
        "old_status": change.old,
        "new_status": change.new,
    }
