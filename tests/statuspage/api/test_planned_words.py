"""Is what we say of planned work read, read again by another, and removed where it must go?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from statuspage.jobs.maintain import maintain
from statuspage.tables import Announcement, AuditEntry, Call, Maintenance
from statuspage.vocabulary import Scope
from tests.servers.smtp import Relay
from tests.statuspage.api.office import Office, open_office
from tests.statuspage.api.test_approvals import LETTERS, SECOND_READER, left, spread
from tests.statuspage.api.test_maintenances import PATH, SUNDAY
from tests.statuspage.api.world import World, open_world

WRONG = "Our provider is to blame: Egreggio Cliento, please reply by Friday."
GOOD = "We move the orders to a faster database."
SECRET, SEGRETO, TITLE = "hunter2", "cacciatore2", "Move for Mario Rossi"


async def maintenances(world: World) -> int:
    return len(await world.rows(Maintenance))


# ---- the review


async def test_what_nobody_should_read_is_refused_unless_it_is_said_all_the_same(
    world: World, anna: httpx.AsyncClient
) -> None:
    refused = await anna.post(PATH, json=SUNDAY | {"body": WRONG})
    assert refused.status_code == 422
    assert {one["loc"][1] for one in refused.json()["errors"]} == {"body"}
    assert await maintenances(world) == 0
    said = await anna.post(PATH, json=SUNDAY | {"body": WRONG, "override": True})
    assert said.status_code == 201
    rules = {one["rule"] for one in said.json()["findings"]}
    assert {"blame", "demand"} <= rules
    newest = max(await world.rows(AuditEntry), key=lambda row: row.id)
    assert newest.did == "maintenance announced"
    assert {"blame", "demand"} <= set(newest.detail["overridden"])


async def test_of_planned_work_no_part_and_no_next_word_is_missed(anna: httpx.AsyncClient) -> None:
    for body in ({}, {"body": GOOD}, {"name": "Faster orders", "body": GOOD}):
        said = await anna.post(PATH, json=SUNDAY | body)
        assert (said.status_code, said.json()["findings"]) == (201, [])


async def test_each_language_is_read_in_its_own(anna: httpx.AsyncClient) -> None:
    told = {"name": "Ordini più veloci", "body": "Egreggio Cliento, spostiamo gli ordini."}
    said = {"name": "Faster orders", "body": GOOD, "translations": {"it": told}}
    refused = await anna.post(PATH, json=SUNDAY | said)
    assert refused.status_code == 422
    (first, second) = refused.json()["errors"]
    assert first["loc"] == second["loc"] == ["body", "translations", "it", "body"]
    assert "Egregio" in first["msg"]


async def test_a_change_is_read_and_an_end_is_held_up_by_nothing(
    world: World, anna: httpx.AsyncClient
) -> None:
    made = await anna.post(
        PATH, json={"components": ["shop"], "lasts": "1h", "body": WRONG, "override": True}
    )
    path = f"{PATH}/{made.json()['id']}"
    refused = await anna.patch(path, json={"body": f"{WRONG} Do it."})
    assert refused.status_code == 422
    assert (await anna.get(path)).json()["body"] == WRONG
    longer = await anna.patch(path, json={"lasts": "2h"})
    assert (longer.status_code, longer.json()["findings"]) == (200, [])
    better = await anna.patch(path, json={"body": GOOD})
    assert (better.status_code, better.json()["findings"]) == (200, [])
    ended = await anna.patch(path, json={"status": "completed"})
    assert ended.status_code == 200, ended.text


async def test_a_dry_run_shows_what_the_review_says(anna: httpx.AsyncClient) -> None:
    told = (await anna.post(f"{PATH}?dry_run=true", json=SUNDAY | {"body": WRONG})).json()
    assert told["needs_override"] is True
    assert "blame" in {one["rule"] for one in told["findings"]}
    calm = (await anna.post(f"{PATH}?dry_run=true", json=SUNDAY | {"body": GOOD})).json()
    assert (calm["needs_override"], calm["findings"]) == (False, [])


# ---- the second reader


@pytest.fixture
async def careful(store_url: str) -> AsyncIterator[World]:
    """Where letters are read by two."""
    async with open_world(store_url, SECOND_READER) as made:
        await made.subscribe("paul@example.org")
        yield made


async def operator(world: World, name: str) -> httpx.AsyncClient:
    token = await world.token(Scope.INCIDENTS, name=name, user=f"{name}@acme.example")
    return world.client(token)


async def letter_of(client: httpx.AsyncClient) -> str:
    return str((await client.get(LETTERS)).json()["items"][0]["id"])


async def test_the_letter_waits_for_another_operator_and_the_page_for_nobody(
    careful: World,
) -> None:
    async with await operator(careful, "ada") as ada, await operator(careful, "bob") as bob:
        made = (await ada.post(PATH, json=SUNDAY | {"body": GOOD})).json()
        assert (await ada.get(f"{PATH}/{made['id']}")).json()["status"] == "scheduled"
        (waits,) = (await bob.get(f"{LETTERS}?waiting=true")).json()["items"]
        assert (waits["maintenance_id"], waits["incident_id"]) == (made["id"], None)
        shown = (await bob.get(f"{LETTERS}/{waits['id']}")).json()
        assert shown["by_language"] == {"en": 1}
        assert GOOD in " ".join(shown["letters"][0]["text"].split())
        (call,) = await careful.rows(Call)
        assert (call.facts["occasion"], call.facts["planned"]) == ("reader_wanted", True)
        careful.clock.pass_(minutes=5)
        assert not await left(careful, waits["id"])
        assert (await ada.post(f"{LETTERS}/{waits['id']}/approve")).status_code == 403
        assert (await bob.post(f"{LETTERS}/{waits['id']}/approve")).status_code == 200
        careful.clock.pass_(seconds=29)
        assert not await left(careful, waits["id"])
        careful.clock.pass_(seconds=1)
        assert await left(careful, waits["id"])
    entries = [row for row in await careful.rows(AuditEntry) if row.did == "letter approved"]
    assert [row.detail for row in entries] == [{"maintenance": made["id"]}]


async def test_unread_it_leaves_after_the_wait_and_the_audit_says_so(careful: World) -> None:
    async with await operator(careful, "ada") as ada:
        await ada.post(PATH, json=SUNDAY)
        letter = await letter_of(ada)
    careful.clock.pass_(minutes=10)
    assert await left(careful, letter)
    assert "letter left without a second reader" in [
        row.did for row in await careful.rows(AuditEntry)
    ]


async def test_words_changed_after_the_approval_are_read_again(careful: World) -> None:
    async with await operator(careful, "ada") as ada, await operator(careful, "bob") as bob:
        made = (await ada.post(PATH, json=SUNDAY | {"body": GOOD})).json()
        letter = await letter_of(bob)
        await bob.post(f"{LETTERS}/{letter}/approve")
        careful.clock.pass_(seconds=5)
        await ada.patch(f"{PATH}/{made['id']}", json={"body": "We move the shop."})
        careful.clock.pass_(minutes=1)
        assert not await left(careful, letter)
        shown = (await bob.get(f"{LETTERS}/{letter}")).json()
        assert "We move the shop." in shown["letters"][0]["text"]
        assert shown["waiting"] is True


async def comes_round(world: World) -> None:
    await maintain(world.premises, world.clock.at)


async def test_the_reminder_waits_for_nobody_and_never_lets_an_unread_word_slip_by(
    careful: World,
) -> None:
    """It falls into the wait of an announcement: that one says it, once it was read."""
    async with await operator(careful, "ada") as ada:
        late = SUNDAY | {
            "scheduled_for": "2026-11-24T12:05:00Z",
            "scheduled_until": "2026-11-24T13:05:00Z",
        }
        await ada.post(PATH, json=late)
        letter = await letter_of(ada)
        careful.clock.pass_(minutes=6)
        await comes_round(careful)
        await spread(careful)
        rows = await careful.rows(Announcement)
        assert [(row.id, row.spread_at, row.withdrawn_at) for row in rows] == [(letter, None, None)]

        await ada.post(PATH, json=SUNDAY)
        careful.clock.pass_(minutes=11)
        await spread(careful)
        careful.clock.pass_(days=5)
        await comes_round(careful)
        await spread(careful)
        (reminder,) = [
            row
            for row in await careful.rows(Announcement)
            if row.occasion == "maintenance_tomorrow"
        ]
        assert reminder.spread_at is not None
        assert not reminder.reader_wanted


async def test_a_deploy_that_is_over_before_its_letter_was_read_is_told_to_nobody(
    careful: World,
) -> None:
    async with await operator(careful, "ada") as ada:
        made = (await ada.post(PATH, json={"components": ["shop"], "lasts": "5m"})).json()
        careful.clock.pass_(minutes=4)
        await ada.patch(f"{PATH}/{made['id']}", json={"status": "completed"})
        careful.clock.pass_(minutes=20)
        await comes_round(careful)
        await spread(careful)
    told = [row for row in await careful.rows(Announcement) if row.withdrawn_at is None]
    assert [row.occasion for row in told if row.occasion != "maintenance_finished"] == []


# ---- what must not stand


@pytest.fixture
async def office(store_url: str, smtp: Relay, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(store_url, smtp, tmp_path) as opened:
        await opened.world.subscribe("ada@example.org")
        await opened.world.subscribe("bruno@example.org", "it")
        yield opened


WORDS: dict[str, Any] = {
    "name": TITLE,
    "body": f"The login {SECRET} changes.",
    "translations": {
        "it": {"name": "Per Mario Rossi", "body": f"L'accesso {SEGRETO} cambia."},
    },
    "override": True,
}
ALL_OF_IT = (SECRET, SEGRETO, "Mario Rossi")


async def test_after_it_no_table_no_file_no_page_and_no_letter_has_it(office: Office) -> None:
    office.relay.reply("DATA", "451 4.3.0 later", recipient="bruno@example.org", times=1)
    key = {"Idempotency-Key": "once"}
    said = SUNDAY | WORDS | {"repeat": {"every": "week"}}
    id = (await office.anna.post(PATH, json=said, headers=key)).json()["id"]
    await office.mails()
    assert SECRET in office.letter("ada@example.org").text
    await office.shows()
    before = await office.everything_kept()
    assert all(word in before for word in ALL_OF_IT)

    gone = await office.anna.request("DELETE", f"{PATH}/{id}/words", json={"reason": "a name"})
    assert gone.json() == {"sent": 1, "withdrawn": 0, "under_way": 0}
    await office.shows()
    after = await office.everything_kept()
    assert not any(word in after for word in ALL_OF_IT)
    office.world.clock.pass_(hours=1)
    await office.mails()
    bruno = office.letter("bruno@example.org")
    whole = bruno.subject + bruno.text + bruno.html
    assert "Shop" in whole, "the times still concern him"
    assert not any(word in whole for word in ALL_OF_IT)
    again = await office.anna.post(PATH, json=said, headers=key)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert not any(word in again.text for word in ALL_OF_IT)


async def test_the_place_says_that_it_was_removed_and_the_audit_not_what(office: Office) -> None:
    id = (await office.anna.post(PATH, json=SUNDAY | WORDS)).json()["id"]
    await office.anna.request("DELETE", f"{PATH}/{id}/words?reason=a%20name")
    await office.shows()
    assert "has removed what it had written here" in office.page(f"/en/maintenances/{id}")
    assert "hanno rimosso il testo" in office.page(f"/it/maintenances/{id}")
    assert "has removed" in office.page("/api/v2/scheduled-maintenances.json")
    newest = max(await office.world.rows(AuditEntry), key=lambda row: row.id)
    assert (newest.did, newest.what) == ("maintenance erased", id)
    assert newest.detail == {"reason": "a name", "sent": 0}
    told = (await office.anna.get(f"{PATH}/{id}")).json()
    assert (told["name"], told["body"], told["translations"]) == ("Shop", "", {})
    twice = await office.anna.request("DELETE", f"{PATH}/{id}/words?reason=again")
    assert twice.status_code == 404


async def test_the_nights_that_follow_say_none_of_it(office: Office) -> None:
    said = WORDS | {
        "components": ["shop"],
        "scheduled_for": "2026-11-23T12:00:00Z",
        "scheduled_until": "2026-11-23T13:00:00Z",
        "repeat": {"every": "week"},
    }
    id = (await office.anna.post(PATH, json=said)).json()["id"]
    await office.anna.patch(f"{PATH}/{id}", json={"status": "completed"})
    assert await maintenances(office.world) == 2
    await office.anna.request("DELETE", f"{PATH}/{id}/words?reason=a%20name")
    rows = await office.world.rows(Maintenance)
    assert {(row.name, row.body, str(row.translations)) for row in rows} == {(None, "", "{}")}
