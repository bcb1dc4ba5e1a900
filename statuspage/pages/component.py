"""What is known of one part?

A page of its own for each, at ``/components/ID``: how it fares, how it has fared in 90 days and
what touched it. It holds nothing of other parts and no hour but those of what happened, so it is
made anew only when something of this part has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from statuspage.memory import Page
from statuspage.pages.again import Again
from statuspage.pages.past import Entry, View, entry
from statuspage.pages.reader import Reader
from statuspage.pages.standing import Standing, standing
from statuspage.pages.steady import steady
from statuspage.pages.templates import in_each_language, template
from statuspage.rules.board import Board, IncidentView
from statuspage.rules.fared import Fared
from statuspage.rules.planned import MaintenanceView
from statuspage.rules.response_times import Period


@dataclass(frozen=True, slots=True)
class PartPage:
    """All that it tells, and to whom."""

    reader: Reader
    part: Standing
    fared: Fared | None
    incidents: tuple[Entry, ...]
    works: tuple[Entry, ...]
    speeds: tuple[Period, ...]

    @property
    def path(self) -> str:
        return f"/components/{self.part.id}"

    @property
    def titles(self) -> Mapping[str, Markup]:
        return {one.path.rsplit("/", 1)[1]: one.title for one in self.incidents}


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    touching, asked = _touching(board), dict[tuple[str, str], PartPage]()
    views = {one.id: one for views in touching.values() for one in views}
    by_day = [one.by_day for one in readers]
    lines = _lines(
        {(one.id, to.code): (one, steady(one, to)) for one in views.values() for to in by_day}
    )
    for reader in by_day:
        told_to = {id: line for (id, code), line in lines.items() if code == reader.code}
        for told in _told(board, touching, told_to, reader):
            asked[reader.code, told.part.id] = told
    for key, html in _html(asked).items():
        yield from in_each_language(asked[key].path, html, asked[key].reader)


def _render(told: PartPage) -> str:
    return template("component.html").render(told=told, reader=told.reader, path=told.path)


def _line(asked: tuple[View, Reader]) -> Entry:
    return replace(entry(*asked), late=None)


_lines = Again[tuple[str, str], tuple[View, Reader], Entry](_line)
_html = Again[tuple[str, str], PartPage, str](_render)


def _touching(board: Board) -> Mapping[str, Sequence[View]]:
    """What names each part, or shuts it; the newest first."""
    found: dict[str, list[View]] = {part.id: [] for part in board.components}
    shut = {part.id: part.shut_by for part in board.components if part.shut_by}
    planned = (*board.under_way, *board.ahead)
    views: Sequence[View] = (*board.open_incidents, *board.past_incidents, *planned)
    for one in views:
        named = {*_named(one), *(id for id, incidents in shut.items() if one.id in incidents)}
        for id in named & found.keys():
            found[id].append(one)
    return found


def _named(one: View) -> Iterable[str]:
    if isinstance(one, MaintenanceView):
        return (id for id, _ in one.components)
    return (share.id for share in one.components)


def _told(
    board: Board,
    touching: Mapping[str, Sequence[View]],
    lines: Mapping[str, Entry],
    reader: Reader,
) -> Iterator[PartPage]:
    for part in board.components:
        views = touching[part.id]
        yield PartPage(
            reader=reader,
            part=standing(part, board),
            fared=part.fared,
            incidents=tuple(lines[one.id] for one in views if isinstance(one, IncidentView)),
            works=tuple(lines[one.id] for one in views if isinstance(one, MaintenanceView)),
            speeds=board.speeds.get(part.id, ()),
        )
