"""How do we say how we told of the last 90 days?

Half of the time, and the worst: never only the one that looks well. What was not measured
has no line. The incidents that the board holds stand below one by one, with their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from statuspage.memory import Page
from statuspage.pages.again import Again
from statuspage.pages.card import kept
from statuspage.pages.fanout import waited
from statuspage.pages.how_told import Line, how_told
from statuspage.pages.past import Entry, entry
from statuspage.pages.reader import Reader
from statuspage.pages.steady import steady
from statuspage.pages.templates import in_each_language, template
from statuspage.rules.board import Board, IncidentView, Kept
from statuspage.rules.lately import OF_THE_LAST, Lately, Spread

PATH = "/how-we-do"
Case = tuple[Entry, Markup]
"""One incident in the list, and how it was told."""


@dataclass(frozen=True, slots=True)
class Told:
    """All that the page is made of; ``each``: of the board's incidents that began in these days,
    the newest first, a line and how it was told.
    """

    lately: Lately
    promises: Kept
    each: tuple[Case, ...]
    reader: Reader


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    each = [one for one in known_of(board) if one.created_at > board.composed_at - OF_THE_LAST]
    each.sort(key=lambda one: one.started_at, reverse=True)
    told = _cases(
        {(one.id, reader.code): (one, steady(one, reader)) for one in each for reader in readers}
    )
    asked = {
        reader.code: Told(
            board.lately,
            board.promises,
            tuple(told[one.id, reader.code] for one in each),
            _steady(board.lately, reader),
        )
        for reader in readers
    }
    for made in _pages(asked).values():
        yield from made


def known_of(board: Board) -> tuple[IncidentView, ...]:
    return (*board.open_incidents, *board.past_incidents)


def _steady(told: Lately, reader: Reader) -> Reader:
    began = told.since + OF_THE_LAST if told.since else None
    return reader.steady(began, *(one.due_at for one in told.learned))


def _case(asked: tuple[IncidentView, Reader]) -> Case:
    one, reader = asked
    line = entry(one, reader)
    return line, Markup(" ").join(_in_a_row(one, line, reader))


def _pages_of(told: Told) -> tuple[Page, ...]:
    html = template("how_we_do.html").render(
        reader=told.reader,
        all=how_we_do(told),
        since=counted_since(told),
        cases=told.each,
        incidents=told.lately.incidents,
        path=PATH,
    )
    return tuple(in_each_language(PATH, html, told.reader))


_cases = Again[tuple[str, str], tuple[IncidentView, Reader], Case](_case)
_pages = Again[str, Told, tuple[Page, ...]](_pages_of)


def how_we_do(asked: Told) -> list[Line]:
    """All of it together; empty where nothing has happened."""
    told, reader = asked.lately, asked.reader
    if not told.incidents:
        return []
    promises = kept(asked.promises, "page.promises_lately", reader)
    lines: list[tuple[str, Iterable[Markup]]] = [
        ("do.about.incidents", _incidents(told, reader)),
        ("told.about.noticed", _spread("noticed", told.noticed, reader)),
        ("told.about.shown", _spread("shown", told.shown, reader)),
        ("told.about.letters", _letters(told, reader)),
        ("told.about.promises", [promises or reader.say("page.do.no_promises")]),
        ("told.about.learned", _learned(told, reader)),
    ]
    joined = [(key, Markup(" ").join(said)) for key, said in lines]
    return [(reader.word(f"page.{key}"), said) for key, said in joined if said]


def counted_since(asked: Told) -> Markup | None:
    """Where we have not looked for so long yet."""
    since, reader = asked.lately.since, asked.reader
    if since is None or since <= reader.today - OF_THE_LAST:
        return None
    return reader.say("page.do.since", day=reader.day(since))


def _in_a_row(one: IncidentView, line: Entry, reader: Reader) -> Iterator[Markup]:
    yield from (said for _, said in how_told(one, reader))
    if line.late:
        yield line.late


def _incidents(told: Lately, reader: Reader) -> Iterator[Markup]:
    yield reader.count("page.do.incidents", told.incidents)
    for key in ("false_alarms", "reported"):
        if count := getattr(told, key):
            yield reader.count(f"page.do.{key}", count)


def _spread(key: str, measured: Spread | None, reader: Reader) -> Iterator[Markup]:
    if measured is not None:
        half, worst = (waited(one, reader) for one in (measured.half_s, measured.worst_s))
        yield reader.count(f"page.do.{key}", measured.count, half=half, worst=worst)


def _letters(told: Lately, reader: Reader) -> Iterator[Markup]:
    half, most, last = told.half, told.most, told.last
    if half is None or most is None or last is None:
        if reader.site.writes_letters:
            yield reader.say("page.do.no_letters")
        return
    middle = {
        "half": waited(half.half_s, reader),
        "most": waited(most.half_s, reader),
        "last": waited(last.half_s, reader),
    }
    yield reader.count("page.do.letters", last.count, **middle)
    if last.count > 1:
        worst = {"half": waited(half.worst_s, reader), "last": waited(last.worst_s, reader)}
        yield reader.say("page.do.slowest", **worst)
    if reader.site.publishes_counts:
        yield reader.count("page.do.people", told.letters)


def _learned(told: Lately, reader: Reader) -> Iterator[Markup]:
    if not told.learned:
        return
    yield reader.count("page.do.learned", len(told.learned))
    kinds = [_kind(one.is_late(reader.today), one.said_at) for one in told.learned]
    for kind in ("in_time", "late", "overdue", "owed"):
        if count := kinds.count(kind):
            yield reader.count(f"page.do.{kind}", count)


def _kind(is_late: bool, said_at: datetime | None) -> str:
    if said_at is None:
        return "overdue" if is_late else "owed"
    return "late" if is_late else "in_time"
