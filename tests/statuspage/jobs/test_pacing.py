"""A slow domain takes its letters at its pace, and keeps nobody else's waiting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from statuspage.database import Store
from statuspage.jobs.pacing import Pacing
from statuspage.tables import Call
from tests.servers.ports import free_port
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import NOON, SECOND, Town, town_settings


def test_each_letter_keeps_the_turn_that_it_was_given() -> None:
    pacing = Pacing(0, 2)
    turns = [pacing.put_off(n, f"reader{n}@slow.example", NOON) for n in range(4)]
    assert turns == [None, *(NOON + n * SECOND / 2 for n in (1, 2, 3))]
    assert pacing.put_off(9, "ada@Quick.example", NOON) is None
    for n in (1, 2, 3):
        assert pacing.put_off(n, f"reader{n}@slow.example", NOON + n * SECOND / 2) is None


def test_no_limit_is_none() -> None:
    pacing = Pacing(0, 0)
    assert [pacing.put_off(n, "ada@example.org", NOON) for n in range(100)] == [None] * 100


@pytest.fixture
async def paced(store_url: str, smtp: Relay) -> AsyncIterator[Town]:
    made = Town(Store(store_url), town_settings(smtp.dsn, mail="per_domain = 0.01"))
    yield await made.build()
    await made.close()


async def test_a_slow_domain_holds_no_other(paced: Town, smtp: Relay) -> None:
    """A round counts on by real time, and on a busy machine a delivery takes a while: so a turn
    is a hundred seconds, and each is looked for in its middle.
    """
    for n in range(6):
        await paced.add(f"reader{n}@slow.example")
        await paced.add(f"reader{n}@quick{n}.example")
    await paced.incident()
    await paced.tell("A disk is full.")
    await paced.mail()
    domains = [letter.recipient.partition("@")[2] for letter in smtp.letters]
    assert domains.count("slow.example") == 1
    assert len(domains) == 7
    waiting = [one for one in await paced.deliveries() if one.state == "queued"]
    assert {one.attempts for one in waiting} == {0}, "that is no attempt"
    for turn in range(1, 6):
        paced.at = NOON + timedelta(seconds=100 * turn - 5)
        await paced.deliver()
        assert len(smtp.letters) == 7 + turn - 1, "not before its turn"
        paced.at = NOON + timedelta(seconds=100 * turn + 50)
        await paced.deliver()
        assert len(smtp.letters) == 7 + turn
    assert await paced.count("accepted") == 12


async def test_operators_hear_once_of_the_second_relay_and_once_of_the_first(
    store_url: str, smtp: Relay
) -> None:
    port = free_port()
    settings = town_settings(
        f"smtp://127.0.0.1:{port}",
        mail=f'second_server = "{smtp.dsn}"',
        operators='notify = ["https://hooks.acme.example/x"]',
    )
    town = await Town(Store(store_url), settings).build()
    await town.crowd(40)
    await town.incident()
    await town.tell("A disk is full.")
    await town.mail()
    assert len(smtp.letters) == 40
    assert await told(town) == [True]
    await town.tell("It is mended.")
    await town.mail()
    assert await told(town) == [True], "once"
    relays = town.room.relays
    assert relays is not None
    relays._rests_until = 0  # the pause is over
    with Relay(port=port) as first:
        await town.tell("It is well.")
        await town.mail()
        assert len(first.letters) > 0
    assert await told(town) == [True, False]
    assert [one.reason for one in await town.deliveries() if one.state == "queued"] == []
    await town.close()


async def told(town: Town) -> list[bool]:
    async with town.store.read() as session:
        found = await session.scalars(sa.select(Call).order_by(col(Call.id)))
        return [call.facts["stood_in"] for call in found if call.facts["occasion"] == "other_relay"]
