"""Can a relay, or a sending service, tell us that a letter came back?"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from notifications.identity import message_id
from notifications.return_path import return_path
from statuspage.actions import canary, return_paths
from statuspage.tables import Announcement, Delivery, Subscriber
from statuspage.vocabulary import Scope
from tests.notifications import returned
from tests.statuspage.api.world import TEXT, World, open_world

PATH = "/api/v1/bounces"
BOX = "bounces@acme.example"
ANNA = returned.READER
SEALED = TEXT.replace("[[components]]", f'[bounces]\naddress = "{BOX}"\n[[components]]', 1)
MAIL = {"Content-Type": "message/rfc822"}


@pytest.fixture
async def world(store_url: str) -> AsyncIterator[World]:
    async with open_world(store_url, SEALED) as opened:
        yield opened


@pytest.fixture
async def relay(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client(await world.token(Scope.SUBSCRIBERS, name="relay")) as client:
        yield client


async def written_to(world: World, address: str = ANNA, letters: int = 1) -> list[Delivery]:
    """So many letters to somebody, all accepted."""
    id = await world.subscribe(address)
    async with world.premises.store.write() as session:
        for n in range(letters):
            at = world.clock.at + timedelta(minutes=n)
            session.add(Announcement(id=f"word{n}", occasion="worded", created_at=at))
            await session.flush()
            session.add(
                Delivery(
                    announcement_id=f"word{n}",
                    subscriber_id=id,
                    state="accepted",
                    created_at=at,
                    due_at=at,
                    accepted_at=at,
                    ended_at=at,
                )
            )
    return sorted(await world.rows(Delivery), key=lambda row: row.id)


async def path_of(world: World, letter: Delivery) -> str:
    async with world.premises.store.read() as session:
        return return_path(BOX, letter.id or 0, await return_paths.key(session))


async def told(client: httpx.AsyncClient, **fields: Any) -> str:
    answer = await client.post(PATH, json=fields)
    assert answer.status_code == 200, answer.text
    outcome: str = answer.json()["outcome"]
    return outcome


async def test_a_report_from_a_pipe_counts_by_its_seal(
    world: World, relay: httpx.AsyncClient
) -> None:
    letters = await written_to(world, letters=3)
    for letter, server in zip(letters, ("postfix", "qmail", "exim"), strict=True):
        mail = returned.came_back(server, await path_of(world, letter))
        for outcome in ("counted", "ignored"):
            answer = await relay.post(PATH, content=mail, headers=MAIL)
            assert (answer.status_code, answer.json()) == (200, {"outcome": outcome})
    (anna,) = await world.rows(Subscriber)
    assert (anna.state, anna.hard_bounces) == ("resting", 3)


async def test_a_report_that_anybody_could_have_written_counts_nothing(
    world: World, relay: httpx.AsyncClient
) -> None:
    (letter,) = await written_to(world)
    known = message_id(letter.announcement_id, letter.subscriber_id, "status.acme.example")
    for to in (BOX, f"bounces+{letter.id}@acme.example"):
        mail = returned.came_back("postfix", to, known)
        answer = await relay.post(PATH, content=mail, headers=MAIL)
        assert answer.json() == {"outcome": "ignored"}


async def test_a_service_names_the_address_and_the_last_letter_to_it_is_meant(
    world: World, relay: httpx.AsyncClient
) -> None:
    first, last = await written_to(world, letters=2)
    fields = {"status": "5.1.1", "action": "failed", "diagnostic": f"550 5.1.1 <{ANNA}> unknown"}
    assert await told(relay, address=ANNA.upper().replace("ANNA", "anna"), **fields) == "counted"
    rows = {row.id: row for row in await world.rows(Delivery)}
    assert rows[first.id].bounced_at is None
    assert rows[last.id].bounced_at == world.clock.at
    assert rows[last.id].reason == "550 5.1.1 <(address)> unknown"
    assert await told(relay, address=ANNA, **fields) == "ignored"


async def test_a_service_names_the_letter_too(world: World, relay: httpx.AsyncClient) -> None:
    first, _ = await written_to(world, letters=2)
    known = message_id(first.announcement_id, first.subscriber_id, "status.acme.example")
    assert await told(relay, address=ANNA, message_id="<other@x.example>") == "ignored"
    assert await told(relay, address=ANNA, message_id=known.strip("<>")) == "counted"
    assert {row.id for row in await world.rows(Delivery) if row.bounced_at} == {first.id}


async def test_a_service_names_the_return_path_alone(
    world: World, relay: httpx.AsyncClient
) -> None:
    (letter,) = await written_to(world)
    assert await told(relay, return_path=await path_of(world, letter)) == "counted"


@pytest.mark.parametrize(
    ("fields", "outcome", "hard"),
    [
        ({"status": "5.1.1"}, "counted", 1),
        ({}, "counted", 1),
        ({"diagnostic": "550 5.7.1 blocked"}, "noted", 0),
        ({"status": "5.7.1", "action": "failed"}, "noted", 0),
        ({"status": "4.2.2", "action": "failed"}, "noted", 0),
        ({"status": "4.2.2"}, "ignored", 0),
        ({"status": "4.4.1", "action": "delayed"}, "ignored", 0),
    ],
)
async def test_what_counts(
    world: World, relay: httpx.AsyncClient, fields: dict[str, str], outcome: str, hard: int
) -> None:
    await written_to(world)
    assert await told(relay, address=ANNA, **fields) == outcome
    (anna,) = await world.rows(Subscriber)
    assert anna.hard_bounces == hard


async def test_nobody_we_know_is_no_mistake(world: World, relay: httpx.AsyncClient) -> None:
    await written_to(world)
    assert await told(relay, address="stranger@elsewhere.example") == "ignored"


async def test_who_rests_is_shown_and_the_canary_is_not(
    world: World, relay: httpx.AsyncClient
) -> None:
    letters = await written_to(world, letters=3)
    for letter in letters:
        await told(relay, return_path=await path_of(world, letter))
    async with world.premises.store.write() as session:
        await canary.send(session, world.premises.settings, world.clock.at)
    shown = (await relay.get("/api/v1/subscribers")).json()
    assert [(one["address"], one["state"]) for one in shown["items"]] == [(ANNA, "resting")]
    assert shown["total"] == 1


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b'{"status": "5.1.1"}', ["body", "address"]),
        (b'{"address": "a@b.example", "status": "bad"}', ["body", "status"]),
        (b'{"address": "a@b.example", "action": "delivered"}', ["body", "action"]),
        (b'{"address": "a@b.example", "adress": "x"}', ["body", "adress"]),
        (b"[]", ["body"]),
        (b"{", ["body"]),
    ],
)
async def test_a_mistake_is_named(relay: httpx.AsyncClient, body: bytes, where: list[str]) -> None:
    answer = await relay.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == where


async def test_what_is_neither_is_refused(relay: httpx.AsyncClient) -> None:
    answer = await relay.post(PATH, content=b"x", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert answer.json()["title"] == "This is neither mail nor JSON"
    large = await relay.post(PATH, content=b"x" * 300_000, headers=MAIL)
    assert large.status_code == 413


async def test_a_service_that_knows_only_addresses_shows_the_token_as_a_password(
    world: World,
) -> None:
    await written_to(world)
    token = await world.token(Scope.SUBSCRIBERS)
    async with world.client() as client:
        for password, status in ((token, 200), (token[:-1] + "x", 401), ("", 401)):
            shown = base64.b64encode(f"relay:{password}".encode()).decode()
            answer = await client.post(
                PATH, json={"address": ANNA}, headers={"Authorization": f"Basic {shown}"}
            )
            assert answer.status_code == status
        for rubbish in ("Basic", "Basic !!", "Basic " + "A" * 5):
            answer = await client.post(PATH, json={}, headers={"Authorization": rubbish})
            assert answer.status_code == 401
