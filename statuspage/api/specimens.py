"""What do the letters look like that customers get?

Composed by the code that composes them for customers, once for each language, with an
ellipsis where each reader's own links belong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import BaseModel

from notifications import facts, language
from notifications.letter import personal, write
from statuspage.rules import telling
from statuspage.settings import Settings


class LetterView(BaseModel):
    language: str
    subject: str
    text: str
    html: str


def specimens(settings: Settings, told: facts.Facts, readers: Iterable[str]) -> list[LetterView]:
    """One for each language of the site, and for each of ``readers``' languages."""
    site, places = telling.site(settings), _places(settings.site.url, told)
    codes = dict.fromkeys([*settings.site.languages, *readers])
    return [
        LetterView(language=code, subject=made.subject, text=made.text, html=made.html)
        for code in codes
        if code in language.available()
        for made in [personal(write(told, site, language.load(code)), places)]
    ]


def _places(url: str, told: facts.Facts) -> Mapping[str, str]:
    code = {f"credit_code:{told.incident.id}": "…"} if isinstance(told, facts.Postmortem) else {}
    return code | {
        "manage_url": f"{url}/subscriptions/…",
        "unsubscribe_url": f"{url}/unsubscribe/…",
        "confirm_url": f"{url}/subscriptions/…/confirm",
    }
