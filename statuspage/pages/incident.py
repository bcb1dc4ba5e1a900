"""What is the whole record of one incident?

A page of its own for each incident that the board knows, open or over, at
``/incidents/ID``. Of one that is over nothing changes any more, so its page holds nothing
that does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from statuspage.memory import Page
from statuspage.pages.again import Again
from statuspage.pages.offer import Offer, offer
from statuspage.pages.reader import Reader
from statuspage.pages.steady import steady
from statuspage.pages.templates import in_each_language, template
from statuspage.rules.board import Board, IncidentView

_Given = tuple[IncidentView, Offer | None, Reader]
"""All that a page is made of."""


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    offered = offer(board)
    asked = {
        (incident.id, reader.code): _given(incident, offered, reader)
        for incident in (*board.open_incidents, *board.past_incidents)
        for reader in readers
    }
    for made in _pages(asked).values():
        yield from made


def pages_of(incident: IncidentView, board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    for reader in readers:
        yield from _pages_of(_given(incident, offer(board), reader))


def _given(incident: IncidentView, offered: Offer, reader: Reader) -> _Given:
    return incident, offered if incident.status.is_open else None, steady(incident, reader)


def _pages_of(given: _Given) -> tuple[Page, ...]:
    incident, offered, reader = given
    path = f"/incidents/{incident.id}"
    html = template("incident.html").render(
        reader=reader, incident=incident, offer=offered, path=path
    )
    return tuple(in_each_language(path, html, reader))


_pages = Again[tuple[str, str], _Given, tuple[Page, ...]](_pages_of)
