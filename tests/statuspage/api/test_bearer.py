"""Does every call ask who is calling, and whether they may?"""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from statuspage.actions import tokens
from statuspage.rules.tokens import new_token
from statuspage.tables import Counter
from statuspage.vocabulary import Scope
from tests.statuspage.api.world import World

V1 = "/api/v1"
READ, TELLS, KEEPS, LOOKS, CHECKS, ALL = Scope
MAY = [
    ("GET", "/site", {READ, TELLS, ALL}),
    ("POST", "/letters/review", {READ, TELLS, ALL}),
    ("GET", "/letters", {READ, TELLS, ALL}),
    ("GET", "/letters/x", {READ, TELLS, ALL}),
    ("POST", "/letters/x/approve", {TELLS, ALL}),
    ("GET", "/components", {READ, TELLS, CHECKS, ALL}),
    ("PATCH", "/components/shop", {TELLS, ALL}),
    ("PUT", "/components/shop/notice", {TELLS, ALL}),
    ("POST", "/incidents", {TELLS, ALL}),
    ("GET", "/incidents", {READ, TELLS, ALL}),
    ("GET", "/incidents/x", {READ, TELLS, ALL}),
    ("POST", "/incidents/x/acknowledge", {TELLS, ALL}),
    ("POST", "/incidents/x/letters/stop", {TELLS, ALL}),
    ("POST", "/incidents/x/letters/release", {TELLS, ALL}),
    ("POST", "/incidents/x/updates", {TELLS, ALL}),
    ("DELETE", "/incidents/x/updates/1", {TELLS, ALL}),
    ("PUT", "/incidents/x/updates/1/translations/it", {TELLS, ALL}),
    ("DELETE", "/incidents/x/name", {TELLS, ALL}),
    ("GET", "/incidents/x/deliveries", {READ, TELLS, ALL}),
    ("PUT", "/incidents/x/postmortem", {TELLS, ALL}),
    ("POST", "/incidents/x/postmortem/actions/1/done", {TELLS, ALL}),
    ("DELETE", "/incidents/x/postmortem/actions/1/done", {TELLS, ALL}),
    ("POST", "/incidents/x/postmortem/codes", {TELLS, ALL}),
    ("DELETE", "/incidents/x/postmortem/codes", {TELLS, ALL}),
    ("GET", "/incidents/x/postmortem/codes", {READ, TELLS, ALL}),
    ("GET", "/incidents/x/recipients.csv", {KEEPS, ALL}),
    ("POST", "/maintenances", {TELLS, ALL}),
    ("GET", "/maintenances", {READ, TELLS, ALL}),
    ("GET", "/maintenances/x", {READ, TELLS, ALL}),
    ("PATCH", "/maintenances/x", {TELLS, ALL}),
    ("DELETE", "/maintenances/x", {TELLS, ALL}),
    ("DELETE", "/maintenances/x/words", {TELLS, ALL}),
    ("GET", "/subscribers", {KEEPS, ALL}),
    ("GET", "/subscribers?address=a@example.org", {KEEPS, LOOKS, ALL}),
    ("POST", "/subscribers", {KEEPS, ALL}),
    ("POST", "/subscribers/import", {KEEPS, ALL}),
    ("GET", "/subscribers/export", {KEEPS, ALL}),
    ("GET", "/subscribers/x/export", {KEEPS, ALL}),
    ("DELETE", "/subscribers/x", {KEEPS, ALL}),
    ("GET", "/subscribers/x", {KEEPS, LOOKS, ALL}),
    ("GET", "/subscribers/x/deliveries", {KEEPS, LOOKS, ALL}),
    ("GET", "/subscribers/x/deliveries/1", {KEEPS, LOOKS, ALL}),
    ("POST", "/bounces", {KEEPS, ALL}),
    ("GET", "/audit", {READ, ALL}),
]


async def test_only_the_scopes_that_are_named_pass(small_world: World) -> None:
    for scope in Scope:
        plain = await small_world.token(scope, name=scope.value)
        async with small_world.client(plain) as client:
            passed = {
                (method, path)
                for method, path, _ in MAY
                if (await client.request(method, V1 + path)).status_code != 403
            }
        assert passed == {(method, path) for method, path, scopes in MAY if scope in scopes}


async def test_every_call_of_the_document_is_in_the_table(small_world: World) -> None:
    async with small_world.client() as client:
        paths = (await client.get(f"{V1}/openapi.json")).json()["paths"]
    calls = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    assert len(calls) == len({(method, path.partition("?")[0]) for method, path, _ in MAY})


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic YTpi"}])
async def test_without_a_token_one_is_asked_for(small_world: World, header: dict[str, str]) -> None:
    async with small_world.client() as client:
        for method, path, _ in MAY:
            answer = await client.request(method, V1 + path, headers=header)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.headers["content-type"] == "application/problem+json"


async def test_the_eleventh_wrong_token_of_a_minute_is_too_many(world: World) -> None:
    valid = await world.token(Scope.READ)
    async with world.client(new_token()) as stranger:
        codes = [(await stranger.get(f"{V1}/components")).status_code for _ in range(12)]
        assert codes == [401] * 10 + [429] * 2
        denied = await stranger.get(f"{V1}/components")
        assert 0 < int(denied.headers["retry-after"]) <= 61
        assert sum(row.count for row in await world.rows(Counter)) == 10
        world.clock.pass_(seconds=62)
        assert (await stranger.get(f"{V1}/components")).status_code == 401
    async with world.client(valid) as beside:
        assert (await beside.get(f"{V1}/components")).status_code == 200


async def test_another_network_is_not_counted_with_it(small_world: World) -> None:
    async with small_world.client("rubbish") as one:
        for _ in range(11):
            await one.get(f"{V1}/components")
    async with small_world.client("rubbish", peer="198.51.100.9") as other:
        assert (await other.get(f"{V1}/components")).status_code == 401


async def test_nothing_of_a_token_is_stored_that_opens(world: World) -> None:
    plain = await world.token(Scope.READ)
    async with world.premises.store.read() as session:
        (row,) = await tokens.every(session)
    assert plain not in row.model_dump_json()
    assert plain.startswith(row.shown)


async def test_a_revoked_token_opens_nothing_and_its_name_is_free(world: World) -> None:
    plain = await world.token(Scope.READ, name="grafana")
    async with world.client(plain) as client:
        assert (await client.get(f"{V1}/components")).status_code == 200
        async with world.premises.store.write() as session:
            await tokens.revoke(session, "grafana", world.clock.at)
        assert (await client.get(f"{V1}/components")).status_code == 401
    assert await world.token(Scope.READ, name="grafana") != plain


async def test_the_last_use_is_written_down_once_a_minute(world: World) -> None:
    async with world.client(await world.token(Scope.READ)) as client:
        used = []
        for _ in range(3):
            await client.get(f"{V1}/components")
            async with world.premises.store.read() as session:
                used.append((await tokens.every(session))[0].used_at)
            world.clock.pass_(seconds=40)
    start = world.clock.at - timedelta(seconds=120)
    assert used == [start, start, start + timedelta(seconds=80)]


async def test_two_hundred_calls_with_a_valid_token_all_pass(small_world: World) -> None:
    async with small_world.client(await small_world.token(Scope.READ)) as client:
        answers: list[httpx.Response] = [
            await client.get(f"{V1}/audit", params={"limit": 1}) for _ in range(200)
        ]
    assert {answer.status_code for answer in answers} == {200}
