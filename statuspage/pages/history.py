"""What has happened before?

``/history`` has the last months and the way to all others; each month has its own page, at
``/history/2026-03``. Those of months that the board does not hold are rendered once, for the
archive, by ``month_pages``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from statuspage.memory import Page
from statuspage.pages.again import Again
from statuspage.pages.past import (
    Entry,
    Month,
    Past,
    View,
    begun,
    by_month,
    entry,
    month,
    month_of,
    path_of,
    years,
)
from statuspage.pages.reader import Reader
from statuspage.pages.steady import steady
from statuspage.pages.templates import in_each_language, template
from statuspage.rules.board import Board
from statuspage.rules.earlier import Lines


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    shown = [one for one in begun(board) if month_of(one, board.site) >= board.earlier.before]
    entries = _entries(
        {
            (path_of(one), reader.code): (one, steady(one, reader))
            for reader in readers
            for one in shown
        }
    )
    asked = {}
    for reader in readers:
        own = ((month_of(one, board.site), entries[path_of(one), reader.code]) for one in shown)
        asked[reader.code] = Past(tuple(own), board.earlier, board.promises, reader.steady())
    for made in _pages(asked).values():
        yield from made


def _entry(asked: tuple[View, Reader]) -> Entry:
    return entry(*asked)


def _pages_of(past: Past) -> tuple[Page, ...]:
    return tuple(_all_pages(past))


def _all_pages(past: Past) -> Iterator[Page]:
    reader, months = past.reader, by_month(past)
    html = template("history.html").render(
        reader=reader,
        promises=past.promises,
        months=months,
        years=list(years(past)),
        path="/history",
    )
    yield from in_each_language("/history", html, reader)
    keys = [one.key for one in months] + list(past.earlier.counts)
    for one in months:
        yield from _month_page(one, keys, reader)


_entries = Again[tuple[str, str], tuple[View, Reader], Entry](_entry)
_pages = Again[str, Past, tuple[Page, ...]](_pages_of)


def month_pages(
    key: str, kept: Sequence[Lines], keys: Sequence[str], readers: Sequence[Reader]
) -> Iterator[Page]:
    """The page of a month that is the archive's; ``keys``: of all months that have something."""
    for reader in readers:
        yield from _month_page(month(key, (), kept, reader), keys, reader)


def path_of_month(key: str) -> str:
    return f"/history/{key}"


def beside(key: str, keys: Sequence[str]) -> Mapping[str, str | None]:
    """The months before and after this one that have something."""
    return {
        "before": max((one for one in keys if one < key), default=None),
        "after": min((one for one in keys if one > key), default=None),
    }


def _month_page(one: Month, keys: Sequence[str], reader: Reader) -> Iterator[Page]:
    path = path_of_month(one.key)
    html = template("_month.html").render(
        reader=reader, month=one, **beside(one.key, keys), path=path
    )
    yield from in_each_language(path, html, reader)
