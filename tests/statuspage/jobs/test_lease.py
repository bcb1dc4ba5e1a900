"""A row has one worker at a time, and a dead worker's claim lapses."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from statuspage.actions import announcements
from statuspage.database import Store
from statuspage.jobs import lease, outbox
from statuspage.jobs.recording import Ended, give_way, record
from statuspage.tables import Delivery
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import NOON, Town, town_settings

QUEUED = col(Delivery.state) == "queued"


async def fan_out(town: Town, count: int) -> Town:
    await town.crowd(count)
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    return town


async def claim(town: Town, who: str, most: int, length: timedelta = lease.LEASE) -> list[int]:
    async with town.store.write() as session:
        return await lease.claim(
            session,
            Delivery,
            QUEUED,
            who=who,
            limit=most,
            order_by=[col(Delivery.id)],
            length=length,
        )


async def test_two_workers_never_claim_the_same(town: Town) -> None:
    await fan_out(town, 60)
    rounds = await asyncio.gather(*(claim(town, f"worker-{n}", 10) for n in range(6)))
    assert [len(one) for one in rounds] == [10] * 6
    assert len({id for one in rounds for id in one}) == 60
    assert await claim(town, "late", 10) == []


async def test_a_claim_lapses_by_the_stores_own_clock(town: Town) -> None:
    await fan_out(town, 1)
    assert len(await claim(town, "dead", 1, length=timedelta(seconds=-1))) == 1
    assert len(await claim(town, "alive", 1)) == 1
    assert await claim(town, "another", 1) == []


async def test_at_the_start_on_one_machine_every_claim_is_a_dead_ones(town: Town) -> None:
    await fan_out(town, 3)
    assert len(await claim(town, "dead", 3)) == 3
    async with town.store.write() as session:
        await lease.take_back_all(session)
    assert len(await claim(town, "alive", 3)) == 3


async def test_what_a_worker_says_whose_claim_lapsed_is_not_believed(town: Town) -> None:
    await fan_out(town, 1)
    async with town.store.write() as session:
        (letter,) = (
            await outbox.claim(session, town.room.limits, NOON, "frozen", 1, "email")
        ).letters
    async with town.store.write() as session:
        await lease.take_back_all(session)
    assert await claim(town, "second", 1) == [letter.id]
    async with town.store.write() as session:
        await record(session, [Ended(letter, "failed", NOON, "too late")], "frozen")
    (row,) = await town.deliveries()
    assert (row.state, row.lease_by) == ("queued", "second")


async def test_what_was_withdrawn_while_it_was_tried_in_vain_is_nobodys(town: Town) -> None:
    """Else it would count as one that may have left."""
    await fan_out(town, 1)
    async with town.store.write() as session:
        (letter,) = (await outbox.claim(session, town.room.limits, NOON, "me", 1, "email")).letters
    async with town.store.write() as session:
        await announcements.withdraw(session, "inc1", "well again", NOON)
    async with town.store.write() as session:
        await record(session, [Ended(letter, "queued", NOON, "greylisted", NOON)], "me")
    (row,) = await town.deliveries()
    assert (row.state, row.lease_by) == ("withdrawn", None)


async def test_who_stops_the_letters_is_not_made_to_wait_for_what_we_write(
    postgresql_url: str, smtp: Relay
) -> None:
    town = await fan_out(await Town(Store(postgresql_url), town_settings(smtp.dsn)).build(), 1)
    async with town.store.write() as session:
        (letter,) = (await outbox.claim(session, town.room.limits, NOON, "me", 1, "email")).letters

    async def write_down() -> None:
        async with town.store.write() as session:
            await give_way(session)
            await record(session, [Ended(letter, "accepted", NOON)], "me")

    began = time.monotonic()
    async with town.store.write() as operator:
        await operator.execute(sa.select(Delivery).with_for_update())
        with pytest.raises(DBAPIError):
            await write_down()
    assert time.monotonic() - began < 1
    await town.close()
