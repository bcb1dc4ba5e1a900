"""What goes wrong with one kind of channel is no other kind's affair."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from statuspage.database import Store
from statuspage.tables import Subscriber
from tests.servers.https import Host, https
from tests.servers.ports import free_port
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import MINUTE, NOON, SECOND, Town, town_settings


@pytest.fixture
async def hook() -> AsyncIterator[Host]:
    """A hook that answers once it is let (``hook.hears``)."""
    async with https("hooks.example.org") as host:
        host.hears.clear()
        yield host
        host.hears.set()


@pytest.fixture
async def town(store_url: str, smtp: Relay, hook: Host) -> AsyncIterator[Town]:
    made = await Town(Store(store_url), town_settings(smtp.dsn), hook.reach).build()
    yield made
    await made.close()


async def listen(town: Town, count: int = 1) -> None:
    async with town.store.write() as session:
        for n in range(count):
            session.add(
                Subscriber(
                    id=f"hook{n}",
                    channel="webhook",
                    address=f"https://hooks.example.org/{n}",
                    language="en",
                    state="active",
                    code=f"hook-code-{n}",
                    created_at=NOON,
                    confirmed_at=NOON,
                )
            )


async def speak(town: Town) -> None:
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()


async def test_a_hook_that_hangs_holds_no_letter(town: Town, smtp: Relay, hook: Host) -> None:
    await listen(town, 40)
    await town.crowd(100)
    await speak(town)
    sending = asyncio.create_task(town.deliver())
    await smtp.wait(100)
    while await town.count("accepted") < 100:  # noqa: ASYNC110  nobody announces it
        await asyncio.sleep(0.02)
    assert len(hook.requests) == 16, "as many as it has lines"
    assert not sending.done()
    hook.hears.set()
    await sending
    assert await town.count("accepted") == 140


async def test_a_letter_that_falls_due_meanwhile_does_not_wait_for_a_hook(
    town: Town, smtp: Relay, hook: Host
) -> None:
    await listen(town)
    await speak(town)
    sending = asyncio.create_task(town.deliver())
    await town.ask("nora@example.org")
    await smtp.wait(1, to="nora@example.org")
    assert not sending.done()
    hook.hears.set()
    await sending
    assert await town.count("accepted") == 2


async def test_hooks_are_told_where_there_is_no_relay(store_url: str, hook: Host) -> None:
    hook.hears.set()
    town = await Town(Store(store_url), town_settings(""), hook.reach).build()
    await listen(town)
    await town.add("anna@example.org")
    await speak(town)
    assert await town.deliver() is None, "nothing waits that could ever leave"
    assert sorted(await town.states()) == ["accepted", "queued"]
    await town.close()


async def test_a_relay_that_is_away_rests_alone(store_url: str, hook: Host) -> None:
    hook.hears.set()
    settings = town_settings(f"smtp://127.0.0.1:{free_port()}")
    town = await Town(Store(store_url), settings, hook.reach).build()
    await town.crowd(20)
    await speak(town)
    rest = await town.deliver()
    assert rest is not None
    assert rest >= SECOND
    await listen(town)
    await town.tell("It is mended.", over=False)
    await town.spread()
    await town.deliver()
    assert len(hook.requests) == 1, "while the relay rests"
    rows = await town.deliveries()
    assert [one.subscriber_id for one in rows if one.state == "accepted"] == ["hook0"]
    assert max(one.attempts for one in rows if one.state == "queued") == 0
    town.at += MINUTE
    assert await town.deliver() is not None
    await town.close()
