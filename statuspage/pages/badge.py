"""What stands on a badge, for somebody else's page or README?

``/badge.svg`` tells of the whole site and ``/badge/ID.svg`` of one component; ``….json`` is
the same for shields.io, whose schema admits no key but its own. Like feeds they speak the
site's first language, and each further language has its own under ``/CODE/…``. They say what
the page says, in a word and a shape: their colour says nothing alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from statuspage.memory import Page
from statuspage.pages.headline import headline
from statuspage.pages.lettering import shortened, width
from statuspage.pages.reader import Reader, plain
from statuspage.pages.templates import template, to_bytes
from statuspage.pages.tone import TONES
from statuspage.rules.board import Board, ComponentView

COLOURS = {
    "ok": "#1f7a4d",
    "slow": "#855d00",
    "part": "#a8480c",
    "down": "#b3261e",
    "plan": "#2b5fa8",
    "unknown": "#566068",
}
"""Those of the page by day: white stands out against each (WCAG 2.2, 1.4.3)."""

LONGEST = 40
"""Letters of a label in the picture; its title has all of them."""

REMEMBERED = 4096
"""Of a thousand components few change at once: the badges of the others are not drawn again."""

SHARED = (
    ("Access-Control-Allow-Origin", "*"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)
"""Other sites may show it, also those that embed nothing without being told so (COEP)."""


@dataclass(frozen=True, slots=True)
class Badge:
    """Who fares how; ``code`` and ``direction`` are of the language that says so."""

    label: str
    state: str
    tone: str
    code: str
    direction: str


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    for reader in readers:
        yield from _both("/badge", _of_site(board, reader), reader)
        for part in board.components:
            yield from _both(f"/badge/{part.id}", _of_part(part, board, reader), reader)


def _both(path: str, badge: Badge, reader: Reader) -> Iterator[Page]:
    picture, endpoint = _drawn(badge), _endpoint(badge)
    for ending, kind, body in (
        ("svg", "image/svg+xml", picture),
        ("json", "application/json", endpoint),
    ):
        where = reader.single(f"{path}.{ending}")
        yield Page(path=where, media_type=kind, body=body, headers=SHARED)


def _of_site(board: Board, reader: Reader) -> Badge:
    top = headline(board, reader)
    label = plain(reader.language.text("page.site", site=reader.site_name))
    return Badge(label, top.state, top.tone, reader.code, reader.direction)


def _of_part(part: ComponentView, board: Board, reader: Reader) -> Badge:
    tone, state = TONES[part.status], reader.word(f"page.status.{part.status}")
    if part.looked_at is None and part.since is None:
        tone, state = "unknown", reader.word("page.never_looked")
    elif board.blind:
        tone, state = "unknown", reader.language.text("page.last_seen", state=state)
    return Badge(plain(part.name), state, tone, reader.code, reader.direction)


@lru_cache(maxsize=REMEMBERED)
def _drawn(badge: Badge) -> bytes:
    label = shortened(badge.label, LONGEST)
    picture = template("_badge.svg").render(
        badge=badge,
        label=label,
        colour=COLOURS[badge.tone],
        label_width=width(label),
        state_width=width(badge.state, bold=True),
    )
    return to_bytes(picture)


@lru_cache(maxsize=REMEMBERED)
def _endpoint(badge: Badge) -> bytes:
    """As shields.io checks it: an unknown key is refused, and so is an empty message."""
    told = {
        "schemaVersion": 1,
        "label": badge.label,
        "message": badge.state,
        "color": COLOURS[badge.tone],
    }
    return to_bytes(json.dumps(told, ensure_ascii=False))
