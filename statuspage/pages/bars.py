"""How has a part fared, as a picture and in words?

A bar for each of 90 days, of which a phone shows the last 30. A day that was worse is taller,
so that nobody depends on colours; one of maintenance is cut in two, one on which we did not look
is hollow. A run of equal days is one stroke, dashed by the sheet, so that a calm part costs few
bytes. Whoever does not see it hears how many days were how, and the days of note stand in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from statuspage.pages.card import title
from statuspage.pages.reader import Reader
from statuspage.pages.tone import TONES
from statuspage.rules.board import Board
from statuspage.rules.fared import RECENT, Budget, Day, Fared, Measured
from statuspage.vocabulary import Status

A_DAY, GAP, HEIGHT = 10, 2, 30
LINES_ON_THE_FRONT = 8
"""Days in words; a part's own page has them all."""
_MINUTE, _ALL_DAY = timedelta(minutes=1), timedelta(hours=23)
_MIDDLES = {
    "ok": (23,),
    "slow": (20,),
    "part": (17.5,),
    "down": (15,),
    "plan": (19, 27),
    "unknown": (17, 29),
    "none": (29,),
    "wrong": (9,),
}
"""Of each kind of day: where the middle of its stroke lies. How thick that is says the sheet."""
_COUNTED = (
    Status.MAJOR_OUTAGE,
    Status.PARTIAL_OUTAGE,
    Status.DEGRADED,
    Status.UNDER_MAINTENANCE,
)


Titles = Mapping[str, Markup]
"""What the incidents are called that the board holds."""


@dataclass(frozen=True, slots=True)
class Bar:
    """``lately``: how much of 90 days it was there; ``recently``: of 30, for a phone; ``aim``:
    its target, and what is left; ``days``: those of note in words, the newest first.
    """

    picture: Markup
    lately: Markup | None
    recently: Markup | None
    aim: Markup | None
    days: tuple[Markup, ...]
    is_cut: bool = False
    """There are more days of note."""


def bar(fared: Fared, titles: Titles, reader: Reader, most: int | None = None) -> Bar:
    """``most``: so many days in words."""
    lines = tuple(_lines(fared, titles, reader))
    return Bar(
        picture=picture(fared, reader),
        lately=_there(fared.lately, reader),
        recently=_there(fared.recently, reader),
        aim=_aim(fared.budget, reader),
        days=(*lines[:most], *_others(fared, reader)),
        is_cut=most is not None and len(lines) > most,
    )


def titles_of(board: Board, reader: Reader) -> Titles:
    return {one.id: title(one, reader) for one in (*board.open_incidents, *board.past_incidents)}


