"""When did everybody learn of one incident, and of what we learned from it?

Only what was measured stands here: a time that nobody took is None, and never guessed.
Nothing here looks at a clock, a socket or a row's store.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.rules.fanouts import Told
from statuspage.rules.postmortems import due_by
from statuspage.tables import Incident, Update
from statuspage.vocabulary import Phase


@dataclass(frozen=True, slots=True)
class Owed:
    """A postmortem that was owed, and when it was said; None: not yet."""

    due_at: datetime
    said_at: datetime | None

    def is_late(self, now: datetime) -> bool:
        """Whether it came late, or is late by now."""
        return (self.said_at or now) > self.due_at


@dataclass(frozen=True, slots=True)
class ToldView:
    """``by_checks``: these saw it, and no person first; ``shown_at``: when the page first said
    so; ``first_letter_at``: when a relay first took a letter about it.
    """

    by_checks: bool = True
    shown_at: datetime | None = None
    first_letter_at: datetime | None = None
    learned: Owed | None = None


def told_view(
    row: Incident, said: Iterable[Update], rounds: Iterable[Told], within: timedelta
) -> ToldView:
    """``said``: its updates that stand; ``rounds``: its fan-outs; ``within``: what is owed is
    owed so long after the end.
    """
    letters = (one.first_letter_at for one in rounds if one.incident_id == row.id)
    return ToldView(
        by_checks=row.automatic,
        shown_at=row.shown_at,
        first_letter_at=min((at for at in letters if at is not None), default=None),
        learned=learned(row, said, within),
    )


def learned(row: Incident, said: Iterable[Update], within: timedelta) -> Owed | None:
    """None where nothing was owed."""
    due_at = due_by(row, within)
    if due_at is None:
        return None
    words = (one.at for one in said if one.status == Phase.POSTMORTEM)
    return Owed(due_at, min(words, default=None))
