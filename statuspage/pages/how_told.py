"""How do we say how we told of an incident?

A line for each thing that was measured, in the order in which it happened, whether it does
us credit or not. Times are rounded up: nobody shall have waited longer than the page says.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from markupsafe import Markup

from statuspage.pages.card import kept
from statuspage.pages.fanout import how_fast, waited
from statuspage.pages.reader import Reader
from statuspage.rules.board import IncidentView
from statuspage.rules.fanouts import Fanout
from statuspage.rules.how_told import Owed

Line = tuple[str, Markup]
"""What it is about, and what is said of it."""


def how_told(incident: IncidentView, reader: Reader) -> list[Line]:
    """Of one incident; empty where nothing was measured."""
    lines: list[tuple[str, Markup | None]] = [
        ("noticed", _noticed(incident, reader)),
        ("shown", _shown(incident, reader)),
        ("letters", _letters(incident, reader)),
        ("promises", kept(incident.promises, "page.promises", reader)),
        ("learned", _learned(incident.told.learned, reader)),
    ]
    return [(reader.word(f"page.told.about.{key}"), said) for key, said in lines if said]


def _noticed(incident: IncidentView, reader: Reader) -> Markup | None:
    if incident.false_alarm:
        return reader.say("page.told.false_alarm")
    if incident.told.by_checks:
        return _after("noticed", incident.started_at, incident.noticed_at, reader)
    if incident.noticed_at <= incident.started_at:
        return reader.say("page.told.reported")
    return _after("reported_after", incident.started_at, incident.noticed_at, reader)


def _shown(incident: IncidentView, reader: Reader) -> Markup | None:
    if incident.false_alarm:
        return None
    return _after("shown", incident.noticed_at, incident.told.shown_at, reader)


def _after(key: str, start: datetime, end: datetime | None, reader: Reader) -> Markup | None:
    if end is None:
        return None
    return reader.say(f"page.told.{key}", after=waited((end - start).total_seconds(), reader))


def _letters(incident: IncidentView, reader: Reader) -> Markup | None:
    rounds = [one.fanout for one in reversed(incident.updates) if one.fanout and one.fanout.sent]
    if not rounds:
        was_written = any(one.mailed for one in incident.updates)
        is_silent = not incident.status.is_open and reader.site.writes_letters and not was_written
        return reader.say("page.told.no_letter") if is_silent else None
    return Markup(" ").join(_of_rounds(incident, rounds, reader))


def _of_rounds(incident: IncidentView, rounds: list[Fanout], reader: Reader) -> Iterator[Markup]:
    first, *further = rounds
    began = _after("first_letter", incident.noticed_at, incident.told.first_letter_at, reader)
    if began and not incident.false_alarm:
        yield began
    yield how_fast(first, reader) or Markup("")
    most = waited(first.p95_s or 0, reader)
    if most not in {waited(first.p50_s or 0, reader), waited(first.last_s or 0, reader)}:
        yield reader.say("page.told.most", most=most)
    if further:
        slowest = max(further, key=lambda one: one.last_s or 0)
        half, last = (waited(one or 0, reader) for one in (slowest.p50_s, slowest.last_s))
        yield reader.count("page.told.further", len(further), half=half, last=last)


def _learned(learned: Owed | None, reader: Reader) -> Markup | None:
    """That it is owed still stands beside the words that it is owed for."""
    if learned is None or learned.said_at is None:
        return None
    due = reader.moment(learned.due_at)
    if learned.is_late(learned.said_at):
        late = waited((learned.said_at - learned.due_at).total_seconds(), reader)
        return reader.say("page.told.learned_late", due=due, late=late)
    return reader.say("page.told.learned_in_time", due=due, said=reader.moment(learned.said_at))
