"""Which work is planned, for people's calendars?

``/maintenance.ics`` (RFC 5545 and 7986), to be subscribed to: each maintenance is an event
under an id that stays, whose SEQUENCE rises with all that becomes of it; what was called off
is marked so for a while, and then gone. It speaks the site's first language; each further
language has its own under ``/CODE/…``.

A series is told night by night, those that were announced and the next ones by its rule. An
RRULE could not say it: its nights would all be as long as the first (RFC 5545, 3.8.5.3),
where ours keep to the wall at both ends when the clock changes. Times are the wall's, in the
site's zone, but for the hour that it shows a second time in autumn, which only UTC can name.

There is no METHOD: this is a snapshot, and no message between calendars (RFC 5545, 3.7.2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone

from statuspage.memory import Page
from statuspage.pages.again import Again
from statuspage.pages.calendar_zone import calendar_zone
from statuspage.pages.feed_maintenance import full_title
from statuspage.pages.followed import headers, moved_at
from statuspage.pages.planned import names, work
from statuspage.pages.prose import paragraphs
from statuspage.pages.reader import Reader
from statuspage.rules.board import Board
from statuspage.rules.planned import MaintenanceView, OccurrenceView

REMEMBERED = timedelta(days=90)
"""So long what is over, or was called off, stays."""
LOOK_AGAIN = timedelta(minutes=15)


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    kept = tuple(one for one in board.maintenances if _is_kept(one, board.composed_at))
    moved = moved_at((one.updated_at for one in kept), board)
    # nothing in it changes with the hour
    bodies = _bodies({reader.code: (kept, replace(reader, today=moved)) for reader in readers})
    for reader in readers:
        path, body = reader.single("/maintenance.ics"), bodies[reader.code]
        yield Page(path, "text/calendar", body, reader.code, headers=headers(moved))


def _is_kept(view: MaintenanceView, now: datetime) -> bool:
    return view.ended_at is None or now - view.ended_at < REMEMBERED


def _body(asked: tuple[Sequence[MaintenanceView], Reader]) -> bytes:
    kept, reader = asked
    name = _text(reader.language.text("feed.calendar_name", site=reader.site_name))
    made = Calendar()
    made.add("prodid", f"-//Avviso//Maintenance//{reader.code.upper()}")
    made.add("version", "2.0")
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", reader.site.time_zone)
    made.add("refresh-interval", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT15M")
    made.add_component(_zone(kept, reader))
    for view in kept:
        made.add_component(_event(view, reader))
        for later in view.later:
            made.add_component(_later(later, view, reader))
    written: bytes = made.to_ical()
    return written


_bodies = Again[str, tuple[Sequence[MaintenanceView], Reader], bytes](_body)


def _zone(kept: Sequence[MaintenanceView], reader: Reader) -> Timezone:
    """It stands also where nothing is planned: a calendar must have something in it."""
    zone = ZoneInfo(reader.site.time_zone)
    times = [at for one in kept for at in (one.starts_at, one.ends_at)]
    times += [later.ends_at for one in kept for later in one.later]
    years = [at.astimezone(zone).year for at in times or [reader.today]]
    return calendar_zone(reader.site.time_zone, min(years), max(years))


def _event(view: MaintenanceView, reader: Reader) -> Event:
    ends_at = view.ends_at if view.cancelled else view.ended_at or view.ends_at
    return _told(view, reader, OccurrenceView(view.id, view.starts_at, ends_at), len(view.steps))


def _later(later: OccurrenceView, view: MaintenanceView, reader: Reader) -> Event:
    """A night that has no page yet: as it is known from the one before it."""
    return _told(view, reader, later, 1)


def _told(view: MaintenanceView, reader: Reader, when: OccurrenceView, steps: int) -> Event:
    made = Event()
    made.add("uid", f"{when.id}@{urlsplit(reader.site.url).hostname}")
    made.add("sequence", max(steps - 1, 0))
    made.add("dtstamp", view.updated_at)
    made.add("created", view.created_at)
    made.add("last-modified", view.updated_at)
    made.add("dtstart", _wall(when.starts_at, reader))
    if when.ends_at - when.starts_at >= timedelta(seconds=1):
        made.add("dtend", _wall(when.ends_at, reader))
    made.add("summary", _summary(view, reader))
    made.add("description", _description(view, reader))
    made.add("url", reader.site.url + reader.single(f"/maintenances/{view.id}"))
    made.add("status", "CANCELLED" if view.cancelled else "CONFIRMED")
    made.add("transp", "TRANSPARENT")  # it is our work, and takes nobody else's time
    return made


def _wall(at: datetime, reader: Reader) -> datetime:
    local = at.replace(microsecond=0).astimezone(ZoneInfo(reader.site.time_zone))
    return local.astimezone(UTC) if local.fold else local


def _summary(view: MaintenanceView, reader: Reader) -> str:
    """Many calendars show what was called off like the rest: its title says it too."""
    told = full_title(view, reader)
    return _text(reader.language.text("feed.called_off", title=told) if view.cancelled else told)


def _description(view: MaintenanceView, reader: Reader) -> str:
    told, text = work(view, reader), view.read_in(reader.code)[1]
    lines = [*paragraphs(text), f"{reader.word('page.affected')}: {names(view, reader)}"]
    if told.repeats and not view.ended_at:
        lines.append(told.repeats.striptags())
    return _text("\n\n".join(lines))


def _text(told: str) -> str:
    """What UTF-8 can say: half a surrogate pair becomes a question mark."""
    return told.encode("utf-8", "replace").decode()
