"""What is known of one maintenance?

A page of its own for each that the board knows, announced, under way, over or cancelled, at
``/maintenances/ID``: letters lead here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from statuspage.memory import Page
from statuspage.pages.reader import Reader
from statuspage.pages.templates import in_each_language, template
from statuspage.rules.board import Board
from statuspage.rules.planned import MaintenanceView


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    for view in board.maintenances:
        yield from pages_of(view, board, readers)


def pages_of(view: MaintenanceView, board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    path = f"/maintenances/{view.id}"
    for reader in readers:
        html = template("maintenance.html").render(reader=reader, view=view, board=board, path=path)
        yield from in_each_language(path, html, reader)
