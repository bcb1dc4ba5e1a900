"""What may everybody see of work that is planned?

Values of the board; times are UTC and aware.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from notifications.rhythm import Rhythm
from statuspage.vocabulary import By, Stage


@dataclass(frozen=True, slots=True)
class StepView:
    """One thing that became of a maintenance: announced, changed, begun, verifying, completed,
    cancelled.
    """

    n: int
    at: datetime
    kind: str
    stage: Stage
    by: By
    told: bool = False
    """Whether customers were to be written to."""


@dataclass(frozen=True, slots=True)
class OccurrenceView:
    """When a maintenance takes place, under the id that it has, or will have then."""

    id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class MaintenanceView:
    """Work as everybody may see it; ``components``: id and name of the public ones. Steps are
    newest first.
    """

    id: str
    name: str | None
    body: str
    language: str
    """Of ``name`` and ``body``."""
    translations: Mapping[str, Mapping[str, str | None]]
    stage: Stage
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    updated_at: datetime
    components: tuple[tuple[str, str], ...]
    steps: tuple[StepView, ...] = ()
    rhythm: Rhythm | None = None
    ended_at: datetime | None = None
    cancelled: bool = False
    later: tuple[OccurrenceView, ...] = ()
    """The next times of one that repeats, as it is planned now."""

    @property
    def has_begun(self) -> bool:
        return self.stage is not Stage.SCHEDULED

    def read_in(self, language: str) -> tuple[str | None, str, str]:
        """Title and text for a reader, and the language that they are really in."""
        told = self.translations.get(language)
        if language == self.language or told is None:
            return self.name, self.body, self.language
        return told.get("name"), told.get("body") or "", language
