"""Which of the words that wait for one customer go now, and as how many letters?

Nothing here looks at a clock, a socket or a row. Rules: words about one incident that wait
together go as one letter, the newest in full, so that nobody gets yesterday's "we are
looking into it" after "it is over"; what exceeds the limits waits until they allow one more
letter, and then all that waits goes as one; the newest word is never dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BUSY_PAUSE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """Letters for one customer in any hour, and in any day."""

    per_hour: int
    per_day: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery in the queue. ``about``: the incident, or the announcement where there is
    none or where it stands apart; ``said_at``: when it was announced; ``due_at``: when it is to
    be sent, None: now.
    """

    id: int
    announcement_id: str
    about: str
    said_at: datetime
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A word that the customer has got."""

    about: str
    said_at: datetime
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Send:
    """One letter of one or more words, the oldest first: the last one carries the others."""

    words: tuple[Waiting, ...]

    @property
    def carrier(self) -> Waiting:
        return self.words[-1]


@dataclass(frozen=True, slots=True)
class Wait:
    """Not before then. ``is_limit``: the customer has got as many letters as they may."""

    words: tuple[Waiting, ...]
    until: datetime
    is_limit: bool


@dataclass(frozen=True, slots=True)
class Drop:
    """A later word about the same was told already: this one would confuse."""

    word: Waiting


Decision = Send | Wait | Drop


def decide(
    waiting: Sequence[Waiting],
    told: Sequence[Told],
    limits: Limits,
    now: datetime,
    *,
    busy: bool = False,
) -> list[Decision]:
    """What to do with all that waits for one customer. ``busy``: another letter is on its way
    to them this very moment; what comes of it changes what this one may be.
    """
    decisions: list[Decision] = [Drop(word) for word in waiting if _overtaken(word, told)]
    fresh = sorted(
        (word for word in waiting if not _overtaken(word, told)),
        key=lambda word: (word.said_at, word.id),
    )
    if not fresh:
        return decisions
    allowed_at = _free_at(told, limits, now)
    free_at = max(allowed_at, now + BUSY_PAUSE if busy else now)
    if free_at > now:
        return [*decisions, Wait(tuple(fresh), free_at, is_limit=allowed_at > now)]
    letters = _by_subject(fresh)
    if len(letters) > _left(told, limits, now):
        letters = [fresh]
    return [*decisions, *(Send(tuple(words)) for words in letters)]


def in_turn(waiting: Sequence[Waiting], now: datetime, *, busy: bool = False) -> list[Decision]:
    """The same for a program: each word is an event of its own, none is left out, and none
    overtakes another, so the oldest goes and the others wait for it. No limit holds: a program
    is not woken at night.
    """
    if not waiting:
        return []
    first, *others = sorted(waiting, key=lambda word: (word.said_at, word.id))
    free_at = max(first.due_at or now, now + BUSY_PAUSE if busy else now)
    if free_at > now:
        return [Wait((first, *others), free_at, is_limit=False)]
    later = [Wait(tuple(others), now + BUSY_PAUSE, is_limit=False)] if others else []
    return [Send((first,)), *later]


def _overtaken(word: Waiting, told: Sequence[Told]) -> bool:
    return any(other.about == word.about and other.said_at > word.said_at for other in told)


def _by_subject(words: Sequence[Waiting]) -> list[list[Waiting]]:
    letters: dict[str, list[Waiting]] = {}
    for word in words:
        letters.setdefault(word.about, []).append(word)
    return list(letters.values())


def _left(told: Sequence[Told], limits: Limits, now: datetime) -> int:
    """How many more letters may go now."""
    return min(most - len(_within(told, span, now)) for most, span in _spans(limits))


def _free_at(told: Sequence[Told], limits: Limits, now: datetime) -> datetime:
    """When at least one more letter may go."""
    return max(_free_in(_within(told, span, now), most, span, now) for most, span in _spans(limits))


def _free_in(times: list[datetime], most: int, span: timedelta, now: datetime) -> datetime:
    # the most-th newest must have left the window
    return now if len(times) < most else times[-most] + span


def _within(told: Sequence[Told], span: timedelta, now: datetime) -> list[datetime]:
    return sorted(word.accepted_at for word in told if word.accepted_at > now - span)


def _spans(limits: Limits) -> tuple[tuple[int, timedelta], tuple[int, timedelta]]:
    return (limits.per_hour, HOUR), (limits.per_day, DAY)
