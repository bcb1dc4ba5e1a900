"""What did a person say, and may it be said?

``Word`` is an operator's update as asked for through any door; ``faults`` lists what is
wrong with it, field by field. Texts are plain, with paragraphs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from statuspage.errors import Fault
from statuspage.vocabulary import Impact, Phase, Status, Tone

LONGEST_TEXT = 20_000
LONGEST_NAME = 200
PARTS = ("what_happened", "what_we_are_doing", "how_we_prevent_it")


@dataclass(frozen=True, slots=True)
class Word:
    """One update, or the first word of an incident. Fields left None stay as they are.

    ``components``: id -> status, None where the person did not say how bad.
    ``next_update_by`` is aware; None: the default promise.
    """

    status: Phase | None = None
    name: str | None = None
    impact: Impact | None = None
    components: Mapping[str, Status | None] = field(default_factory=dict)
    started_at: datetime | None = None
    what_happened: str | None = None
    what_we_are_doing: str | None = None
    how_we_prevent_it: str | None = None
    language: str | None = None
    translations: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    next_update_by: datetime | None = None
    notify: bool = True
    separate: bool = False
    false_alarm: bool = False
    overridden: tuple[str, ...] = ()
    """Rules of the review that would have refused it, and were overridden."""
    corrects: int | None = None
    """The number of an earlier word, which should have said this."""
    tone: Tone = Tone.PLAIN


def faults(
    word: Word, components: Collection[str], languages: Collection[str], now: datetime
) -> Iterator[Fault]:
    """What is wrong, a line a field; nothing when it may be said."""
    for unknown in set(word.components) - set(components):
        where = ("body", "components", unknown)
        yield Fault(where, f"No such component; there are: {_list(components)}.")
    yield from faults_of_languages(word, languages)
    yield from _time_faults(word, now)
    yield from _correction_faults(word)
    if word.false_alarm and word.status is not Phase.RESOLVED:
        yield Fault(("body", "false_alarm"), 'Goes with "status": "resolved" only.')


def faults_of_languages(word: Word, languages: Collection[str]) -> Iterator[Fault]:
    if word.language is not None and word.language not in languages:
        yield Fault(("body", "language"), f"Not a language of this site: {_list(languages)}.")
    for language in word.translations:
        if language not in languages:
            where = ("body", "translations", language)
            yield Fault(where, f"Not a language of this site: {_list(languages)}.")


def _time_faults(word: Word, now: datetime) -> Iterator[Fault]:
    if word.next_update_by is not None and word.next_update_by <= now:
        yield Fault(("body", "next_update_by"), "A promise must lie in the future.")
    if word.started_at is not None and word.started_at > now:
        yield Fault(("body", "started_at"), "An incident can't have started in the future.")


def _correction_faults(word: Word) -> Iterator[Fault]:
    """Where things stand, and the promise, are not corrected: they are news."""
    if word.corrects is None:
        return
    for name in ("status", "impact", "components", "started_at", "next_update_by", "false_alarm"):
        if getattr(word, name):
            yield Fault(("body", name), "A correction changes words only: say this in an update.")
    if word.tone is not Tone.PLAIN:
        yield Fault(("body", "tone"), "A correction is plain.")
    if not any(getattr(word, name) for name in PARTS):
        yield Fault(("body", "corrects"), "Say what it should have said.")


def tone_faults(tone: Tone, impact: Impact) -> Iterator[Fault]:
    """Asked when it is known how bad it is. Nobody smiles at who cannot work."""
    if tone is Tone.WARM and impact is Impact.CRITICAL:
        yield Fault(("body", "tone"), 'Only "plain" where the impact is critical.')


def _list(words: Collection[str]) -> str:
    return ", ".join(sorted(words))


def is_whole(said: Mapping[str, str | None], translated: Mapping[str, str | None]) -> bool:
    """Has a translation every part that the words have? One in part is not shown: it would
    mix two languages without saying so.
    """
    return all(translated.get(name) for name in PARTS if said.get(name))


IMPLIED = {
    Impact.NONE: Status.OPERATIONAL,
    Impact.MINOR: Status.DEGRADED,
    Impact.MAJOR: Status.PARTIAL_OUTAGE,
    Impact.CRITICAL: Status.MAJOR_OUTAGE,
}


def implied_status(said: Status | None, impact: Impact | None, by_checks: Status) -> Status:
    """How bad a component is that a person named: as said, else by the impact, else by its
    checks. Where those are well it is a partial outage: nobody opens an incident because all
    is well, and no default may shut the gate of a shop that answers.
    """
    if said is not None:
        return said
    if impact is not None:
        return IMPLIED[impact]
    return by_checks if by_checks is not Status.OPERATIONAL else Status.PARTIAL_OUTAGE
