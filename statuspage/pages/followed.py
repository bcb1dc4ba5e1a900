"""What do caches and other sites need to know of what programs follow?

Feeds and the calendar are fetched again and again, and by scripts of other sites too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email.utils import formatdate

from statuspage.rules.board import Board


def moved_at(times: Iterable[datetime], board: Board) -> datetime:
    """When something was last said. Where nothing ever was, when the first part was named: by
    the time of our last look no copy would ever be good.
    """
    began = min((part.created_at for part in board.components), default=board.composed_at)
    return max(times, default=began)


def headers(moved: datetime) -> tuple[tuple[str, str], ...]:
    last = formatdate(moved.timestamp(), usegmt=True)
    return ("Access-Control-Allow-Origin", "*"), ("Last-Modified", last)
