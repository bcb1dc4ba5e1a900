"""How does one part stand, as its row and its own page tell it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from statuspage.rules.board import Board, CauseView, ComponentView
from statuspage.vocabulary import Status


@dataclass(frozen=True, slots=True)
class Standing:
    """``is_known``: somebody has looked, or spoken; ``is_blind``: we see nothing at the moment."""

    id: str
    name: str
    status: Status
    is_known: bool
    is_blind: bool
    is_in_doubt: bool
    since: datetime | None
    because: tuple[CauseView, ...]


def standing(part: ComponentView, board: Board) -> Standing:
    return Standing(
        id=part.id,
        name=part.name,
        status=part.status,
        is_known=part.looked_at is not None or part.since is not None,
        is_blind=board.blind,
        is_in_doubt=part.in_doubt,
        since=part.since,
        because=part.because,
    )
