"""What may everybody know of an incident that was taken back?

That it was, and nothing of what it said. A page has only to show it no more; whoever follows
us holds a copy, which stays as it is until they are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from statuspage.tables import Incident


@dataclass(frozen=True, slots=True)
class TakenBackView:
    """``updated_at`` is when it was taken back; times are UTC and aware."""

    id: str
    created_at: datetime
    updated_at: datetime


def taken_back(rows: Iterable[Incident]) -> Iterator[TakenBackView]:
    """Of these incidents those that a page had shown before they were taken back."""
    for row in rows:
        if row.withdrawn_at is not None and row.shown_at is not None:
            yield TakenBackView(row.id, row.created_at, row.withdrawn_at)
