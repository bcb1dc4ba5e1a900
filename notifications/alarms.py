"""What are operators called about?

A frozen value for each occasion. Unlike ``facts`` these may hold technical words (what a
probe said, which reference did not answer): they go to the people who run the place, never
to customers. All times are aware and become UTC. Nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass

from notifications.moment import Moment


@dataclass(frozen=True, kw_only=True)
class Cause:
    """A component where it began. ``says``: what its failing probes said, one sentence each."""

    component: str
    since: Moment
    says: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """An incident as operators see it. ``affected``: names of what suffers from the causes.

    ``letters_at``: when letters to customers leave by themselves; None: they do not.
    """

    id: str
    url: str
    started_at: Moment
    impact: str
    causes: tuple[Cause, ...] = ()
    affected: tuple[str, ...] = ()
    letters_at: Moment | None = None


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The checks have opened an incident."""

    incident: Trouble
    at: Moment
    occasion: Literal["opened"] = "opened"


@dataclass(frozen=True, kw_only=True)
class Again:
    """Nobody has acknowledged it yet. ``times``: calls before this one."""

    incident: Trouble
    at: Moment
    times: int
    occasion: Literal["again"] = "again"


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """Every check of it is well. ``yours_to_close``: a person has spoken, so a person ends it."""

    incident: Trouble
    at: Moment
    yours_to_close: bool
    occasion: Literal["recovered"] = "recovered"


@dataclass(frozen=True, kw_only=True)
class StillOpen:
    """Well for a while, and nobody has resolved it. ``closes_at``: when it is done by itself."""

    incident: Trouble
    well_since: Moment
    at: Moment
    closes_at: Moment | None = None
    occasion: Literal["still_open"] = "still_open"


@dataclass(frozen=True, kw_only=True)
class CutOff:
    """No reference answers: it is us. ``failing``: checks that are not believed."""

    at: Moment
    references: tuple[str, ...]
    failing: int
    occasion: Literal["cut_off"] = "cut_off"


@dataclass(frozen=True, kw_only=True)
class ConnectedAgain:
    since: Moment
    at: Moment
    occasion: Literal["connected_again"] = "connected_again"


@dataclass(frozen=True, kw_only=True)
class MailStuck:
    """No letter has left since ``since``. ``reason``: the relay's last word, without addresses."""

    since: Moment
    at: Moment
    waiting: int
    reason: str
    occasion: Literal["mail_stuck"] = "mail_stuck"


@dataclass(frozen=True, kw_only=True)
class HeldBack:
    """So many ``customers`` have got as many letters as they may in an hour or a day; what else
    is to be told to them waits, the first until ``until``.
    """

    customers: int
    per_hour: int
    per_day: int
    until: Moment
    at: Moment
    occasion: Literal["held_back"] = "held_back"


@dataclass(frozen=True, kw_only=True)
class OtherRelay:
    """Letters go by the second relay, or by the first again. ``reason``: what the first said."""

    at: Moment
    stood_in: bool
    reason: str
    occasion: Literal["other_relay"] = "other_relay"


@dataclass(frozen=True, kw_only=True)
class DiskFull:
    """``where``: the folder that could not be written."""

    where: str
    at: Moment
    occasion: Literal["disk_full"] = "disk_full"


@dataclass(frozen=True, kw_only=True)
class PagesStale:
    """Pages that cannot be written stand as they were. ``reason``: our own mistake, in a line."""

    reason: str
    at: Moment
    occasion: Literal["pages_stale"] = "pages_stale"


@dataclass(frozen=True, kw_only=True)
class PagesFresh:
    """All pages are written again."""

    since: Moment
    at: Moment
    occasion: Literal["pages_fresh"] = "pages_fresh"


@dataclass(frozen=True, kw_only=True)
class LettersWaiting:
    """So much failed at once that it may be us: the page speaks, the letters wait for a person."""

    incidents: tuple[Trouble, ...]
    at: Moment
    occasion: Literal["letters_waiting"] = "letters_waiting"


@dataclass(frozen=True, kw_only=True)
class PromiseDue:
    """Customers were promised a word by ``due_at``."""

    incident: Trouble
    due_at: Moment
    at: Moment
    occasion: Literal["promise_due"] = "promise_due"


@dataclass(frozen=True, kw_only=True)
class ReaderWanted:
    """An operator has written to customers, and another is to read it before it leaves.

    ``planned``: of work that is planned; ``incident`` names what it touches.
    """

    incident: Trouble
    letter: str
    author: str
    leaves_at: Moment
    at: Moment
    planned: bool = False
    occasion: Literal["reader_wanted"] = "reader_wanted"


@dataclass(frozen=True, kw_only=True)
class PostmortemDue:
    """Customers are to read by ``due_at`` what we learned."""

    incident: Trouble
    due_at: Moment
    at: Moment
    occasion: Literal["postmortem_due"] = "postmortem_due"


@dataclass(frozen=True, kw_only=True)
class CodesMissing:
    """A postmortem promises each customer a code, and ``missing`` have none: theirs waits."""

    incident: Trouble
    missing: int
    at: Moment
    occasion: Literal["codes_missing"] = "codes_missing"


@dataclass(frozen=True, kw_only=True)
class CameBack:
    """Many of an announcement's letters came back. ``reason``: the most frequent, without
    addresses. ``incident``: what it was about, if about one.
    """

    letters: int
    returned: int
    reason: str
    at: Moment
    incident: Trouble | None = None
    occasion: Literal["came_back"] = "came_back"


@dataclass(frozen=True, kw_only=True)
class CanaryLost:
    """The letter that we write to ourselves has not arrived. ``reason``: what is known of it,
    without addresses; may be empty. ``accepted_at``: when the relay took it, if it did.
    """

    sent_at: Moment
    at: Moment
    accepted_at: Moment | None = None
    reason: str = ""
    occasion: Literal["canary_lost"] = "canary_lost"


@dataclass(frozen=True, kw_only=True)
class CanaryBack:
    """One has arrived again. ``since``: when operators were told that none does."""

    since: Moment
    at: Moment
    took_s: float
    occasion: Literal["canary_back"] = "canary_back"


Alarm = (
    Opened
    | Again
    | Recovered
    | StillOpen
    | CutOff
    | ConnectedAgain
    | MailStuck
    | HeldBack
    | OtherRelay
    | DiskFull
    | PagesStale
    | PagesFresh
    | LettersWaiting
    | PromiseDue
    | ReaderWanted
    | PostmortemDue
    | CodesMissing
    | CameBack
    | CanaryLost
    | CanaryBack
)

_ALARM: TypeAdapter[Alarm] = TypeAdapter(Annotated[Alarm, Field(discriminator="occasion")])


def freeze_alarm(alarm: Alarm) -> dict[str, Any]:
    """JSON-ready, tagged by ``occasion``."""
    frozen: dict[str, Any] = _ALARM.dump_python(alarm, mode="json")
    return frozen


def thaw_alarm(frozen: Mapping[str, Any]) -> Alarm:
    """The value that ``freeze_alarm`` was given; ``pydantic.ValidationError`` on anything else."""
    return _ALARM.validate_python(dict(frozen))
