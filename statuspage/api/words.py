"""What does an operator say, and how does it become a ``Word``?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StrictBool, WithJsonSchema

from statuspage.api.fields import Asked, AsListOrTable, Code, Instant, Length, Line, Prose
from statuspage.errors import Fault, Invalid
from statuspage.rules.words import Word
from statuspage.vocabulary import Impact, Phase, Status, Tone

Open = Literal[Phase.INVESTIGATING, Phase.IDENTIFIED, Phase.MONITORING]
OpenOrOver = Literal[Phase.INVESTIGATING, Phase.IDENTIFIED, Phase.MONITORING, Phase.RESOLVED]

_STATUSES = {"type": ["string", "null"], "enum": [*(one.value for one in Status), None]}
Components = Annotated[
    dict[Code, Status | None],
    AsListOrTable,
    Field(max_length=1000),
    WithJsonSchema(
        {
            "description": "ids, or each with its status",
            "anyOf": [
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": _STATUSES},
            ],
        }
    ),
]

Number = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Parts(Asked):
    """The three parts: plain text with paragraphs."""

    what_happened: Prose | None = None
    what_we_are_doing: Prose | None = None
    how_we_prevent_it: Prose | None = None


class Translating(Parts):
    """A translation that comes after its word."""

    override: StrictBool = Field(
        default=False, description="say it although the review refuses it; the audit remembers"
    )


class _Said(Parts):
    """What an opening and an update have in common."""

    impact: Impact | None = None
    started_at: Instant | None = None
    next_update_by: Instant | None = None
    next_update_in: Length | None = Field(default=None, description='like "30m"')
    notify: StrictBool = Field(
        default=True,
        description="whether customers are written to; who asked for the end alone is, in any case",
    )
    language: Code | None = Field(default=None, description="of the texts; default the site's")
    tone: Tone = Field(
        default=Tone.PLAIN, description="warm: a light sentence more in letters; not at critical"
    )
    translations: dict[Code, Parts] = Field(default_factory=dict, max_length=50)
    override: StrictBool = Field(
        default=False, description="say it although the review refuses it; the audit remembers"
    )

    def spoken(self, now: datetime) -> Word:
        """The word, less what only one of the two has."""
        return Word(
            impact=self.impact,
            started_at=self.started_at,
            what_happened=self.what_happened or None,
            what_we_are_doing=self.what_we_are_doing or None,
            how_we_prevent_it=self.how_we_prevent_it or None,
            language=self.language,
            translations=self.translated(),
            next_update_by=self.promised(now),
            notify=self.notify,
            tone=self.tone,
        )

    def promised(self, now: datetime) -> datetime | None:
        """When customers hear next. Raises ``Invalid`` when it is said twice."""
        if self.next_update_in is None:
            return self.next_update_by
        if self.next_update_by is not None:
            fault = Fault(("body", "next_update_in"), "Goes without next_update_by only.")
            raise Invalid("Say once when customers hear next.", faults=[fault])
        return now + self.next_update_in

    def translated(self) -> Mapping[str, Mapping[str, str | None]]:
        return {code: parts.model_dump(mode="json") for code, parts in self.translations.items()}


class Opening(_Said):
    """A new incident; ``{"components": ["shop"]}`` suffices."""

    components: Annotated[Components, Field(min_length=1)]
    name: Line | None = None
    status: Open | None = None
    separate: StrictBool = Field(
        default=False, description="do not go on with the automatic incident of a component"
    )

    def word(self, now: datetime) -> Word:
        return replace(
            self.spoken(now),
            components=self.components,
            status=self.status,
            name=self.name or None,
            separate=self.separate,
        )


class Further(_Said):
    """One more word of an incident; the status ``resolved`` ends it."""

    components: Components = Field(default_factory=dict)
    status: OpenOrOver | None = None
    false_alarm: StrictBool = False
    corrects: Number | None = Field(
        default=None, description="the number of a word that should have said this"
    )

    def word(self, now: datetime) -> Word:
        return replace(
            self.spoken(now),
            components=self.components,
            status=self.status,
            false_alarm=self.false_alarm,
            corrects=self.corrects,
        )


class Sketch(_Said):
    """A word that is only looked at: whatever can be said when an incident is opened, updated
    or ended, and nothing of it needed. ``incident``: the record that it is held against.
    """

    components: Components = Field(default_factory=dict)
    name: Line | None = None
    status: OpenOrOver | None = None
    separate: StrictBool = False
    false_alarm: StrictBool = False
    language: Code = Field(description="of the texts")
    incident: Code | None = Field(default=None, description="the id of an incident")

    def word(self, now: datetime) -> Word:
        return replace(
            self.spoken(now),
            components=self.components,
            status=self.status,
            name=self.name or None,
        )
