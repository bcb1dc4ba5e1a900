"""What is known of one maintenance?

A page of its own for each that the board knows, announced, under way, over or cancelled, at
``/maintenances/ID``: letters lead here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from statuspage.memory import Page
from statuspage.pages.again import Again
from statuspage.pages.offer import Offer, offer
from statuspage.pages.reader import Reader
from statuspage.pages.steady import steady
from statuspage.pages.templates import in_each_language, template
from statuspage.rules.board import Board
from statuspage.rules.planned import MaintenanceView
from statuspage.vocabulary import Status


@dataclass(frozen=True, slots=True)
class _Given:
    """All that a page is made of. ``parts``: what it touches, by name, and how that fares; of
    what is over, nothing is said.
    """

    view: MaintenanceView
    parts: tuple[tuple[str, Status | None], ...]
    offer: Offer | None
    reader: Reader


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    asked = {
        (view.id, reader.code): _given(view, board, reader)
        for view in board.maintenances
        for reader in readers
    }
    for made in _pages(asked).values():
        yield from made


def pages_of(view: MaintenanceView, board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    for reader in readers:
        yield from _pages_of(_given(view, board, reader))


def _given(view: MaintenanceView, board: Board, reader: Reader) -> _Given:
    is_over = view.ended_at is not None
    parts = ((name, None if is_over else board.component(id)) for id, name in view.components)
    return _Given(
        view,
        tuple((name, part.status if part else None) for name, part in parts),
        None if is_over else offer(board),
        steady(view, reader),
    )


def _pages_of(given: _Given) -> tuple[Page, ...]:
    path = f"/maintenances/{given.view.id}"
    html = template("maintenance.html").render(
        reader=given.reader, view=given.view, parts=given.parts, offer=given.offer, path=path
    )
    return tuple(in_each_language(path, html, given.reader))


_pages = Again[tuple[str, str], _Given, tuple[Page, ...]](_pages_of)
