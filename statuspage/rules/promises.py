"""When do customers hear next, and what happens when nobody has said anything by then?

A promise of a person's that passes is missed, and owned up to at once, by day and night. One
of the machine's passes on to its next. Whichever it was, customers who are written to hear
again by the pauses of the configuration and not at night, and no promise falls nearer than
the next such letter may go. Nothing here looks at a clock, a socket or a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from statuspage.rules.board import Kept
from statuspage.settings import Settings
from statuspage.tables import Promise
from statuspage.vocabulary import By

AFTER_START = timedelta(minutes=30)
"""Nobody is in the office: a word is promised for so long after somebody is again."""
SOON = timedelta(minutes=1)
COUNTED = timedelta(days=90)
"""Over so long it is shown how promises were kept."""


@dataclass(frozen=True, slots=True)
class Course:
    """How an open incident has gone. ``written_at``: when customers were last written to about
    it; None: no letter of it goes out. ``holding``: how many letters since a person last spoke
    had no news. ``ends_at``: all is well, and it ends by itself then.
    """

    written_at: datetime | None = None
    holding: int = 0
    ends_at: datetime | None = None


class Outcome(NamedTuple):
    """What became of a promise; ``is_settled``: it was kept, be it late, or missed."""

    by: By
    in_time: bool
    is_settled: bool


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a promise that has passed leads to. ``writes``: a holding letter goes now."""

    is_missed: bool
    writes: bool
    due_at: datetime


def count(made: Iterable[Promise]) -> Kept:
    """Those that were settled for good."""
    return count_all((outcome(one), 1) for one in made)


def outcome(made: Promise) -> Outcome:
    is_kept = made.kept_at is not None
    in_time = made.kept_at is not None and made.kept_at <= made.due_at
    return Outcome(By(made.by), in_time, is_kept or made.missed_at is not None)


def count_all(outcomes: Iterable[tuple[Outcome, int]]) -> Kept:
    """The same, by how many had each outcome. The machine's are never missed: it passes them
    on.
    """
    kept = missed = 0
    for one, times in outcomes:
        if one.in_time:
            kept += times
        elif one.by is By.HUMAN and one.is_settled:
            missed += times
    return Kept(kept, missed)


def on_passing(by: By, course: Course, settings: Settings, now: datetime) -> Renewal:
    """A promise that was made by a person, or by the machine, is due now."""
    is_missed = by is By.HUMAN
    may_write_at = next_letter(course, settings)
    writes = (
        course.ends_at is None and may_write_at is not None and (is_missed or may_write_at <= now)
    )
    if writes:
        # the first owns up to a late word; only further ones use up the pauses
        further = course.holding if is_missed else course.holding + 1
        course = replace(course, written_at=now, holding=further)
    return Renewal(is_missed, writes, next_due(course, settings, now))


def next_due(course: Course, settings: Settings, now: datetime) -> datetime:
    """By when the machine promises a word."""
    if course.ends_at is not None:
        return max(course.ends_at, now + SOON)
    due_at = _staffed(settings, now + settings.letters.next_update, asked_at=now)
    letter = next_letter(course, settings)
    if letter is None:
        return due_at
    return max(due_at, _staffed(settings, letter, asked_at=letter))


def in_first_letter(due_at: datetime, settings: Settings, now: datetime) -> datetime:
    """By when a first letter that leaves now may say that there is another: the page's promise
    may fall sooner, and is renewed there; a letter's must be kept by a letter.
    """
    return max(due_at, next_letter(Course(written_at=now), settings) or due_at)


def next_letter(course: Course, settings: Settings) -> datetime | None:
    """When the next letter without news may go; None: none does."""
    if course.written_at is None:
        return None
    pauses = settings.letters.holding_pauses
    pause = pauses[min(course.holding, len(pauses) - 1)]
    return _in_the_morning(settings, course.written_at + pause)


def _staffed(settings: Settings, at: datetime, *, asked_at: datetime) -> datetime:
    """``at``, if somebody is in the office at ``asked_at``; else half an hour after the start."""
    hours, local = settings.operators.staffed, asked_at.astimezone(settings.site.zone)
    if hours.covers(local):
        return at
    return _utc(hours.next_start(local), at) + AFTER_START


def _in_the_morning(settings: Settings, at: datetime) -> datetime:
    quiet, local = settings.letters.quiet_hours, at.astimezone(settings.site.zone)
    if quiet is None or not quiet.covers(local):
        return at
    return _utc(quiet.end(local), at)


def _utc(local: datetime, like: datetime) -> datetime:
    return local.astimezone(like.tzinfo)
