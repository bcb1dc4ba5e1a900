"""Is what we learned worth sending, and may it be said?

A postmortem has more texts than an update: its actions, and what it gives. All of them are
read as one draft for each language, under the names that its fields have at the door.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from notifications.findings.draft import Draft
from notifications.findings.finding import Finding
from notifications.language import available
from notifications.review import review
from statuspage.rules.postmortems import Learned
from statuspage.rules.review import Known, record
from statuspage.settings import Settings

_AT_THE_DOOR = {"what_we_are_doing": "what_we_did"}


def read(learned: Learned, known: Known, settings: Settings) -> tuple[Finding, ...]:
    """All findings, the translations' last. What a language lacks is its own fault, told
    elsewhere.
    """
    own = learned.language or settings.site.default_language
    codes = dict.fromkeys([own, *settings.site.languages])
    found = (
        review(_draft(dict(_texts(learned, code, own=code == own)), known, settings), code)
        for code in codes
        if code in available()
    )
    return tuple(one for one in chain.from_iterable(found) if one.rule != "missing_part")


def _draft(parts: dict[str, str], known: Known, settings: Settings) -> Draft:
    return Draft(
        # the last part is the one that may be missing: here it is none of them
        parts={**parts, "": ""},
        status=known.status.value,
        impact=known.impact.value,
        says_next=True,
        record=record(known, settings),
    )


def _texts(learned: Learned, code: str, *, own: bool) -> Iterator[tuple[str, str]]:
    """Every text in a language, by the name of its field."""
    yield from _parts(learned, code, own=own)
    for n, action in enumerate(learned.actions):
        if own:
            yield f"actions.{n}.text", action.text
        elif code in action.translations:
            yield f"actions.{n}.translations.{code}", action.translations[code]
    if learned.credit is not None:
        if own:
            yield "credit.text", learned.credit.text
        elif code in learned.credit.translations:
            yield f"credit.translations.{code}", learned.credit.translations[code]


def _parts(learned: Learned, code: str, *, own: bool) -> Iterator[tuple[str, str]]:
    if own:
        for name in ("what_happened", "what_we_did", "how_we_prevent_it"):
            yield name, getattr(learned, name)
        return
    for name, text in learned.translations.get(code, {}).items():
        yield f"translations.{code}.{_AT_THE_DOOR.get(name, name)}", text or ""
