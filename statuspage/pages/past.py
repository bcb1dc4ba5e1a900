"""What has happened here before, month by month?

What the board holds and, of what is older, the lines that were rendered when it left the board.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from markupsafe import Markup

from statuspage.pages.card import lasted, phase_of, title
from statuspage.pages.planned import work
from statuspage.pages.postmortem import is_late, owed
from statuspage.pages.reader import Reader
from statuspage.pages.tone import tone_of
from statuspage.rules.board import Board, IncidentView, Kept
from statuspage.rules.earlier import Earlier, Lines
from statuspage.rules.planned import MaintenanceView
from statuspage.rules.site_view import SiteView

View = IncidentView | MaintenanceView


@dataclass(frozen=True, slots=True)
class Entry:
    """One incident or maintenance in the list."""

    path: str
    began_at: datetime
    tone: str
    title: Markup
    phase: str
    lasted: Markup
    late: Markup | None = None
    """That we still owe what we learned."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month, and all that began in it, the newest first."""

    key: str
    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """All that the pages of it are made of: ``entries`` with the month of each, the newest first,
    of which the board has everything that the archive lacks.
    """

    entries: tuple[tuple[str, Entry], ...]
    earlier: Earlier
    promises: Kept
    reader: Reader


def by_month(past: Past) -> list[Month]:
    """The months of these, newest first, each with its incidents and with the maintenances that
    have begun.
    """
    lines, own = past.earlier.lines, dict[str, list[Entry]]()
    for key, one in past.entries:
        own.setdefault(key, []).append(one)
    keys = sorted({*own, *lines}, reverse=True)
    return [month(key, own.get(key, ()), lines.get(key, ()), past.reader) for key in keys]


def month(key: str, own: Sequence[Entry], kept: Sequence[Lines], reader: Reader) -> Month:
    """``kept``: what the archive has of it."""
    lines = [one[reader.code] for one in kept if reader.code in one]
    entries = [*own, *map(from_line, lines)]
    entries.sort(key=lambda one: one.began_at, reverse=True)
    return Month(key, reader.month(key), tuple(entries))


def years(past: Past) -> Iterator[tuple[str, list[tuple[str, str, int]]]]:
    """The months that are the archive's, by years, newest first: key, name, how much it has."""
    counts, reader = past.earlier.counts, past.reader
    for year, keys in groupby(counts, lambda key: key[:4]):
        yield year, [(key, reader.month(key), counts[key]) for key in keys]


def begun(board: Board) -> list[View]:
    """All on the board that has its place in a month, newest first."""
    known = [one for one in all_of(board) if not isinstance(one, MaintenanceView) or one.has_begun]
    return sorted(known, key=began_at, reverse=True)


def all_of(board: Board) -> tuple[View, ...]:
    """All that has a page of its own."""
    return (*board.open_incidents, *board.past_incidents, *board.maintenances)


def began_at(one: View) -> datetime:
    return one.starts_at if isinstance(one, MaintenanceView) else one.started_at


def month_of(one: View, site: SiteView) -> str:
    return f"{began_at(one).astimezone(ZoneInfo(site.time_zone)):%Y-%m}"


def path_of(one: View) -> str:
    family = "maintenances" if isinstance(one, MaintenanceView) else "incidents"
    return f"/{family}/{one.id}"


def entry(one: View, reader: Reader) -> Entry:
    if isinstance(one, MaintenanceView):
        told = work(one, reader)
        return Entry(path_of(one), one.starts_at, "plan", told.title, told.state, told.when)
    return Entry(
        path=path_of(one),
        began_at=one.started_at,
        tone=tone_of(one),
        title=title(one, reader),
        phase=phase_of(one, reader),
        lasted=lasted(one, reader),
        late=owed(one, reader) if is_late(one, reader) else None,
    )


def as_line(one: Entry) -> dict[str, str]:
    """As the archive keeps it."""
    return {name: str(told) for name, told in asdict(one).items() if told is not None}


def from_line(line: Mapping[str, str]) -> Entry:
    """What ``as_line`` made: all of it was escaped when it was rendered."""
    late = line.get("late")
    return Entry(
        path=line["path"],
        began_at=datetime.fromisoformat(line["began_at"]),
        tone=line["tone"],
        title=Markup(line["title"]),  # noqa: S704
        phase=line["phase"],
        lasted=Markup(line["lasted"]),  # noqa: S704
        late=Markup(late) if late else None,  # noqa: S704
    )
