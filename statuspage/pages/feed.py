"""What has happened lately, for programs that tell their readers?

``/history.atom`` (RFC 4287) and ``/history.rss`` (RSS 2.0): one entry for each incident and
maintenance, revised in place under an id that stays. They speak the site's first language;
each further language has its own under ``/CODE/…``. The addresses, the ids and the shape of
the content are those that the field's readers know.

An entry's id is the same in every language, so whoever follows two is told once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
from statuspage.pages.postmortem import settled
from statuspage.pages.reader import Reader, machine_time
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
    entries: tuple[Entry, ...]

    @property
    def title(self) -> str:
        site = self.reader.site_name
        return self.reader.language.text("feed.title", site=site)

    def url(self, path: str) -> str:
        """The address of what is told in the feed's language."""
        return self.reader.site.url + self.reader.single(path)

    def tag(self, what: str) -> str:
        """An id that stays whatever becomes of the address (RFC 4151)."""
        return f"tag:{urlsplit(self.reader.site.url).hostname},2005:{what}"


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    newest = _newest(board)
    moved = moved_at((one.updated_at for one in newest), board)
    asked = {
        (reader.code, one.id): (one, _reading(one, reader)) for reader in readers for one in newest
    }
    entries = _entries(asked)
    for reader in readers:
        told = tuple(entries[reader.code, one.id] for one in newest)
        yield from _both(Feed(reader, moved, told))


def _newest(board: Board) -> Sequence[_Told]:
    known: tuple[_Told, ...] = (
        *board.open_incidents,
        *board.past_incidents,
        *board.maintenances,
        *board.taken_back,
    )
    return sorted(known, key=lambda one: (one.updated_at, one.id), reverse=True)[:NEWEST]


def _reading(one: _Told, reader: Reader) -> Reader:
    """Of what changes with no hour any more it does not matter when it is read."""
    is_settled = settled(one) if isinstance(one, IncidentView) else True
    return replace(reader, today=one.updated_at) if is_settled else reader


def _entry(asked: tuple[_Told, Reader]) -> Entry:
    one, reader = asked
    if isinstance(one, MaintenanceView):
        return maintenance_entry(one, reader)
    if isinstance(one, TakenBackView):
        return taken_back_entry(one, reader)
    return incident_entry(one, reader)


_entries = Again[tuple[str, str], tuple[_Told, Reader], Entry](_entry)


def _both(feed: Feed) -> Iterator[Page]:
    fields, code = headers(feed.updated_at), feed.reader.code
    for name, kind, root in (
        ("/history.atom", ATOM, _atom(feed)),
        ("/history.rss", RSS, _rss(feed)),
    ):
        yield Page(feed.reader.single(name), kind, _written(root), code, headers=fields)


def _atom(feed: Feed) -> Element:
    root = Element("feed", {"xmlns": _NAMESPACE, "xml:lang": feed.reader.code})
    _add(root, "id", feed.tag(feed.reader.single("/history")))
    _add(root, "link", rel="alternate", type="text/html", href=feed.url("/"))
    _add(root, "link", rel="self", type=ATOM, href=feed.url("/history.atom"))
    _add(root, "title", feed.title)
    _add(root, "updated", machine_time(feed.updated_at))
    _add(_add(root, "author"), "name", feed.reader.site_name)
    for entry in feed.entries:
        told = _add(root, "entry")
        _add(told, "id", feed.tag(f"Incident/{entry.id}"))
        _add(told, "published", machine_time(entry.published_at))
        _add(told, "updated", machine_time(entry.updated_at))
        _add(told, "link", rel="alternate", type="text/html", href=feed.url(entry.path))
        _add(told, "title", entry.title)
        _add(told, "category", term=entry.category)
        _add(told, "content", entry.content, type="html")
    return root


def _rss(feed: Feed) -> Element:
    root = Element("rss", {"version": "2.0", "xmlns:atom": _NAMESPACE})
    channel = _add(root, "channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", feed.url("/"))
    _add(channel, "atom:link", rel="self", type=RSS, href=feed.url("/history.rss"))
    _add(channel, "description", feed.reader.language.text("feed.description"))
    _add(channel, "language", feed.reader.code)
    _add(channel, "lastBuildDate", _rfc_822(feed.updated_at))
    for entry in feed.entries:
        item = _add(channel, "item")
        _add(item, "title", entry.title)
        _add(item, "link", feed.url(entry.path))
        _add(item, "guid", feed.tag(f"Incident/{entry.id}"), isPermaLink="false")
        # the format knows no "updated": of what is revised in place, readers look at this one
        _add(item, "pubDate", _rfc_822(entry.updated_at))
        _add(item, "category", entry.category)
        _add(item, "description", entry.content)
    return root


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    made = SubElement(parent, name, attributes)
    made.text = _FORBIDDEN.sub("", text) if text is not None else None
    return made


def _written(root: Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + to_bytes(tostring(root, "unicode"))


def _rfc_822(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC))
