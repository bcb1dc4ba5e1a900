"""What is a call to operators made of?

Nothing here looks at a clock, a socket or a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from notifications.commands import Command
from notifications.facts import Site
from notifications.language import load


@dataclass(frozen=True)
class Said:
    """Subject, sentences, and the commands offered below them."""

    subject: str
    sentences: Sequence[str]
    commands: Sequence[Command] = ()


@dataclass(frozen=True)
class Clock:
    """Times as operators read them: the site's and, where it differs, UTC."""

    site: Site
    now: datetime

    def __call__(self, at: datetime) -> str:
        english, zone = load("en"), self.site.time_zone
        local = english.time(at, zone, self.now)
        utc = f"{at.astimezone(UTC):%H:%M} UTC"
        return local if utc in local else f"{local} ({utc})"
