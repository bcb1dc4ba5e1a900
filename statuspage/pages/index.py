"""What is on the front page?

It changes with every look, and most of it is the past of the parts, which does not: so the days
of a part are made again only when something of them has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from statuspage.memory import Page
from statuspage.pages.again import Again
from statuspage.pages.bars import LINES_ON_THE_FRONT, Titles, bar, titles_of
from statuspage.pages.reader import Reader
from statuspage.pages.templates import in_each_language, template
from statuspage.rules.board import Board
from statuspage.rules.fared import Fared


@dataclass(frozen=True, slots=True)
class Days:
    """Of one part; ``titles``: of the incidents in them."""

    id: str
    fared: Fared
    titles: Titles
    reader: Reader


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    made = _html({(one.reader.code, one.id): one for one in _days(board, readers)})
    for reader in readers:
        days = {id: html for (code, id), html in made.items() if code == reader.code}
        html = template("index.html").render(reader=reader, board=board, days=days, path="/")
        yield from in_each_language("/", html, reader)


def _days(board: Board, readers: Sequence[Reader]) -> Iterator[Days]:
    for reader in readers:
        titles = titles_of(board, reader)
        for part in board.components:
            if part.fared is not None:
                told = {id: titles[id] for id in part.fared.incidents if id in titles}
                yield Days(part.id, part.fared, told, reader.by_day)


def _render(days: Days) -> Markup:
    told = bar(days.fared, days.titles, days.reader, LINES_ON_THE_FRONT)
    html = template("_days.html").render(told=told, id=days.id, reader=days.reader)
    return Markup(html)  # noqa: S704 - our own template


_html = Again[tuple[str, str], Days, Markup](_render)
