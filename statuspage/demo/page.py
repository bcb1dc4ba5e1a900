"""How is the demo shown: its one page, the mailbox, a letter?

Dressed as the public pages are, from the same sheet, with a few rules of its own. No
inline script; a letter's HTML never stands in these pages, but in a frame of its own that
may run nothing and fetch nothing.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from statuspage import pages
from statuspage.demo.timeline import STATUS_WORDS, TONES, Sight
from statuspage.pages.prose import prose
from statuspage.pages.sheets import STYLE
from statuspage.pages.templates import to_bytes

_FOLDER = Path(__file__).parent
_SHEET = STYLE + re.sub(r"\s+", " ", (_FOLDER / "demo.css").read_text(encoding="utf-8"))
_HASH = "sha256-" + b64encode(hashlib.sha256(_SHEET.encode()).digest()).decode()

CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src '{_HASH}'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
LETTER_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'"
)
"""Of a letter's own HTML: no script, no form, no picture, not even our own origin; a link
opens beside it. It is somebody's letter, whoever wrote it.
"""
_NEW_TAB = '<base target="_blank">'


def render(name: str, **values: object) -> bytes:
    """One of this folder's templates, filled; everything is escaped."""
    return to_bytes(_environment().get_template(name).render(values))


def letter_frame(html: str) -> bytes:
    """A letter's HTML for its frame, its links opening in a tab of their own."""
    return to_bytes(html.replace("<head>", "<head>" + _NEW_TAB, 1))


def headline(sight: Sight, *, incident: bool) -> tuple[str, str, str, str]:
    """Tone, state, the one sentence, and what to expect."""
    if not sight.database and sight.shop is None:
        return "down", "Broken", "The database and the server are both gone.", _WATCH
    if not sight.database:
        return "down", "Broken", "The shop has lost its database.", _WATCH
    if sight.shop != 200:
        return "down", "Broken", "The shop’s server is gone.", _WATCH
    if incident:
        return "slow", "Mended", "It works again, and soon all will know.", _STEADY
    return "ok", "All is well", "A shop that works. Break it.", _CALM


_WATCH = (
    "Watch: the page tells it, the operators are called, the shop’s visitors see a notice, and "
    "in about five seconds the customers have a letter, each in their language."
)
_STEADY = (
    "The page says so already. When all has been well for five seconds, the incident closes "
    "by itself, and whoever got a letter gets another: it is over."
)
_CALM = (
    "This is a small shop with a database, and Avviso, which watches both every two seconds. "
    "Throw a switch and see what your customers would be told, and how soon."
)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader([_FOLDER, Path(pages.__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(
        style=Markup(_SHEET),  # noqa: S704  our own sheets, no word of them from outside
        tones=TONES,
        status_words=STATUS_WORDS,
        headline=headline,
        prose=prose,
    )
    return made
