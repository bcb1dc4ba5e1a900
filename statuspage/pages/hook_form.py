"""Where does somebody ask that a program or a chat be told?

A page of its own: most visitors want a letter, and the front page is for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from statuspage.memory import Page
from statuspage.pages.reader import Reader
from statuspage.pages.templates import in_each_language, template
from statuspage.rules.board import Board

PATH = "/subscribe/hook"


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    for reader in readers:
        body = template("_hook_form.html").render(reader=reader, board=board, path=PATH)
        yield from in_each_language(PATH, body, reader)
