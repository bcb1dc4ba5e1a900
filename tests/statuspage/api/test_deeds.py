"""Is what is asked for twice done once, and answered when it can be seen?"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from statuspage.tables import Incident, Update
from statuspage.vocabulary import Scope
from tests.statuspage.api.world import ShowsAll, World

PATH = "/api/v1/incidents"
SHOP = {"components": ["shop"]}


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


async def test_the_same_key_gets_the_first_answer(world: World, anna: httpx.AsyncClient) -> None:
    first = await anna.post(PATH, json=SHOP, headers=key("one"))
    world.clock.pass_(hours=3)
    again = await anna.post(PATH, json=SHOP, headers=key("one"))
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert len(await world.rows(Incident)) == 1
    assert (await anna.post(PATH, json=SHOP, headers=key("two"))).json()["id"] != first.json()["id"]


async def test_a_key_used_for_another_body_is_refused(anna: httpx.AsyncClient) -> None:
    await anna.post(PATH, json=SHOP, headers=key("one"))
    other = await anna.post(PATH, json={"components": ["blog"]}, headers=key("one"))
    assert other.status_code == 409


async def test_the_same_words_count_as_a_repeat_for_two_minutes(
    world: World, anna: httpx.AsyncClient
) -> None:
    first = await anna.post(PATH, json=SHOP)
    world.clock.pass_(seconds=119)
    repeated = await anna.post(PATH, json=SHOP)
    assert repeated.json() == first.json()
    world.clock.pass_(seconds=2)
    anew = await anna.post(PATH, json=SHOP)
    assert anew.json()["id"] != first.json()["id"]


async def test_who_takes_a_word_back_may_say_it_again(anna: httpx.AsyncClient) -> None:
    id = (await anna.post(PATH, json={**SHOP, "what_happened": "It stopped."})).json()["id"]
    path, words = f"{PATH}/{id}/updates", {"what_happened": "It is the disk."}
    await anna.post(path, json=words)
    await anna.delete(f"{path}/2", params={"reason": "too early"})
    said = await anna.post(path, json=words)
    assert "idempotent-replayed" not in said.headers
    assert [one["n"] for one in said.json()["updates"] if not one["withdrawn_at"]] == [1, 3]


async def test_another_token_or_another_path_is_no_repeat(
    world: World, anna: httpx.AsyncClient
) -> None:
    one, other = [(await anna.post(PATH, json=SHOP, headers=key(k))).json()["id"] for k in "ab"]
    words = {"what_happened": "It stopped."}
    for id in (one, other):
        assert (await anna.post(f"{PATH}/{id}/updates", json=words)).json()["id"] == id
    async with world.client(await world.token(Scope.INCIDENTS, name="bea")) as bea:
        theirs = await bea.post(PATH, json=SHOP, headers=key("a"))
    assert theirs.json()["id"] not in (one, other)


async def test_what_failed_is_not_remembered(world: World, anna: httpx.AsyncClient) -> None:
    missing = f"{PATH}/{'0' * 12}/updates"
    assert (await anna.post(missing, json=SHOP, headers=key("k"))).status_code == 404
    assert (await anna.post(missing, json={}, headers=key("k"))).status_code == 404
    assert await world.rows(Update) == []


async def test_ten_at_the_same_moment_are_done_once(world: World, anna: httpx.AsyncClient) -> None:
    asked = [anna.post(PATH, json=SHOP) for _ in range(10)]
    answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 9
    assert len(await world.rows(Incident)) == 1


async def test_the_answer_waits_for_the_pages_of_its_own_revision(
    world: World, anna: httpx.AsyncClient, monkeypatch: Any
) -> None:
    waited: list[int] = []

    async def shows(_: ShowsAll, revision: int, patience: float = 1.0) -> bool:
        waited.append(revision)
        return False

    monkeypatch.setattr(ShowsAll, "shows", shows)
    answer = await anna.post(PATH, json=SHOP)
    await anna.post(f"{PATH}/{answer.json()['id']}/acknowledge")
    assert answer.status_code == 201
    assert waited[1] == waited[0] + 1
