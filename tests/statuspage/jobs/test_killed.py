"""A mailer that is killed in the middle loses no letter, and repeats hardly one."""

from __future__ import annotations

import asyncio
import itertools
import sys
from asyncio.subprocess import PIPE, Process

import pytest
import sqlalchemy as sa

from statuspage.tables import Delivery
from tests.servers.smtp import Relay
from tests.statuspage.jobs.learning import (
    CODES,
    after_an_outage,
    codes_in,
    codes_of,
    learned,
    says,
    uploads,
)
from tests.statuspage.jobs.town import HOUR, NOON, Town

pytestmark = pytest.mark.timeout(180)
CROWD = 300
LINES = 8


async def start(town: Town, smtp: Relay) -> Process:
    url = town.store.url
    command = ["-m", "tests.statuspage.jobs.mailer", url, smtp.dsn]
    return await asyncio.create_subprocess_exec(sys.executable, *command, stdout=PIPE)


@pytest.mark.slow
async def test_killed_twice_in_a_fan_out(town: Town, smtp: Relay) -> None:
    await town.crowd(CROWD)
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    in_danger = 0
    for stop_at in (60, 160):
        mailer = await start(town, smtp)
        await smtp.wait(stop_at, seconds=20)
        mailer.kill()
        await mailer.wait()
        last = smtp.letters[-1].at
        # what was accepted in the 100 ms before the kill, and what was under way
        in_danger += sum(last - letter.at <= 0.1 for letter in smtp.letters) + LINES
    mailer = await start(town, smtp)
    said, _ = await asyncio.wait_for(mailer.communicate(), 30)
    assert said == b"idle\n"

    names = {letter.recipient for letter in smtp.letters}
    assert len(names) == CROWD, "nobody is without"
    repeats = len(smtp.letters) - CROWD
    sys.stdout.write(f"{repeats} repeats; the 100 ms before the kills held {in_danger}\n")
    assert repeats <= in_danger
    by_name = itertools.groupby(
        sorted(smtp.letters, key=lambda one: one.recipient), key=lambda one: one.recipient
    )
    for _, letters in by_name:
        same = [letter.message["Message-ID"] for letter in letters]
        assert len(set(same)) == 1
        assert len(same) <= 3
    assert set(await town.states()) == {"accepted"}


@pytest.mark.slow
async def test_killed_twice_while_codes_go_out(town: Town, smtp: Relay) -> None:
    """Whoever gets a letter twice gets the same code, and no code reaches two."""
    await town.crowd(CROWD)
    await after_an_outage(town, smtp)
    await uploads(town, *(f"CODE-{n}" for n in range(CROWD)))
    await says(town, learned(credit=CODES))
    town.at = NOON + 12 * HOUR
    await town.spread()
    async with town.store.write() as session:  # that process's clock stands at noon
        await session.execute(sa.update(Delivery).values(due_at=NOON))
    for stop_at in (60, 160):
        mailer = await start(town, smtp)
        await smtp.wait(stop_at, seconds=20)
        mailer.kill()
        await mailer.wait()
    mailer = await start(town, smtp)
    said, _ = await asyncio.wait_for(mailer.communicate(), 30)
    assert said == b"idle\n"

    got: dict[str, set[str]] = {}
    for letter in smtp.letters:
        got.setdefault(letter.recipient, set()).update(codes_in(letter))
    assert len(got) == CROWD, "nobody is without"
    assert all(len(codes) == 1 for codes in got.values())
    assert len(set.union(*got.values())) == CROWD
    bound = await codes_of(town)
    assert None not in bound.values()
