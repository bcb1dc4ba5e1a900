"""What is on the front page?

It changes with every look, and most of it is the parts and their past, which do not: so the row of
a part is made again only when something of it has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from statuspage.memory import Page
from statuspage.pages.again import Again
from statuspage.pages.bars import LINES_ON_THE_FRONT, Titles, bar, titles_of
from statuspage.pages.front import last_trouble
from statuspage.pages.reader import Reader
from statuspage.pages.standing import Standing, standing
from statuspage.pages.templates import in_each_language, template
from statuspage.rules.board import Board
from statuspage.rules.fared import Fared
from statuspage.vocabulary import Status


@dataclass(frozen=True, slots=True)
class Row:
    """One part's. ``trouble``: when it last had some; ``titles``: of the incidents in its days."""

    part: Standing
    trouble: Markup
    fared: Fared | None
    titles: Titles
    reader: Reader


def pages(board: Board, readers: Sequence[Reader]) -> Iterator[Page]:
    made = _html({(one.reader.code, one.part.id): one for one in _rows(board, readers)})
    for reader in readers:
        rows = {id: html for (code, id), html in made.items() if code == reader.code}
        html = template("index.html").render(reader=reader, board=board, rows=rows, path="/")
        yield from in_each_language("/", html, reader)


def _rows(board: Board, readers: Sequence[Reader]) -> Iterator[Row]:
    for reader in readers:
        titles, by_day = titles_of(board, reader), reader.by_day
        for part in board.components:
            is_calm = part.status is Status.OPERATIONAL and not part.in_doubt
            days = part.fared.incidents if part.fared else ()
            yield Row(
                part=standing(part, board),
                trouble=last_trouble(part, board, reader) if is_calm else Markup(""),
                fared=part.fared,
                titles={id: titles[id] for id in days if id in titles},
                reader=by_day,
            )


def _render(row: Row) -> Markup:
    told = bar(row.fared, row.titles, row.reader, LINES_ON_THE_FRONT) if row.fared else None
    html = template("_part.html").render(told=told, row=row, reader=row.reader)
    return Markup(html)  # noqa: S704 - our own template


_html = Again[tuple[str, str], Row, Markup](_render)
