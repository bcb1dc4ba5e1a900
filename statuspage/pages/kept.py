"""What of the past goes into the archive, and is it there already?

A record has the pages of one incident, maintenance or month, and the lines by which it is
listed. Its stamp says of what it was made, so that nothing is rendered twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from statuspage.archive import Record
from statuspage.pages import history, incident, maintenance
from statuspage.pages.edition import EDITION
from statuspage.pages.past import View, as_line, began_at, entry, month_of, path_of
from statuspage.pages.postmortem import is_late, settled
from statuspage.pages.reader import Reader
from statuspage.rules.board import Board, IncidentView
from statuspage.rules.earlier import Lines
from statuspage.rules.planned import MaintenanceView

GONE = "gone"


def stamp_of(view: View, reader: Reader) -> str:
    """Equal for what would be rendered alike."""
    is_over = view.ended_at is not None if isinstance(view, MaintenanceView) else settled(view)
    today = reader.today.astimezone(ZoneInfo(reader.site.time_zone)).date()
    late = isinstance(view, IncidentView) and is_late(view, reader)
    return _sum(view, None if is_over else (today, late), reader.site)


def record(view: View, board: Board, readers: Sequence[Reader]) -> Record:
    """``board`` is what it was read with."""
    if isinstance(view, MaintenanceView):
        is_listed, pages = view.has_begun, maintenance.pages_of(view, board, readers)
    else:
        is_listed, pages = True, incident.pages_of(view, board, readers)
    return Record(
        path=path_of(view),
        stamp=stamp_of(view, readers[0]),
        revision=board.revision,
        month=month_of(view, board.site) if is_listed else None,
        began_at=began_at(view).isoformat(),
        lines={reader.code: as_line(entry(view, reader)) for reader in readers},
        pages=tuple(pages),
    )


def gone(path: str, revision: int) -> Record:
    """What was taken back leaves no page."""
    return Record(path, GONE, revision)


def month_stamp(key: str, kept: Sequence[Lines], keys: Sequence[str], reader: Reader) -> str:
    return _sum(kept, history.beside(key, keys), reader.site)


def month_record(
    key: str, kept: Sequence[Lines], keys: Sequence[str], readers: Sequence[Reader], revision: int
) -> Record:
    if not kept:
        return gone(history.path_of_month(key), revision)
    stamp = month_stamp(key, kept, keys, readers[0])
    pages = tuple(history.month_pages(key, kept, keys, readers))
    return Record(history.path_of_month(key), stamp, revision, pages=pages)


def name_of(secret: str) -> str:
    """Of a house, by its secret: whose archive it is."""
    return hashlib.sha256(f"archive:{secret}".encode()).hexdigest()[:32]


def _sum(*told: object) -> str:
    return hashlib.sha256(repr((EDITION, *told)).encode("utf-8", "replace")).hexdigest()[:32]
