"""What is the whole record of one incident?

A page of its own for each incident that the board knows, open or over, at
``/incidents/ID``. Of one that is over nothing changes any more, so its page holds nothing
that does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from statuspage.memory import Page
from statuspage.pages.reader import Reader
from statuspage.pages.templates import in_each_language, template
from statuspage.rules.board import Board, IncidentView


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    for incident in (*board.open_incidents, *board.past_incidents):
        yield from pages_of(incident, board, readers)


def pages_of(incident: IncidentView, board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    path = f"/incidents/{incident.id}"
    for reader in readers:
        html = template("incident.html").render(
            reader=reader, incident=incident, board=board, path=path
        )
        yield from in_each_language(path, html, reader)