def picture(fared: Fared, reader: Reader) -> Markup:
    """An ``svg`` element."""
    strokes: dict[str, list[str]] = {}
    for kind, first, length in _runs(fared):
        for middle in _MIDDLES[kind]:
            strokes.setdefault(kind, []).append(f"M{first * A_DAY} {middle}h{length * A_DAY - GAP}")
    return Markup(
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(
        fared.count * A_DAY - GAP,
        HEIGHT,
        in_a_sentence(fared, reader),
        Markup("").join(
            Markup('<path class="{}" d="{}"/>').format(kind, "".join(drawn))
            for kind, drawn in strokes.items()
        ),
    )


def _runs(fared: Fared) -> Iterator[tuple[str, int, int]]:
    """Kind, first day and number of days; of false alarms beside what the day was."""
    kinds = ["none"] * fared.known_from + ["ok"] * (fared.count - fared.known_from)
    for day in fared.days:
        kinds[day.n] = "unknown" if day.is_unseen and not day.troubles else TONES[day.status]
        if day.false_alarms:
            yield "wrong", day.n, 1
    first = 0
    for n in range(1, fared.count + 1):
        if n == fared.count or kinds[n] != kinds[first]:
            yield kinds[first], first, n - first
            first = n


def in_a_sentence(fared: Fared, reader: Reader) -> str:
    """How many of the days were how, for who does not see them."""
    what = list(_counts(fared, reader)) or [reader.word("page.days.nothing")]
    values = {"days": fared.count, "what": reader.language.listed(what)}
    return str(reader.language.text("page.days.told", **values))


def _counts(fared: Fared, reader: Reader) -> Iterator[str]:
    statuses = [day.status for day in fared.days if not day.is_unseen or day.troubles]
    counted = [(str(status), statuses.count(status)) for status in _COUNTED]
    counted.append(("false_alarm", sum(bool(day.false_alarms) for day in fared.days)))
    counted.append(("unseen", sum(day.is_unseen for day in fared.days)))
    for kind, count in counted:
        if count:
            yield reader.language.plural(f"page.days.on.{kind}", count)


def _there(measured: Measured | None, reader: Reader) -> Markup | None:
    if measured is None:
        return None
    percent = _percent(measured.percent, reader)
    if measured.since is None:
        return reader.say("page.there.days", percent=percent, days=measured.days)
    if measured.is_short:
        return reader.say("page.there.short", percent=percent, time=reader.time(measured.since))
    return reader.say("page.there.since", percent=percent, day=reader.day(measured.since))


def notes(fared: Fared, reader: Reader) -> Iterator[Markup]:
    """What one must know to read the figures."""
    if fared.budget and fared.budget.allowed >= _MINUTE:
        room = reader.language.duration(fared.budget.allowed)
        yield reader.say("page.there.room", length=room, days=RECENT)
    if any(day.false_alarms for day in fared.days):
        yield reader.say("page.there.false_alarms")
    if any(day.maintained for day in fared.days):
        yield reader.say("page.there.maintenance")
    if fared.lately and any(day.unseen for day in fared.days):
        yield reader.say("page.there.unseen")


def _percent(percent: float, reader: Reader) -> str:
    return f"{reader.language.number(percent)}\N{NO-BREAK SPACE}%"


def _aim(budget: Budget | None, reader: Reader) -> Markup | None:
    if budget is None:
        return None
    values = {"target": _percent(budget.target, reader), "days": RECENT}
    if budget.left < timedelta(0):
        over = reader.language.duration(-budget.left)
        return reader.say("page.there.missed", length=over, **values)
    if budget.allowed < _MINUTE:
        return reader.say("page.there.aim", **values)
    return reader.say("page.there.left", length=reader.language.duration(budget.left), **values)


def _lines(fared: Fared, titles: Titles, reader: Reader) -> Iterator[Markup]:
    """The newest first; days on which we were away all the time stand together."""
    for days in _together(fared.days):
        first, last = days[-1], days[0]
        named: dict[str, object] = {"what": "; ".join(_what(last, reader, alone=len(days) == 1))}
        if len(days) > 1:
            named |= {"first": reader.calendar_day(first.on), "last": reader.calendar_day(last.on)}
            yield reader.say("page.days.run", **named)
            continue
        line = reader.say("page.days.line", day=reader.calendar_day(last.on), **named)
        yield Markup(" ").join((line, *_links(last, titles, reader)))


def _together(days: Sequence[Day]) -> Iterator[list[Day]]:
    run: list[Day] = []
    for day in reversed(days):
        if run and not (_is_away(day) and _is_away(run[-1]) and day.n == run[-1].n - 1):
            yield run
            run = []
        run.append(day)
    if run:
        yield run


def _is_away(day: Day) -> bool:
    """All the day, and nothing else can be said of it."""
    return day.unseen >= _ALL_DAY and not (day.troubles or day.maintained or day.false_alarms)


def _what(day: Day, reader: Reader, *, alone: bool) -> Iterator[str]:
    lengths = [(str(status), length) for status, length in day.troubles]
    lengths.append((str(Status.UNDER_MAINTENANCE), day.maintained))
    lengths.append(("false_alarm", day.false_alarm))
    if alone:
        lengths.append(("unseen", day.unseen))
    else:
        yield reader.word("page.days.unseen")
    for kind, length in lengths:
        if length:
            told = reader.language.duration(length)
            yield reader.language.text(f"page.days.for.{kind}", length=told)


def _links(day: Day, titles: Titles, reader: Reader) -> Iterator[Markup]:
    """To what happened; what the board does not hold any more has its page all the same."""
    for id in dict.fromkeys((*day.incidents, *day.false_alarms)):
        told = titles.get(id) or reader.word("page.days.incident")
        yield Markup('<a href="{}">{}</a>').format(reader.link(f"/incidents/{id}"), told)


def _others(fared: Fared, reader: Reader) -> Iterator[Markup]:
    yield reader.say("page.days.others" if fared.days else "page.days.calm")
    if not fared.is_whole:
        yield reader.say("page.days.since", day=reader.day(fared.since))
