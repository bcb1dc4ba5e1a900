"""What happened since a switch was thrown, and how long did it take?

Told by watching from outside, as a customer could: the ports, the shop's health, the
page's public API and the mailbox. Nothing here looks at a clock, a socket or a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEPT = 6
"""Chapters; more would bury what is happening now."""
LONGEST = 40

STATUS_WORDS = {
    "operational": "Operational",
    "degraded_performance": "Slow or unsteady",
    "partial_outage": "Partial outage",
    "major_outage": "Major outage",
    "under_maintenance": "Under maintenance",
}
TONES = {
    "operational": "ok",
    "degraded_performance": "slow",
    "partial_outage": "part",
    "major_outage": "down",
    "under_maintenance": "plan",
}


@dataclass(frozen=True, slots=True)
class Sight:
    """How everything looks at one moment.

    ``shop`` is the status that its health check answers, None when nobody does;
    ``components`` maps the names on the page to their statuses, ``said`` the id of each
    update on it to its status and text, oldest first.
    """

    database: bool = True
    shop: int | None = 200
    shut: bool = False
    components: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One line: so long after the switch, what happened, and under which sign: a tone of
    the pages, or "letter", or "said".
    """

    after: timedelta
    text: str
    tone: str = "unknown"


@dataclass(slots=True)
class Chapter:
    """What followed one throw of a switch."""

    title: str
    at: datetime
    events: list[Event] = field(default_factory=list)


class Timeline:
    """The chapters, the newest first."""

    def __init__(self) -> None:
        self.chapters: list[Chapter] = []
        self._seen: Sight | None = None

    def begin(self, title: str, at: datetime) -> None:
        """A switch is thrown: the seconds count from here."""
        self.chapters.insert(0, Chapter(title, at))
        del self.chapters[KEPT:]

    def note(self, text: str, at: datetime, tone: str = "unknown") -> None:
        """Something happened. Before the first switch there is no story to tell."""
        if self.chapters and len(self.chapters[0].events) < LONGEST:
            chapter = self.chapters[0]
            chapter.events.append(Event(max(at - chapter.at, timedelta(0)), text, tone))

    def look(self, sight: Sight, at: datetime) -> None:
        """Note what differs from the last look."""
        before, self._seen = self._seen, sight
        if before is not None:
            for text, tone in changes(before, sight):
                self.note(text, at, tone)


def changes(before: Sight, after: Sight) -> Iterator[tuple[str, str]]:
    """What somebody who watches would remark, with its colour."""
    if before.database != after.database:
        yield (
            ("The database answers again.", "ok")
            if after.database
            else ("The database refuses connections.", "down")
        )
    if before.shop != after.shop:
        yield _of_shop(after.shop)
    for name, status in after.components.items():
        if before.components.get(name, status) != status:
            yield f"The page shows {name}: {STATUS_WORDS[status]}.", TONES[status]
    if before.shut != after.shut:
        yield (
            ("Avviso shuts the gate: visitors get the notice, and the shop is left alone.", "down")
            if after.shut
            else ("Avviso opens the gate: visitors are let into the shop again.", "ok")
        )
    for id, (phase, text) in after.said.items():
        if id not in before.said:
            yield f"The page says ({phase}): {text}", "said"


def _of_shop(status: int | None) -> tuple[str, str]:
    if status is None:
        return "The shop's server is gone.", "down"
    if status == 200:
        return "The shop is well again.", "ok"
    return f"The shop's health check answers {status}.", "down"
