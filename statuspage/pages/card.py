"""How is one incident told?

In three parts, whoever speaks: what happened, what we are doing, how we will prevent a
repeat. A person's words stand as written, with one sentence where their language is not
the reader's. The machine says facts only: since when, what customers notice, what the
checks see now; that somebody is on it only once somebody has said so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from statuspage.pages.headline import still_working, what_customers_notice
from statuspage.pages.prose import prose
from statuspage.pages.reader import Reader
from statuspage.pages.tone import tone_of
from statuspage.rules.board import AffectedView, IncidentView, Kept, Words
from statuspage.vocabulary import By, Phase, Role, Status

TROUBLE = (Status.MAJOR_OUTAGE, Status.PARTIAL_OUTAGE, Status.DEGRADED)


@dataclass(frozen=True, slots=True)
class Part:
    """One of the three parts; ``language`` is set where the words are not in the reader's."""

    heading: str
    body: Markup
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """An incident as one reader reads it."""

    id: str
    tone: str
    title: Markup
    phase: str
    updated: Markup
    lasted: Markup
    """Since when, or from when to when."""
    facts: tuple[Markup, ...]
    """Cause and consequence, and whether it has recovered."""
    parts: tuple[Part, ...]
    written_in: str | None
    corrected: Markup | None
    promise: Markup | None


def card(incident: IncidentView, reader: Reader) -> Card:
    words = incident.latest_words
    parts = _in_words(words, incident, reader) if words else _by_machine(incident, reader)
    return Card(
        id=incident.id,
        tone=tone_of(incident),
        title=title(incident, reader),
        phase=phase_of(incident, reader),
        updated=_updated(incident, reader),
        lasted=lasted(incident, reader),
        facts=tuple(_facts(incident, reader)),
        parts=tuple(parts),
        written_in=written_in(words, reader) if words else None,
        corrected=corrected_at(words, incident, reader) if words else None,
        promise=promise(incident, reader),
    )


def title(incident: IncidentView, reader: Reader) -> Markup:
    """The operator's title, or what the reader's language calls it."""
    if incident.name:
        return reader.quoted(incident.name, incident.language)
    names = reader.names([part.name for part in _began_in(incident)])
    return (
        reader.say("words.incident_title", names=names) if names else reader.say("words.nameless")
    )


def _began_in(incident: IncidentView) -> Sequence[AffectedView]:
    """The parts where it began; where those are not public, the parts that suffer."""
    return [part for part in incident.components if part.role is Role.CAUSE] or incident.components


def _concerned(incident: IncidentView) -> Sequence[AffectedView]:
    """The parts that suffer; of an incident that has no such parts, those it began in."""
    suffering = [part for part in incident.components if part.role is Role.AFFECTED]
    return suffering or incident.components


def phase_of(incident: IncidentView, reader: Reader) -> str:
    if incident.false_alarm:
        return reader.word("page.false_alarm")
    return reader.word(f"page.phase.{incident.status}")


def _updated(incident: IncidentView, reader: Reader) -> Markup:
    newest = incident.updates[0] if incident.updates else None
    by = newest.by if newest else By.MACHINE
    at = newest.at if newest else incident.updated_at
    when = reader.time(at) if incident.status.is_open else reader.moment(at)
    return reader.say(f"page.updated_by.{by}", time=when)


def lasted(incident: IncidentView, reader: Reader) -> Markup:
    """``since 14:02 CET``; of one that is over, from when to when and how long."""
    if incident.resolved_at is None:
        return reader.say("page.since", time=reader.time(incident.since))
    ended = incident.monitoring_at or incident.resolved_at
    return reader.say(
        "page.lasted",
        start=reader.moment(incident.started_at),
        length=reader.length(incident.started_at, ended),
    )


def _facts(incident: IncidentView, reader: Reader) -> Iterator[Markup]:
    suffering = [part.name for part in incident.components if part.role is Role.AFFECTED]
    mended = incident.status is Phase.MONITORING or not incident.status.is_open
    tense = "then" if mended else "now"
    if incident.whole_server and incident.causes:
        yield reader.say(f"page.whole_server.{tense}", names=reader.causes(incident.causes))
    elif incident.causes and (suffering or any(cause.name is None for cause in incident.causes)):
        yield reader.say(f"page.cause.{tense}", names=reader.causes(incident.causes))
    if suffering and incident.causes:
        yield reader.say(f"page.consequence.{tense}", names=reader.names(suffering))
    if incident.monitoring_at and incident.status is Phase.MONITORING:
        yield reader.say("page.recovered", time=reader.time(incident.monitoring_at))


def _in_words(words: Words, incident: IncidentView, reader: Reader) -> Iterator[Part]:
    yield from in_parts(words, incident.status, reader)
    prevent = words.read_in(reader.code)[2]
    if not prevent and not incident.false_alarm:
        yield _unknown_yet("page.prevent_later", reader)


