"""Which maintenances are in force, what is due to become of them, and may one be planned so?

In force is decided by the times alone, not by the row's status: checks are muted from the
very second, whenever the clock's job comes round to noting it. When one is over, what still
fails is not blamed before it was looked at anew: a shop that was started a second ago has
not answered its check yet. Nothing here looks at a clock, a socket or a row's store.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from checks.causes import below, find
from statuspage.errors import Fault
from statuspage.rules import occurrences
from statuspage.rules.components import Standings, fails, fails_since, seen_since
from statuspage.rules.muting import excused
from statuspage.rules.occurrences import DAYS, Every, Repeat, Window
from statuspage.rules.short_ids import short_id
from statuspage.tables import Maintenance

DAY_BEFORE = timedelta(days=1)
LONGEST = timedelta(days=31)
"""Checks that are muted for longer are not watched, they are forgotten."""
LOOK_AGAIN_WITHIN = timedelta(minutes=5)
"""After the end a failure is believed anew; however unsteady the answers, within this time."""
REMEMBERED = timedelta(days=1)
"""So long after its end a maintenance may still excuse what nobody has looked at since."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for, through any door."""

    window: Window
    components: tuple[str, ...]
    name: str | None = None
    body: str = ""
    language: str | None = None
    translations: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    """Language -> ``name`` and ``body``."""
    repeat: Repeat | None = None
    notify: bool = True
    overridden: tuple[str, ...] = field(default=(), compare=False)
    """Rules by which the review refuses it, and it is said all the same."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Its time has come."""

    row: Maintenance


@dataclass(frozen=True, slots=True)
class Complete:
    """Its time is over."""

    row: Maintenance


@dataclass(frozen=True, slots=True)
class TellAgain:
    """It begins within a day, and customers were told of that longer ago."""

    row: Maintenance


@dataclass(frozen=True, slots=True)
class TellOver:
    """It ended later than announced. ``well``: its components do well; else what follows is
    told as an incident.
    """

    row: Maintenance
    well: bool


Decision = Begin | Complete | TellAgain | TellOver


def is_in_force(row: Maintenance, now: datetime) -> bool:
    if row.ended_at is not None or now >= row.scheduled_until:
        return False
    return row.started_at is not None or row.scheduled_for <= now


def under_way(rows: Iterable[Maintenance], now: datetime) -> frozenset[str]:
    """The components of all that is in force."""
    return frozenset(id for row in rows if is_in_force(row, now) for id in row.components)


def just_over(
    rows: Iterable[Maintenance], standings: Standings, times: int, now: datetime
) -> frozenset[str]:
    """Components that still fail and were not seen to fail ``times`` times since the end; where
    nobody looked since then (we were away ourselves), nothing is known of them yet.
    """
    ends = ((row, _end(row)) for row in rows if not is_in_force(row, now))
    return frozenset(
        id
        for row, end in ends
        if end is not None and timedelta(0) <= now - end <= REMEMBERED
        for id in row.components
        if fails(standings, id) and _is_unjudged(standings, id, end, times, now)
    )


def _is_unjudged(standings: Standings, id: str, end: datetime, times: int, now: datetime) -> bool:
    if now - end <= LOOK_AGAIN_WITHIN and not fails_since(standings, id, end, times):
        return True
    return not seen_since(standings, id, end)


def shown_under_maintenance(
    rows: Collection[Maintenance], standings: Standings, times: int, now: datetime
) -> frozenset[str]:
    """What visitors see under maintenance: with it, what fails only because of it, or may turn out
    to: what was seen first is no outage for the moment until the tier below was asked.
    """
    named = under_way(rows, now) | just_over(rows, standings, times, now)
    if not named:
        return named
    finding = find(standings.parts, now)
    waiting = {id for id in finding.waiting if named & below(id, standings.parts)}
    return excused(finding, named) | waiting


def _end(row: Maintenance) -> datetime | None:
    """When it stopped being in force; None for one that never was."""
    if row.cancelled_at is not None:
        return None
    return row.ended_at or row.scheduled_until


def due(rows: Iterable[Maintenance], now: datetime) -> Iterator[Decision]:
    """What the clock does to them, in the order in which it is done."""
    for row in rows:
        if row.ended_at is not None:
            continue
        begins = row.started_at is None and row.scheduled_for <= now
        if begins:
            yield Begin(row)
        if row.scheduled_until <= now:
            yield Complete(row)
        elif not begins and row.started_at is None and _is_to_be_told_again(row, now):
            yield TellAgain(row)


def _is_to_be_told_again(row: Maintenance, now: datetime) -> bool:
    """Of a daily one nobody needs a letter a day."""
    is_daily = row.repeat is not None and row.repeat["every"] == Every.DAY
    day_before = row.scheduled_for - DAY_BEFORE
    if not row.notify or is_daily or now < day_before:
        return False
    return row.told_at is not None and row.told_at < day_before


