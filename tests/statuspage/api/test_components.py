"""Are components told as they stand, and held by hand?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from checks.verdict import Belief
from statuspage.tables import Cause, Component, Incident, Share
from tests.statuspage.api.world import NOON, World

PATH = "/api/v1/components"


async def told(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = (await client.get(PATH)).json()
    assert answer["total"] == len(answer["items"])
    return {one["id"]: one for one in answer["items"]}


async def broken_database(world: World) -> None:
    """What the checks' own hand writes when the lower tier is gone."""
    await world.believe("orders-db", Belief.FAILED)
    await world.believe("shop", Belief.FAILED)
    row = Incident(
        id="auto00000000",
        automatic=True,
        started_at=NOON - timedelta(minutes=1),
        noticed_at=NOON,
        created_at=NOON,
        updated_at=NOON,
    )
    async with world.premises.store.write() as session:
        session.add(row)
        await session.flush()
        cause = Cause(incident_id=row.id, component_id="orders-db", since=NOON, confirmed_at=NOON)
        session.add(cause)
        for id, role in (("orders-db", "cause"), ("shop", "affected")):
            share = Share(incident_id=row.id, component_id=id, role=role, status="major_outage")
            session.add(share)


async def test_all_is_well(anna: httpx.AsyncClient) -> None:
    components = await told(anna)
    assert list(components) == ["orders-db", "shop", "blog"]
    assert {one["status"] for one in components.values()} == {"operational"}
    assert {(one["since"], one["cause"]) for one in components.values()} == {(None, None)}


async def test_trouble_has_its_beginning_and_its_cause(
    world: World, anna: httpx.AsyncClient
) -> None:
    await broken_database(world)
    components = await told(anna)
    for id in ("orders-db", "shop"):
        assert components[id]["status"] == "major_outage"
        assert components[id]["since"] == "2026-11-23T11:59:00Z"
        assert components[id]["cause"] == "orders-db"
    assert components["blog"]["status"] == "operational"


async def test_a_status_is_held_and_let_go(world: World, anna: httpx.AsyncClient) -> None:
    held = await anna.patch(
        f"{PATH}/blog", json={"status": "under_maintenance", "until": "2026-11-23T15:00:00+01:00"}
    )
    assert held.json()["status"] == "under_maintenance"
    assert held.json()["held_until"] == "2026-11-23T14:00:00Z"
    assert (await told(anna))["blog"]["status"] == "under_maintenance"
    let_go = await anna.patch(f"{PATH}/blog", json={"status": None})
    assert (let_go.json()["status"], let_go.json()["held_until"]) == ("operational", None)
    # asked for again in the same words, it is done again
    assert (await anna.patch(f"{PATH}/blog", json={"status": "major_outage"})).status_code == 200
    await anna.patch(f"{PATH}/blog", json={"status": None})
    await anna.patch(f"{PATH}/blog", json={"status": "major_outage"})
    assert (await told(anna))["blog"]["status"] == "major_outage"


async def test_a_notice_is_held(world: World, anna: httpx.AsyncClient) -> None:
    for mode in ("on", "off", "auto"):
        answer = await anna.put(f"{PATH}/shop/notice", json={"notice": mode})
        assert answer.json()["notice"] == mode
    assert {row.notice for row in await world.rows(Component)} == {"auto"}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/nosuch", {"status": None}, 404),
        ("/shop", {}, 422),
        ("/shop", {"status": "fine"}, 422),
        ("/shop", {"status": "degraded_performance", "until": "2026-11-23T11:00Z"}, 422),
        ("/shop", {"status": None, "name": "Other"}, 422),
    ],
)
async def test_what_cannot_be_held_is_refused(
    anna: httpx.AsyncClient, path: str, body: dict[str, Any], status: int
) -> None:
    assert (await anna.patch(PATH + path, json=body)).status_code == status
