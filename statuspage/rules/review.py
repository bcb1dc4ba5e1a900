"""Is what a person is about to say worth sending, and may it be said?

A ``Word`` and what the incident's record says become a draft for each language it is
written in; ``notifications.review`` reads them. From ``identified`` on an error refuses,
unless the person overrides it: the first word of an outage is never held up by a comma.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from notifications.findings import rulebook
from notifications.findings.draft import Draft, Record
from notifications.findings.finding import Finding
from notifications.language import available
from notifications.review import review
from statuspage.errors import Fault
from statuspage.rules.words import PARTS, Word
from statuspage.settings import Settings
from statuspage.vocabulary import Impact, Phase

REFUSES = frozenset({Phase.IDENTIFIED, Phase.MONITORING, Phase.RESOLVED})


@dataclass(frozen=True, slots=True)
class Known:
    """What the record says of the incident that is spoken of, as it will be with this word.

    ``components`` are the ids that it concerns.
    """

    status: Phase
    impact: Impact
    started_at: datetime | None
    components: frozenset[str]


def read(word: Word, known: Known, settings: Settings, *, promised: bool) -> tuple[Finding, ...]:
    """All findings, the translations' last. ``promised``: customers are told when they hear
    next, though the word may not say so. A language that nobody speaks is another's mistake.
    """
    language = word.language or settings.site.languages[0]
    if language not in available():
        return ()
    draft = _draft(word, known, settings, promised=promised)
    found = list(review(draft, language))
    for code, parts in word.translations.items():
        if code in available() and code != language:
            found.extend(_of_translation(code, parts, draft))
    return tuple(found)


def read_translation(
    word: Word, code: str, known: Known, settings: Settings
) -> tuple[Finding, ...]:
    """The findings of one language alone, by the names of its own fields."""
    draft = _draft(word, known, settings, promised=True)
    before = f"translations.{code}."
    return tuple(
        replace(one, where=one.where.removeprefix(before))
        for one in _of_translation(code, word.translations[code], draft)
    )


def refuses(findings: Iterable[Finding], known: Known) -> tuple[Finding, ...]:
    """Those for which the word is refused."""
    if known.status not in REFUSES:
        return ()
    return tuple(one for one in findings if one.severity == "error")


def faults(findings: Iterable[Finding]) -> list[Fault]:
    """A line for each: where it stands, and what to write instead."""
    return [Fault(("body", *one.field.split(".")), str(one)) for one in findings]


def _draft(word: Word, known: Known, settings: Settings, *, promised: bool) -> Draft:
    return Draft(
        parts={name: getattr(word, name) or "" for name in PARTS},
        title=word.name or "",
        status=known.status.value,
        impact=known.impact.value,
        tone=word.tone.value,
        says_next=promised or word.next_update_by is not None,
        record=record(known, settings),
    )


def record(known: Known, settings: Settings) -> Record:
    concerned = set(_concerned(known.components, settings))
    public = {one.id: one.name for one in settings.components if one.public}
    return Record(
        started_at=known.started_at,
        time_zone=settings.site.time_zone,
        components=frozenset(name for id, name in public.items() if id in concerned),
        others=frozenset(name for id, name in public.items() if id not in concerned),
        words=settings.own_words,
    )


def _concerned(named: frozenset[str], settings: Settings) -> Iterator[str]:
    """What is named, what it stands on, and what stands on it: all of it may be out."""
    yield from named
    for id, below in settings.tiers_below.items():
        if id in named:
            yield from below
        elif below & named:
            yield id


def _of_translation(code: str, parts: Mapping[str, str | None], draft: Draft) -> Iterator[Finding]:
    """It is read like the words, and lacks what they have and it has not: then nobody sees it."""
    told = {name: parts.get(name) or "" for name in PARTS}
    for one in review(replace(draft, parts=told, title="", says_next=True), code):
        if one.rule != "missing_part":
            yield replace(one, where=f"translations.{code}.{one.where}")
    rule = rulebook.load(code)["missing_part"]
    for name in PARTS:
        if draft.parts[name] and not told[name].strip():
            yield Finding(
                rule=rule.name,
                severity="warning",
                where=f"translations.{code}.{name}",
                suggestion=rule.missing(name),
                reason=rule.reason,
            )
