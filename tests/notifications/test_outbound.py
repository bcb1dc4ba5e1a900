"""Does a call to a stranger's address go where it was judged to go, and nowhere else?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from notifications.outbound import READ_AT_MOST, Answered, Outbound, Reach, Silent
from notifications.strangers import NotPublic, Place, read_url
from tests.notifications.test_strangers import HOSTILE
from tests.servers.https import https
from tests.servers.ports import free_port

PLACE = read_url("https://hooks.example.org/in?key=s3cret")


async def posted(
    reach: Reach, place: Place = PLACE, patience_s: float = 5, *, read: bool = False
) -> Answered | Silent:
    async with Outbound(reach, patience_s) as client:
        return await client.post(place, b"{}", {"content-type": "application/json"}, read=read)


async def test_the_host_is_found_once_and_named_in_tls_and_in_http() -> None:
    async with https("hooks.example.org") as host:
        assert await posted(host.reach) == Answered(200)
    asked = host.requests[0]
    assert (asked.line, asked.body) == ("POST /in?key=s3cret HTTP/1.1", b"{}")
    assert asked.headers["host"] == "hooks.example.org"
    assert asked.asked_for == "hooks.example.org"
    assert host.looked_up == ["hooks.example.org:443"]


async def test_another_port_stands_in_host() -> None:
    async with https("hooks.example.org") as host:
        await posted(host.reach, read_url("https://hooks.example.org:8443/"))
    assert host.requests[0].headers["host"] == "hooks.example.org:8443"
    assert host.looked_up == ["hooks.example.org:8443"]


async def test_a_certificate_for_another_name_is_no_answer() -> None:
    async with https("other.example.org") as host:
        assert await posted(host.reach) == Silent("no connection to it")
    assert host.requests == []


@asynccontextmanager
async def counting() -> AsyncIterator[tuple[int, list[int]]]:
    """A port, and who has knocked there."""
    knocks: list[int] = []

    async def converse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        knocks.append(1)
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], knocks


def answering(*answers: Sequence[str], port: int) -> tuple[Reach, list[str]]:
    """A name server that says something else each time; the last answer for ever."""
    asked: list[str] = []

    async def resolve(host: str, _: int) -> Sequence[tuple[str, int]]:
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(address, port) for address in found]

    return Reach(resolve=resolve), asked


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["8.8.8.8", "127.0.0.1"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["2002:7f00:1::"],
        ["0.0.0.1"],
        ["169.254.169.254"],
        ["10.0.0.1"],
        ["100.64.0.1"],
        ["fd00::1"],
        ["fe80::1%lo"],
        ["nonsense"],
    ],
)
async def test_a_name_for_what_is_not_public_is_refused_before_any_connection(
    found: list[str],
) -> None:
    async with counting() as (port, knocks):
        reach, _ = answering(found, port=port)
        answer = await posted(reach)
        assert isinstance(answer, Silent)
        assert answer.forbidden
        assert "example" not in answer.reason
        assert knocks == []


async def test_the_system_is_asked_and_what_it_says_of_localhost_is_refused() -> None:
    async with counting() as (_, knocks):
        answer = await posted(Reach(), Place("localhost", 443, "/"))
        assert isinstance(answer, Silent)
        assert answer.forbidden
        assert knocks == []


async def test_hostile_addresses_reach_nobody() -> None:
    """Whoever asks for one that was never judged by ``read_url`` meets the second guard."""
    async with counting() as (port, knocks):
        for host in ("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "::1"):
            answer = await posted(Reach(), Place(host, port, "/"))
            assert isinstance(answer, Silent), host
            assert answer.forbidden, host
        for url in HOSTILE:
            with pytest.raises(NotPublic):
                await posted(Reach(), read_url(url))
        assert knocks == []


async def test_a_name_server_that_changes_its_mind_is_not_asked_twice() -> None:
    async with https("hooks.example.org") as host:
        reach, asked = answering(["127.0.0.1"], ["127.0.0.2"], port=host.port)
        world = replace(reach, allows=lambda address: address == "127.0.0.1", tls=host.reach.tls)
        assert await posted(world) == Answered(200)
        assert asked == ["hooks.example.org"]
        assert isinstance(await posted(replace(world)), Silent), "the second answer is judged too"
    assert host.connections == 1


async def test_the_next_address_is_tried_when_the_first_is_dead() -> None:
    async with https("hooks.example.org") as host:

        async def resolve(_: str, __: int) -> Sequence[tuple[str, int]]:
            return [("127.0.0.1", free_port()), ("127.0.0.1", host.port)]

        assert await posted(replace(host.reach, resolve=resolve)) == Answered(200)


async def test_a_redirect_is_not_followed() -> None:
    async with https("hooks.example.org") as host:
        host.answer("307 Elsewhere", headers="Location: https://169.254.169.254/latest\r\n")
        assert await posted(host.reach) == Answered(307)
    assert len(host.requests) == 1


async def test_a_proxy_in_the_environment_is_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    async with counting() as (port, knocks), https("hooks.example.org") as host:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        assert await posted(host.reach) == Answered(200)
        assert knocks == []


@pytest.mark.parametrize(
    "answer",
    [b"...", b"HTTP/1.1 2...", b"HTTP/1.1 200 OK\r\nX: ...", b"HTTP/1.1 100 Continue\r\n\r\n..."],
)
async def test_silence_ends_within_our_patience(answer: bytes) -> None:
    async with https("hooks.example.org") as host, asyncio.timeout(3):
        host.answers = [answer]
        assert await posted(host.reach, patience_s=0.2) == Silent("it did not answer within 0.2 s")


async def test_a_name_server_that_hangs_ends_within_our_patience() -> None:
    async def resolve(_: str, __: int) -> Sequence[tuple[str, int]]:
        await asyncio.Event().wait()
        return []

    answer = await posted(Reach(resolve=resolve), patience_s=0.2)
    assert answer == Silent("it did not answer within 0.2 s")


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"])
async def test_nonsense_is_no_answer(answer: bytes) -> None:
    async with https("hooks.example.org") as host:
        host.answers = [answer]
        assert await posted(host.reach) == Silent("the connection to it broke")


async def test_a_name_that_nobody_has_is_no_connection() -> None:
    async def resolve(_: str, __: int) -> Sequence[tuple[str, int]]:
        raise OSError("hooks.example.org is unknown")

    assert await posted(Reach(resolve=resolve)) == Silent("no connection to it")


async def test_a_body_without_end_is_read_to_a_bound_or_not_at_all() -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 5000 + b"..."
    async with https("hooks.example.org") as host, asyncio.timeout(3):
        host.answers = [endless]
        assert await posted(host.reach) == Answered(200)
        assert await posted(host.reach, read=True) == Answered(200, b"x" * READ_AT_MOST)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ("Retry-After: 17\r\n", timedelta(seconds=17)),
        ("Retry-After: 1.5\r\n", timedelta(seconds=1.5)),
        ("Retry-After: 99999999\r\n", timedelta(hours=1)),
        ("Retry-After: -5\r\n", None),
        ("Retry-After: nan\r\n", None),
        ("Retry-After: 1e999\r\n", None),
        ("Retry-After: soon\r\n", None),
        (
            "Date: Mon, 23 Nov 2026 13:00:00 GMT\r\nRetry-After: Mon, 23 Nov 2026 13:02:00 GMT\r\n",
            timedelta(minutes=2),
        ),
    ],
)
async def test_how_long_it_asks_us_to_stay_away(headers: str, wait: timedelta | None) -> None:
    async with https("hooks.example.org") as host:
        host.answer("429 Slowly", headers=headers)
        assert await posted(host.reach) == Answered(429, wait=wait)