def in_parts(words: Words, phase: Phase, reader: Reader) -> Iterator[Part]:
    """Those of the three parts that were said."""
    *texts, language = words.read_in(reader.code)
    foreign = language if language != reader.code else None
    does = "words.what_we_are_doing" if phase.is_open else "words.what_we_did"
    for key, text in zip(
        ("words.what_happened", does, "words.how_we_prevent_it"), texts, strict=True
    ):
        if text:
            yield Part(reader.word(key), prose(text), foreign)


def _unknown_yet(key: str, reader: Reader) -> Part:
    unknown = reader.say(key)
    return Part(reader.word("words.how_we_prevent_it"), paragraph(unknown))


def corrected_at(words: Words, incident: IncidentView, reader: Reader) -> Markup | None:
    """That they stand in place of others, and since when."""
    if words.corrected_at is None:
        return None
    return reader.say("page.corrected", time=told(words.corrected_at, incident, reader))


def told(at: datetime, incident: IncidentView, reader: Reader) -> Markup:
    """A time; with its day where the incident is over, and read years later."""
    return reader.time(at) if incident.status.is_open else reader.moment(at)


def written_in(words: Words, reader: Reader) -> str | None:
    """One sentence where the words are not in the reader's language."""
    language = words.read_in(reader.code)[3]
    return reader.written_in(language) if language != reader.code else None


def _by_machine(incident: IncidentView, reader: Reader) -> Iterator[Part]:
    happened = _seen(incident, reader) if incident.seen_by_checks else _named(incident, reader)
    yield Part(reader.word("words.what_happened"), paragraph(*happened))
    if incident.status.is_open:
        yield Part(reader.word("words.what_we_are_doing"), paragraph(doing(incident, reader)))
        yield _unknown_yet("page.machine.prevent", reader)


def _named(incident: IncidentView, reader: Reader) -> Iterator[Markup]:
    """What a person only named: no check is claimed to have seen it."""
    mended = incident.resolved_at or incident.status is Phase.MONITORING
    names = reader.names([part.name for part in _concerned(incident)])
    key = ("past" if mended else "now") + ("" if names else "_internal")
    told = reader.moment if incident.resolved_at else reader.time
    yield reader.say(f"page.person.{key}", names=names, time=told(incident.since))
    if not mended:
        down = [one for one in incident.components if one.status is Status.MAJOR_OUTAGE]
        yield from what_customers_notice(down, reader)
        yield from still_working(down, reader)


def _seen(incident: IncidentView, reader: Reader) -> Iterator[Markup]:
    """What the checks see, a sentence for each way of failing."""
    failing = [part for part in incident.components if part.status in TROUBLE]
    mended = incident.resolved_at or incident.status is Phase.MONITORING
    if not incident.components:
        key = "page.machine.past_internal" if mended else "page.machine.internal"
        yield reader.say(key, time=told(incident.since, incident, reader))
    elif mended or not failing:
        yield _past(incident, reader)
    else:
        yield from _sights(incident, failing, reader)


def _past(incident: IncidentView, reader: Reader) -> Markup:
    names = reader.names([part.name for part in _concerned(incident)])
    told = reader.moment if incident.resolved_at else reader.time
    return reader.say("page.machine.past", names=names, time=told(incident.since))


def _sights(
    incident: IncidentView, failing: Sequence[AffectedView], reader: Reader
) -> Iterator[Markup]:
    since = reader.time(incident.since)
    for status in TROUBLE:
        if parts := [part for part in failing if part.status is status]:
            names = reader.names([part.name for part in parts])
            yield reader.say(f"page.machine.{status}", names=names, time=since)
    down = [part for part in failing if part.status is Status.MAJOR_OUTAGE]
    yield from what_customers_notice(down, reader)
    yield from still_working(down, reader)


def doing(incident: IncidentView, reader: Reader) -> Markup:
    """What is being done, as far as the machine knows."""
    if incident.status is Phase.MONITORING:
        return reader.say("page.machine.watching")
    if incident.acknowledged_at:
        return reader.say("page.machine.on_it", time=reader.time(incident.acknowledged_at))
    if incident.is_unanswered and reader.site.calls_team:
        return reader.say("page.machine.calling")
    return reader.say("page.machine.called" if reader.site.calls_team else "page.machine.uncalled")


def paragraph(*sentences: Markup) -> Markup:
    """Some sentences as one paragraph."""
    return Markup("<p>{}</p>").format(Markup(" ").join(sentences))


def promise(
    incident: IncidentView, reader: Reader, time: Callable[[datetime], Markup] | None = None
) -> Markup | None:
    """When customers hear next; a promise that has passed is owned up to. ``time``: how the
    reader tells one.
    """
    if incident.promise is None or not incident.status.is_open:
        return None
    due, missed = incident.promise.due_at, incident.promise.instead_of
    time = time or reader.time
    if due < reader.today:
        return reader.say("page.late", time=time(due))
    if missed is not None:
        return reader.say("page.renewed", missed=time(missed), time=time(due))
    return reader.say("page.next_word", time=time(due))


def kept(counted: Kept, key: str, reader: Reader) -> Markup | None:
    """How promises of a next word were kept; None where none has been settled yet."""
    if not counted.all:
        return None
    return reader.count(key, counted.all, kept=reader.language.number(counted.kept))
