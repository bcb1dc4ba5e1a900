"""Can an operator bring in a whole list of customers, and is nobody written to who must not be?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from statuspage.actions import subscribers
from statuspage.rules.limits import keyed_hash
from statuspage.rules.subscriptions import Wishes
from statuspage.tables import Announcement, AuditEntry, House, Subscriber, Suppression
from statuspage.vocabulary import Scope
from tests.statuspage.api.world import World

PATH = "/api/v1/subscribers/import"
CSV = {"Content-Type": "text/csv"}
NOTHING = {"added": 0, "updated": 0, "kept": 0, "silent_total": 0, "rejected_total": 0}


@pytest.fixture
async def keeper(world: World) -> AsyncIterator[httpx.AsyncClient]:
    token = await world.token(Scope.SUBSCRIBERS, user="anna@acme.example")
    async with world.client(token) as client:
        yield client


async def take(keeper: httpx.AsyncClient, file: str | bytes, **query: str) -> dict[str, Any]:
    answer = await keeper.post(PATH, content=file, params=query, headers=CSV)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def rows(world: World) -> dict[str, Subscriber]:
    return {row.address: row for row in await world.rows(Subscriber)}


async def test_a_list_is_told_of_outages_from_then_on(
    world: World, keeper: httpx.AsyncClient
) -> None:
    told = await take(
        keeper,
        "address;language;components;source;basis\r\n"
        "Ada@EXAMPLE.org;it;shop;Fiera di Forlì;consent\r\n"
        "bea@example.org;;;;\r\n",
        source="customer list",
    )
    assert told == {**NOTHING, "added": 2, "silent": [], "rejected": []}
    ada, bea = (await rows(world)).values()
    assert (ada.address, ada.state, ada.language) == ("Ada@example.org", "active", "it")
    assert (ada.components, ada.source, ada.basis) == (["shop"], "Fiera di Forlì", "consent")
    assert (bea.language, bea.source, bea.basis) == ("en", "customer list", "contract")
    assert ada.to_introduce
    assert bea.confirmed_at == world.clock.at


async def test_bad_lines_are_named_and_the_good_ones_stored(
    world: World, keeper: httpx.AsyncClient
) -> None:
    told = await take(keeper, "address,language\nnobody,en\nada@example.org,fr\nbea@example.org,\n")
    assert (told["added"], told["rejected_total"]) == (1, 2)
    assert [one["line"] for one in told["rejected"]] == [2, 3]
    assert "en, it" in told["rejected"][1]["msg"]
    assert "ada" not in str(told["rejected"])
    assert list(await rows(world)) == ["bea@example.org"]


async def test_the_same_file_again_changes_nothing(world: World, keeper: httpx.AsyncClient) -> None:
    file = "address,components\nada@example.org,shop\nbea@example.org,\n"
    await take(keeper, file)
    before = await rows(world)
    world.clock.pass_(hours=1)
    told = await take(keeper, file)
    assert (told["added"], told["updated"]) == (0, 2)
    assert await rows(world) == before


async def test_a_newer_file_brings_up_to_date_what_it_names(
    world: World, keeper: httpx.AsyncClient
) -> None:
    await take(keeper, "address,components,language\nada@example.org,shop,it\n")
    await take(keeper, "address,components\nADA@example.org,blog\n")
    (ada,) = (await rows(world)).values()
    assert (ada.components, ada.language) == (["blog"], "it")


async def test_who_left_was_erased_or_rests_stays_silent_and_is_listed(
    world: World, keeper: httpx.AsyncClient
) -> None:
    ada, rob = await world.subscribe("Ada@example.org"), await world.subscribe("rob@example.org")
    async with world.premises.store.write() as session:
        row = await session.get_one(Subscriber, ada)
        await subscribers.leave(session, row.code or "", world.clock.at)
        (await session.get_one(Subscriber, rob)).state = "resting"
        key = (await session.get_one(House, 1)).secret.encode()
        hashed = keyed_hash("email:eve@example.org", key)
        session.add(Suppression(hash=hashed, why="erased", at=world.clock.at))
    file = "address\nada@example.org\nnew@example.org\nrob@example.org\nEve@example.org\n"
    for query in ({"dry_run": "true"}, {}, {"confirm": "true"}):
        told = await take(keeper, file, **query)
        assert (told["silent"], told["silent_total"]) == ([2, 4, 5], 3)
    found = await rows(world)
    assert found["Ada@example.org"].state == "left"
    assert found["rob@example.org"].state == "resting"
    assert found.keys() == {"Ada@example.org", "rob@example.org", "new@example.org"}


async def test_who_had_asked_for_one_letter_and_is_imported_is_told_of_all(
    world: World, keeper: httpx.AsyncClient
) -> None:
    settings, now, once = world.premises.settings, world.clock.at, Wishes(only_incident_id="inc1")
    async with world.premises.store.write() as session:
        await subscribers.ask(session, settings, "ada@example.org", "en", once, now, {})
    assert (await take(keeper, "address\nada@example.org\n"))["added"] == 1
    ada = (await rows(world))["ada@example.org"]
    assert (ada.state, ada.only_incident_id) == ("active", None)


async def test_who_chose_for_themselves_keeps_what_they_chose(
    world: World, keeper: httpx.AsyncClient
) -> None:
    store, settings = world.premises.store, world.premises.settings
    async with store.write() as session:
        await subscribers.ask(
            session, settings, "ada@example.org", "it", Wishes(("shop",)), world.clock.at, {}
        )
    (row,) = await world.rows(Subscriber)
    async with store.write() as session:
        await subscribers.confirm(session, row.confirm_code or "", world.clock.at, {})
    told = await take(keeper, "address,components\nada@example.org,\n", source="customer list")
    assert (told["kept"], told["updated"]) == (1, 0)
    (row,) = await world.rows(Subscriber)
    assert (row.components, row.source, row.to_introduce) == (["shop"], None, False)


async def test_who_is_asked_first_gets_one_letter_and_is_not_told_yet(
    world: World, keeper: httpx.AsyncClient
) -> None:
    await world.subscribe("told@example.org")
    file = "address,language,components\nada@example.org,it,shop\ntold@example.org,,\n"
    told = await take(keeper, file, confirm="true", source="fair")
    assert (told["added"], told["kept"]) == (1, 1)
    assert (await take(keeper, file, confirm="true"))["updated"] == 1, "within the hour"
    ada = (await rows(world))["ada@example.org"]
    assert (ada.state, ada.components, ada.source) == ("pending", ["shop"], "fair")
    assert not ada.to_introduce, "they say yes themselves"
    letters = await world.rows(Announcement)
    assert [(one.occasion, one.subscriber_id) for one in letters] == [("confirm", ada.id)]
    assert "deliver" in world.nudged


async def test_a_rehearsal_counts_and_stores_nothing(
    world: World, keeper: httpx.AsyncClient
) -> None:
    await world.subscribe("bea@example.org")
    file = "address\nada@example.org\nbea@example.org\nnobody\n"
    foreseen = await take(keeper, file, dry_run="true")
    assert len(await rows(world)) == 1
    assert not [row for row in await world.rows(AuditEntry) if row.did == "subscribers imported"]
    assert foreseen == await take(keeper, file)


async def test_one_person_twice_in_a_file_is_one_person(
    world: World, keeper: httpx.AsyncClient
) -> None:
    told = await take(keeper, "address,language\nada@example.org,it\nADA@example.org,\n")
    assert (told["added"], told["updated"]) == (1, 1)
    assert [row.language for row in await world.rows(Subscriber)] == ["it"]


async def test_the_audit_says_who_brought_in_how_many_and_no_address(
    world: World, keeper: httpx.AsyncClient
) -> None:
    await take(keeper, "address\nada@example.org\nnobody\n", basis="consent", source="fair")
    (entry,) = [row for row in await world.rows(AuditEntry) if "imported" in row.did]
    assert entry.who == "anna@acme.example"
    assert entry.detail["whole"]
    assert (entry.detail["added"], entry.detail["rejected"]) == (1, 1)
    assert (entry.detail["basis"], entry.detail["source"]) == ("consent", "fair")
    assert "example.org" not in str(entry.detail)


async def test_a_repeat_with_the_same_key_gets_the_first_answer(keeper: httpx.AsyncClient) -> None:
    headers = {**CSV, "Idempotency-Key": "monday"}
    first, again = [
        await keeper.post(PATH, content="address\nada@example.org\n", headers=headers)
        for _ in range(2)
    ]
    assert again.text == first.text
    assert again.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize(
    ("file", "query", "headers", "status", "says"),
    [
        ("address,phone\n", {}, CSV, 422, "Column 2"),
        ("", {}, CSV, 422, "names the columns"),
        ("address\n", {"basis": "hearsay"}, CSV, 422, "basis"),
        ("address\n", {"source": "two\nlines"}, CSV, 422, "one line"),
        ("address\n", {}, {"Content-Type": "application/json"}, 415, "text/csv"),
        ("address\n", {}, {}, 415, "text/csv"),
        ("address\n", {}, {"Content-Type": "text/csv; charset=utf-16"}, 415, "charset"),
    ],
)
async def test_what_cannot_be_taken_at_all_is_refused(
    keeper: httpx.AsyncClient,
    file: str,
    query: dict[str, str],
    headers: dict[str, str],
    status: int,
    says: str,
) -> None:
    answer = await keeper.post(PATH, content=file, params=query, headers=headers)
    assert answer.status_code == status
    assert says in answer.text


async def test_old_windows_text_is_taken_when_it_says_so(
    world: World, keeper: httpx.AsyncClient
) -> None:
    file = "address;source\nada@example.org;Forlì\n".encode("windows-1252")
    headers = {"Content-Type": "text/csv; charset=windows-1252"}
    assert (await keeper.post(PATH, content=file, headers=headers)).status_code == 200
    assert (await rows(world))["ada@example.org"].source == "Forlì"


async def test_a_long_list_is_taken_whole_and_again(
    world: World, keeper: httpx.AsyncClient
) -> None:
    lines = (f"Kunde{n}@mail{n % 90}.example.org;it;shop;list {n}\r\n" for n in range(3_000))
    file = "address;language;components;source\r\n" + "".join(lines)
    assert (await take(keeper, file))["added"] == 3_000
    assert (await take(keeper, file))["updated"] == 3_000
