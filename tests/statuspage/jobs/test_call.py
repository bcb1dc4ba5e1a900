"""Operators hear of it at once, whatever becomes of the customers' letters."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from notifications import alarms
from statuspage.database import Store
from statuspage.jobs.call import GIVE_UP_AFTER, call
from statuspage.metrics import new_metrics
from statuspage.tables import Call
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import NOON, SECOND, Town, town_settings

SMTP = "mailto:oncall@acme.example"


@dataclass
class Hook:
    """An operators' hook that answers as told: a status, or None to hang."""

    answers: list[int | None]
    url: str = ""
    bodies: list[dict[str, object]] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Hook]:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/secret-path"
        async with server:
            yield self

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length:")[1].split("\r\n")[0])
        self.bodies.append(json.loads(await reader.readexactly(length)))
        self.asked.set()
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if status is None:
            await reader.read()
        writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n".encode())
        writer.close()


async def make(town: Town, targets: Sequence[str], key: str = "mail_stuck:1") -> None:
    facts = alarms.freeze_alarm(alarms.MailStuck(waiting=7, since=NOON, at=NOON, reason="refused"))
    async with town.store.write() as session:
        for target in targets:
            session.add(Call(key=key, target=target, facts=facts, created_at=NOON, due_at=NOON))


async def calls(town: Town) -> list[Call]:
    async with town.store.read() as session:
        return list((await session.scalars(sa.select(Call).order_by(col(Call.id)))).all())


async def send(town: Town) -> timedelta | None:
    return await call(town.store, town.settings, new_metrics(), town.at, town.who)


async def test_everybody_is_called_by_mail_and_by_hook(town: Town, smtp: Relay) -> None:
    async with Hook([200]).listening() as hook:
        await make(town, [SMTP, hook.url])
        assert await send(town) is None
    assert [one.state for one in await calls(town)] == ["sent", "sent"]
    letter = smtp.to("oncall@acme.example")[0]
    assert letter.subject.startswith("Acme: ")
    assert hook.bodies[0]["type"] == "operators.mail_stuck"
    await send(town)
    assert len(smtp.letters) == 1


async def test_operators_have_a_relay_of_their_own(store_url: str, smtp: Relay) -> None:
    with Relay() as own:
        settings = town_settings(smtp.dsn, operators=f'mail_server = "{own.dsn}"')
        town = await Town(Store(store_url), settings).build()
        await make(town, [SMTP])
        await send(town)
        await town.close()
        assert len(own.letters) == 1
        assert smtp.letters == []


async def test_a_hook_that_hangs_holds_up_nobody(town: Town, smtp: Relay) -> None:
    async with Hook([None]).listening() as hook:
        await make(town, [hook.url])
        sending = asyncio.create_task(send(town))
        await hook.asked.wait()
        await make(town, [SMTP], "later")
        await smtp.wait(1, seconds=1)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending


async def test_a_store_that_goes_away_meanwhile_makes_nobody_be_called_twice(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Hook([204]).listening() as hook:
        await make(town, [hook.url])
        write, away = town.store.write, asyncio.Event()

        def writes() -> AbstractAsyncContextManager[AsyncSession]:
            if hook.asked.is_set():
                away.set()
                raise OSError("the store is away")
            return write()

        monkeypatch.setattr(town.store, "write", writes)
        sending = asyncio.create_task(send(town))
        await away.wait()
        monkeypatch.undo()
        async with town.store.write() as session:  # as if it had been away for long
            await session.execute(sa.update(Call).values(lease_until=NOON - timedelta(days=999)))
        assert await sending is None
    assert [one.state for one in await calls(town)] == ["sent"]
    assert len(hook.bodies) == 1


async def test_what_fails_is_tried_again_quickly(town: Town) -> None:
    async with Hook([503, 503, 200]).listening() as hook:
        await make(town, [hook.url])
        for _ in range(3):
            rest = await send(town)
            town.at += rest or timedelta(0)
            town.at += SECOND
    (row,) = await calls(town)
    assert (row.state, row.attempts, row.reason) == ("sent", 3, None)
    assert town.at - NOON < timedelta(seconds=15)


@pytest.mark.parametrize(
    ("status", "after", "reason"),
    [(404, timedelta(0), "HTTP 404"), (503, GIVE_UP_AFTER, "HTTP 503")],
)
async def test_a_call_is_given_up_when_refused_or_old(
    town: Town, status: int, after: timedelta, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    town.at += after
    async with Hook([status]).listening() as hook:
        await make(town, [hook.url])
        assert await send(town) is None
    (row,) = await calls(town)
    assert row.state == "failed"
    assert reason in (row.reason or "")
    assert "given up" in caplog.text
    assert "secret-path" not in caplog.text


async def test_without_a_relay_the_failure_is_told(store_url: str) -> None:
    town = await Town(Store(store_url), town_settings("")).build()
    await make(town, [SMTP])
    await send(town)
    (row,) = await calls(town)
    await town.close()
    assert (row.state, row.reason) == ("failed", "no mail relay is configured")


async def test_calls_do_not_wait_for_the_customers_letters(town: Town, smtp: Relay) -> None:
    await town.crowd(200)
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    sending = asyncio.create_task(town.deliver())
    await smtp.wait(1)
    await make(town, [SMTP])
    await send(town)
    assert not sending.done()
    assert len(smtp.to("oncall@acme.example")) == 1
    await sending
