"""Does a call reach an operators' hook, signed, in time, and nowhere else?"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from notifications.channel import Accepted, Outcome, Parcel, Refused, Unreachable, Wiring
from notifications.channels.operators_hook import OperatorsHook
from tests.notifications.parcels import PARCEL
from tests.servers.ports import free_port

BODY = {"type": "operators.opened", "text": "Acme: Shop is down — è giù"}


@dataclass
class Hook:
    """What an HTTP server on loopback was sent."""

    port: int = 0
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/s3cret"

    def header(self, name: str) -> str | None:
        for line in self.heads[-1].split("\r\n")[1:]:
            if line.lower().startswith(f"{name}: "):
                return line.partition(": ")[2]
        return None


@asynccontextmanager
async def hook(answer: bytes, *, then_hang: bool = False) -> AsyncIterator[Hook]:
    """Answers every request with these bytes; none at all hangs up at once."""
    kept = Hook()
    conversations: set[asyncio.Task[None]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        conversations.add(task)
        try:
            kept.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            kept.bodies.append(await reader.readexactly(int(kept.header("content-length") or 0)))
            writer.write(answer)
            await writer.drain()
            if then_hang:
                await asyncio.Event().wait()
        finally:
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    kept.port = server.sockets[0].getsockname()[1]
    async with server:
        yield kept
        for task in conversations:
            task.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)


def status(line: str, more: str = "") -> bytes:
    return f"HTTP/1.1 {line}\r\nContent-Length: 0\r\n{more}Connection: close\r\n\r\n".encode()


def call(url: str) -> Parcel:
    return replace(PARCEL, recipient=url, body=BODY)


async def sent(url: str, timeout_s: float = 5) -> Outcome:
    async with OperatorsHook(timeout_s=timeout_s) as channel:
        return await channel.send(call(url))


async def test_the_body_arrives_as_json() -> None:
    async with hook(status("204 No Content")) as kept:
        assert await sent(kept.url) == Accepted("HTTP 204")
    assert kept.heads[0].startswith("POST /hook/s3cret HTTP/1.1\r\n")
    assert kept.header("content-type") == "application/json"
    assert json.loads(kept.bodies[0]) == BODY
    assert kept.header("webhook-signature") is None


async def test_a_parcel_without_body_sends_its_text() -> None:
    async with hook(status("200 OK")) as kept, OperatorsHook() as channel:
        await channel.send(replace(PARCEL, recipient=kept.url))
    assert json.loads(kept.bodies[0]) == {"subject": PARCEL.subject, "text": PARCEL.text}


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("200 OK", Accepted),
        ("202 Accepted", Accepted),
        ("301 Moved", Refused),
        ("304 Not Modified", Refused),
        ("400 Bad Request", Refused),
        ("404 Not Found", Refused),
        ("410 Gone", Refused),
        ("408 Request Timeout", Unreachable),
        ("429 Too Many Requests", Unreachable),
        ("500 Internal Server Error", Unreachable),
        ("503 Service Unavailable", Unreachable),
    ],
)
async def test_what_answers_mean(line: str, kind: type[Outcome]) -> None:
    async with hook(status(line)) as kept:
        outcome = await sent(kept.url)
    assert isinstance(outcome, kind)
    if not isinstance(outcome, Accepted):
        assert outcome.code == int(line[:3])


async def test_a_redirect_is_not_followed() -> None:
    async with hook(status("200 OK")) as elsewhere:
        moved = status("307 Temporary Redirect", f"Location: {elsewhere.url}\r\n")
        async with hook(moved) as kept:
            assert isinstance(await sent(kept.url), Refused)
        assert elsewhere.heads == []


@pytest.mark.parametrize(
    ("answer", "hang"),
    [
        (b"", False),
        (b"", True),
        (b"HTTP/1.1 2", True),
        (b"nonsense\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nX: ", True),
    ],
    ids=["hang up", "silence", "half a line", "nonsense", "endless header"],
)
async def test_what_is_no_answer_is_tried_later(answer: bytes, hang: bool) -> None:
    async with hook(answer, then_hang=hang) as kept, asyncio.timeout(3):
        assert isinstance(await sent(kept.url, timeout_s=0.2), Unreachable)


async def test_a_body_without_end_is_not_waited_for() -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\nx"
    async with hook(endless, then_hang=True) as kept, asyncio.timeout(2):
        assert await sent(kept.url, timeout_s=30) == Accepted("HTTP 200")


async def test_nobody_there_is_tried_later() -> None:
    assert await sent(f"http://127.0.0.1:{free_port()}/") == Unreachable(
        "no connection to the hook"
    )


@pytest.mark.parametrize("url", ["gopher://127.0.0.1/", "http://", "http://[::1", "nothing", ""])
async def test_what_is_no_url_is_refused(url: str) -> None:
    assert isinstance(await sent(url), Refused)


async def test_no_reason_shows_the_url() -> None:
    async with hook(status("404 Not Found")) as kept:
        outcome = await sent(kept.url)
    assert "s3cret" not in str(outcome)


async def test_signed_as_standard_webhooks_says() -> None:
    """The example of the specification, to the letter."""
    parcel = replace(
        PARCEL,
        message_id="<msg_p5jXN8AQM9LWM0D4loKWxJek>",
        sent_at=datetime.fromtimestamp(1614265330, UTC),
    )
    wiring = Wiring(webhook_secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    async with hook(status("200 OK")) as kept, OperatorsHook.wired(wiring) as channel:
        await channel.send(replace(parcel, recipient=kept.url, body={"test": 2432232314}))
    assert kept.header("webhook-id") == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert kept.header("webhook-timestamp") == "1614265330"
    assert kept.bodies[0] == b'{"test": 2432232314}'
    assert kept.header("webhook-signature") == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_two_tries_bear_one_id() -> None:
    wiring = Wiring(webhook_secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    async with hook(status("500 Oh")) as kept, OperatorsHook.wired(wiring) as channel:
        await channel.send(call(kept.url))
        first = kept.header("webhook-id")
        await channel.send(call(kept.url))
        assert kept.header("webhook-id") == first
