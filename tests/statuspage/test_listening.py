"""However rude some clients are, honest requests are answered, and we can stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from tests.servers.plain import TRUSTING_NOBODY
from tests.statuspage.serving import connected, deaf, eventually, exchange, read_to_end, served

GET = b"GET / HTTP/1.1\r\nHost: status\r\n\r\n"
GET_AND_CLOSE = b"GET / HTTP/1.1\r\nHost: status\r\nConnection: close\r\n\r\n"


async def well(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the whole body and says how long it was, and who asked by which header."""
    if scope["type"] == "lifespan":
        return await lifespan(receive, send)
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    body = f"{size} bytes from {scope['client'][0]}".encode()
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    return await send({"type": "http.response.body", "body": body})


async def hanging(scope: Scope, receive: Receive, send: Send) -> None:
    """Never answers."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    await asyncio.Event().wait()


async def lifespan(receive: Receive, send: Send) -> None:
    for step in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{step}.complete"})


async def test_two_hundred_half_open_connections_do_not_keep_an_honest_visitor_out() -> None:
    async with served(well, header_s=0.7) as serving, contextlib.AsyncExitStack() as rude:
        readers = []
        for _ in range(200):
            reader, writer = await rude.enter_async_context(connected(serving.port))
            writer.write(b"GET / HTTP/1.1\r\nHost: sta")
            readers.append(reader)
        async with httpx.AsyncClient(trust_env=False, verify=TRUSTING_NOBODY) as honest:
            began = time.monotonic()
            answers = [await honest.get(serving.url) for _ in range(20)]
        assert all(answer.status_code == 200 for answer in answers)
        assert time.monotonic() - began < 2
        async with asyncio.timeout(5):
            left = [await read_to_end(reader) for reader in readers]
        assert left == [b""] * 200


@pytest.mark.parametrize("sent", [b"", b"\r\n", b"GET / HTTP/1.1\r\n", GET[:-2]])
async def test_a_header_that_does_not_come_is_not_waited_for(sent: bytes) -> None:
    async with served(well, header_s=0.3) as serving:
        began = time.monotonic()
        assert await exchange(serving.port, sent) == b""
        assert 0.25 < time.monotonic() - began < 2


async def test_a_header_that_drips_is_not_waited_for() -> None:
    async with served(well, header_s=0.4) as serving, connected(serving.port) as (reader, writer):

        async def drip() -> None:
            for n in range(1000):
                writer.write(b"x-%d: y\r\n" % n)
                await asyncio.sleep(0.05)

        writer.write(b"GET / HTTP/1.1\r\n")
        dripping = asyncio.create_task(drip())
        async with asyncio.timeout(5):
            assert await read_to_end(reader) == b""
        dripping.cancel()


async def test_the_second_header_of_a_connection_is_limited_like_the_first() -> None:
    async with served(well, header_s=0.3) as serving, connected(serving.port) as (reader, writer):
        writer.write(GET)
        assert b"200 OK" in await reader.readuntil(b"0 bytes from 127.0.0.1")
        writer.write(b"GET / HTT")
        async with asyncio.timeout(5):
            assert await read_to_end(reader) == b""


async def test_a_header_behind_another_request_is_limited_too() -> None:
    async with served(well, header_s=0.3) as serving, connected(serving.port) as (reader, writer):
        writer.write(GET + b"GET / HTT")
        assert b"200 OK" in await reader.readuntil(b"0 bytes from 127.0.0.1")
        async with asyncio.timeout(5):
            assert await read_to_end(reader) == b""


async def test_an_idle_connection_is_kept_longer_than_a_header_may_take_and_then_closed() -> None:
    async with (
        served(well, header_s=0.2, idle_s=1) as serving,
        connected(serving.port) as (reader, writer),
    ):
        for _ in range(2):
            writer.write(GET)
            await reader.readuntil(b"0 bytes from 127.0.0.1")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.6)
        async with asyncio.timeout(3):
            assert await read_to_end(reader) == b""


async def test_an_application_may_think_longer_than_a_header_may_take() -> None:
    answer = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer.wait()
        await well(scope, receive, send)

    async with served(slow, header_s=0.2) as serving, connected(serving.port) as (reader, writer):
        writer.write(GET_AND_CLOSE)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.7)
        answer.set()
        assert b"200 OK" in await read_to_end(reader)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b"X: " + b"a" * 200_000, id="one long value"),
        pytest.param(b"X" * 200_000 + b": a", id="one long name"),
        pytest.param(b"\r\n".join(b"x-%d: y" % n for n in range(20_000)), id="very many"),
        pytest.param(b"X: " + b"a" * 33_000, id="a little too long, in one piece"),
    ],
)
async def test_a_header_has_a_size(header: bytes) -> None:
    async with served(well) as serving:
        answer = await exchange(serving.port, GET[:-2] + header + b"\r\n\r\n")
        # a reset may overtake the answer while the client still sends
        assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")
        assert b"200 OK" in await exchange(serving.port, GET_AND_CLOSE)


async def test_a_header_that_is_too_large_is_told_so() -> None:
    async with served(well, header_bytes=500) as serving:
        answer = await exchange(serving.port, GET[:-2] + b"X: " + b"a" * 500 + b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 431 ")


async def test_a_header_that_never_ends_is_refused_as_soon_as_it_is_too_large() -> None:
    async with served(well, header_s=60, header_bytes=500) as serving:
        answer = await exchange(serving.port, GET[:-2] + b"X: " + b"a" * 500)
        assert answer.startswith(b"HTTP/1.1 431 ")


async def test_a_large_header_does_not_hide_behind_a_small_request() -> None:
    async with served(well, header_bytes=500) as serving:
        large = GET[:-2] + b"X: " + b"a" * 600 + b"\r\n\r\n"
        answer = await exchange(serving.port, GET + large)
        assert answer.count(b"HTTP/1.1 431 ") == 1
        assert answer.count(b"HTTP/1.1 ") <= 2


async def test_an_address_has_a_size_too() -> None:
    async with served(well, header_bytes=500) as serving:
        answer = await exchange(serving.port, b"GET /" + b"a" * 600 + b" HTTP/1.1\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 431 ")


async def test_a_large_body_is_not_mistaken_for_a_large_header() -> None:
    async with (
        served(well) as serving,
        httpx.AsyncClient(trust_env=False, verify=TRUSTING_NOBODY) as client,
    ):
        for size in (40_000, 1_000_000):
            answer = await client.post(serving.url, content=b"x" * size)
            assert answer.text.startswith(f"{size} bytes")


async def test_pipelined_requests_are_all_answered() -> None:
    async with served(well, header_bytes=500) as serving:
        answer = await exchange(serving.port, GET * 30 + GET_AND_CLOSE)
        assert answer.count(b"200 OK") == 31


async def test_a_body_that_drips_is_not_waited_for() -> None:
    async with served(well, header_s=0.3) as serving, connected(serving.port) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: s\r\nContent-Length: 1000000\r\n\r\nhello")
        async with asyncio.timeout(5):
            assert await read_to_end(reader) == b""


async def test_a_body_that_walks_is_waited_for() -> None:
    async with served(well, header_s=0.2) as serving, connected(serving.port) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: s\r\nConnection: close\r\n")
        writer.write(b"Content-Length: 80000\r\n\r\n")
        for _ in range(8):
            writer.write(b"x" * 10_000)
            await asyncio.sleep(0.1)
        assert b"80000 bytes" in await read_to_end(reader)


async def test_a_client_is_not_blamed_while_it_is_we_who_do_not_read() -> None:
    read = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await read.wait()
        await well(scope, receive, send)

    async with served(slow, header_s=0.2) as serving, connected(serving.port) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: s\r\nConnection: close\r\n")
        writer.write(b"Content-Length: 20000000\r\n\r\n" + b"x" * 20_000_000)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.9)
        read.set()
        assert b"20000000 bytes" in await read_to_end(reader)


async def test_a_client_that_takes_nothing_is_let_go() -> None:
    async def large(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await lifespan(receive, send)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        return await send({"type": "http.response.body", "body": b"x" * 30_000_000})

    async with served(large, header_s=0.2) as serving, deaf(serving.port) as writer:
        writer.write(GET)
        connections = serving.server.server_state.connections
        await eventually(lambda: bool(connections))
        await eventually(lambda: not connections)


async def test_nobody_is_believed_about_the_address_he_comes_from() -> None:
    async with (
        served(well) as serving,
        httpx.AsyncClient(trust_env=False, verify=TRUSTING_NOBODY) as client,
    ):
        forged = {"X-Forwarded-For": "6.6.6.6", "Forwarded": "for=6.6.6.6"}
        answer = await client.get(serving.url, headers=forged)
        assert answer.text == "0 bytes from 127.0.0.1"
        assert "server" not in answer.headers


async def test_addresses_of_pages_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with (
            served(well) as serving,
            httpx.AsyncClient(trust_env=False, verify=TRUSTING_NOBODY) as client,
        ):
            await client.get(f"{serving.url}/subscriptions/SECRET")
    assert not [one for one in caplog.records if one.name.startswith("uvicorn.access")]


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02", b"GET http://[ HTTP/1.1\r\n\r\n", b"\0" * 99]
)
async def test_what_is_not_http_gets_a_short_answer_and_no_trace(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(well) as serving:
        answer = await exchange(serving.port, sent)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"Traceback" not in answer
        assert b"200 OK" in await exchange(serving.port, GET_AND_CLOSE)
    assert not [one for one in caplog.records if one.exc_info]


async def test_who_offers_http2_is_answered_in_http1() -> None:
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    async with served(well) as serving, connected(serving.port) as (reader, writer):
        writer.write(GET[:-2] + upgrade + b"\r\n")
        async with asyncio.timeout(5):
            assert b"200 OK" in await reader.readuntil(b"0 bytes from 127.0.0.1")


async def test_we_stop_in_time_whoever_hangs() -> None:
    async with served(hanging, grace_s=1) as serving, contextlib.AsyncExitStack() as rude:
        for sent in (
            b"",
            b"GET / HT",
            GET,
            b"POST / HTTP/1.1\r\nHost: s\r\nContent-Length: 9\r\n\r\nx",
        ):
            _, writer = await rude.enter_async_context(connected(serving.port))
            writer.write(sent)
        await eventually(lambda: len(serving.server.server_state.tasks) == 2)
        began = time.monotonic()
        async with asyncio.timeout(10):
            await serving.stop()
        assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", 400, id="no host"),
        pytest.param(GET[:-2] + b"Host: other\r\n\r\n", 400, id="two hosts"),
        pytest.param(b"GET /" + b"a" * 9_000 + GET_AND_CLOSE[5:], 414, id="long target"),
        pytest.param(b"GET / HTTP/1.0\r\n\r\n", 200, id="no host, as was usual once"),
        pytest.param(b"GET /" + b"a" * 8_000 + GET_AND_CLOSE[5:], 200, id="a target of 8 kB"),
    ],
)
async def test_a_request_that_no_server_may_answer_is_told_so(sent: bytes, status: int) -> None:
    async with served(well) as serving:
        assert (await exchange(serving.port, sent)).startswith(b"HTTP/1.1 %d " % status)


async def test_requests_without_end_behind_each_other_are_not_kept() -> None:
    """Each would be an object of ours, and a packet holds thousands."""
    async with served(hanging) as serving, connected(serving.port) as (reader, writer):
        writer.write(GET * 5_000)
        async with asyncio.timeout(5):
            assert (await read_to_end(reader)).startswith(b"HTTP/1.1 431 ")
        assert len(serving.server.server_state.tasks) <= 1
