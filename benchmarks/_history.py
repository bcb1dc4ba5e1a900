"""What would the database hold after years of looking?

Rows as the jobs leave them, put in the order in which they would have come: days, hours, five
minutes, looks; and the changes and incidents of that time. What a look brought is made up, log
normal about a speed of each check; a few hours of each check are made, and chosen from again.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from benchmarks._stores import put
from checks.result import Grade
from statuspage.database import Store
from statuspage.rules.looks import SLOT, Look, pack, slot_of
from statuspage.rules.tally import Tally, tally
from statuspage.rules.tally import pack as pack_times
from statuspage.settings import Settings
from statuspage.settings.sections import Retention
from statuspage.tables import Cause, Change, Figures, Incident, Looks, Share, Update
from statuspage.tables.history import DAY, FIVE_MINUTES, HOUR

Row = dict[str, Any]
VARIANTS = 24
"""Hours of each check that are made up."""
AT_ONCE = 5_000
BETWEEN_OUTAGES = timedelta(days=20)
"""Of one check; between incidents of all of them, a week."""


async def fill(store: Store, settings: Settings, now: datetime, years: float) -> int:
    """Answers how many rows; the components' and checks' own are there."""
    chance = random.Random(1)
    checks = [_Made(id, chance, settings) for id in check_ids(settings)]
    since, kept, rows = now - timedelta(days=365 * years), settings.retention, 0
    for table, made in (
        (Figures, _figures(checks, DAY, since, now)),
        (Figures, _figures(checks, HOUR, now - kept.hours, now)),
        (Figures, _figures(checks, FIVE_MINUTES, now - kept.minutes, now)),
        (Looks, _looks(checks, now - kept.looks, now)),
        (Change, _changes(settings, kept, now, chance)),
        (Incident, _incidents(since, now)),
        (Cause, _causes(settings, since, now)),
        (Share, _shares(settings, since, now)),
        (Update, _updates(since, now)),
    ):
        rows += await put(store, table, made, AT_ONCE)
    return rows


def check_ids(settings: Settings) -> list[str]:
    return [check.id for component in settings.components for check in component.checks]


def variant(begun: datetime, minutes: int) -> int:
    """The same for the looks of five minutes and for their figures."""
    return int(begun.timestamp()) // (60 * minutes) % VARIANTS


class _Made:
    """A check, with some hours of it to choose from."""

    def __init__(self, id: str, chance: random.Random, settings: Settings) -> None:
        self.id = id
        every, middle_ms = settings.checks.interval, chance.uniform(5, 300)
        hours = [
            [
                Look(
                    n * every % SLOT,
                    Grade.WELL,
                    round(chance.lognormvariate(0, 0.3) * middle_ms, 1),
                )
                for n in range(timedelta(hours=1) // every)
            ]
            for _ in range(VARIANTS)
        ]
        a_slot = SLOT // every
        self.packed = [b"".join(pack(look) for look in hour[:a_slot]) for hour in hours]
        of_hours = [tally(hour) for hour in hours]
        self.tallies = {
            FIVE_MINUTES: [tally(hour[:a_slot]) for hour in hours],
            HOUR: of_hours,
            DAY: [sum(chance.choices(of_hours, k=24), Tally()) for _ in range(VARIANTS)],
        }

    def figures(self, minutes: int, begins_at: datetime) -> Row:
        what = self.tallies[minutes][variant(begins_at, minutes)]
        row = {"check_id": self.id, "minutes": minutes, "begins_at": begins_at, "asked": what.asked}
        seen = {FIVE_MINUTES: 1, HOUR: (1 << 12) - 1, DAY: (1 << 24) - 1}[minutes]
        return row | {"failed": 0, "slow": 0, "seen": seen, "times": pack_times(what.times)}


def _figures(checks: list[_Made], minutes: int, since: datetime, until: datetime) -> Iterator[Row]:
    for begun in _steps(since, until, timedelta(minutes=minutes)):
        yield from (check.figures(minutes, begun) for check in checks)


def _looks(checks: list[_Made], since: datetime, until: datetime) -> Iterator[Row]:
    for begun in _steps(since, until, SLOT):
        for check in checks:
            n = variant(begun, FIVE_MINUTES)
            packed, asked = check.packed[n], check.tallies[FIVE_MINUTES][n].asked
            row = {"check_id": check.id, "slot_at": begun, "asked": asked, "failed": 0, "says": ""}
            yield row | {"packed": packed, "rolled_up": True}


def _steps(since: datetime, until: datetime, length: timedelta) -> Iterator[datetime]:
    """All that are over, and the hour and the day that are not."""
    at = slot_of(since, length)
    while at < until - SLOT:
        yield at
        at += length


def _changes(
    settings: Settings, kept: Retention, now: datetime, chance: random.Random
) -> Iterator[Row]:
    for component in settings.components:
        for check in component.checks:
            at = now - kept.changes + chance.random() * BETWEEN_OUTAGES
            while at < now:
                for old, new in (("well", "failed"), ("failed", "well")):
                    yield {"check_id": check.id, "component_id": component.id, "at": at} | {
                        "old": old, "new": new, "since": at, "settled_at": at, "says": "Timed out.",
                    }  # fmt: skip
                    at += timedelta(minutes=20)
                at += BETWEEN_OUTAGES


def _weeks(since: datetime, now: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    """An incident each: its id, when it began and when it was over."""
    at = since + timedelta(days=7)
    for n in range(10_000):
        if at + timedelta(hours=1) > now:
            return
        yield f"{n:012}", at, at + timedelta(minutes=40)
        at += timedelta(days=7)


def _incidents(since: datetime, now: datetime) -> Iterator[Row]:
    for id, begun, over in _weeks(since, now):
        said = {"created_at": begun, "updated_at": over, "resolved_at": over, "resolved_by": "ada"}
        noticed = {"started_at": begun, "noticed_at": begun, "impact": "major"}
        yield {"id": id, "automatic": True, "status": "resolved"} | said | noticed


def _component(settings: Settings, id: str) -> str:
    return settings.components[int(id) % len(settings.components)].id


def _causes(settings: Settings, since: datetime, now: datetime) -> Iterator[Row]:
    for id, begun, over in _weeks(since, now):
        row = {"incident_id": id, "component_id": _component(settings, id), "says": "Timed out."}
        yield row | {"since": begun, "confirmed_at": begun, "ended_at": over}


def _shares(settings: Settings, since: datetime, now: datetime) -> Iterator[Row]:
    for id, _, _ in _weeks(since, now):
        row = {"incident_id": id, "component_id": _component(settings, id), "role": "cause"}
        yield row | {"worst": "major_outage", "status": "operational"}


def _updates(since: datetime, now: datetime) -> Iterator[Row]:
    for id, begun, over in _weeks(since, now):
        for n, status in enumerate(("investigating", "identified", "monitoring", "resolved"), 1):
            yield {
                "incident_id": id, "n": n, "at": begun + (over - begun) * (n - 1) / 3,
                "status": status, "by": "human", "author": "ada", "language": "en",
                "what_happened": "A full disk stopped our database; orders placed are safe.",
                "what_we_are_doing": "We are making room, and watch it until tonight.",
            }  # fmt: skip
