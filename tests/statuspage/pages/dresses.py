"""Companies with a dress of their own: a wide logo; a square one by day and by night."""

from __future__ import annotations

from dataclasses import replace

from statuspage.rules.dress import Dress, LinkView
from statuspage.settings.logo import Logo
from tests.statuspage.pages.boards import CALM, OUTAGE

_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} 40">{}</svg>'
WORDMARK = _SVG.format(
    150,
    "<style>g{fill:#0b5fa5}@media(prefers-color-scheme:dark){g{fill:#8cc4f5}}</style>"
    '<g><path d="M0 36L18 4l18 32h-9l-9-17-9 17z"/><path d="M50 12h90v6H50zM50 24h60v6H50z"/></g>',
)
SQUARE = _SVG.format(40, '<circle cx="20" cy="20" r="19" fill="#7a1fa2"/>')
SQUARE_DARK = _SVG.format(40, '<circle cx="20" cy="20" r="19" fill="#d9a6f0"/>')


def logo(svg: str, ratio: float, digest: str) -> Logo:
    return Logo("image/svg+xml", digest, ratio, svg.encode())


LINKS = (
    LinkView((("en", "Shop"), ("it", "Negozio")), "https://acme.example/", at_top=True),
    LinkView((("en", "Help"),), "https://acme.example/help?a=1&b=2"),
)
WIDE = Dress(logo=logo(WORDMARK, 3.75, "aaaaaaaaaaaa"), accent=("#0b5fa5", "#8cc4f5"), links=LINKS)
TWO = Dress(
    logo=logo(SQUARE, 1.0, "bbbbbbbbbbbb"),
    logo_dark=logo(SQUARE_DARK, 1.0, "cccccccccccc"),
    accent=("#7a1fa2", "#d9a6f0"),
)
CALM_WIDE = replace(CALM, site=replace(CALM.site, dress=WIDE))
OUTAGE_WIDE = replace(OUTAGE, site=replace(OUTAGE.site, dress=WIDE))
CALM_TWO = replace(CALM, site=replace(CALM.site, dress=TWO))
OUTAGE_TWO = replace(OUTAGE, site=replace(OUTAGE.site, dress=TWO))
DRESSED = {
    "calm, wide": CALM_WIDE,
    "outage, wide": OUTAGE_WIDE,
    "calm, square": CALM_TWO,
    "outage, square": OUTAGE_TWO,
}
