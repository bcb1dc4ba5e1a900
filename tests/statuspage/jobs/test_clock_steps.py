"""The wall clock steps an hour, either way, in the middle of a fan-out: nobody waits for an hour,
and nobody is told twice.

The jobs' clock is the one that is handed in. SQLite's claims are timed by the same machine's
clock, so they are moved with it; PostgreSQL's own clock does not step when ours does.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from statuspage.database import Store
from statuspage.jobs import lease
from statuspage.jobs.guard_clock import plan_anew
from statuspage.tables import Delivery
from statuspage.tables.claims import until
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import HOUR, MINUTE, SECOND, Town, town_settings

CROWD, LATER = 60, 12
HOURS = pytest.mark.parametrize("hours", [1, -1])


def counts(told: str) -> None:
    print(told)  # noqa: T201  shown by `pytest -s`


async def step(town: Town, by: timedelta) -> None:
    """What the guard of the clock sees to, a second later."""
    town.at += by
    if town.store.is_sqlite:
        seconds = -by.total_seconds()
        column: sa.ColumnElement[Any] = sa.literal_column("lease_until")
        moved = sa.func.strftime("%Y-%m-%d %H:%M:%f000", column, f"{seconds:+.0f} seconds")
        async with town.store.write() as session:
            await session.execute(sa.update(Delivery).values(lease_until=moved))
    await plan_anew(town.premises, town.at)


def told_once(smtp: Relay, what: str) -> None:
    copies = Counter(letter.recipient for letter in smtp.letters)
    without, repeats = CROWD - len(copies), sum(copies.values()) - len(copies)
    counts(f"{what}: {CROWD} customers, {without} without, {repeats} repeats")
    assert (without, repeats) == (0, 0)


@HOURS
async def test_letters_that_wait_to_be_tried_again(town: Town, smtp: Relay, hours: int) -> None:
    for n in range(LATER):
        smtp.reply("RCPT", "451 4.7.1 later", recipient=f"reader{n}@example.org", times=1)
    await town.crowd(CROWD)
    await town.incident()
    await town.tell("A disk is full.")
    await town.mail()
    assert await town.count("queued") == LATER
    await step(town, hours * HOUR)
    town.at += 10 * SECOND
    await town.deliver()
    told_once(smtp, f"{hours:+d} h while {LATER} waited to be tried again")


@HOURS
async def test_a_word_that_may_be_taken_back_for_a_minute(
    town: Town, smtp: Relay, hours: int
) -> None:
    await town.crowd(CROWD)
    await town.incident()
    await town.tell("A disk is full.", due_at=town.at + MINUTE)
    await step(town, hours * HOUR)
    await town.mail()
    assert len(smtp.letters) == (CROWD if hours > 0 else 0), "after an hour the minute is over"
    town.at += MINUTE
    await town.mail()
    told_once(smtp, f"{hours:+d} h while a word might be taken back")


@HOURS
async def test_a_later_word_stays_the_later_one(town: Town, smtp: Relay, hours: int) -> None:
    await town.crowd(CROWD)
    await town.incident()
    await town.tell("We are looking into it.", due_at=town.at + SECOND)
    await step(town, hours * HOUR)
    town.at += SECOND
    await town.tell("It was a disk.")
    town.at += SECOND
    await town.mail()
    told_once(smtp, f"{hours:+d} h between two words")
    assert all(
        letter.text.index("It was a disk.") >= 0 and letter.text.count("looking into it") <= 1
        for letter in smtp.letters
    )


@HOURS
async def test_while_letters_are_under_way(store_url: str, smtp: Relay, hours: int) -> None:
    """Claims have lapsed, or last for an hour, of which this very process holds the letters."""
    settings = town_settings(smtp.dsn, mail="max_per_second = 60\nconnections = 2")
    town = await Town(Store(store_url), settings).build()
    await town.crowd(CROWD)
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    delivering = asyncio.create_task(town.deliver())
    await smtp.wait(CROWD // 4)
    await step(town, hours * HOUR)
    await delivering
    told_once(smtp, f"{hours:+d} h while letters were under way")
    await town.close()


async def test_a_dead_workers_claim_does_not_last_for_an_hour(town: Town) -> None:
    await town.crowd(4)
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    async with town.store.write() as session:
        await session.execute(sa.update(Delivery).values(lease_by="dead", lease_until=until(HOUR)))
    await plan_anew(town.premises, town.at)
    async with town.store.read() as session:
        lasting = sa.select(sa.func.count()).where(
            Delivery.__table__.c.lease_until > until(lease.LEASE)  # type: ignore[attr-defined]
        )
        assert await session.scalar(lasting) == 0
