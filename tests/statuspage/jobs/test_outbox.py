"""A crowd's letters are claimed side by side, in their order, and none is a word behind."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from notifications.channel import Accepted
from statuspage.actions import announcements
from statuspage.database import Store
from statuspage.jobs import outbox
from statuspage.jobs.outgoing import Outgoing
from statuspage.jobs.recording import give_way, judge, record
from statuspage.tables import Delivery
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import HOUR, SECOND, Town, town_settings


async def claim(town: Town, most: int, who: str = "") -> tuple[Outgoing, ...]:
    async with town.store.write() as session:
        claimed = await outbox.claim(
            session, town.room.limits, town.at, who or town.who, most, "email"
        )
    return claimed.letters


async def accept(town: Town, letters: tuple[Outgoing, ...], who: str = "") -> None:
    ended = [judge(one, Accepted(), town.at, timedelta(0)) for one in letters]
    async with town.store.write() as session:
        await give_way(session)
        await record(session, ended, who or town.who)


async def fan_out(town: Town, count: int) -> None:
    await town.crowd(count)
    await town.incident()
    await town.tell("First.")
    await town.spread()


async def test_each_word_goes_round_in_an_order_of_its_own(town: Town) -> None:
    await fan_out(town, 60)
    orders = []
    for text in ("Second.", "Third."):
        letters = await claim(town, 100)
        assert [one.id for one in letters] == sorted(one.id for one in letters)
        orders.append([one.addressee.id for one in letters])
        await accept(town, letters)
        await town.tell(text)
        await town.spread()
    first, second = orders
    assert set(first) == set(second)
    assert first != second
    assert first != sorted(first)


async def test_what_is_claimed_and_recorded_is_what_the_rows_say(town: Town) -> None:
    await town.add("anna@example.org", "it")
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    anna = await town.subscriber("anna@example.org")
    (letter,) = await claim(town, 10)
    assert letter.matters == ("inc1",)
    assert letter.is_word
    assert (letter.addressee.address, letter.addressee.language) == ("anna@example.org", "it")
    assert (letter.addressee.id, letter.addressee.code) == (anna.id, anna.code)
    town.at += 3 * SECOND
    await accept(town, (letter,))
    (row,) = await town.deliveries()
    assert (row.state, row.attempts, row.lease_by) == ("accepted", 1, None)
    assert row.first_tried_at == row.accepted_at == row.ended_at == town.at


async def test_the_first_try_and_the_tries_are_remembered(town: Town) -> None:
    await fan_out(town, 1)
    (letter,) = await claim(town, 1)
    first_at, town.at = town.at, town.at + HOUR
    async with town.store.write() as session:
        tried = sa.update(Delivery).values(first_tried_at=first_at, attempts=2)
        await session.execute(tried)
    await accept(town, (letter,))
    (row,) = await town.deliveries()
    assert (row.first_tried_at, row.accepted_at, row.attempts) == (first_at, town.at, 3)


@pytest.fixture
async def steady_town(store_url: str, smtp: Relay) -> AsyncIterator[Town]:
    made = Town(Store(store_url), town_settings(smtp.dsn, mail="max_per_second = 150"))
    yield await made.build()
    await made.close()


async def test_a_second_word_in_the_middle_of_a_fan_out_takes_the_place_of_the_first(
    steady_town: Town, smtp: Relay
) -> None:
    town = steady_town
    await fan_out(town, 400)
    sending = asyncio.create_task(town.deliver())
    await smtp.wait(30)
    await town.tell("Second.", created_at=town.at + SECOND)
    await town.spread()
    await sending
    town.at += 10 * SECOND  # for whom the first was under way when the second came
    await town.deliver()
    by_reader = defaultdict(list)
    for letter in smtp.letters:
        by_reader[letter.recipient].append(("First." in letter.text, "Second." in letter.text))
    seen = Counter(map(tuple, by_reader.values()))
    both_apart, both_in_one = ((True, False), (False, True)), ((True, True),)
    assert seen.keys() == {both_apart, both_in_one}
    assert seen[both_in_one] > 50
    assert seen.total() == 400
    assert await town.count("merged") == seen[both_in_one]


async def test_a_claim_does_not_wait_for_another(postgresql_url: str) -> None:
    town = await Town(Store(postgresql_url), town_settings()).build()
    await fan_out(town, 40)
    async with asyncio.timeout(5), town.store.write() as one, town.store.write() as other:
        first = await outbox.claim(one, town.room.limits, town.at, "one", 20, "email")
        second = await outbox.claim(other, town.room.limits, town.at, "other", 30, "email")
    ids = {letter.id for claimed in (first, second) for letter in claimed.letters}
    assert (len(first.letters), len(second.letters), len(ids)) == (20, 20, 40)
    await town.close()


async def test_workers_readers_who_leave_and_a_second_word_embrace_nobody(
    postgresql_url: str,
) -> None:
    town = await Town(Store(postgresql_url), town_settings()).build()
    await fan_out(town, 200)
    leaving = [one.subscriber_id for one in await town.deliveries()][::10]

    async def work(who: str) -> None:
        while letters := await claim(town, 15, who):
            await accept(town, letters, who)

    async def leave() -> None:
        for id in leaving:
            await town.leave(id)

    async def speak() -> None:
        await town.tell("Second.", created_at=town.at + SECOND)
        await town.spread()

    await asyncio.gather(*(work(f"worker-{n}") for n in range(4)), leave(), speak())
    town.at += 10 * SECOND
    await work("the last")
    assert set(await town.states()) <= {"accepted", "merged", "withdrawn"}
    told = {one.subscriber_id for one in await town.deliveries() if one.state == "accepted"}
    assert len(told | set(leaving)) == 200
    await town.close()


async def test_what_is_stopped_while_it_is_on_its_way_is_recorded_as_it_was(town: Town) -> None:
    await fan_out(town, 20)
    under_way = await claim(town, 5)
    async with town.store.write() as session:
        assert await announcements.withdraw(session, "inc1", "stopped", town.at) == 20
    await accept(town, under_way)
    assert Counter(await town.states()) == {"accepted": 5, "withdrawn": 15}
