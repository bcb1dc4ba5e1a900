"""Does a letter wait for a second reader, and only as long as it may?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from statuspage.jobs.announce import announce
from statuspage.tables import Announcement, AuditEntry, Call
from statuspage.vocabulary import Scope
from tests.statuspage.api.world import NOON, TEXT, World, open_world

LETTERS = "/api/v1/letters"
INCIDENTS = "/api/v1/incidents"
SECOND_READER = TEXT.replace(
    "[[components]]",
    """[operators]
notify = ["mailto:oncall@acme.example"]
[letters]
second_reader = true
[[components]]""",
    1,
)
FOUND = {
    "components": ["shop"],
    "status": "identified",
    "what_happened": "A full disk stopped our orders database.",
    "what_we_are_doing": "We are making room.",
}


@pytest.fixture
async def world(store_url: str) -> AsyncIterator[World]:
    async with open_world(store_url, SECOND_READER) as made:
        await made.subscribe("paul@example.org")
        await made.subscribe("anna@example.org", "it")
        yield made


@pytest.fixture
async def ada(world: World) -> AsyncIterator[httpx.AsyncClient]:
    token = await world.token(Scope.INCIDENTS, name="ada", user="ada@acme.example")
    async with world.client(token) as client:
        yield client


@pytest.fixture
async def bob(world: World) -> AsyncIterator[httpx.AsyncClient]:
    token = await world.token(Scope.INCIDENTS, name="bob", user="bob@acme.example")
    async with world.client(token) as client:
        yield client


async def says(client: httpx.AsyncClient, **changed: Any) -> str:
    """A word of the incident; the id of its letter."""
    said = await client.post(INCIDENTS, json={**FOUND, **changed})
    assert said.status_code == 201, said.text
    return str((await client.get(LETTERS)).json()["items"][0]["id"])


async def spread(world: World) -> None:
    async def fails(_: str) -> bool:
        return True

    async def frozen(*_: object) -> dict[str, Any]:
        return {}

    at = world.premises
    while await announce(at.store, at.settings, fails, frozen, world.clock.at, "test") == timedelta(
        0
    ):
        pass


async def left(world: World, letter: str) -> bool:
    await spread(world)
    (row,) = [one for one in await world.rows(Announcement) if one.id == letter]
    return row.spread_at is not None


async def audited(world: World) -> list[str]:
    return [one.did for one in await world.rows(AuditEntry) if "letter" in one.did]


async def test_it_waits_with_the_exact_letter_and_leaves_when_another_has_read_it(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    letter = await says(ada)
    world.clock.pass_(minutes=1)
    assert not await left(world, letter)
    (waits,) = (await bob.get(f"{LETTERS}?waiting=true")).json()["items"]
    assert (waits["id"], waits["author"], waits["waiting"]) == (letter, "ada@acme.example", True)
    assert waits["leaves_at"] == "2026-11-23T12:10:00Z"
    shown = (await bob.get(f"{LETTERS}/{letter}")).json()
    assert shown["by_language"] == {"en": 1, "it": 1}
    assert [one["language"] for one in shown["letters"]] == ["en", "it"]
    assert "A full disk stopped our orders database." in shown["letters"][0]["text"]

    approved = await bob.post(f"{LETTERS}/{letter}/approve")
    assert approved.status_code == 200, approved.text
    assert approved.json()["leaves_at"] == "2026-11-23T12:01:30Z"
    assert (await bob.get(f"{LETTERS}?waiting=true")).json()["total"] == 0
    world.clock.pass_(seconds=29)
    assert not await left(world, letter), "it may be taken back for half a minute"
    world.clock.pass_(seconds=1)
    assert await left(world, letter)
    assert await audited(world) == ["letter approved"]


async def test_the_page_speaks_at_once_and_the_operators_are_asked_to_read(
    world: World, ada: httpx.AsyncClient
) -> None:
    await says(ada)
    (incident,) = (await ada.get(INCIDENTS)).json()["items"]
    assert incident["updates"][-1]["what_happened"] == FOUND["what_happened"]
    (call,) = [one for one in await world.rows(Call) if one.facts["occasion"] == "reader_wanted"]
    assert call.facts["author"] == "ada@acme.example"


async def test_nobody_approves_their_own(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    letter = await says(ada)
    own = await ada.post(f"{LETTERS}/{letter}/approve")
    assert own.status_code == 403
    assert "their own" in own.json()["detail"]
    other_token = await world.token(Scope.INCIDENTS, name="laptop", user="ada@acme.example")
    async with world.client(other_token) as laptop:
        assert (await laptop.post(f"{LETTERS}/{letter}/approve")).status_code == 403
    world.clock.pass_(minutes=1)
    assert not await left(world, letter)
    assert (await bob.post(f"{LETTERS}/{letter}/approve")).status_code == 200


async def test_what_nobody_reads_in_time_leaves_and_the_audit_says_so(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    letter = await says(ada)
    world.clock.pass_(minutes=9, seconds=59)
    assert not await left(world, letter)
    world.clock.pass_(seconds=1)
    assert await left(world, letter)
    assert await audited(world) == ["letter left without a second reader"]
    late = await bob.post(f"{LETTERS}/{letter}/approve")
    assert late.status_code == 409
    assert late.json()["detail"] == "This letter has left already."


async def test_the_first_acknowledgement_waits_for_nobody(
    world: World, ada: httpx.AsyncClient
) -> None:
    letter = await says(ada, status="investigating")
    assert (await ada.get(f"{LETTERS}?waiting=true")).json()["items"] == []
    world.clock.pass_(seconds=10)
    assert await left(world, letter)
    (incident,) = (await ada.get(INCIDENTS)).json()["items"]
    again = {**FOUND, "status": "investigating"}
    del again["components"]
    said = await ada.post(f"{INCIDENTS}/{incident['id']}/updates", json=again)
    assert said.status_code == 201, said.text
    assert (await ada.get(f"{LETTERS}?waiting=true")).json()["total"] == 1, "only the first"


async def test_taken_back_while_it_waits_it_never_leaves(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    letter = await says(ada)
    (incident,) = (await ada.get(INCIDENTS)).json()["items"]
    await bob.post(f"{LETTERS}/{letter}/approve")
    taken = await ada.request(
        "DELETE", f"{INCIDENTS}/{incident['id']}/updates/1", json={"reason": "wrong"}
    )
    assert taken.status_code == 200, taken.text
    world.clock.pass_(hours=1)
    assert not await left(world, letter)
    gone = await bob.post(f"{LETTERS}/{letter}/approve")
    assert gone.status_code == 409
    assert "withdrawn" in gone.json()["detail"]


@pytest.mark.parametrize("path", ["/nobody", "/nobody/approve"])
async def test_what_is_no_letter_is_unknown(bob: httpx.AsyncClient, path: str) -> None:
    method = "POST" if path.endswith("approve") else "GET"
    assert (await bob.request(method, f"{LETTERS}{path}")).status_code == 404


async def test_without_the_setting_no_letter_waits(store_url: str) -> None:
    async with open_world(store_url) as world:
        token = await world.token(Scope.INCIDENTS, name="ada")
        async with world.client(token) as ada:
            letter = await says(ada)
            refused = await ada.post(f"{LETTERS}/{letter}/approve")
            assert refused.status_code == 409
        world.clock.pass_(seconds=10)
        assert world.clock.at > NOON
        assert await left(world, letter)


async def test_a_correction_waits_for_another_reader_too(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    first = await says(ada)
    assert (await bob.post(f"{LETTERS}/{first}/approve")).status_code == 200
    world.clock.pass_(seconds=31)
    assert await left(world, first)
    (row,) = await world.rows(Announcement)
    path = f"{INCIDENTS}/{row.incident_id}/updates"
    said = await ada.post(path, json={"corrects": 1, "what_happened": "Two full disks stopped it."})
    assert said.status_code == 201, said.text
    (letter,) = (await bob.get(f"{LETTERS}?waiting=true")).json()["items"]
    assert letter["author"] == "ada@acme.example"
    assert (await ada.post(f"{LETTERS}/{letter['id']}/approve")).status_code == 403
    assert (await bob.post(f"{LETTERS}/{letter['id']}/approve")).status_code == 200


async def test_who_changes_what_was_approved_has_it_read_again(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    letter = await says(ada)
    assert (await bob.post(f"{LETTERS}/{letter}/approve")).status_code == 200
    (row,) = await world.rows(Announcement)
    path = f"{INCIDENTS}/{row.incident_id}/updates/1/translations/it"
    said = {"what_happened": "Un disco pieno.", "what_we_are_doing": "Stiamo facendo spazio."}
    assert (await ada.put(path, json=said)).status_code == 200
    world.clock.pass_(minutes=1)
    assert not await left(world, letter)
    shown = (await bob.get(f"{LETTERS}/{letter}")).json()
    assert "Un disco pieno." in shown["letters"][1]["text"], "as it will leave"
    assert (await bob.post(f"{LETTERS}/{letter}/approve")).status_code == 200
    world.clock.pass_(seconds=31)
    assert await left(world, letter)
