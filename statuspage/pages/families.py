"""Which pages lie in this folder?

A family is a function from a board and its readers to pages. Modules bring their own by a
function called ``pages``; a template without a module of its name is a plain page of one
path. Found once, in the order of their names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from statuspage.memory import Page
from statuspage.pages.reader import Reader
from statuspage.pages.templates import in_each_language, template
from statuspage.rules.board import Board

Family = Callable[[Board, Sequence[Reader]], Iterable[Page]]

_FOLDER = Path(__file__).parent


@cache
def families() -> tuple[Family, ...]:
    """Every family of pages, ready to be asked."""
    modules = sorted(found.name for found in iter_modules([str(_FOLDER)]))
    plain = sorted(file.stem for file in _FOLDER.glob("[!_]*.html") if file.stem not in modules)
    brought = (getattr(import_module(f"{__package__}.{name}"), "pages", None) for name in modules)
    return (
        *(partial(_plain_page, name) for name in plain),
        *(family for family in brought if family is not None),
    )


def _plain_page(name: str, board: Board, readers: Sequence[Reader]) -> Iterable[Page]:
    path = f"/{name}"
    for reader in readers:
        body = template(f"{name}.html").render(reader=reader, board=board, path=path)
        yield from in_each_language(path, body, reader)
