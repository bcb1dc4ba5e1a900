"""What has happened lately, for programs that tell their readers?

``/history.atom`` (RFC 4287) and ``/history.rss`` (RSS 2.0): one entry for each incident and
maintenance, revised in place under an id that stays. They speak the site's first language;
each further language has its own under ``/CODE/…``. The addresses, the ids and the shape of
the content are those that the field's readers know.

An entry's id is the same in every language, so whoever follows two is told once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from statuspage.memory import Page
from statuspage.pages.again import Again
from statuspage.pages.feed_entry import Entry
from statuspage.pages.feed_incident import incident_entry
from statuspage.pages.feed_maintenance import maintenance_entry
from statuspage.pages.feed_taken_back import taken_back_entry
from statuspage.pages.followed import headers, moved_at
from statuspage.pages.reader import Reader, machine_time
from statuspage.pages.steady import steady
from statuspage.pages.templates import to_bytes
from statuspage.rules.board import Board, IncidentView
from statuspage.rules.planned import MaintenanceView
from statuspage.rules.taken_back import TakenBackView

NEWEST = 50
ATOM, RSS = "application/atom+xml", "application/rss+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML 1.0 has no way to say; the standard library would write it all the same."""


_Told = IncidentView | MaintenanceView | TakenBackView


@dataclass(frozen=True, slots=True)
class Feed:
    """What both formats tell."""

    reader: Reader
    updated_at: datetime
    entries: tuple[Written, ...]

    @property
    def title(self) -> str:
        site = self.reader.site_name
        return self.reader.language.text("feed.title", site=site)


@dataclass(frozen=True, slots=True)
class Written:
    """An entry, as each format has it."""

    atom: str
    rss: str


def _url(path: str, reader: Reader) -> str:
    """The address of what is told in the feed's language."""
    return reader.site.url + reader.single(path)


def _tag(what: str, reader: Reader) -> str:
    """An id that stays whatever becomes of the address (RFC 4151)."""
    return f"tag:{urlsplit(reader.site.url).hostname},2005:{what}"


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    newest = _newest(board)
    moved = moved_at((one.updated_at for one in newest), board)
    asked = {
        (reader.code, one.id): (one, steady(one, reader)) for reader in readers for one in newest
    }
    entries = _entries(asked)
    feeds = {}
    for reader in readers:
        told = tuple(entries[reader.code, one.id] for one in newest)
        # nothing in it changes with the hour
        feeds[reader.code] = Feed(replace(reader, today=moved), moved, told)
    for both in _pages(feeds).values():
        yield from both


def _newest(board: Board) -> Sequence[_Told]:
    known: tuple[_Told, ...] = (
        *board.open_incidents,
        *board.past_incidents,
        *board.maintenances,
        *board.taken_back,
    )
    return sorted(known, key=lambda one: (one.updated_at, one.id), reverse=True)[:NEWEST]


def _entry(asked: tuple[_Told, Reader]) -> Written:
    one, reader = asked
    if isinstance(one, MaintenanceView):
        entry = maintenance_entry(one, reader)
    elif isinstance(one, TakenBackView):
        entry = taken_back_entry(one, reader)
    else:
        entry = incident_entry(one, reader)
    return Written(_text(_in_atom(entry, reader)), _text(_in_rss(entry, reader)))


_entries = Again[tuple[str, str], tuple[_Told, Reader], Written](_entry)


def _both(feed: Feed) -> tuple[Page, ...]:
    atom = _whole(_atom(feed), (one.atom for one in feed.entries), "</feed>")
    rss = _whole(_rss(feed), (one.rss for one in feed.entries), "</channel></rss>")
    fields, reader = headers(feed.updated_at), feed.reader
    return tuple(
        Page(reader.single(name), kind, body, reader.code, headers=fields)
        for name, kind, body in (("/history.atom", ATOM, atom), ("/history.rss", RSS, rss))
    )


_pages = Again[str, Feed, tuple[Page, ...]](_both)


def _whole(root: Element, entries: Iterable[str], end: str) -> bytes:
    """The entries before the end of the feed; each was written when it became what it is."""
    begun = _text(root).removesuffix(end)
    return to_bytes(f'<?xml version="1.0" encoding="UTF-8"?>\n{begun}{"".join(entries)}{end}')


def _atom(feed: Feed) -> Element:
    reader = feed.reader
    root = Element("feed", {"xmlns": _NAMESPACE, "xml:lang": reader.code})
    _add(root, "id", _tag(reader.single("/history"), reader))
    _add(root, "link", rel="alternate", type="text/html", href=_url("/", reader))
    _add(root, "link", rel="self", type=ATOM, href=_url("/history.atom", reader))
    _add(root, "title", feed.title)
    _add(root, "updated", machine_time(feed.updated_at))
    _add(_add(root, "author"), "name", reader.site_name)
    return root


def _in_atom(entry: Entry, reader: Reader) -> Element:
    told = Element("entry")
    _add(told, "id", _tag(f"Incident/{entry.id}", reader))
    _add(told, "published", machine_time(entry.published_at))
    _add(told, "updated", machine_time(entry.updated_at))
    _add(told, "link", rel="alternate", type="text/html", href=_url(entry.path, reader))
    _add(told, "title", entry.title)
    _add(told, "category", term=entry.category)
    _add(told, "content", entry.content, type="html")
    return told


def _rss(feed: Feed) -> Element:
    reader = feed.reader
    root = Element("rss", {"version": "2.0", "xmlns:atom": _NAMESPACE})
    channel = _add(root, "channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", _url("/", reader))
    _add(channel, "atom:link", rel="self", type=RSS, href=_url("/history.rss", reader))
    _add(channel, "description", reader.language.text("feed.description"))
    _add(channel, "language", reader.code)
    _add(channel, "lastBuildDate", _rfc_822(feed.updated_at))
    return root


def _in_rss(entry: Entry, reader: Reader) -> Element:
    item = Element("item")
    _add(item, "title", entry.title)
    _add(item, "link", _url(entry.path, reader))
    _add(item, "guid", _tag(f"Incident/{entry.id}", reader), isPermaLink="false")
    # the format knows no "updated": of what is revised in place, readers look at this one
    _add(item, "pubDate", _rfc_822(entry.updated_at))
    _add(item, "category", entry.category)
    _add(item, "description", entry.content)
    return item


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    made = SubElement(parent, name, attributes)
    made.text = _FORBIDDEN.sub("", text) if text is not None else None
    return made


def _text(element: Element) -> str:
    return str(tostring(element, "unicode"))


def _rfc_822(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC))
