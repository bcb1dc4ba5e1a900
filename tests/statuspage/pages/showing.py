"""How does a test ask for one rendered page?"""

from __future__ import annotations

from statuspage.memory import Page
from statuspage.pages import render
from statuspage.rules.board import Board
from tests.statuspage.pages.boards import CODES
from tests.statuspage.pages.document import Element, read


def page(board: Board, path: str, language: str | None = "en", kind: str = "text/html") -> Page:
    [found] = [
        one
        for one in render(board, CODES).pages
        if (one.path, one.language, one.media_type) == (path, language, kind)
    ]
    return found


def document(board: Board, path: str = "/", language: str = "en") -> Element:
    return read(page(board, path, language).body)
