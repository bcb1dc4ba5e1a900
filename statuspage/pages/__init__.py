"""Which public pages does a board give?

Every page in every language of the site, from one frozen ``Board``: the same board gives
the same bytes, and nothing here looks at a clock, a socket or a row. A page is a file in
this folder and is found because it lies there: ``NAME.html`` is the page ``/NAME``; a family
of pages is a module with a function ``pages``, whose template, if it has one, bears its name.
What begins with an underscore is a piece of pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from statuspage.memory import Page
from statuspage.pages.families import families
from statuspage.pages.reader import Reader
from statuspage.pages.templates import policy
from statuspage.rules.board import Board

__all__ = ["Rendered", "policy", "render"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """All pages of a board. ``faults``: our own mistakes, one for each family that could not
    be written to its end; what it lacks is for whoever shows the pages to keep as it was.
    """

    pages: tuple[Page, ...]
    faults: tuple[Exception, ...] = ()


def render(board: Board, codes: Sequence[str]) -> Rendered:
    """All public pages in the languages ``codes``; the first is the site's own.

    A page that visitors choose by language stands twice: under its path, for negotiation,
    and under ``/CODE/…``, where links in that language lead.
    """
    rendered: list[Page] = []
    faults: list[Exception] = []
    for pages in families():
        try:
            rendered.extend(pages(board, tuple(Reader.of(code, board) for code in codes)))
        except Exception as fault:  # noqa: BLE001  a mistake in one page must not stop the others
            faults.append(fault)
    return Rendered(tuple(rendered), tuple(faults))
