"""How does a page show whose it is?

By the company's logo where it has one, else by our sign; and by links to its own pages. A
wide logo is taken to bear the name: it stands alone, and says the name to those who can't see
it. The notice asks for nothing, so a logo stands in it only where it is small.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from statuspage.memory import Page
from statuspage.pages.reader import Reader
from statuspage.rules.board import Board
from statuspage.rules.dress import Dress
from statuspage.settings.logo import Logo

HEIGHT, WIDEST = 34, 240
"""In CSS pixels."""
SMALL = 6000
"""So many bytes go into a notice; it is to arrive in one train of packets."""
_A_YEAR = 365 * 86_400
_ENDINGS = {"image/svg+xml": "svg", "image/png": "png"}
_SVG_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""Of the picture alone, never of a page: most drawing programs write styles into it. It may run
and fetch nothing, also where it is opened by itself.
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """A logo as it stands in a page, in CSS pixels."""

    src: str
    src_by_night: str | None
    media_type: str
    width: int
    height: int
    is_wide: bool
    is_square: bool


@dataclass(frozen=True, slots=True)
class OwnLink:
    text: Markup
    url: str


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:  # noqa: ARG001 - same for all
    dress = board.site.dress
    for logo in dict.fromkeys(one for one in (dress.logo, dress.logo_dark) if one):
        yield Page(
            path=_path(logo),
            media_type=logo.media_type,
            body=logo.body,
            max_age=_A_YEAR,  # another logo has another address
            headers=(
                ("Content-Security-Policy", _SVG_POLICY),
                ("Cross-Origin-Resource-Policy", "cross-origin"),
            ),
        )


@lru_cache(maxsize=16)
def mark(dress: Dress, *, inside: bool = False) -> Mark | None:
    """``inside``: with its bytes in the page. None: there is none, or it is too large for that."""
    logo, by_night = dress.logo, dress.logo_dark
    if logo is None or (inside and _weight(logo) + _weight(by_night) > SMALL):
        return None
    place = _data if inside else _path
    width = min(round(HEIGHT * logo.ratio), WIDEST)
    return Mark(
        src=place(logo),
        src_by_night=place(by_night) if by_night else None,
        media_type=logo.media_type,
        width=max(width, 1),
        height=max(round(width / logo.ratio), 1),
        is_wide=logo.ratio >= 2,
        is_square=0.8 <= logo.ratio <= 1.25,
    )


def own_links(reader: Reader, *, at_top: bool) -> Iterator[OwnLink]:
    """Links to the company's pages, named in the reader's language where it has one."""
    for link in reader.site.dress.links:
        told = reader.own(dict(link.texts))
        if link.at_top == at_top and told:
            yield OwnLink(told, link.url)


def _weight(logo: Logo | None) -> int:
    return len(logo.body) if logo else 0


def _path(logo: Logo) -> str:
    return f"/logo-{logo.digest}.{_ENDINGS[logo.media_type]}"


def _data(logo: Logo) -> str:
    """As an address that has its bytes (RFC 2397)."""
    return f"data:{logo.media_type};base64,{b64encode(logo.body).decode()}"
