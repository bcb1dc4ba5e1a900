"""How does one reader read the board?

A reader has a language, the site's time zone and a day that is today. Fixed words come
from the language's file; names are data, kept in their own direction so that a Hebrew or
Arabic one can't turn the sentence round it. Whatever is put into a sentence is escaped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from markupsafe import Markup, escape

from notifications.language import Language, load
from statuspage.rules.board import Board, CauseView, Localized
from statuspage.rules.site_view import SiteView

NAMES_IN_A_ROW = 4
"""So many names stand in a sentence; the others are counted."""

_NEXT = timedelta.resolution
"""What falls due at a moment is late only after it."""
_RIGHT_TO_LEFT = {"R", "AL", "AN", "RLI", "LRI", "FSI", "PDI"}
_NOT_WRITING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ufffe\uffff]+")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: ``today`` is when the board was composed, aware."""

    language: Language
    site: SiteView
    codes: tuple[str, ...]
    today: datetime

    @classmethod
    def of(cls, code: str, board: Board) -> Reader:
        """Raises ``LookupError`` for a language that has no file."""
        return cls(load(code), board.site, board.site.languages, board.composed_at)

    def steady(self, *moments: datetime | None) -> Reader:
        """The same reader, equal for as long as they would read the same: ``moments`` are those
        at which that changes by itself, beside the beginning of a day.
        """
        local = self.today.astimezone(ZoneInfo(self.site.time_zone))
        began = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)
        times = [at for moment in moments if moment for at in (moment, moment + _NEXT)]
        return replace(self, today=max((began, *(at for at in times if at <= self.today))))

    @property
    def code(self) -> str:
        return self.language.code

    @property
    def by_day(self) -> Reader:
        """Who tells today from other days and needs no hour, so that what was made for them is
        right until midnight.
        """
        zone = ZoneInfo(self.site.time_zone)
        midnight = datetime.combine(self.today.astimezone(zone), time(), zone)
        return replace(self, today=midnight)

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return _direction(self.language.locale)

    @property
    def site_name(self) -> str:
        return plain(self.site.name)

    def word(self, key: str, /) -> str:
        """The text at ``key``, which has no values, not escaped yet."""
        return self.language.text(key)

    def say(self, key: str, /, **values: object) -> Markup:
        """The text at ``key`` with values put in: those that are ``Markup`` stay it."""
        told = self.language.text(key, **{name: f"{{{name}}}" for name in values})
        return escape(told).format(**values)

    def count(self, key: str, n: int, /, **values: object) -> Markup:
        """The form for ``n`` things of the text at ``key``."""
        told = self.language.plural(key, n, **{name: f"{{{name}}}" for name in values})
        return escape(told).format(**values)

    def time(self, at: datetime) -> Markup:
        """``14:02 CET``, with the day when that is not today, for people and for machines."""
        return self._marked(at, self.language.time(at, self.site.time_zone, self.today))

    def till(self, at: datetime, reference: datetime) -> Markup:
        """The same, with the day when that is not the reference's: ``from … to 04:00 CET``."""
        return self._marked(at, self.language.time(at, self.site.time_zone, reference))

    def moment(self, at: datetime) -> Markup:
        """``14:02 CET on 25 October 2026``: for what is read years later."""
        return self._marked(at, self.language.moment(at, self.site.time_zone))

    def day(self, at: datetime) -> Markup:
        """``25 October 2026``."""
        return self._marked(at, self.language.date(at, self.site.time_zone))

    def calendar_day(self, day: date) -> Markup:
        """``25 October 2026`` of a day that was named without an hour."""
        told = self.language.calendar_day(day)
        return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), told)

    def month(self, key: str) -> str:
        """``October 2026``, of ``2026-10``."""
        first = date.fromisoformat(f"{key}-01")
        told = format_date(first, self.language.text("page.month"), locale=self.language.locale)
        return told[:1].upper() + told[1:]

    def second(self, at: datetime) -> Markup:
        """``14:02:31 CET``: a look is a matter of seconds."""
        local = at.astimezone(ZoneInfo(self.site.time_zone))
        short, long = (
            format_datetime(local, self.language.text(key), locale=self.language.locale)
            for key in ("time.clock", "page.clock")
        )
        told = self.language.time(at, self.site.time_zone, self.today)
        return self._marked(at, told.replace(short, long, 1))

    def _marked(self, at: datetime, told: str) -> Markup:
        return Markup('<time datetime="{}">{}</time>').format(machine_time(at), told)

    def length(self, start: datetime, end: datetime) -> str:
        """``21 minutes``."""
        return self.language.duration(max(end - start, timedelta()))

    def pace(self, interval: timedelta) -> Markup:
        """``every 15 seconds``, ``every 2 minutes``."""
        seconds = interval.total_seconds()
        if seconds >= 120 and seconds % 60 == 0:
            return self.count("page.calm.every_minutes", round(seconds / 60))
        return self.count("page.calm.every_seconds", max(1, round(seconds)))

    def names(self, names: Sequence[str]) -> str:
        """``Shop, Payments and Search``; of many, the first few and how many more."""
        shown = [isolated(name) for name in names[:NAMES_IN_A_ROW]]
        if len(names) <= NAMES_IN_A_ROW:
            return self.language.listed(shown)
        rest = len(names) - NAMES_IN_A_ROW
        return self.language.plural("page.more_names", rest, names=", ".join(shown))

    def causes(self, causes: Sequence[CauseView]) -> str:
        """The causes by name; all internal ones together are one of our internal systems."""
        known = [cause.name for cause in causes if cause.name]
        hidden = [self.language.text("words.internal_system")] if len(known) < len(causes) else []
        return self.names([*known, *hidden])

    def own(self, texts: Localized) -> Markup | None:
        """A configured text in the reader's language, else in the site's, marked as such."""
        for code in (self.code, *self.codes, *texts):
            if told := plain(texts.get(code, "")):
                return self.quoted(told, code)
        return None

    def quoted(self, told: str, code: str | None) -> Markup:
        """Words that somebody wrote, marked with their language where it is not the reader's."""
        if code in (None, self.code):
            return escape(isolated(told))
        return Markup('<span lang="{}" dir="auto">{}</span>').format(code, plain(told))

    def written_in(self, code: str) -> str:
        """One sentence that prepares for words in another language."""
        key = f"page.written_in.{code}"
        return self.word(key if self.language.has(key) else "page.written_in.other")

    def link(self, path: str) -> str:
        """The address of a page in this language."""
        return f"/{self.code}{path}"

    def single(self, path: str) -> str:
        """The address of what speaks one language at each address, such as a feed: the site's
        first language has the plain one.
        """
        return path if self.code == self.codes[0] else self.link(path)


@cache
def _direction(locale: Locale) -> str:
    return str(locale.text_direction)


def plain(name: str) -> str:
    """One line of writing: no doubled spaces, no control characters, none of those that write
    a name backwards (UAX 9 overrides: honest names do not need them).
    """
    return " ".join(_NOT_WRITING.sub(" ", name).split())


def isolated(name: str) -> str:
    """A name that can't turn its sentence: set between isolates (UAX 9) where it could."""
    name = plain(name)
    turns = any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in name)
    return f"\u2068{name}\u2069" if turns else name


def endonym(code: str) -> str:
    """What a language calls itself."""
    return load(code).text("about.name")


def machine_time(at: datetime) -> str:
    """RFC 3339 in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
