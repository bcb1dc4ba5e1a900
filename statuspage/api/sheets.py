"""How does a long table go out, for any program that reads CSV (RFC 4180)?

A page of rows at a time, each read in a view of its own: nobody waits on the network with the
store open, and memory holds one page.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from statuspage.database import Store
from statuspage.rules.cells import guarded

PAGE = 1000
Page = Callable[[AsyncSession, str], Awaitable[Sequence[Sequence[str]]]]
"""The next ``PAGE`` rows behind a key; each begins with its own key, which is not shown."""


class Csv(StreamingResponse):
    media_type = "text/csv"


RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}}
}


def sheet(name: str, store: Store, columns: Sequence[str], page: Page) -> Csv:
    """The answer, to be saved under this name."""
    about = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Csv(_lines(store, columns, page), headers=about)


async def _lines(store: Store, columns: Sequence[str], page: Page) -> AsyncIterator[str]:
    yield _written([columns])
    last = ""
    while True:
        async with store.read() as session:
            rows = await page(session, last)
        yield _written([[guarded(cell) for cell in row[1:]] for row in rows])
        if len(rows) < PAGE:
            return
        last = rows[-1][0]


def _written(rows: Sequence[Sequence[str]]) -> str:
    made = io.StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue()
