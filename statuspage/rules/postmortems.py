"""Is a postmortem owed, by when, and who must be reminded of it?

Nothing here looks at a clock, a socket or a row's store. Owed is one for every outage that
hurt: major or critical, over, and no false alarm. ``Learned`` is what an operator says
through any door; ``faults`` lists what is wrong with it, field by field.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from statuspage.errors import Fault
from statuspage.rules import words
from statuspage.rules.words import Word
from statuspage.tables import Incident
from statuspage.vocabulary import Impact, Phase

OWED_FOR = (Impact.MAJOR, Impact.CRITICAL)
DAY = timedelta(days=1)
REMIND_FOR = timedelta(days=7)
"""So long after it fell due the operators are told of it; the page says it as long as it is
true."""

CreditKind = Literal["applied", "code"]


class Reminder(StrEnum):
    """In the order in which they come."""

    HALF_WAY = "half_way"
    DAY_BEFORE = "day_before"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Action:
    """What we change against a repeat, and by which day in the site's zone."""

    text: str
    due: date
    translations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Credit:
    """What we give: ``applied`` by ourselves, or by a ``code`` for each customer."""

    kind: CreditKind
    text: str
    translations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Learned:
    """A postmortem in its three parts. ``translations``: language -> the same three."""

    what_happened: str
    what_we_did: str
    how_we_prevent_it: str
    language: str | None = None
    translations: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    actions: Sequence[Action] = ()
    credit: Credit | None = None
    overridden: tuple[str, ...] = ()
    """The rules of the review that it breaks, and that its author overrides."""


def owed_by(incident: Incident, within: timedelta) -> datetime | None:
    """By when customers are to read what we learned; None: nothing is owed, or it was said."""
    return None if incident.status == Phase.POSTMORTEM else due_by(incident, within)


def due_by(incident: Incident, within: timedelta) -> datetime | None:
    """By when they were to read it, whether it was said or not; None: nothing was owed."""
    if incident.resolved_at is None:
        return None
    if incident.false_alarm or incident.withdrawn_at or incident.impact not in OWED_FOR:
        return None
    return incident.resolved_at + within


def reminder(resolved_at: datetime, due_at: datetime, now: datetime) -> Reminder | None:
    """The newest of those that have come; None before the first, and long after the last."""
    if now >= due_at + REMIND_FOR:
        return None
    half_way = resolved_at + (due_at - resolved_at) / 2
    comes_at = {Reminder.HALF_WAY: half_way, Reminder.LATE: due_at}
    if due_at - DAY > half_way:
        comes_at[Reminder.DAY_BEFORE] = due_at - DAY
    come = [one for one, at in comes_at.items() if at <= now]
    return max(come, key=lambda one: comes_at[one], default=None)


def faults(learned: Learned, languages: Collection[str]) -> Iterator[Fault]:
    """What is wrong, a line a field; nothing when it may be said."""
    word = Word(language=learned.language, translations=learned.translations)
    yield from words.faults_of_languages(word, languages)
    told: list[tuple[tuple[str | int, ...], Mapping[str, str]]] = [
        (("actions", n), one.translations) for n, one in enumerate(learned.actions)
    ]
    if learned.credit is not None:
        told.append((("credit",), learned.credit.translations))
    for where, translations in told:
        for unknown in translations.keys() - set(languages):
            known = ", ".join(sorted(languages))
            loc = ("body", *where, "translations", unknown)
            yield Fault(loc, f"Not a language of this site: {known}.")


def kept(before: Mapping[int, str], after: Sequence[str]) -> list[int | None]:
    """For each action of a corrected list the number that it had: by its text, else by its
    place; None for a new one. ``before``: number -> text.
    """
    left = dict(before)
    found: list[int | None] = []
    for text in after:
        same = next((n for n, old in left.items() if old == text), None)
        found.append(same)
        left.pop(same or 0, None)
    for place, n in enumerate(before):
        if n in left and place < len(found) and found[place] is None:
            found[place] = n
    return found
