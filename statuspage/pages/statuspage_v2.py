"""What do programs read that know the field's convention?

The public API that Atlassian Statuspage made the convention, version 2, to the letter:
every list is there even when it is empty, ids are 12 characters of a-z and 0-9, times
have milliseconds and a zone, updates stand newest first, a group is a row of its own
before its children. It speaks the site's first language.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from statuspage.memory import Page
from statuspage.pages.again import Again
from statuspage.pages.past import View, path_of
from statuspage.pages.reader import Reader, plain
from statuspage.pages.steady import steady
from statuspage.pages.templates import to_bytes
from statuspage.pages.v2_incidents import incident_row, named_by
from statuspage.pages.v2_maintenances import listed, maintenance_row
from statuspage.pages.v2_rows import Row, instant, page_id, rows_by_id, with_groups
from statuspage.rules.board import Board, IncidentView
from statuspage.rules.planned import MaintenanceView
from statuspage.vocabulary import Status

NEWEST = 50
"""So many incidents and maintenances are listed."""

_Asked = tuple[View, tuple[tuple[str, Row], ...], Reader]
"""What is told, the rows of the components that it names, and to whom."""

CORS = (("Access-Control-Allow-Origin", "*"),)

_ROLL_UP = {
    Status.OPERATIONAL: ("none", "All Systems Operational"),
    Status.UNDER_MAINTENANCE: ("maintenance", "Service Under Maintenance"),
    Status.DEGRADED: ("minor", "Partially Degraded Service"),
    Status.PARTIAL_OUTAGE: ("major", "Partial System Outage"),
    Status.MAJOR_OUTAGE: ("critical", "Major Service Outage"),
}


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    site = _json(_page(board))
    for path, content in _answers(board, readers[0]).items():
        members = "".join(f',"{key}":{text}' for key, text in content.items())
        yield Page(
            path=f"/api/v2/{path}.json",
            media_type="application/json",
            body=to_bytes(f'{{"page":{site}{members}}}'),
            headers=CORS,
        )


def _answers(board: Board, reader: Reader) -> Mapping[str, Mapping[str, str]]:
    """Path -> key -> JSON."""
    rows = rows_by_id(board)
    planned = listed(board, NEWEST)
    told = _told(board, planned["all"], rows, reader)
    components = _json(with_groups(board, rows))
    unresolved = _list(board.open_incidents, told)
    newest = _list(_newest(board), told)
    works = {key: _list(views, told) for key, views in planned.items()}
    status = _json(status_row(board))
    return {
        "status": {"status": status},
        "summary": {
            "components": components,
            "incidents": unresolved,
            "scheduled_maintenances": works["ahead"],
            "status": status,
        },
        "components": {"components": components},
        "incidents": {"incidents": newest},
        "incidents/unresolved": {"incidents": unresolved},
        "scheduled-maintenances": {"scheduled_maintenances": works["all"]},
        "scheduled-maintenances/upcoming": {"scheduled_maintenances": works["upcoming"]},
        "scheduled-maintenances/active": {"scheduled_maintenances": works["active"]},
    }


def _told(
    board: Board, planned: Sequence[MaintenanceView], rows: Mapping[str, Row], reader: Reader
) -> Mapping[str, str]:
    """Path -> the JSON of an incident or maintenance."""
    asked: dict[str, _Asked] = {}
    works = (*board.under_way, *board.ahead, *planned)
    each: tuple[View, ...] = (*board.open_incidents, *_newest(board), *works)
    for one in each:
        parts = tuple((id, rows[id]) for id in sorted(_named_by(one)) if id in rows)
        asked[path_of(one)] = (one, parts, steady(one, reader))
    return _texts(asked)


def _named_by(one: View) -> set[str]:
    if isinstance(one, MaintenanceView):
        return {id for id, _ in one.components}
    return named_by(one)


def _text(asked: _Asked) -> str:
    one, parts, reader = asked
    if isinstance(one, MaintenanceView):
        return _json(maintenance_row(one, dict(parts), reader))
    return _json(incident_row(one, dict(parts), reader))


_texts = Again[str, _Asked, str](_text)


def _list(views: Iterable[View], told: Mapping[str, str]) -> str:
    return f"[{','.join(told[path_of(one)] for one in views)}]"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _page(board: Board) -> Row:
    # when something last changed, not when we last looked: else no answer would ever be 304
    changes = [component.updated_at for component in board.components]
    changes += [one.updated_at for one in (*board.open_incidents, *board.past_incidents)]
    changes += [one.updated_at for one in board.maintenances]
    return {
        "id": page_id(board.site),
        "name": plain(board.site.name),
        "url": board.site.url,
        "time_zone": board.site.time_zone,
        "updated_at": instant(max(changes, default=board.composed_at)),
    }


def status_row(board: Board) -> Row:
    indicator, description = _ROLL_UP[board.status]
    return {"indicator": indicator, "description": description}


def _newest(board: Board) -> Sequence[IncidentView]:
    known = (*board.open_incidents, *board.past_incidents)
    return sorted(known, key=lambda one: one.created_at, reverse=True)[:NEWEST]
