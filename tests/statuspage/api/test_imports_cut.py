"""What becomes of a list of customers whose sending goes wrong in the middle?"""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from statuspage.actions import imports as taking_in
from statuspage.api import imports
from statuspage.tables import AuditEntry, Subscriber
from statuspage.vocabulary import Scope
from tests.servers.plain import TRUSTING_NOBODY
from tests.statuspage.api.world import World
from tests.statuspage.serving import connected, served

PATH = "/api/v1/subscribers/import"
CSV = {"Content-Type": "text/csv"}
LINES = [f"reader{n}@example.org\n" for n in range(1000)]
FILE = "address\n" + "".join(LINES)


@pytest.fixture
async def keeper(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client(await world.token(Scope.SUBSCRIBERS)) as client:
        yield client


async def entry(world: World) -> AuditEntry:
    (found,) = [row for row in await world.rows(AuditEntry) if row.did == "subscribers imported"]
    assert isinstance(found, AuditEntry)
    return found


async def until_stored(world: World, count: int) -> None:
    async with asyncio.timeout(10):
        while len(await world.rows(Subscriber)) < count:  # noqa: ASYNC110 (a store tells nobody)
            await asyncio.sleep(0.01)


async def test_a_cut_connection_keeps_what_came_whole_and_the_audit_says_so(world: World) -> None:
    token = await world.token(Scope.SUBSCRIBERS)
    async with served(world.app) as serving:
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: avviso\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: text/csv\r\nContent-Length: {len(FILE) + 1}\r\n\r\n"
        )
        async with connected(serving.port) as (_, writer):
            writer.write(f"{head}{FILE[:5000]}half@example.co".encode())
            await until_stored(world, 200)
        whole_lines = FILE[:5000].count("\n") - 1
        assert whole_lines > 200
        await until_stored(world, whole_lines)
        stored = {row.address for row in await world.rows(Subscriber)}
        assert stored == {line.strip() for line in LINES[:whole_lines]}
        assert not (await entry(world)).detail["whole"]
        headers = {**CSV, "Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            base_url=serving.url, headers=headers, verify=TRUSTING_NOBODY
        ) as client:
            told = (await client.post(PATH, content=FILE)).json()
    assert (told["added"], told["updated"]) == (1000 - whole_lines, whole_lines)
    assert len(await world.rows(Subscriber)) == 1000


async def test_a_file_that_is_too_large_says_so_and_how_far_it_came(
    world: World, keeper: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "MOST_BYTES", 15_000)

    async def in_pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(FILE), 1000):
            yield FILE[at : at + 1000].encode()

    answer = await keeper.post(PATH, content=in_pieces(), headers=CSV)
    assert answer.status_code == 413
    stored = len(await world.rows(Subscriber))
    assert 0 < stored < 1000
    assert f"Lines up to {stored + 1} are stored" in answer.json()["detail"]


async def test_a_length_that_is_too_large_is_refused_before_anything_is_sent(
    keeper: httpx.AsyncClient,
) -> None:
    headers = {**CSV, "Content-Length": str(64 * 1024 * 1024 + 1)}
    answer = await keeper.post(PATH, content="address\n", headers=headers)
    assert answer.status_code == 413
    assert "64 MiB" in answer.json()["detail"]
    assert (await keeper.post(PATH, content="x" * 300_000, headers=CSV)).status_code == 422


async def test_a_store_that_goes_away_is_told_and_how_far_it_came(
    world: World, keeper: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = taking_in.store

    async def breaks(*given: object) -> taking_in.Counts:
        if len(await world.rows(Subscriber)) >= 400:
            raise OperationalError("INSERT", {}, OSError("disk full"))
        return await store(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(taking_in, "store", breaks)
        answer = await keeper.post(PATH, content=FILE, headers=CSV)
    assert answer.status_code == 503
    assert "Lines up to 401 are stored" in answer.json()["detail"]
    assert not (await entry(world)).detail["whole"]
    told = (await keeper.post(PATH, content=FILE, headers=CSV)).json()
    assert (told["added"], told["updated"]) == (600, 400)


async def test_a_large_file_takes_no_more_memory_than_a_small_one(
    world: World, keeper: httpx.AsyncClient
) -> None:
    """Half a megabyte of bad lines: they are read and counted, and the answer lists a thousand."""
    bad = b"nobody at all, who has a long name\n" * 1000

    async def in_pieces(count: int) -> AsyncIterator[bytes]:
        yield b"address\n"
        for _ in range(count):
            yield bad

    async def take(count: int) -> int:
        tracemalloc.reset_peak()
        answer = await keeper.post(PATH, content=in_pieces(count), headers=CSV)
        assert answer.json()["rejected_total"] == count * 1000
        assert len(answer.json()["rejected"]) == 1000
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        small, large = await take(2), await take(17)
    finally:
        tracemalloc.stop()
    assert large - small < 500_000


async def test_two_files_at_once_with_the_same_people_are_both_taken(
    world: World, keeper: httpx.AsyncClient
) -> None:
    turned = "address\n" + "".join(reversed(LINES))
    both = await asyncio.gather(
        *(keeper.post(PATH, content=file, headers=CSV) for file in (FILE, turned))
    )
    assert [answer.status_code for answer in both] == [200, 200]
    assert sum(answer.json()["added"] for answer in both) == 1000
    assert len(await world.rows(Subscriber)) == 1000
