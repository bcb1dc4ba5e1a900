"""What may a letter know?

A frozen value for each occasion on which we write to customers. It is filled when the
word is announced and stored with the announcement, so that a letter sent an hour later
tells what was true then (facts are frozen when announced, words are chosen when sent).
Rules: names and texts here are public ones; no host, query or driver's message has a
field to stand in. All times are aware and become UTC. Nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass

from notifications.changes import Action, Credit
from notifications.moment import Moment
from notifications.personal_facts import Canary, Confirm, ConfirmHook, HookResting
from notifications.rhythm import Rhythm

Localized = Mapping[str, str]
"""Language code -> text; may be empty."""

Tone = Literal["plain", "warm"]
"""A person's choice for one word: warm has a light sentence more. Never the machine's."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Who writes. ``time_zone`` is an IANA name, ``url`` has no slash at its end."""

    name: str
    url: str
    time_zone: str = "UTC"
    default_language: str = "en"
    contact_email: str | None = None
    contact_phone: str | None = None
    contact_hours: str | None = None
    accent: tuple[str, str] | None = None
    """The company's colour by day and by night, ``#rrggbb``, readable on a letter's paper."""


@dataclass(frozen=True, kw_only=True)
class Affected:
    """One public component, and what a customer notices of its trouble."""

    name: str
    when_down: Localized = Field(default_factory=dict)
    still_works: Localized = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class IncidentFacts:
    """One incident. ``name`` is the operator's title, in ``language``; None where none was given.

    ``affected`` holds public components only; it is empty where only an internal one fails.
    """

    id: str
    url: str
    started_at: Moment
    impact: str
    name: str | None = None
    language: str | None = None
    affected: tuple[Affected, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Words:
    """A person's own words for the three parts: plain text with paragraphs.

    In haste a part may stay empty: the letter then says in its place what is true by itself.
    """

    what_happened: str = ""
    what_we_are_doing: str = ""
    how_we_prevent_it: str | None = None


@dataclass(frozen=True, kw_only=True)
class Said:
    """Words with the language they were written in, and their translations by language."""

    words: Words
    language: str
    translations: Mapping[str, Words] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Noticed:
    """The first word of an outage that only the checks know.

    ``acknowledged``: a person has said that somebody is on it; until then no letter claims so.
    ``called``: there are operators to call, and they were.
    """

    incident: IncidentFacts
    acknowledged: bool
    next_word_at: Moment
    said_at: Moment
    called: bool = True
    occasion: Literal["noticed"] = "noticed"


@dataclass(frozen=True, kw_only=True)
class Worded:
    """A person's update. ``status`` is the incident's: investigating, identified, monitoring.

    ``said`` is None where a person only named what is down.
    """

    incident: IncidentFacts
    status: str
    said_at: Moment
    said: Said | None = None
    next_word_at: Moment | None = None
    tone: Tone = "plain"
    occasion: Literal["worded"] = "worded"


@dataclass(frozen=True, kw_only=True)
class Holding:
    """There is no news, and customers are not left without a word.

    ``missed_at``: by when a person had promised one, and gave none. ``seen_by_checks``: it is
    our checks that see the trouble, and still do. ``acknowledged`` and ``called``: as in
    ``Noticed``.
    """

    incident: IncidentFacts
    acknowledged: bool
    next_word_at: Moment
    said_at: Moment
    missed_at: Moment | None = None
    seen_by_checks: bool = True
    called: bool = True
    occasion: Literal["holding"] = "holding"


@dataclass(frozen=True, kw_only=True)
class Record:
    """How much of the time a component was there, measured, never rounded up: of so many last
    days, or, where it is known for less, ``since`` then.
    """

    name: str
    percent: float
    days: int = 90
    since: Moment | None = None


@dataclass(frozen=True, kw_only=True)
class Over:
    """It is over. ``automatic``: only the checks say so; ``said`` holds a person's words if any.

    ``false_alarm``: there was no outage; the checks or we were wrong. ``record``: how the past
    has been, where that is no boasting.
    """

    incident: IncidentFacts
    ended_at: Moment
    automatic: bool
    said_at: Moment
    said: Said | None = None
    false_alarm: bool = False
    record: tuple[Record, ...] = ()
    tone: Tone = "plain"
    occasion: Literal["over"] = "over"


@dataclass(frozen=True, kw_only=True)
class Corrected:
    """What we wrote at ``wrote_at`` was not right: ``said`` is, ``before`` was not."""

    incident: IncidentFacts
    status: str
    said_at: Moment
    wrote_at: Moment
    said: Said | None
    before: Said | None
    next_word_at: Moment | None = None
    occasion: Literal["corrected"] = "corrected"


@dataclass(frozen=True, kw_only=True)
class Title:
    """What a maintenance is called, and what is said of it, in another language."""

    name: str | None = None
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class MaintenanceFacts:
    """Work that is planned or under way; ``names`` of the public components that it touches."""

    id: str
    url: str
    starts_at: Moment
    ends_at: Moment
    names: tuple[str, ...]
    name: str | None = None
    body: str = ""
    language: str = "en"
    """Of ``name`` and ``body``."""
    translations: Mapping[str, Title] = Field(default_factory=dict)
    rhythm: Rhythm | None = None


@dataclass(frozen=True, kw_only=True)
class Planned:
    """What becomes of a maintenance: announced, remembered the day before, changed, cancelled,
    or finished later than announced; or it does not touch some of its components any more,
    whose ids are ``of``, and ``maintenance.names`` are theirs. ``was_from`` and ``was_until``:
    the times that were announced before; ``under_way``: it has begun.
    """

    maintenance: MaintenanceFacts
    said_at: Moment
    under_way: bool = False
    was_from: Moment | None = None
    was_until: Moment | None = None
    of: tuple[str, ...] = ()
    occasion: Literal[
        "maintenance_announced",
        "maintenance_tomorrow",
        "maintenance_changed",
        "maintenance_cancelled",
        "maintenance_finished",
        "maintenance_spared",
    ]


@dataclass(frozen=True, kw_only=True)
class Postmortem:
    """What we learned; in ``said`` the second part is what we did."""

    incident: IncidentFacts
    ended_at: Moment
    said: Said | None
    said_at: Moment
    actions: tuple[Action, ...] = ()
    credit: Credit | None = None
    record: tuple[Record, ...] = ()
    occasion: Literal["postmortem"] = "postmortem"


@dataclass(frozen=True, kw_only=True)
class ActionsDone:
    """The last of a postmortem's actions is done."""

    incident: IncidentFacts
    said_at: Moment
    actions: tuple[Action, ...]
    occasion: Literal["actions_done"] = "actions_done"


_Told = Noticed | Worded | Holding | Over | Corrected | Postmortem | ActionsDone | Planned
Telling = Annotated[_Told, Field(discriminator="occasion")]
"""A word about an incident or a maintenance: what can stand in a merged letter."""


@dataclass(frozen=True, kw_only=True)
class Merged:
    """Several words that one customer gets in one letter, because of the hourly or daily limit.

    Oldest first; the last one is never dropped.
    """

    parts: Annotated[tuple[Telling, ...], Field(min_length=1)]
    occasion: Literal["merged"] = "merged"

    @property
    def said_at(self) -> datetime:
        return self.parts[-1].said_at


Apart = Canary | Confirm | ConfirmHook | HookResting | Merged  # never in a merged letter
Facts = Apart | _Told

_FACTS: TypeAdapter[Facts] = TypeAdapter(Annotated[Facts, Field(discriminator="occasion")])


def freeze(facts: Facts) -> dict[str, Any]:
    """JSON-ready, tagged by ``occasion``; times are RFC 3339 in UTC."""
    frozen: dict[str, Any] = _FACTS.dump_python(facts, mode="json")
    return frozen


def thaw(frozen: Mapping[str, Any]) -> Facts:
    """The value that ``freeze`` was given. Raises ``pydantic.ValidationError`` on anything else."""
    return _FACTS.validate_python(dict(frozen))
