"""How are templates filled, and how are they dressed?

One environment: everything is escaped, and a value that a template asks for in vain is
our own mistake and raises. There is no inline script at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from notifications import channels
from statuspage.memory import Page
from statuspage.pages.bars import bar, notes
from statuspage.pages.brand import mark, own_links
from statuspage.pages.card import card, kept
from statuspage.pages.front import (
    asked,
    contact,
    groups,
    last_outage,
    last_trouble,
    lines,
    said,
)
from statuspage.pages.headline import headline
from statuspage.pages.how_told import how_told
from statuspage.pages.offer import IMPACTS, nearest_impact, offer
from statuspage.pages.planned import steps, work, works
from statuspage.pages.postmortem import changes, given, owed
from statuspage.pages.prose import prose
from statuspage.pages.reader import Reader, endonym, plain
from statuspage.pages.response_times import picture, told
from statuspage.pages.sheets import BANNER, style_of
from statuspage.pages.tone import TONES
from statuspage.rules.dress import Dress
from statuspage.vocabulary import Status

_FOLDER = Path(__file__).parent


def policy(dress: Dress) -> str:
    """Our own scripts and pictures, and the one sheet that stands in the page."""
    return (
        f"default-src 'none'; style-src '{style_of(dress)[1]}'; script-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    )


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(
        style_in=_style_in,
        mark=mark,
        own_links=own_links,
        banner_style=Markup(BANNER),  # noqa: S704 - so is this
        headline=headline,
        how_told=how_told,
        card=card,
        kept=kept,
        asked=asked,
        bar=bar,
        notes=notes,
        last_outage=last_outage,
        last_trouble=last_trouble,
        contact=contact,
        groups=groups,
        said=said,
        lines=lines,
        steps=steps,
        work=work,
        works=works,
        offer=offer,
        impacts=IMPACTS,
        hook_kinds=sorted(channels.hooks(), key=lambda kind: (kind != "webhook", kind)),
        nearest_impact=nearest_impact,
        changes=changes,
        given=given,
        owed=owed,
        picture=picture,
        speed_of=told,
        plain=plain,
        prose=prose,
        endonym=endonym,
        tones=TONES,
        Status=Status,
    )
    return made


def _style_in(dress: Dress) -> Markup:
    # our own sheet, and colours of which nothing but six digits is let in
    return Markup(style_of(dress)[0])  # noqa: S704


def template(name: str) -> Template:
    """A template of this folder, parsed once."""
    return _environment().get_template(name)


def to_bytes(html: str) -> bytes:
    """UTF-8; half a surrogate pair, which JSON lets in, becomes a question mark."""
    return html.encode("utf-8", "replace")


def in_each_language(
    path: str,
    text: str,
    reader: Reader,
    media_type: str = "text/html",
    headers: tuple[tuple[str, str], ...] = (),
) -> Iterator[Page]:
    """A page under its own path, for negotiation, and under the path of its language. One that
    names no policy gets its sheet's: it is shown in it also when we start in another dress.
    """
    if media_type == "text/html" and not headers:
        headers = (("Content-Security-Policy", policy(reader.site.dress)),)
    body = to_bytes(text)
    for where in (path, reader.link(path)):
        yield Page(
            path=where, media_type=media_type, body=body, language=reader.code, headers=headers
        )
