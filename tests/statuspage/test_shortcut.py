"""Who asks for a page gets at once what the ordinary way would have given, and in his turn."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
from starlette.types import Receive, Scope, Send

from statuspage.answers import Policy
from statuspage.memory import Memory, Page
from statuspage.metrics import new_metrics
from statuspage.ready import KEPT, LONGEST_KEPT
from statuspage.shortcut import Shortcut
from statuspage.visitors import Visitors
from tests.statuspage.serving import (
    Serving,
    connected,
    deaf,
    eventually,
    exchange,
    read_to_end,
    served,
)

PAGES = [
    Page("/", "text/html", b"<p>All is well</p>" * 50, "en"),
    Page("/", "text/html", b"<p>Tutto bene</p>" * 50, "it"),
    Page(
        "/feed",
        "text/plain",
        b"news",
        headers=(("Last-Modified", "Mon, 23 Nov 2026 12:00:00 GMT"),),
    ),
    Page("/subscribe", "text/html", b"a form", "en"),
    Page("/notice/shop", "text/html", b"sorry", "en", status=503, max_age=None),
]
HOST = b"Host: status\r\n"
CLOSE = b"Connection: close\r\n"


def request(target: bytes = b"/", more: bytes = b"", method: bytes = b"GET") -> bytes:
    return method + b" " + target + b" HTTP/1.1\r\n" + HOST + more + b"\r\n"


ASKED = [
    request(more=CLOSE),
    request(more=CLOSE, method=b"HEAD"),
    request(more=CLOSE, method=b"POST"),
    request(more=CLOSE, method=b"OPTIONS"),
    request(more=CLOSE + b"Accept-Language: it\r\nAccept-Encoding: br\r\n"),
    request(more=CLOSE + b"Accept-Encoding: zstd, gzip;q=0.5\r\n"),
    request(more=CLOSE + b"If-None-Match: *\r\n"),
    request(more=CLOSE + b"If-None-Match: *\r\n", method=b"HEAD"),
    request(more=CLOSE + b'If-None-Match: "other"\r\nRange: bytes=0-3\r\n'),
    request(b"/feed", CLOSE + b"If-Modified-Since: Mon, 23 Nov 2026 12:00:00 GMT\r\n"),
    request(b"/feed", CLOSE + b"If-Modified-Since: yesterday\r\n"),
    request(b"/?from=mail", CLOSE),
    request(b"/%66eed", CLOSE),
    request(b"/feed/", CLOSE),
    request(b"/nowhere", CLOSE),
    request(b"/subscribe", CLOSE),
    request(b"/notice/shop", CLOSE),
    request(b"/\xff", CLOSE),
    request(b"//", CLOSE),
    request(b"http://status/", CLOSE),
    request(more=CLOSE + b"Content-Length: 3\r\n") + b"abc",
    request(more=CLOSE + b"Content-Length: 0\r\n"),
    request(more=CLOSE + b"Transfer-Encoding: chunked\r\n") + b"0\r\n\r\n",
    request(more=CLOSE + b"Expect: 100-continue\r\n"),
    b"GET / HTTP/1.0\r\n\r\n",
    b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
]


class World:
    """A process that shows some pages; what its application is asked waits for ``goes_on``."""

    def __init__(self) -> None:
        self.memory, self.metrics = Memory(), new_metrics()
        self.asked: list[str] = []
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.visitors = Visitors(
            self.memory,
            self._application,
            clock=lambda: datetime.now(UTC),
            policy=Policy(site_url="https://status.acme.example"),
            metrics=self.metrics,
        )

    async def show(self, pages: Sequence[Page]) -> None:
        shop = frozenset({"shop"})
        await self.memory.replace(pages, gates=shop, shut_gates=shop, revision=1)

    async def _application(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for step in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{step}.complete"})
            return
        self.asked.append(scope["path"])
        await self.goes_on.wait()
        headers = [(b"content-length", b"7")]
        await send({"type": "http.response.start", "status": 299, "headers": headers})
        await send({"type": "http.response.body", "body": b"at last"})

    def counted(self, status: str) -> float | None:
        return self.metrics.registry.get_sample_value(
            "avviso_page_requests_total", {"status": status}
        )


@pytest.fixture
async def world() -> World:
    world = World()
    await world.show(PAGES)
    return world


@pytest.fixture
async def at_once(world: World) -> AsyncIterator[Serving]:
    async with served(world.visitors, at_once=world.visitors.ready) as serving:
        yield serving


@pytest.fixture
async def ordinary(world: World) -> AsyncIterator[Serving]:
    async with served(world.visitors) as serving:
        yield serving


async def tag_of(serving: Serving, more: bytes = b"") -> bytes:
    answer = await exchange(serving.port, request(more=more + CLOSE))
    found = re.search(rb"etag: (\S+)", answer)
    assert found is not None
    return found[1]


def undated(answer: bytes) -> tuple[bytes, list[bytes], bytes]:
    """Status line, headers and body, but for the date, which must be there once."""
    head, _, body = answer.partition(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    dates = [field for field in fields if field.startswith(b"date: ")]
    assert len(dates) == 1
    return line, sorted(set(fields) - set(dates)), body


async def test_both_ways_answer_alike(at_once: Serving, ordinary: Serving) -> None:
    for sent in ASKED:
        seen, wanted = await exchange(at_once.port, sent), await exchange(ordinary.port, sent)
        assert undated(seen) == undated(wanted), sent


async def test_a_request_that_is_repeated_is_answered_as_before(
    world: World, at_once: Serving
) -> None:
    known = await tag_of(at_once)
    async with connected(at_once.port) as (reader, writer):
        for more, status in ((b"", b"200"), (b"If-None-Match: " + known + b"\r\n", b"304")):
            heads = []
            for _ in range(4):
                writer.write(request(more=more))
                heads.append(await reader.readuntil(b"\r\n\r\n"))
                if status == b"200":
                    assert await reader.readexactly(900) == PAGES[0].body
            assert [head.split()[1] for head in heads] == [status] * 4
    assert (world.counted("2xx"), world.counted("3xx")) == (5, 4)
    assert not world.asked


async def test_a_page_that_has_changed_is_another_for_who_asks_again(
    world: World, at_once: Serving
) -> None:
    async with connected(at_once.port) as (reader, writer):
        for word in (b"All is well", b"Shop is down", b"Shop is slow"):
            await world.show([Page("/", "text/html", word, "en"), *PAGES[2:]])
            for _ in range(3):
                writer.write(request())
                assert (await reader.readuntil(word)).endswith(b"\r\n\r\n" + word)


async def test_a_page_that_is_gone_is_the_application_s(world: World, at_once: Serving) -> None:
    async with connected(at_once.port) as (reader, writer):
        for _ in range(3):
            writer.write(request(b"/feed"))
            await reader.readuntil(b"news")
        await world.show(PAGES[:2])
        writer.write(request(b"/feed"))
        assert await reader.readuntil(b"at last")
    assert world.asked == ["/feed"]


async def test_a_page_waits_for_the_answer_before_it(world: World, at_once: Serving) -> None:
    world.goes_on.clear()
    async with connected(at_once.port) as (reader, writer):
        for _ in range(2):  # the second time the bytes are known
            writer.write(request(b"/feed"))
            await reader.readuntil(b"news")
        writer.write(request(b"/slow"))
        await eventually(lambda: world.asked == ["/slow"])
        writer.write(request(b"/feed"))
        writer.write(request(b"/feed", CLOSE))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.05)
        world.goes_on.set()
        answer = await read_to_end(reader)
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"299", b"200", b"200"]
    assert answer.endswith(b"news")


async def test_requests_behind_each_other_are_answered_in_their_order(at_once: Serving) -> None:
    """However they are cut into pieces, also where a piece looks like a whole request."""
    one, other = request(b"/feed"), request(b"/?x")
    sent = one + other + one + request(b"/nowhere") + one + request(b"/feed", CLOSE)
    for cut in (1, 14, len(one), len(one + other)):
        async with connected(at_once.port) as (reader, writer):
            for _ in range(2):
                writer.write(one)
                await reader.readuntil(b"news")
            for piece in (sent[:cut], sent[cut : cut + len(one)], sent[cut + len(one) :]):
                writer.write(piece)
                await asyncio.sleep(0.01)  # else they would come as one
            answer = await read_to_end(reader)
        statuses = re.findall(rb"HTTP/1.1 (\d+)", answer)
        assert statuses == [b"200", b"200", b"200", b"299", b"200", b"200"], cut


async def test_a_known_request_inside_another_s_body_is_no_request(
    world: World, at_once: Serving
) -> None:
    one = request(b"/feed")
    async with connected(at_once.port) as (reader, writer):
        for _ in range(2):
            writer.write(one)
            await reader.readuntil(b"news")
        length = b"Content-Length: %d\r\n" % len(one)
        writer.write(request(b"/post", length, b"POST"))
        await eventually(lambda: world.asked == ["/post"])
        writer.write(one)
        await reader.readuntil(b"at last")
        writer.write(request(b"/feed", CLOSE))
        assert (await read_to_end(reader)).count(b"HTTP/1.1") == 1


async def test_nothing_is_answered_behind_a_last_request(at_once: Serving) -> None:
    answer = await exchange(at_once.port, request(b"/feed", CLOSE) + request(b"/feed"))
    assert answer.count(b"HTTP/1.1") == 1


async def test_a_client_that_reads_nothing_is_not_written_to_without_end(
    world: World, at_once: Serving
) -> None:
    large = Page("/", "text/html", bytes(100_000), "en")
    await world.show([large])
    async with deaf(at_once.port) as writer:
        connections = at_once.server.server_state.connections
        await eventually(lambda: bool(connections))
        (connection,) = connections
        assert isinstance(connection, Shortcut)
        for _ in range(200):
            writer.write(request())
            await asyncio.sleep(0)
        await eventually(lambda: connection.flow.write_paused)
        assert connection.transport.get_write_buffer_size() < 1_000_000


async def test_a_connection_is_closed_when_it_has_been_idle(world: World) -> None:
    async with (
        served(world.visitors, at_once=world.visitors.ready, header_s=0.1, idle_s=1) as serving,
        connected(serving.port) as (reader, writer),
    ):
        for _ in range(3):
            writer.write(request(b"/feed"))
            await reader.readuntil(b"news")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.5)
        async with asyncio.timeout(5):
            assert await read_to_end(reader) == b""


async def test_we_stop_at_once_though_connections_are_kept(at_once: Serving) -> None:
    async with connected(at_once.port) as (reader, writer):
        writer.write(request(b"/feed"))
        await reader.readuntil(b"news")
        async with asyncio.timeout(5):
            await at_once.stop()
            assert await read_to_end(reader) == b""


async def test_strangers_cannot_fill_our_memory(world: World, at_once: Serving) -> None:
    ready = world.visitors.ready
    async with connected(at_once.port) as (reader, writer):
        for n in range(KEPT + 100):
            padding = b"y" * (n % 2 * LONGEST_KEPT)
            writer.write(request(b"/feed", b"X: %d%s\r\n" % (n, padding)))
            await reader.readuntil(b"news")
    assert 0 < len(ready._replies) <= KEPT
    assert max(map(len, ready._replies)) <= LONGEST_KEPT
