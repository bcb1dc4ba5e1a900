"""What does an operator ask for of a maintenance, and how does it become a ``Plan``?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from statuspage.api.fields import Asked, Code, Instant, Length, Line, Prose
from statuspage.errors import Fault, Invalid
from statuspage.rules.maintenances import Plan
from statuspage.rules.occurrences import Every, Repeat, Window
from statuspage.vocabulary import Stage

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Ids = Annotated[list[Code], Field(min_length=1, max_length=1000)]
Override = Annotated[
    StrictBool,
    Field(description="say it although the review refuses it; the audit remembers"),
]
Further = Literal[Stage.IN_PROGRESS, Stage.VERIFYING, Stage.COMPLETED]


class Rule(Asked):
    """How it repeats, in the wall time of the site's zone. A month means the same weekday in
    it: the second Tuesday.
    """

    every: Every
    interval: int = Field(default=1, ge=1, le=12, description="every so many of them")
    on: list[Day] = Field(
        default_factory=list, max_length=7, description="with week: default that of scheduled_for"
    )
    until: Instant | None = Field(default=None, description="none begins later")

    def repeat(self) -> Repeat:
        return Repeat(self.every, self.interval, tuple(dict.fromkeys(self.on)), self.until)


class Translation(Asked):
    name: Line | None = None
    body: Prose | None = None


class Planning(Asked):
    """``{"components": ["shop"], "lasts": "20m"}`` suffices: it begins now."""

    components: Ids
    name: Line | None = Field(default=None, description="default: the names of what it touches")
    scheduled_for: Instant | None = Field(default=None, description="default: now")
    scheduled_until: Instant | None = Field(default=None, description="this or lasts")
    lasts: Length | None = Field(default=None, description='like "20m", from scheduled_for')
    repeat: Rule | None = None
    body: Prose = ""
    notify: StrictBool = Field(default=True, description="whether customers are written to")
    language: Code | None = Field(default=None, description="of the texts; default the site's")
    translations: dict[Code, Translation] = Field(default_factory=dict, max_length=50)
    override: Override = False

    def plan(self, now: datetime) -> Plan:
        """Raises ``Invalid``."""
        begins_at = self.scheduled_for or now
        if self.scheduled_until is None and self.lasts is None:
            raise _wrong("scheduled_until", "Say until when, or how long it lasts.")
        ends_at = _end(begins_at, self.scheduled_until, self.lasts) or begins_at
        return Plan(
            window=Window(begins_at, ends_at),
            components=_once(self.components),
            name=self.name or None,
            body=self.body,
            language=self.language,
            translations=_told(self.translations),
            repeat=self.repeat.repeat() if self.repeat else None,
            notify=self.notify,
        )


class Replanning(Asked):
    """What is not given stays. Times alone move this one only; ``repeat`` beside them makes all
    later ones follow. ``status`` says where it stands: ``completed`` ends it.
    """

    components: Ids | None = None
    name: Line | None = None
    scheduled_for: Instant | None = None
    scheduled_until: Instant | None = None
    lasts: Length | None = Field(default=None, description="from its beginning")
    repeat: Rule | None = Field(default=None, description="null: it comes no more")
    body: Prose | None = None
    notify: StrictBool | None = None
    language: Code | None = None
    translations: dict[Code, Translation] | None = Field(default=None, max_length=50)
    status: Further | None = None
    override: Override = False

    def changes(self, before: Plan) -> Mapping[str, Any]:
        """Fields of ``Plan`` that are asked to be others. Raises ``Invalid``."""
        given = self.model_fields_set
        found: dict[str, Any] = {}
        if self.components is not None:
            found["components"] = _once(self.components)
        if "name" in given:
            found["name"] = self.name or None
        if "repeat" in given:
            found["repeat"] = self.repeat.repeat() if self.repeat else None
        if self.translations is not None:
            found["translations"] = _told(self.translations)
        for field in ("body", "notify", "language"):
            if (value := getattr(self, field)) is not None:
                found[field] = value
        if (window := self._window(before.window)) != before.window:
            found["window"] = window
        return found

    def _window(self, before: Window) -> Window:
        """A new beginning alone moves it whole."""
        begins_at = self.scheduled_for or before.begins_at
        ends_at = _end(begins_at, self.scheduled_until, self.lasts)
        if ends_at is None:
            ends_at = begins_at + (before.ends_at - before.begins_at)
        return Window(begins_at, ends_at)


def _end(begins_at: datetime, until: datetime | None, lasts: timedelta | None) -> datetime | None:
    """Raises ``Invalid`` when it is said twice."""
    if lasts is None:
        return until
    if until is not None:
        raise _wrong("lasts", "Goes without scheduled_until only.")
    return begins_at + lasts


def _wrong(field: str, says: str) -> Invalid:
    return Invalid("Some fields are not right.", faults=[Fault(("body", field), says)])


def _once(components: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(components))


def _told(translations: Mapping[str, Translation]) -> dict[str, dict[str, str | None]]:
    return {code: told.model_dump(mode="json") for code, told in translations.items()}
