"""Is every error a problem that a program can read, whoever made it?"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from statuspage.api import incidents
from statuspage.app import build
from statuspage.database import Store
from statuspage.settings import loads
from statuspage.vocabulary import Scope
from tests.servers.postgresql import PostgreSQL
from tests.statuspage.api.world import TEXT, Clock, World, built, open_world

V1 = "/api/v1"


def problem_of(answer: httpx.Response, status: int) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, object] = answer.json()
    assert told["status"] == status
    assert {"type", "title", "detail"} <= set(told)
    return told


@pytest.fixture
async def client(small_world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with small_world.client(await small_world.token(Scope.ADMIN)) as client:
        yield client


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/incidents/nosuchthing1",
        "/incidents/%00",
        "/incidents/..%2f..",
        "/incidents/" + "a" * 5000,
        "/incidents/x/recipients.csv",
        "/subscribers/x/deliveries",
        "/postcards",
    ],
)
async def test_what_is_not_there_is_a_404(client: httpx.AsyncClient, path: str) -> None:
    problem_of(await client.get(V1 + path), 404)


async def test_a_number_that_no_engine_holds_is_a_404(client: httpx.AsyncClient) -> None:
    asked = await client.delete(f"{V1}/incidents/x/updates/{2**70}", params={"reason": "x"})
    problem_of(asked, 404)


async def test_a_method_that_is_not_known_says_which_are(client: httpx.AsyncClient) -> None:
    answer = await client.put(f"{V1}/incidents", json={})
    problem_of(answer, 405)
    assert answer.headers["allow"]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'"\\ud800"', b"[]", b"nul"])
async def test_rubbish_is_the_clients_to_mend(client: httpx.AsyncClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await client.post(f"{V1}/incidents", content=body, headers=headers)
    problem_of(answer, answer.status_code)
    assert answer.status_code in (400, 422)


async def test_half_a_character_is_refused(client: httpx.AsyncClient) -> None:
    body = b'{"components": ["shop"], "what_happened": "\\ud800", "\\udfff": 1}'
    headers = {"Content-Type": "application/json"}
    problem_of(await client.post(f"{V1}/incidents", content=body, headers=headers), 422)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_what_is_not_json_is_a_415(client: httpx.AsyncClient, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = await client.post(f"{V1}/incidents", content=b"{}", headers=headers)
    problem_of(answer, 415)


@pytest.mark.parametrize("chunked", [False, True])
async def test_more_than_256_kib_is_a_413(client: httpx.AsyncClient, chunked: bool) -> None:
    whole = b'{"components": ["' + b"x" * 256 * 1024 + b'"]}'

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(whole), 65536):
            yield whole[at : at + 65536]

    headers = {"Content-Type": "application/json"}
    content = pieces() if chunked else whole
    problem_of(await client.post(f"{V1}/incidents", content=content, headers=headers), 413)


async def test_no_problem_repeats_what_was_sent(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{V1}/subscribers", json={"address": "hunter2 secret"})
    problem_of(answer, 422)
    assert "hunter2" not in answer.text


async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient) -> None:
    for path in ("/components", "/nothing", "/docs"):
        headers = (await client.get(V1 + path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


async def test_a_mistake_of_ours_is_a_problem_too_and_tells_nothing(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("a secret")

    monkeypatch.setattr(incidents, "listed", broken)
    answer = await client.get(f"{V1}/incidents")
    problem_of(answer, 500)
    assert "secret" not in answer.text


async def test_a_store_without_tables_is_a_503(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/empty.db")
    world = built(loads(TEXT, {}), store, Clock())
    async with world.client("av_" + "x" * 43) as client:
        answer = await client.get(f"{V1}/components")
    await store.close()
    problem_of(answer, 503)
    assert int(answer.headers["retry-after"]) > 0


async def test_a_store_that_goes_away_is_a_503_until_it_is_back(postgresql: PostgreSQL) -> None:
    async with contextlib.AsyncExitStack() as stack:
        url = stack.enter_context(postgresql.database())
        world = await stack.enter_async_context(open_world(url))
        token = await world.token(Scope.ADMIN)
        client = await stack.enter_async_context(world.client(token))
        postgresql.stop()
        problem_of(await client.get(f"{V1}/components"), 503)
        shop = {"components": ["shop"]}
        problem_of(await client.post(f"{V1}/incidents", json=shop), 503)
        postgresql.start()
        assert (await client.post(f"{V1}/incidents", json=shop)).status_code == 201


@pytest.mark.parametrize("error", [IntegrityError, OperationalError])
async def test_what_the_driver_says_of_a_customer_is_not_logged(
    small_world: World, caplog: pytest.LogCaptureFixture, error: type[DBAPIError]
) -> None:
    async def fails() -> None:
        raise error("INSERT", {}, Exception("Key (address)=(anna@example.org) already exists."))

    small_world.app.add_api_route("/fails", fails)
    async with small_world.client() as client:
        assert (await client.get("/fails")).status_code in (409, 503)
    assert caplog.records
    assert "anna" not in caplog.text


@pytest.mark.parametrize("path", ["/subscriptions/" + "a" * 22 + "/", f"{V1}/incidents/"])
async def test_nobody_is_sent_to_the_host_that_they_named(small_world: World, path: str) -> None:
    """A redirect built from the Host field would carry a personal link elsewhere."""
    app = build(small_world.premises)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://evil.example") as client:
        answer = await client.get(path)
    assert "evil.example" not in answer.headers.get("location", "")
    assert answer.status_code == 404
