"""Can operators look up, add and remove those who are written to?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from statuspage.actions import subscribers
from statuspage.rules.subscriptions import Wishes
from statuspage.tables import AuditEntry, Subscriber
from statuspage.vocabulary import Scope
from tests.statuspage.api.world import World

PATH = "/api/v1/subscribers"


@pytest.fixture
async def keeper(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client(await world.token(Scope.SUBSCRIBERS)) as client:
        yield client


async def test_who_is_added_is_active_at_once(world: World, keeper: httpx.AsyncClient) -> None:
    said = {
        "channel": "email",
        "address": " Ada@EXAMPLE.org ",
        "components": ["shop"],
        "language": "it",
        "basis": "consent",
        "source": "fair in Turin",
    }
    added = await keeper.post(PATH, json=said)
    assert added.status_code == 201
    told = added.json()
    assert (told["address"], told["state"], told["language"]) == ("Ada@example.org", "active", "it")
    assert (told["components"], told["source"]) == (["shop"], "fair in Turin")
    world.clock.pass_(minutes=3)
    again = await keeper.post(PATH, json={"address": "Ada@example.org"})
    assert (again.status_code, again.json()["components"]) == (200, [])
    assert [row.did for row in await world.rows(AuditEntry)][-2:] == [
        "subscriber added",
        "subscriber updated",
    ]
    assert all("example.org" not in row.model_dump_json() for row in await world.rows(AuditEntry))


async def test_who_is_looked_up_is_found_however_written(
    world: World, keeper: httpx.AsyncClient
) -> None:
    id = await world.subscribe("Ada@example.org")
    await world.subscribe("bea@example.org")
    found = (await keeper.get(PATH, params={"address": "ada@EXAMPLE.org"})).json()
    assert [one["id"] for one in found["items"]] == [id]
    assert (await keeper.get(PATH, params={"address": "nobody@example.org"})).json()["total"] == 0
    assert (await keeper.get(PATH)).json()["total"] == 2


async def test_who_is_removed_gets_nothing_and_is_not_brought_back(
    world: World, keeper: httpx.AsyncClient
) -> None:
    id = await world.subscribe("ada@example.org")
    assert (await keeper.delete(f"{PATH}/{id}")).status_code == 204
    (row,) = await world.rows(Subscriber)
    assert row.state == "left"
    back = await keeper.post(PATH, json={"address": "ada@example.org"})
    assert (back.status_code, back.json()["state"]) == (200, "left")
    assert (await keeper.delete(f"{PATH}/nobody")).status_code == 404


async def test_the_letters_to_somebody_are_told(world: World, keeper: httpx.AsyncClient) -> None:
    store, settings = world.premises.store, world.premises.settings
    async with store.write() as session:
        now = world.clock.at
        await subscribers.ask(session, settings, "ada@example.org", "en", Wishes(), now, {})
    (row,) = await world.rows(Subscriber)
    told = (await keeper.get(f"{PATH}/{row.id}/deliveries")).json()
    assert [(one["occasion"], one["state"]) for one in told["items"]] == [("confirm", "queued")]


@pytest.mark.parametrize(
    ("said", "loc"),
    [
        ({"address": "nobody"}, ["body", "address"]),
        ({"address": "a@example.org\nBcc: b@example.org"}, ["body", "address"]),
        ({}, ["body", "address"]),
        ({"address": "a@example.org", "components": ["orders-db"]}, ["body", "components"]),
        ({"address": "a@example.org", "language": "fr"}, ["body", "language"]),
        ({"address": "a@example.org", "channel": "pigeon"}, ["body", "channel"]),
        ({"address": "a@example.org", "state": "active"}, ["body", "state"]),
    ],
)
async def test_who_cannot_be_added_is_refused_by_field(
    keeper: httpx.AsyncClient, said: dict[str, Any], loc: list[str]
) -> None:
    answer = await keeper.post(PATH, json=said)
    assert answer.status_code == 422
    assert loc in [error["loc"] for error in answer.json()["errors"]]
