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
    assert again.json()["kept"] is None, "an operator may change what an operator chose"
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


@pytest.mark.parametrize("later", [False, True], ids=["subscribed", "changed since"])
async def test_who_chose_for_themselves_keeps_what_they_chose(
    world: World, keeper: httpx.AsyncClient, later: bool
) -> None:
    said = {"address": "ada@example.org", "components": ["blog"], "language": "en"}
    if later:
        await keeper.post(PATH, json={**said, "basis": "contract"})
    store, settings, now = world.premises.store, world.premises.settings, world.clock.at
    wishes = Wishes(components=("shop",), least_impact="major", ends_only=True)
    async with store.write() as session:
        if not later:
            await subscribers.ask(session, settings, "ada@example.org", "it", wishes, now, {})
    (row,) = await world.rows(Subscriber)
    async with store.write() as session:
        if later:
            await subscribers.change_wishes(session, row.code, wishes, "it", now)
        else:
            await subscribers.confirm(session, row.confirm_code or "", now, {})
    (before,) = await world.rows(Subscriber)
    said |= {"basis": "contract" if before.basis == "consent" else "consent", "source": "a fair"}
    answer = await keeper.post(PATH, json=said)
    told = answer.json()
    assert (answer.status_code, told["kept"], told["state"]) == (200, True, "active")
    assert (told["components"], told["least_impact"], told["ends_only"]) == (
        ["shop"],
        "major",
        True,
    )
    assert (told["language"], told["basis"]) == ("it", before.basis)
    assert await world.rows(Subscriber) == [before]


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


async def test_who_is_sought_is_found_by_a_part_a_state_or_a_component(
    world: World, keeper: httpx.AsyncClient
) -> None:
    await world.subscribe("Ada@one.example", "en", "shop")
    await world.subscribe("bea@one.example", "en", "blog")
    gone = await world.subscribe("car_l@two.example")
    await keeper.delete(f"{PATH}/{gone}")

    async def found(**query: str) -> list[str]:
        items = (await keeper.get(PATH, params=query)).json()["items"]
        return sorted(one["address"] for one in items)

    assert await found(like="ONE.example") == ["Ada@one.example", "bea@one.example"]
    assert await found(like="r_l") == ["car_l@two.example"], "no sign stands for another"
    assert await found(like="a_a") == []
    assert await found(state="left") == ["car_l@two.example"]
    assert await found(component="shop") == ["Ada@one.example"]
    assert await found(component="shop", state="left") == []
    assert (await keeper.get(PATH, params={"state": "asleep"})).status_code == 422


async def test_support_looks_up_an_address_and_searches_nothing(world: World) -> None:
    id = await world.subscribe("ada@example.org")
    async with world.client(await world.token(Scope.SUPPORT)) as support:
        assert (await support.get(PATH, params={"like": "example"})).status_code == 403
        assert (await support.get(f"{PATH}/{id}")).json()["address"] == "ada@example.org"
        assert (await support.get(f"{PATH}/nobody")).status_code == 404


async def test_all_wishes_can_be_given_and_are_told(keeper: httpx.AsyncClient) -> None:
    wishes = {"least_impact": "major", "ends_only": True, "groups": []}
    said = {"address": "ada@example.org", "components": ["shop"], **wishes}
    told = (await keeper.post(PATH, json=said)).json()
    assert {name: told[name] for name in wishes} == wishes
    wrong = await keeper.post(PATH, json={"address": "ada@example.org", "groups": ["None"]})
    assert wrong.json()["errors"][0]["loc"] == ["body", "groups"]


async def test_who_is_erased_is_forgotten_and_stays_silent(
    world: World, keeper: httpx.AsyncClient
) -> None:
    id = await world.subscribe("ada@example.org")
    assert (await keeper.delete(f"{PATH}/{id}", params={"erase": "true"})).status_code == 204
    assert (await keeper.get(f"{PATH}/{id}")).status_code == 404
    assert (await keeper.get(PATH)).json()["total"] == 0
    answer = await keeper.post(
        f"{PATH}/import", content="address\nADA@example.org\n", headers={"Content-Type": "text/csv"}
    )
    assert answer.json()["silent"] == [2]
    assert [row.did for row in await world.rows(AuditEntry)][-2] == "subscriber erased"


@pytest.mark.parametrize(
    ("field", "value"),
    [("like", "a\0b"), ("component", "sh\0op"), ("address", "https://a.example/\0")],
)
async def test_what_no_store_can_look_for_is_refused_by_field(
    keeper: httpx.AsyncClient, field: str, value: str
) -> None:
    answer = await keeper.get(PATH, params={field: value})
    assert (answer.status_code, answer.json()["errors"][0]["loc"]) == (422, ["query", field])
