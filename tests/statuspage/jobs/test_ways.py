"""What goes wrong with one kind of channel is no other kind's affair."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from statuspage.database import Store
from statuspage.tables import Subscriber
from tests.servers.ports import free_port
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import MINUTE, NOON, SECOND, Town, town_settings


class Hook:
    """A hook that answers once it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/hook"

    async def open(self) -> Hook:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        return self

    def close(self) -> None:
        self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            self.asked += 1
            await self.may_answer.wait()
            writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    made = await Hook().open()
    yield made
    made.may_answer.set()
    made.close()


async def listen(town: Town, hook: Hook, count: int = 1) -> None:
    async with town.store.write() as session:
        for n in range(count):
            session.add(
                Subscriber(
                    id=f"hook{n}",
                    channel="webhook",
                    address=f"{hook.url}/{n}",
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


async def test_a_hook_that_hangs_holds_no_letter(town: Town, smtp: Relay, hook: Hook) -> None:
    await listen(town, hook, 40)
    await town.crowd(100)
    await speak(town)
    sending = asyncio.create_task(town.deliver())
    await smtp.wait(100)
    while await town.count("accepted") < 100:  # noqa: ASYNC110  nobody announces it
        await asyncio.sleep(0.02)
    assert hook.asked == 16, "as many as it has lines"
    assert not sending.done()
    hook.may_answer.set()
    await sending
    assert await town.count("accepted") == 140


async def test_a_letter_that_falls_due_meanwhile_does_not_wait_for_a_hook(
    town: Town, smtp: Relay, hook: Hook
) -> None:
    await listen(town, hook)
    await speak(town)
    sending = asyncio.create_task(town.deliver())
    await town.ask("nora@example.org")
    await smtp.wait(1, to="nora@example.org")
    assert not sending.done()
    hook.may_answer.set()
    await sending
    assert await town.count("accepted") == 2


async def test_hooks_are_told_where_there_is_no_relay(store_url: str, hook: Hook) -> None:
    hook.may_answer.set()
    town = await Town(Store(store_url), town_settings("")).build()
    await listen(town, hook)
    await town.add("anna@example.org")
    await speak(town)
    assert await town.deliver() is None, "nothing waits that could ever leave"
    assert sorted(await town.states()) == ["accepted", "queued"]
    await town.close()


async def test_a_relay_that_is_away_rests_alone(store_url: str, hook: Hook) -> None:
    hook.may_answer.set()
    settings = town_settings(f"smtp://127.0.0.1:{free_port()}")
    town = await Town(Store(store_url), settings).build()
    await town.crowd(20)
    await speak(town)
    rest = await town.deliver()
    assert rest is not None
    assert rest >= SECOND
    await listen(town, hook)
    await town.tell("It is mended.", over=False)
    await town.spread()
    await town.deliver()
    assert hook.asked == 1, "while the relay rests"
    rows = await town.deliveries()
    assert [one.subscriber_id for one in rows if one.state == "accepted"] == ["hook0"]
    assert max(one.attempts for one in rows if one.state == "queued") == 0
    town.at += MINUTE
    assert await town.deliver() is not None
    await town.close()
