"""Whoever holds connections that he does not use makes way for who comes."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from statuspage.room import MOST, Place, first_to_go, most_connections, raise_file_limit
from tests.statuspage.serving import connected, deaf, eventually, exchange, read_to_end, served
from tests.statuspage.test_listening import GET, GET_AND_CLOSE, hanging, well


@dataclass(frozen=True)
class Connection:
    name: str
    where: Place | None

    def place(self) -> Place | None:
        return self.where


@contextlib.contextmanager
def files(soft: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_as_many_files_as_the_system_grants() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with files(256):
        assert raise_file_limit() == hard
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard


def test_connections_leave_files_to_probes_letters_and_the_store() -> None:
    with files(1024):
        assert most_connections() == 768
    with files(min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], 100_000)):
        assert most_connections() <= MOST


@pytest.mark.parametrize(
    ("held", "goes"),
    [
        ({"new": (0, 9.0), "old": (0, 1.0), "older": (0, 0.5)}, "older"),
        ({"takes": (1, 1.0), "idle": (0, 9.0)}, "idle"),
        ({"takes": (1, 1.0), "sends": (1, 2.0), "waits for us": None}, "takes"),
        ({"waits for us": None}, ""),
        ({}, ""),
    ],
)
def test_who_has_been_idle_for_longest_goes_first(held: dict[str, Place | None], goes: str) -> None:
    gone = first_to_go([Connection(name, place) for name, place in held.items()])
    assert [one.name for one in gone] == ([goes] if goes else [])


def test_of_thousands_some_go_at_a_time() -> None:
    gone = first_to_go([Connection(str(n), (0, float(n))) for n in range(1000)])
    assert [one.name for one in gone] == [str(n) for n in range(20)]


async def test_beyond_the_most_the_longest_idle_is_closed_and_the_new_one_answered() -> None:
    async with served(well, most=3) as serving, contextlib.AsyncExitStack() as kept:
        idle = []
        for _ in range(3):
            reader, writer = await kept.enter_async_context(connected(serving.port))
            writer.write(GET)
            await reader.readuntil(b"0 bytes from 127.0.0.1")
            idle.append((reader, writer))
        assert b"200 OK" in await exchange(serving.port, GET_AND_CLOSE)
        async with asyncio.timeout(5):
            assert await read_to_end(idle[0][0]) == b""
        reader, writer = idle[1]
        writer.write(GET)
        await reader.readuntil(b"0 bytes from 127.0.0.1")


async def test_nobody_who_waits_for_our_answer_makes_way() -> None:
    async with served(hanging, most=2) as serving, contextlib.AsyncExitStack() as kept:
        for _ in range(2):
            _, writer = await kept.enter_async_context(connected(serving.port))
            writer.write(GET)
        await eventually(lambda: len(serving.server.server_state.tasks) == 2)
        async with asyncio.timeout(5):
            assert await exchange(serving.port, b"GET /") == b""
        assert len(serving.server.server_state.tasks) == 2


async def test_whoever_sends_half_a_header_makes_way_for_who_sends_a_whole_one() -> None:
    async with served(well, most=20) as serving, contextlib.AsyncExitStack() as rude:
        for _ in range(100):
            writer = await rude.enter_async_context(deaf(serving.port))
            writer.write(b"GET / HTTP/1.1\r\nHost: sta")
        for _ in range(5):
            assert b"200 OK" in await exchange(serving.port, GET_AND_CLOSE)
        assert len(serving.server.server_state.connections) <= 20
