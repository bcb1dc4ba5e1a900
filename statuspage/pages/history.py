"""What has happened before?

``/history`` has the last months and the way to all others; each month has its own page, at
``/history/2026-03``. Those of months that the board does not hold are rendered once, for the
archive, by ``month_pages``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from statuspage.memory import Page
from statuspage.pages.past import Month, by_month, month, years
from statuspage.pages.reader import Reader
from statuspage.pages.templates import in_each_language, template
from statuspage.rules.board import Board
from statuspage.rules.earlier import Lines


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    for reader in readers:
        months = by_month(board, reader)
        html = template("history.html").render(
            reader=reader,
            board=board,
            months=months,
            years=list(years(board, reader)),
            path="/history",
        )
        yield from in_each_language("/history", html, reader)
        keys = [one.key for one in months] + list(board.earlier.counts)
        for one in months:
            yield from _month_page(one, keys, reader)


def month_pages(
    key: str, kept: Sequence[Lines], keys: Sequence[str], readers: Sequence[Reader]
) -> Iterator[Page]:
    """The page of a month that is the archive's; ``keys``: of all months that have something."""
    for reader in readers:
        yield from _month_page(month(key, (), kept, reader), keys, reader)


def path_of(key: str) -> str:
    return f"/history/{key}"


def beside(key: str, keys: Sequence[str]) -> Mapping[str, str | None]:
    """The months before and after this one that have something."""
    return {
        "before": max((one for one in keys if one < key), default=None),
        "after": min((one for one in keys if one > key), default=None),
    }


def _month_page(one: Month, keys: Sequence[str], reader: Reader) -> Iterator[Page]:
    path = path_of(one.key)
    html = template("_month.html").render(
        reader=reader, month=one, **beside(one.key, keys), path=path
    )
    yield from in_each_language(path, html, reader)
