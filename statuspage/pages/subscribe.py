"""Where does somebody ask to be told?

By letter at ``/subscribe``. That a program or a chat be told is asked for on a page of its own:
most visitors want a letter, and the front page is for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from statuspage.memory import Page
from statuspage.pages.again import Again
from statuspage.pages.offer import Offer, offer
from statuspage.pages.reader import Reader
from statuspage.pages.templates import in_each_language, template
from statuspage.rules.board import Board

TEMPLATES = {"/subscribe": "subscribe.html", "/subscribe/hook": "_hook_form.html"}


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    offered, began = offer(board), min((one.created_at for one in board.components), default=None)
    asked = {
        # nothing in it changes with the hour
        reader.code: (offered, replace(reader, today=began or reader.today))
        for reader in readers
    }
    for made in _pages(asked).values():
        yield from made


def _pages_of(given: tuple[Offer, Reader]) -> tuple[Page, ...]:
    offered, reader = given
    return tuple(
        page
        for path, name in TEMPLATES.items()
        for html in (template(name).render(reader=reader, offer=offered, path=path),)
        for page in in_each_language(path, html, reader)
    )


_pages = Again[str, tuple[Offer, Reader], tuple[Page, ...]](_pages_of)
