"""Which files do the pages ask for?

Scripts and pictures, from ``static/``: served from memory like the pages, so that they are
there while the database is away. The pages work without any; the banner's scripts and the
cards are for other people's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from statuspage.memory import Page
from statuspage.pages.badge import COLOURS
from statuspage.pages.reader import Reader
from statuspage.rules.board import Board

_AN_HOUR = 3600

_FILES = {
    "/static/live.js": ("live.js", "text/javascript"),
    "/banner.js": ("banner.js", "text/javascript"),
    "/banner-frame.js": ("banner-frame.js", "text/javascript"),
    "/favicon.svg": ("favicon.svg", "image/svg+xml"),
} | {f"/cards/{tone}.png": (f"cards/{tone}.png", "image/png") for tone in COLOURS}
_SHARED = (("Cross-Origin-Resource-Policy", "cross-origin"),)
"""Also for pages that embed nothing without being told so (COEP)."""


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:  # noqa: ARG001 - same for all
    for path, (name, media_type) in _FILES.items():
        yield Page(
            path=path, media_type=media_type, body=_read(name), max_age=_AN_HOUR, headers=_SHARED
        )


@cache
def _read(name: str) -> bytes:
    here = Path(__file__).resolve().parent.parent
    installed, checked_out = here / "_static" / name, here.parent / "static" / name
    return (installed if installed.exists() else checked_out).read_bytes()
