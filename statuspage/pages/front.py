"""What stands on the front page below its headline?

What was asked and when, the parts by their groups, and what was said about what is not
over. Only facts of the board: an age is counted by the visitor's own clock, in a script.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from markupsafe import Markup

from statuspage.pages.again import Again
from statuspage.pages.card import title
from statuspage.pages.line import Line, line_of
from statuspage.pages.reader import Reader, plain
from statuspage.rules.board import Board, ComponentView, IncidentView

LINES_ON_THE_FRONT = 12
"""The newest ones; an incident's own page has them all."""

INCIDENTS_KNOWN = 50
"""A board that holds so many may have forgotten older ones."""


def asked(board: Board, reader: Reader) -> Markup:
    """How many parts are asked, how often, and when we last looked."""
    if board.interval is None or board.looked_at is None:
        return Markup("")
    return reader.count(
        "page.calm.asked",
        len(board.components),
        pace=reader.pace(board.interval),
        time=reader.second(board.looked_at),
    )


def last_outage(board: Board, reader: Reader) -> Markup:
    """When the last outage was, and how long it took."""
    last = board.last_outage
    if last is None or last.resolved_at is None:
        return Markup("")
    return reader.say(
        "page.calm.last_outage",
        day=_linked(reader.day(last.started_at), last.id, reader),
        length=reader.length(last.started_at, last.monitoring_at or last.resolved_at),
    )


def _newest_of_each(past: Sequence[IncidentView]) -> dict[str, IncidentView]:
    """A part -> the newest trouble that it had."""
    found: dict[str, IncidentView] = {}
    for one in past:
        if one.resolved_at and not one.false_alarm:
            for share in one.components:
                found.setdefault(share.id, one)
    return found


_newest = Again[str, Sequence[IncidentView], dict[str, IncidentView]](_newest_of_each)


@lru_cache(maxsize=4096)
def _trouble(id: str, started_at: datetime, ended_at: datetime, reader: Reader) -> Markup:
    """Asked of every part at every change, and mostly the same."""
    length = reader.length(started_at, ended_at)
    day = _linked(reader.day(started_at), id, reader)
    return reader.say("page.calm.last_trouble", day=day, length=length)


def _linked(told: Markup, id: str, reader: Reader) -> Markup:
    return Markup('<a href="{}">{}</a>').format(reader.link(f"/incidents/{id}"), told)


def last_trouble(part: ComponentView, board: Board, reader: Reader) -> Markup:
    """When a part last had trouble; nothing where we can't know."""
    past = _newest({"each": board.past_incidents})["each"].get(part.id)
    if past is not None and past.resolved_at:
        steady = replace(reader, today=past.resolved_at)  # nothing in it changes with the hour
        ended_at = past.monitoring_at or past.resolved_at
        return _trouble(past.id, past.started_at, ended_at, steady)
    known = len(board.past_incidents) + len(board.open_incidents)
    is_told = part.fared is not None  # by its days
    if part.looked_at is None or is_told or known >= INCIDENTS_KNOWN or board.incidents_of(part):
        return Markup("")
    return reader.say("page.calm.no_trouble", day=reader.day(part.created_at))


def groups(board: Board, reader: Reader) -> Iterator[tuple[str, list[ComponentView]]]:
    """The parts under their groups' names, in their order; those of no group stand last."""
    found: dict[str | None, list[ComponentView]] = {}
    for part in sorted(board.components, key=lambda part: part.position):
        found.setdefault(part.group, []).append(part)
    loose = found.pop(None, [])
    yield from ((plain(name or ""), parts) for name, parts in found.items())
    if loose:
        yield reader.word("page.other_parts" if found else "page.all_parts"), loose


def said(board: Board, reader: Reader) -> list[tuple[Markup | None, Line]]:
    """The newest lines of all open incidents, titled where there is more than one."""
    several = len(board.open_incidents) > 1
    told = [
        (update.at, update.n, update, one) for one in board.open_incidents for update in one.updates
    ]
    told.sort(key=lambda line: line[:2], reverse=True)
    return [
        (title(one, reader) if several else None, line_of(update, one, reader))
        for _, _, update, one in told[:LINES_ON_THE_FRONT]
    ]


def lines(incident: IncidentView, reader: Reader) -> list[tuple[None, Line]]:
    """Everything that was said about one incident, newest first."""
    return [(None, line_of(update, incident, reader)) for update in incident.updates]


def contact(reader: Reader) -> Markup:
    """Whom to reach, and when."""
    site, ways = reader.site, list[Markup]()
    if site.contact_email:
        ways.append(_way("mailto", site.contact_email, plain(site.contact_email)))
    if site.contact_phone:
        digits = "".join(sign for sign in site.contact_phone if sign in "+0123456789")
        ways.append(_way("tel", digits, plain(site.contact_phone)))
    if site.contact_hours:
        ways.append(Markup("<bdi>{}</bdi>").format(plain(site.contact_hours)))
    return Markup(", ").join(ways)


def _way(scheme: str, address: str, told: str) -> Markup:
    return Markup('<a href="{}:{}">{}</a>').format(scheme, address, told)
