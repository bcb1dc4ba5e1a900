"""How do we say how we told of the last 90 days?

Half of the time, and the worst: never only the one that looks well. What was not measured
has no line. The incidents that the board holds stand below one by one, with their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from markupsafe import Markup

from statuspage.pages.card import kept
from statuspage.pages.fanout import waited
from statuspage.pages.how_told import Line, how_told
from statuspage.pages.past import Entry, entry
from statuspage.pages.reader import Reader
from statuspage.rules.board import Board, IncidentView
from statuspage.rules.lately import OF_THE_LAST, Lately, Spread


def how_we_do(board: Board, reader: Reader) -> list[Line]:
    """All of it together; empty where nothing has happened."""
    told = board.lately
    if not told.incidents:
        return []
    promises = kept(board.promises, "page.promises_lately", reader)
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


def counted_since(board: Board, reader: Reader) -> Markup | None:
    """Where we have not looked for so long yet."""
    since = board.lately.since
    if since is None or since <= reader.today - OF_THE_LAST:
        return None
    return reader.say("page.do.since", day=reader.day(since))


def cases(board: Board, reader: Reader) -> list[tuple[Entry, Markup]]:
    """Each that the board holds and that began in these days, the newest first."""
    known = [*board.open_incidents, *board.past_incidents]
    lately = [one for one in known if one.created_at > reader.today - OF_THE_LAST]
    lately.sort(key=lambda one: one.started_at, reverse=True)
    listed = [entry(one, reader) for one in lately]
    each = zip(lately, listed, strict=True)
    return [(line, Markup(" ").join(_in_a_row(one, line, reader))) for one, line in each]


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