def due_after(
    rows: Iterable[Maintenance], standings: Standings, times: int, now: datetime
) -> Iterator[Decision]:
    """Which ends are to be told, of rows that are over: those that came later than announced,
    and those of which customers read, while it went on, that they will hear of its end; not
    before what still fails was asked anew.
    """
    for row in rows:
        if not _ended_untold(row):
            continue
        failing = {id for id in row.components if fails(standings, id)}
        if not failing or not failing & just_over([row], standings, times, now):
            yield TellOver(row, well=not failing)


def _ended_untold(row: Maintenance) -> bool:
    if row.ended_at is None or row.cancelled_at is not None or row.told_at is None:
        return False
    promised = row.started_at is not None and row.told_at > row.started_at
    return (promised or row.ended_at > row.announced_until) and row.told_at < row.ended_at


def next_window(row: Maintenance, zone: str, now: datetime) -> Window | None:
    """When it comes again: after this one, and not in the past."""
    return next((one for one in later_windows(row, zone) if one.ends_at > now), None)


def later_windows(row: Maintenance, zone: str) -> Iterator[Window]:
    """When it comes again by its rule, after this one and not before that is over."""
    repeat = occurrences.stored(row.repeat)
    if repeat is None:
        return
    over_at = row.ended_at or row.scheduled_until
    anchor = Window(row.anchor_for, row.anchor_until)
    for one in occurrences.occurrences(anchor, repeat, zone):
        if one.begins_at > row.occurs_at and one.begins_at >= over_at:
            yield one


def later_id(row: Maintenance, window: Window) -> str:
    """The id of a row that follows, known before it is there: a calendar shows it already."""
    anchor, begins = row.anchor_for.timestamp(), window.begins_at.timestamp()
    return short_id("maintenance", row.series_id, int(anchor), int(begins))


def faults(
    plan: Plan,
    components: Collection[str],
    languages: Collection[str],
    zone: str,
    now: datetime,
) -> Iterator[Fault]:
    """What is wrong, a line a field; nothing when it may be planned so."""
    if not plan.components:
        yield Fault(("body", "components"), "Name at least one component.")
    for unknown in sorted(set(plan.components) - set(components)):
        known = ", ".join(sorted(components))
        yield Fault(("body", "components", unknown), f"No such component; there are: {known}.")
    yield from _language_faults(plan, languages)
    wrong = list(_window_faults(plan.window, now))
    yield from wrong
    if plan.repeat is not None and not wrong:
        yield from _repeat_faults(plan.window, plan.repeat, zone)


def _language_faults(plan: Plan, languages: Collection[str]) -> Iterator[Fault]:
    foreign = f"Not a language of this site: {', '.join(sorted(languages))}."
    if plan.language is not None and plan.language not in languages:
        yield Fault(("body", "language"), foreign)
    for language, told in plan.translations.items():
        where = ("body", "translations", language)
        if language not in languages:
            yield Fault(where, foreign)
        elif bool(told.get("name")) < bool(plan.name) or bool(told.get("body")) < bool(plan.body):
            yield Fault(where, "Must say all that is said: two languages in one would confuse.")


def _window_faults(window: Window, now: datetime) -> Iterator[Fault]:
    where = ("body", "scheduled_until")
    if window.ends_at <= window.begins_at:
        yield Fault(where, "Must be later than scheduled_for.")
    elif window.ends_at <= now:
        yield Fault(where, "Must lie in the future.")
    elif window.ends_at - window.begins_at > LONGEST:
        yield Fault(where, f"At most {LONGEST.days} days after scheduled_for.")


def _repeat_faults(window: Window, repeat: Repeat, zone: str) -> Iterator[Fault]:
    if repeat.on and repeat.every is not Every.WEEK:
        yield Fault(("body", "repeat", "on"), 'Goes with "every": "week" only.')
    for unknown in (day for day in repeat.on if day not in DAYS):
        yield Fault(("body", "repeat", "on"), f"{unknown} is none of {', '.join(DAYS)}.")
        return
    day = occurrences.weekday(window.begins_at, zone)
    if repeat.on and repeat.every is Every.WEEK and day not in repeat.on:
        says = f"scheduled_for is a {day} in {zone}, which must be one of these days."
        yield Fault(("body", "repeat", "on"), says)
    if repeat.until is not None and repeat.until < window.begins_at:
        yield Fault(("body", "repeat", "until"), "Must not be earlier than scheduled_for.")
    if occurrences.overlaps(window, repeat, zone):
        yield Fault(("body", "repeat"), "It would come again before it is over.")
