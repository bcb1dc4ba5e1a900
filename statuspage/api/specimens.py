"""What do the letters look like that customers get?

Composed by the code that composes them for customers, once for each language, with an
ellipsis where each reader's own links belong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import BaseModel

from notifications import facts, language
from notifications.language import Language
from notifications.letter import personal, write
from notifications.occasions import sheet
from notifications.plain import one_line
from statuspage.rules import telling
from statuspage.settings import Settings


class LetterView(BaseModel):
    language: str
    subject: str
    text: str
    html: str


def specimens(settings: Settings, told: facts.Facts, readers: Iterable[str]) -> list[LetterView]:
    """One for each language of the site, and for each of ``readers``' languages."""
    codes = dict.fromkeys([*settings.site.languages, *readers])
    return [specimen(settings, told, code) for code in codes if code in language.available()]


def specimen(settings: Settings, told: facts.Facts, reader: str) -> LetterView:
    """The one for a reader of this language."""
    spoken, places = _spoken(settings, reader), _places(settings.site.url, told)
    made = personal(write(told, telling.site(settings), spoken), places)
    return LetterView(language=spoken.code, subject=made.subject, text=made.text, html=made.html)


def subject(settings: Settings, told: facts.Facts, reader: str) -> str:
    """Its subject alone, which takes no dressing."""
    return one_line(sheet(told, telling.site(settings), _spoken(settings, reader)).subject)


def _spoken(settings: Settings, reader: str) -> Language:
    known = reader in language.available()
    return language.load(reader if known else settings.site.default_language)


def _places(url: str, told: facts.Facts) -> Mapping[str, str]:
    parts = told.parts if isinstance(told, facts.Merged) else (told,)
    given = (part.incident.id for part in parts if isinstance(part, facts.Postmortem))
    return {f"credit_code:{id}": "…" for id in given} | {
        "hook_host": "…",
        "manage_url": f"{url}/subscriptions/…",
        "unsubscribe_url": f"{url}/unsubscribe/…",
        "confirm_url": f"{url}/subscriptions/…/confirm",
    }
