"""How is it said in this language?

A language is one TOML file in ``languages/``, named by its code: fixed words, whole
letters, forms of time. Nobody assembles a sentence in code. A key or a value that is
missing is our own mistake and raises; ``tests/notifications/test_language.py`` lists
whatever a file lacks against English. Nothing here looks at a clock.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import date as Day  # noqa: N812  Language.date is a method
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal

_FOLDER = files("notifications") / "languages"
_QUALITY = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


@cache
def available() -> tuple[str, ...]:
    """Codes of the languages that have a file, English first."""
    named = (entry.name for entry in _FOLDER.iterdir() if entry.name.endswith(".toml"))
    codes = (name.removesuffix(".toml") for name in named if not name.startswith(("_", ".")))
    return tuple(sorted(codes, key=lambda code: (code != "en", code)))


@cache
def load(code: str) -> Language:
    """Raises ``LookupError`` for a language that has no file."""
    if code not in available():
        raise LookupError(f"no language {code!r}; there are: {', '.join(available())}")
    table = tomllib.loads((_FOLDER / f"{code}.toml").read_text(encoding="utf-8"))
    return Language(code, Locale.parse(table["about"]["locale"]), table)


def choose(accept_language_header: str | None, offered: Sequence[str]) -> str:
    """The offered language a reader likes best (RFC 9110 12.5.4, RFC 4647 3.4 lookup).

    The first offered is the default; a header that can't be read counts as none.
    """
    liked = sorted(_ranges(accept_language_header or ""), key=lambda pair: -pair[1])
    refused = {tag for tag, quality in liked if quality == 0}
    welcome = [code for code in offered if code.lower() not in refused] or list(offered)
    for tag, quality in liked:
        if quality > 0 and (match := _lookup(tag, welcome)):
            return match
    return welcome[0]


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    for part in header[:1000].split(",")[:50]:  # honest ones are short; the rest is an attack
        tag, _, parameter = part.partition(";")
        quality = _QUALITY.fullmatch(parameter.strip()) if parameter.strip() else None
        if tag.strip() and (quality or not parameter.strip()):
            yield tag.strip().lower(), float(quality[1]) if quality else 1.0


def _lookup(tag: str, offered: Sequence[str]) -> str | None:
    """it-CH finds it-ch, then it; a star finds the first."""
    if tag == "*":
        return offered[0]
    subtags = tag.split("-")
    for length in range(len(subtags), 0, -1):
        wanted = "-".join(subtags[:length])
        for code in offered:
            if code.lower() == wanted:
                return code
    return None


@dataclass(frozen=True, eq=False)
class Language:
    """One language: its texts by dotted key, and its forms of number and time."""

    code: str
    locale: Locale
    table: Mapping[str, Any]

    def text(self, key: str, /, **values: object) -> str:
        """The text at ``letters.over.subject``. Values are put in as they are, never read again."""
        found = self._find(key)
        if not isinstance(found, str):
            raise KeyError(f"{self.code}: {key} is a table, not a text")
        return found.format_map(values)

    def has(self, key: str) -> bool:
        """Whether there is a text at ``key``: for words that come from data, such as a status."""
        try:
            return isinstance(self._find(key), str)
        except KeyError:
            return False

    def plural(self, key: str, n: int, **values: object) -> str:
        """The form for ``n`` of a table of CLDR categories (one, many, other…); ``{n}`` is told."""
        forms = self._find(key)
        form = forms.get(self.locale.plural_form(n), forms["other"])
        return str(form).format_map({"n": self.number(n), **values})

    def strings(self, key: str) -> tuple[str, ...]:
        """A list of words."""
        return tuple(self._find(key))

    def _find(self, key: str) -> Any:
        found: Any = self.table
        for step in key.split("."):
            if not isinstance(found, Mapping) or step not in found:
                raise KeyError(f"{self.code}: no text {key}")
            found = found[step]
        return found

    def number(self, n: float) -> str:
        return _decimal(n, self.locale)

    def listed(self, items: Sequence[str]) -> str:
        """``a, b and c``."""
        return format_list(list(items), locale=self.locale)

    def ored(self, items: Sequence[str]) -> str:
        """``a, b or c``."""
        return format_list(list(items), style="or", locale=self.locale)

    def time(self, at: datetime, zone: str, reference: datetime | None = None) -> str:
        """``14:02 CET``; with the day when that is another one than ``reference``'s in the zone."""
        local = at.astimezone(ZoneInfo(zone))
        if reference is None or reference.astimezone(local.tzinfo).date() == local.date():
            return self._clock(local)
        same_year = reference.astimezone(local.tzinfo).year == local.year
        return self._on_day(local, "time.day" if same_year else "time.date")

    def moment(self, at: datetime, zone: str) -> str:
        """``14:02 CET on 25 October 2026``."""
        return self._on_day(at.astimezone(ZoneInfo(zone)), "time.date")

    def date(self, at: datetime, zone: str) -> str:
        """``25 October 2026``."""
        return self._day(at.astimezone(ZoneInfo(zone)), "time.date")

    def day(self, at: datetime, zone: str, reference: datetime) -> str:
        """``Sunday 25 October``; with the year when that is another one than ``reference``'s."""
        local = at.astimezone(ZoneInfo(zone))
        same_year = reference.astimezone(local.tzinfo).year == local.year
        return self._day(local, "time.weekday" if same_year else "time.weekday_date")

    def calendar_day(self, day: Day) -> str:
        """``25 October 2026``, of a day that bears its zone in no hour."""
        return self._day(datetime(day.year, day.month, day.day, tzinfo=UTC), "time.date")

    def duration(self, length: timedelta) -> str:
        """``21 minutes``, ``1 hour and 5 minutes``: the two largest units, rounded to minutes."""
        left = round(length.total_seconds() / 60) * 60
        if left < 60:
            return self.text("time.less_than_a_minute")
        counts = []
        for unit, seconds in _UNITS:
            count, left = divmod(left, seconds)
            counts.append((unit, count))
        first = next(i for i, (_, count) in enumerate(counts) if count)
        told = [
            self.plural(f"time.units.{unit}", count)
            for unit, count in counts[first : first + 2]
            if count
        ]
        return self.listed(told)

    def _clock(self, local: datetime) -> str:
        clock = _written(local.replace(tzinfo=None), self.text("time.clock"), self.locale)
        return self.text("time.with_zone", time=clock, zone=zone_name(local))

    def _on_day(self, local: datetime, pattern_key: str) -> str:
        # Italian elides before 8 and 11 ("dell'8 ottobre"): such days have a text of their own
        special = f"time.with_day_of.{local.day}"
        key = special if self.has(special) else "time.with_day"
        return self.text(key, time=self._clock(local), day=self._day(local, pattern_key))

    def _day(self, local: datetime, pattern_key: str) -> str:
        written = f"time.written_day.{local.day}"
        pattern = self.text(pattern_key)
        if self.has(written):
            pattern = re.sub(r"\bd\b", f"'{self.text(written)}'", pattern)
        return _written(local.replace(tzinfo=None), pattern, self.locale)


@lru_cache(maxsize=4096)
def _written(wall: datetime, pattern: str, locale: Locale) -> str:
    """A page tells the same times again and again. ``wall`` bears no zone: moments that are equal
    would be one to the memory, and stand on clocks that differ.
    """
    return format_datetime(wall, pattern, locale=locale)


@lru_cache(maxsize=4096)
def _decimal(n: float, locale: Locale) -> str:
    return format_decimal(n, locale=locale)


def zone_name(local: datetime) -> str:
    """CET, JST; a zone that has only a number for a name is told from UTC: UTC-3, UTC+5:45."""
    name = local.tzname() or "UTC"
    if name[0] not in "+-":
        return name
    hours, minutes = int(name[1:3]), name[3:5]
    return f"UTC{name[0]}{hours}" + (f":{minutes}" if minutes.strip("0") else "")
