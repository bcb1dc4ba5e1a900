"""What does a banner on somebody else's page say?

Nothing while all is well, else the state in a sentence with a link to the page. ``/banner``
is shown in a frame, on whatever page; it is the only one that may be. ``/banner.json`` says
beforehand whether there is anything to show, so that a script need not open the frame.
A page that is only blind has nothing to say there: what the visitor uses may be well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from statuspage.memory import Page
from statuspage.pages.headline import headline
from statuspage.pages.reader import Reader
from statuspage.pages.sheets import BANNER_HASH
from statuspage.pages.templates import in_each_language, template
from statuspage.rules.board import Board

_POLICY = (
    f"default-src 'none'; style-src '{BANNER_HASH}'; script-src 'self'; "
    "form-action 'none'; frame-ancestors *; base-uri 'none'"
)
_SHARED = ("Cross-Origin-Resource-Policy", "cross-origin")
_FRAMED = (
    ("Content-Security-Policy", _POLICY),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    _SHARED,
)
_ASKED = (("Access-Control-Allow-Origin", "*"), _SHARED)


@dataclass(frozen=True, slots=True)
class Banner:
    """``sentence`` is None where there is nothing to say."""

    title: str
    tone: str
    state: str
    sentence: Markup | None


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    for reader in readers:
        told = banner(board, reader)
        html = template("_banner.html").render(told=told, reader=reader)
        yield from in_each_language("/banner", html, reader, headers=_FRAMED)
        body = json.dumps({"title": told.title, "sentence": _plainly(told)}, ensure_ascii=False)
        yield from in_each_language(
            "/banner.json", body, reader, media_type="application/json", headers=_ASKED
        )


def banner(board: Board, reader: Reader) -> Banner:
    top = headline(board, reader)
    is_trouble = bool(board.open_incidents) if board.blind else top.tone not in {"ok", "unknown"}
    title = reader.language.text("page.site", site=reader.site_name)
    return Banner(title, top.tone, top.state, top.sentence if is_trouble else None)


def _plainly(told: Banner) -> str | None:
    return f"{told.state}. {told.sentence.striptags()}" if told.sentence else None
