"""Is a word that must not stand nowhere any more?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from statuspage.jobs.deliver import deliver
from statuspage.jobs.publish import Publish
from statuspage.tables import AuditEntry, Delivery
from tests.servers.smtp import Relay
from tests.statuspage.api.office import PATH, Office, flat, open_office

SECRET, SEGRETO, TITLE = "hunter2", "cacciatore2", "Mario Rossi"
WORDS: dict[str, Any] = {
    "what_happened": f"Our login {SECRET} has run out.",
    "translations": {"it": {"what_happened": f"Il nostro accesso {SEGRETO} è scaduto."}},
}


@pytest.fixture
async def office(store_url: str, smtp: Relay, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(store_url, smtp, tmp_path) as opened:
        await opened.world.subscribe("ada@example.org")
        await opened.world.subscribe("bruno@example.org", "it")
        await opened.world.subscribe("carla@example.org")
        yield opened


async def test_after_it_no_table_no_file_and_no_page_has_it(office: Office) -> None:
    key = {"Idempotency-Key": "once"}
    said = {"components": ["shop"], "name": TITLE, **WORDS}
    first = await office.anna.post(PATH, json=said, headers=key)
    id = first.json()["id"]
    await office.say(f"/{id}/updates", what_happened="We look at it.", next_update_in="20m")
    await office.shows()
    before = await office.everything_kept()
    assert all(word in before for word in (SECRET, SEGRETO, TITLE))
    feeds = ("/history.atom", "/history.rss", "/it/history.atom", "/it/history.rss")
    assert all({SECRET, SEGRETO} & set(re.findall(r"\w+", office.page(feed))) for feed in feeds)
    assert await office.take(f"/{id}/updates/1", reason="a password", erase=True)
    await office.take(f"/{id}/name", reason="a person's name")
    await office.shows()
    after = await office.everything_kept()
    assert not any(word in after for word in (SECRET, SEGRETO, TITLE))
    assert "We look at it." in after
    assert all("We look at it." in office.page(feed) for feed in feeds)
    again = await office.anna.post(PATH, json=said, headers=key)
    assert again.headers["Idempotent-Replayed"] == "true", "the repeat does not say it anew"
    assert SECRET not in again.text
    assert TITLE not in again.text


async def test_killed_before_the_disk_had_it_the_next_start_removes_it(office: Office) -> None:
    """The set of pages on the disk, and the one before it, are those of before the removal."""
    id = (await office.say(components=["shop"], **WORDS))["id"]
    await office.shows()
    await office.say(f"/{id}/updates", what_happened="We look at it.")
    await office.shows()
    await office.take(f"/{id}/updates/1", reason="a password", erase=True)
    started_again = Publish(office.world.premises)
    await started_again.tick(office.world.clock.at)
    await started_again.close()
    assert SECRET not in await office.everything_kept()


async def test_where_a_client_can_send_no_body_the_query_says_it(office: Office) -> None:
    id = (await office.say(components=["shop"], **WORDS))["id"]
    path = f"{PATH}/{id}/updates/1?reason=a%20password&erase=true"
    assert (await office.anna.delete(path)).status_code == 200
    assert SECRET not in await office.everything_kept()


async def test_the_place_says_that_it_was_removed_and_the_audit_who_did_it(office: Office) -> None:
    id = (await office.say(components=["shop"], status="identified", **WORDS))["id"]
    await office.take(f"/{id}/updates/1", reason="a password", erase=True)
    await office.shows()
    assert "has removed what it had written here" in office.page(f"/en/incidents/{id}")
    assert "è stato rimosso" in office.page(f"/it/incidents/{id}")
    for path in ("/api/v2/incidents.json", "/history.atom", "/history.rss"):
        assert "has removed what it had written here" in office.page(path)
    (update,) = (await office.tell(f"/{id}"))["updates"]
    assert update["erased_at"]
    assert (update["what_happened"], update["translations"]) == (None, {})
    assert (await office.tell(f"/{id}"))["status"] == "identified", "what it changed stays"
    newest = max(await office.world.rows(AuditEntry), key=lambda row: row.id)
    assert (newest.who, newest.did, newest.what) == ("anna@acme.example", "update erased", id)
    counts = {"sent": 0, "withdrawn": 0, "under_way": 0}
    assert newest.detail == {"n": 1, "reason": "a password", **counts}


async def test_of_letters_that_are_queued_none_leaves_and_how_many_had_left_is_told(
    office: Office,
) -> None:
    """One has got it; one refused it for now, so the mailer has the letter composed; and one
    is in the queue.
    """
    office.relay.reply("DATA", "451 4.3.0 later", recipient="bruno@example.org", times=1)
    office.relay.reply("DATA", "451 4.3.0 later", recipient="carla@example.org", times=1)
    id = (await office.say(components=["shop"], name=TITLE, **WORDS))["id"]
    await office.mails()
    assert SECRET in office.letter("ada@example.org").text
    told = await office.take(f"/{id}/updates/1", reason="a password", erase=True)
    assert told == {"sent": 1, "withdrawn": 2, "under_way": 0}
    office.world.clock.pass_(hours=2)
    await office.mails()
    assert office.relay.to("bruno@example.org") == office.relay.to("carla@example.org") == []
    assert {row.state for row in await office.world.rows(Delivery)} == {"accepted", "withdrawn"}


async def test_a_title_is_taken_out_of_letters_that_go_on(office: Office) -> None:
    office.relay.reply("DATA", "451 4.3.0 later", recipient="carla@example.org", times=1)
    id = (await office.say(components=["shop"], name=TITLE, what_happened="It is slow."))["id"]
    await office.mails()
    assert TITLE in office.letter("ada@example.org").subject
    assert await office.take(f"/{id}/name", reason="a person") == {
        "sent": 2,
        "withdrawn": 0,
        "under_way": 0,
    }
    office.world.clock.pass_(hours=1)
    await office.mails()
    carla = office.letter("carla@example.org")
    assert "It is slow." in carla.text
    assert TITLE not in carla.subject + carla.text + carla.html
    assert (await office.tell(f"/{id}"))["name"] == "Shop"


async def test_a_fan_out_that_runs_sends_none_with_it_a_second_later(
    sqlite_url: str, smtp: Relay, tmp_path: Path
) -> None:
    """The mailer has composed the letter, and sends it slowly, when the title is removed."""
    async with open_office(sqlite_url, smtp, tmp_path) as office:
        for n in range(40):
            await office.world.subscribe(f"reader{n}@example.org")
        office.room.settings.mail.__dict__["max_per_second"] = 10
        id = (await office.say(components=["shop"], name=TITLE, what_happened="Slow."))["id"]
        office.world.clock.pass_(seconds=11)
        await office.spreads()
        round_ = asyncio.create_task(deliver(office.room, office.world.clock.at, "office"))
        await smtp.wait(3)
        await office.take(f"/{id}/name", reason="a person")
        count = len(smtp.letters)
        await round_
        assert len(smtp.letters) == 40
        late = [letter for letter in smtp.letters[count + 10 :] if TITLE in letter.subject]
        assert late == []


async def test_another_word_that_says_the_same_in_a_part_keeps_it(office: Office) -> None:
    usual = {"what_we_are_doing": "We are on it."}
    id = (await office.say(components=["shop"], **WORDS, **usual))["id"]
    await office.say(f"/{id}/updates", what_happened="Half of it works.", **usual)
    assert (await office.take(f"/{id}/updates/1", reason="a password", erase=True))["sent"] == 0
    await office.shows()
    assert "We are on it." in office.page(f"/en/incidents/{id}")
    await office.mails()
    assert "We are on it." in flat(office.letter("ada@example.org").text)
    assert len(office.relay.to("ada@example.org")) == 1, "the other one never leaves"


async def test_also_a_word_that_was_taken_back_can_be_removed(office: Office) -> None:
    id = (await office.say(components=["shop"]))["id"]
    await office.say(f"/{id}/updates", **WORDS)
    await office.take(f"/{id}/updates/2", reason="a slip")
    assert SECRET in await office.everything_kept()
    await office.take(f"/{id}/updates/2", reason="a password", erase=True)
    assert SECRET not in await office.everything_kept()


@pytest.mark.parametrize(("path", "said"), [("updates/1", {"erase": True}), ("name", {})])
async def test_what_is_not_there_cannot_be_removed(
    office: Office, path: str, said: dict[str, bool]
) -> None:
    id = (await office.say(components=["shop"]))["id"]
    gone = await office.anna.request("DELETE", f"{PATH}/{id}/{path}", json={"reason": "x", **said})
    assert gone.status_code == 404, "nothing was said, and no title given"
    assert await _without_reason(office, id, path) == 422


async def _without_reason(office: Office, id: str, path: str) -> int:
    answer: httpx.Response = await office.anna.request("DELETE", f"{PATH}/{id}/{path}")
    return answer.status_code
