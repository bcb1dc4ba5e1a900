"""Which rows do all answers of the public API v2 share?

Ids, times and components, as the field's convention has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from statuspage.pages.reader import plain
from statuspage.rules.board import Board, ComponentView
from statuspage.rules.short_ids import short_id
from statuspage.rules.site_view import SiteView
from statuspage.vocabulary import worst

Row = dict[str, Any]


def page_id(site: SiteView) -> str:
    return short_id("page", site.url)


def instant(at: datetime) -> str:
    """``2026-01-02T03:04:05.678Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def or_null(at: datetime | None) -> str | None:
    return instant(at) if at else None


def rows_by_id(board: Board) -> dict[str, Row]:
    """Component id -> its row."""
    return {one.id: component_row(one, board.site) for one in board.components}


def with_groups(board: Board, known: Mapping[str, Row]) -> list[Row]:
    """Groups before their children; children of one group stand together."""
    rows, told = list[Row](), set[str]()
    for component in sorted(board.components, key=lambda one: one.position):
        if component.group is None:
            rows.append(known[component.id])
        elif component.group not in told:
            told.add(component.group)
            children = [one for one in board.components if one.group == component.group]
            children.sort(key=lambda one: one.position)
            rows.append(_group(component.group, children, board.site))
            rows.extend(known[child.id] for child in children)
    return rows


def component_row(component: ComponentView, site: SiteView) -> Row:
    return {
        "id": component.code,
        "name": plain(component.name),
        "status": component.status,
        "created_at": instant(component.created_at),
        "updated_at": instant(component.updated_at),
        "position": component.position,
        "description": None,
        "showcase": False,
        "start_date": component.created_at.astimezone(UTC).date().isoformat(),
        "group_id": short_id("group", component.group) if component.group is not None else None,
        "page_id": page_id(site),
        "group": False,
        "only_show_if_degraded": False,
    }


def _group(name: str, children: Sequence[ComponentView], site: SiteView) -> Row:
    return {
        "id": short_id("group", name),
        "name": plain(name),
        "status": worst([child.status for child in children]),
        "created_at": instant(min(child.created_at for child in children)),
        "updated_at": instant(max(child.updated_at for child in children)),
        "position": children[0].position,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": page_id(site),
        "group": True,
        "only_show_if_degraded": False,
        "components": [child.code for child in children],
    }
