"""What do we write of work that is planned, moved, cancelled, or took longer?

When, what we do, and what a customer may notice; nothing is asked of them. An operator's
words stand as written; the machine adds times, names and whether it comes again. Nothing
here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from babel.dates import get_day_names

from notifications.facts import Planned, Title
from notifications.language import Language
from notifications.phrases import Desk
from notifications.plain import one_line
from notifications.rhythm import Rhythm
from notifications.sheet import Link, Paragraph, Part, Section

DAY = timedelta(days=1)
_FIRST_WORDS = ("announced", "tomorrow")
_AS_KNOWN = ("cancelled", "spared")
"""What these take back is named by the times that its readers know."""


def planned(desk: Desk, facts: Planned) -> Section:
    told = facts.maintenance
    key = facts.occasion.removeprefix("maintenance_")
    title = _title(desk, facts)
    headed = bool(_read(desk, facts)[0].name)
    known = facts.was_from if key in _AS_KNOWN and facts.was_from else told.starts_at
    day = desk.day(known, facts.said_at)
    called = _names(desk, facts) if key == "spared" else title.text
    subject = desk.text(f"maintenance.subject.{key}", title=called, day=day)
    return Section(
        mood="ok" if key in ("finished", "spared") else "plan",
        state=desk.text(f"maintenance.state.{_state(facts, key)}"),
        subject=subject,
        headline=title if headed else Paragraph(subject),
        intro=tuple(_intro(desk, facts, key)),
        parts=tuple(_parts(desk, facts)) if _is_ahead(key) else (),
        next_word=desk.text(f"maintenance.next.{_next(facts)}") if _is_ahead(key) else None,
        closing=desk.text("maintenance.nothing_to_do") if key in _FIRST_WORDS else None,
        link=Link(desk.text("foot.look"), one_line(told.url)),
    )


def spoken_rhythm(language: Language, rhythm: Rhythm) -> str:
    """``every week (Sunday)``, ``every 2 weeks (Sunday and Wednesday)``, ``every month``."""
    every = language.plural(f"words.every.{rhythm.every}", rhythm.interval)
    names = get_day_names("wide", locale=language.locale)
    days = language.listed([names[day] for day in sorted(rhythm.on)])
    return language.text("words.every.on", every=every, days=days) if days else every


def _title(desk: Desk, facts: Planned) -> Paragraph:
    """The operator's title, else the names of what it touches."""
    words, language = _read(desk, facts)
    if words.name:
        return Paragraph(one_line(words.name), desk.foreign(language))
    return Paragraph(_names(desk, facts))


def _read(desk: Desk, facts: Planned) -> tuple[Title, str]:
    """Title and text for this reader, and the language that they are really in."""
    told = facts.maintenance
    translated = told.translations.get(desk.language.code)
    if translated is not None:
        return translated, desk.language.code
    return Title(name=told.name, body=told.body), told.language


def _names(desk: Desk, facts: Planned) -> str:
    return desk.names(facts.maintenance.names)


def _state(facts: Planned, key: str) -> str:
    return "under_way" if facts.under_way and _is_ahead(key) else key


def _is_ahead(key: str) -> bool:
    """Whether it is still to come, or going on."""
    return key not in ("cancelled", "finished", "spared")


def _intro(desk: Desk, facts: Planned, key: str) -> Iterator[Paragraph]:
    told, names = facts.maintenance, _names(desk, facts)
    if key in _AS_KNOWN:
        start, end = facts.was_from or told.starts_at, facts.was_until or told.ends_at
        times = _times(desk, start, end, facts.said_at)
        yield Paragraph(desk.text(f"maintenance.{key}", names=names, **times))
        if told.rhythm:
            yield Paragraph(desk.text("maintenance.cancelled_for_good"))
    elif key == "finished":
        ended = desk.time(told.ends_at, facts.said_at)
        announced = desk.time(facts.was_until or told.ends_at, facts.said_at)
        how = "maintenance.finished_late" if _is_late(facts) else "maintenance.finished"
        yield Paragraph(desk.text(how, names=names, end=ended, announced=announced))
    elif facts.under_way and _is_late(facts):
        yield Paragraph(desk.text("maintenance.late"))


def _is_late(facts: Planned) -> bool:
    return facts.was_until is not None and facts.maintenance.ends_at > facts.was_until


def _parts(desk: Desk, facts: Planned) -> Iterator[Part]:
    yield Part(desk.text("maintenance.when"), tuple(_when(desk, facts)))
    words, language = _read(desk, facts)
    if words.body.strip():
        prepared = desk.prepares(desk.foreign(language))
        said = desk.as_written(words.body, language)
        yield Part(desk.text("maintenance.what"), (*prepared, *said))
    notice = desk.text("maintenance.may_be_away", names=_names(desk, facts))
    yield Part(desk.text("maintenance.notice"), (Paragraph(notice),))


def _when(desk: Desk, facts: Planned) -> Iterator[Paragraph]:
    told = facts.maintenance
    yield Paragraph(desk.text("maintenance.span", **_span(desk, facts)))
    if facts.was_from and facts.was_until:
        was = _times(desk, facts.was_from, facts.was_until, facts.said_at)
        if was != _span(desk, facts):
            yield Paragraph(desk.text("maintenance.was", **was))
    if told.rhythm:
        every = spoken_rhythm(desk.language, told.rhythm)
        yield Paragraph(desk.text("maintenance.repeats", every=every))


def _span(desk: Desk, facts: Planned) -> dict[str, str]:
    return _times(desk, facts.maintenance.starts_at, facts.maintenance.ends_at, facts.said_at)


def _times(desk: Desk, start: datetime, end: datetime, said_at: datetime) -> dict[str, str]:
    """The day is told once where both are on it."""
    return {"start": desk.time(start, said_at), "end": desk.time(end, start)}


def _next(facts: Planned) -> str:
    """The day before they hear again, where that is still to come."""
    is_far = facts.maintenance.starts_at - facts.said_at > DAY
    is_daily = facts.maintenance.rhythm is not None and facts.maintenance.rhythm.every == "day"
    if facts.under_way:
        return "over"
    return "day_before" if is_far and not is_daily else "changes"
