"""Which files do the pages ask for?

One script and one picture, from ``static/``: served from memory like the pages, so that
they are there while the database is away. The pages work without either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from statuspage.memory import Page
from statuspage.pages.reader import Reader
from statuspage.rules.board import Board

_AN_HOUR = 3600

_FILES = {
    "/static/live.js": ("live.js", "text/javascript"),
    "/favicon.svg": ("favicon.svg", "image/svg+xml"),
}


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:  # noqa: ARG001 - same for all
    for path, (name, media_type) in _FILES.items():
        yield Page(path=path, media_type=media_type, body=_read(name), max_age=_AN_HOUR)


@cache
def _read(name: str) -> bytes:
    here = Path(__file__).resolve().parent.parent
    installed, checked_out = here / "_static" / name, here.parent / "static" / name
    return (installed if installed.exists() else checked_out).read_bytes()
