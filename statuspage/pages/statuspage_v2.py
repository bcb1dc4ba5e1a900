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
from statuspage.pages.reader import Reader, plain
from statuspage.pages.templates import to_bytes
from statuspage.pages.v2_incidents import incident_row
from statuspage.pages.v2_maintenances import lists
from statuspage.pages.v2_rows import Row, component_rows, instant, page_id
from statuspage.rules.board import Board
from statuspage.vocabulary import Status

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
    unresolved = [incident_row(one, board, reader) for one in board.open_incidents]
    planned = lists(board, reader, NEWEST)
    return {
        "status": {"status": status_row(board)},
        "summary": {
            "components": components,
            "incidents": unresolved,
            "scheduled_maintenances": planned["ahead"],
            "status": status_row(board),
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


def status_row(board: Board) -> Row:
    indicator, description = _ROLL_UP[board.status]
    return {"indicator": indicator, "description": description}


def _newest(board: Board, reader: Reader) -> list[Row]:
    known = (*board.open_incidents, *board.past_incidents)
    newest = sorted(known, key=lambda one: one.created_at, reverse=True)[:NEWEST]
    return [incident_row(one, board, reader) for one in newest]
