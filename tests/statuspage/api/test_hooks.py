"""Can operators have programs and chats told, and is nothing called that must not be?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from notifications import channels
from statuspage.tables import Subscriber
from statuspage.vocabulary import Scope
from tests.statuspage.api.world import World

PATH = "/api/v1/subscribers"
URL = "https://hooks.example.org/in?key=s3cret"


@pytest.fixture
async def keeper(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client(await world.token(Scope.SUBSCRIBERS)) as client:
        yield client


async def test_a_program_is_told_at_once_and_its_secret_is_shown_once(
    world: World, keeper: httpx.AsyncClient
) -> None:
    said = {"channel": "webhook", "address": URL, "owner": "ada@example.org", "language": "it"}
    added = await keeper.post(PATH, json=said)
    assert added.status_code == 201
    told = added.json()
    assert (told["channel"], told["address"], told["state"]) == ("webhook", URL, "active")
    assert told["signing_secret"].startswith("whsec_")
    world.clock.pass_(minutes=3)
    again = await keeper.post(PATH, json=said)
    assert (again.status_code, again.json()["signing_secret"]) == (200, None)
    listed = (await keeper.get(PATH, params={"address": URL})).json()["items"]
    assert [(one["id"], one["signing_secret"]) for one in listed] == [(told["id"], None)]
    theirs = (await keeper.get(PATH, params={"address": "ADA@example.org"})).json()["items"]
    assert [(one["id"], one["owner"]) for one in theirs] == [(told["id"], "ada@example.org")]
    async with world.premises.store.read() as session:
        row = await session.get_one(Subscriber, told["id"])
    assert (row.secret, row.owner) == (told["signing_secret"], "ada@example.org")


async def test_whose_owner_chose_is_woken_and_keeps_the_choice(
    world: World, keeper: httpx.AsyncClient
) -> None:
    said = {"channel": "webhook", "address": URL, "owner": "ada@example.org"}
    id = (await keeper.post(PATH, json=said)).json()["id"]
    async with world.premises.store.write() as session:
        row = await session.get_one(Subscriber, id)
        row.components, row.proof, row.basis = ["shop"], {"confirmed": {}}, "consent"
        row.state, row.resting_since = "resting", world.clock.at
    again = await keeper.post(PATH, json={**said, "components": ["blog"], "basis": "contract"})
    told = again.json()
    assert (again.status_code, told["kept"], told["state"]) == (200, True, "active")
    assert (told["components"], told["basis"]) == (["shop"], "consent")
    other = await keeper.post(PATH, json={**said, "owner": "bea@example.org"})
    assert (other.json()["kept"], other.json()["components"]) == (None, []), "another chose that"


async def test_another_owner_is_another_secret_and_the_answer_has_it(
    world: World, keeper: httpx.AsyncClient
) -> None:
    said = {"channel": "webhook", "address": URL, "owner": "ada@example.org"}
    first = (await keeper.post(PATH, json=said)).json()
    other = await keeper.post(PATH, json={**said, "owner": "bea@example.org"})
    told = other.json()
    assert (other.status_code, told["owner"]) == (200, "bea@example.org")
    assert told["signing_secret"].startswith("whsec_")
    assert told["signing_secret"] != first["signing_secret"]
    async with world.premises.store.read() as session:
        row = await session.get_one(Subscriber, told["id"])
    assert row.secret == told["signing_secret"]
    world.clock.at += timedelta(hours=1)
    again = await keeper.post(PATH, json={**said, "owner": "bea@example.org"})
    assert (again.status_code, again.json()["signing_secret"]) == (200, None)


async def test_a_chat_has_no_secret(keeper: httpx.AsyncClient) -> None:
    url = "https://hooks.slack.com/services/T0AAA/B0BBB/s3cretXYZ"
    added = await keeper.post(PATH, json={"channel": "slack", "address": url})
    assert (added.status_code, added.json()["signing_secret"]) == (201, None)


@pytest.mark.parametrize(
    ("channel", "address"),
    [
        ("webhook", "https://169.254.169.254/s3cret"),
        ("webhook", "http://hooks.example.org/s3cret"),
        ("webhook", "https://localhost/s3cret"),
        ("slack", "https://hooks.example.org/s3cret"),
        ("discord", "https://discord.com/s3cret"),
        ("webhook", "ada@example.org"),
        ("email", URL),
    ],
)
async def test_what_we_do_not_call_is_not_taken(
    keeper: httpx.AsyncClient, channel: str, address: str
) -> None:
    answer = await keeper.post(PATH, json={"channel": channel, "address": address})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["body", "address"]
    assert "s3cret" not in answer.text


async def test_the_owner_must_be_a_mailbox(keeper: httpx.AsyncClient) -> None:
    said = {"channel": "webhook", "address": URL, "owner": "nobody"}
    answer = await keeper.post(PATH, json=said)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["loc"] == ["body", "owner"]


async def test_the_channels_are_those_that_there_are(keeper: httpx.AsyncClient) -> None:
    answer = await keeper.post(PATH, json={"channel": "pigeon", "address": URL})
    assert answer.status_code == 422
    assert all(name in answer.text for name in channels.hooks())
    assert "operators_hook" not in answer.text


async def test_a_hook_that_has_left_is_not_brought_back(keeper: httpx.AsyncClient) -> None:
    said = {"channel": "webhook", "address": URL}
    id = (await keeper.post(PATH, json=said)).json()["id"]
    assert (await keeper.delete(f"{PATH}/{id}")).status_code == 204
    again = await keeper.post(PATH, json={**said, "source": "once more"})
    assert (again.status_code, again.json()["state"]) == (200, "left")
