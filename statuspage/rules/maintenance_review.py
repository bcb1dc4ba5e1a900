"""Is what we say of planned work worth sending, and may it be said?

A title and a text for each language. It tells of no outage: nothing has happened, nobody
waits for a next word, so what such a word must have is not asked of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from notifications.findings.draft import Draft, Record
from notifications.findings.finding import Finding
from notifications.language import available
from notifications.review import review
from statuspage.rules.maintenances import Plan
from statuspage.rules.review import Known, record
from statuspage.settings import Settings
from statuspage.vocabulary import Impact, Phase


def read(plan: Plan, settings: Settings) -> tuple[Finding, ...]:
    """All findings, the translations' last; a language that nobody speaks is another's mistake."""
    named = frozenset(plan.components)
    held_against = record(Known(Phase.RESOLVED, Impact.NONE, None, named), settings)
    found: list[Finding] = []
    for code, parts in _texts(plan, settings):
        if code in available():
            found += review(_draft(parts, held_against), code)
    return tuple(one for one in found if one.rule != "missing_part")


def refuses(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those for which it is refused: planned work is never so urgent that nobody may look."""
    return tuple(one for one in findings if one.severity == "error")


def _draft(parts: dict[str, str], held_against: Record) -> Draft:
    # the last part is the one that may be missing: here it is none of them
    return Draft(
        parts={**parts, "": ""},
        status=Phase.RESOLVED.value,
        says_next=True,
        record=held_against,
    )


def _texts(plan: Plan, settings: Settings) -> Iterator[tuple[str, dict[str, str]]]:
    """Every text by the name of its field, for each language."""
    own = plan.language or settings.site.default_language
    yield own, {"name": plan.name or "", "body": plan.body}
    for code, told in plan.translations.items():
        if code != own:
            yield (
                code,
                {f"translations.{code}.{name}": told.get(name) or "" for name in ("name", "body")},
            )
