"""What do those see who follow us in a feed reader or a calendar, while things happen?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import feedparser
import pytest
import vobject

from tests.servers.smtp import Relay
from tests.statuspage.api.office import Office, open_office

FEEDS = ("/history.atom", "/history.rss", "/it/history.atom", "/it/history.rss")
MAINTENANCES = "/api/v1/maintenances"
SUNDAY = {
    "components": ["shop"],
    "scheduled_for": "2026-11-29T01:00:00Z",
    "scheduled_until": "2026-11-29T04:00:00Z",
    "repeat": {"every": "week"},
}


@pytest.fixture
async def office(sqlite_url: str, smtp: Relay, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(sqlite_url, smtp, tmp_path) as opened:
        yield opened


async def entries(office: Office) -> list[Any]:
    await office.shows()
    told = feedparser.parse(office.page("/history.atom").encode())
    assert not told.bozo
    return list(told.entries)


def held(office: Office, path: str) -> tuple[str, str]:
    """By what a reader's copy is known: its tag, and the time of its newest word."""
    (only,) = office.world.premises.memory.pages[path]
    return only.etags["identity"], dict(only.page.headers)["Last-Modified"]


def assert_none_is_good_any_more(office: Office, before: dict[str, tuple[str, str]]) -> None:
    for path, copy in before.items():
        for was, now in zip(copy, held(office, path), strict=True):
            assert was != now, path


async def events(office: Office) -> dict[str, Any]:
    """Each event by the beginning of its id: that of its maintenance."""
    await office.shows()
    calendar = vobject.readOne(office.page("/maintenance.ics"))
    return {one.uid.value.split("@")[0]: one for one in calendar.contents.get("vevent", [])}


async def test_an_incident_is_one_entry_and_each_word_revises_it(office: Office) -> None:
    id = (await office.say(components=["shop"], name="No orders", what_happened="It broke."))["id"]
    (first,) = await entries(office)
    office.world.clock.pass_(minutes=20)
    said = {"what_happened": "We know why.", "next_update_in": "30m"}
    await office.say(f"/{id}/updates", status="identified", **said)
    (second,) = await entries(office)
    assert second.id == first.id == f"tag:status.acme.example,2005:Incident/{id}"
    assert (second.published, second.title) == (first.published, "No orders")
    assert (first.updated, second.updated) == ("2026-11-23T12:00:00Z", "2026-11-23T12:20:00Z")
    content = second.content[0].value
    assert "Next word by" in content.split("</p>")[0]
    assert "12:50 UTC on 23 November 2026" in content.split("</p>")[0]
    assert content.index("We know why.") < content.index("It broke.")
    office.world.clock.pass_(minutes=5)
    await office.say(f"/{id}/updates", status="resolved", what_happened="It works again.")
    (over,) = await entries(office)
    assert "<strong>Resolved</strong> - It works again." in over.content[0].value
    assert "Next word by" not in over.content[0].value


async def test_a_word_that_was_taken_back_is_told_no_more_and_readers_look_again(
    office: Office,
) -> None:
    id = (await office.say(components=["shop"], what_happened="It broke."))["id"]
    office.world.clock.pass_(minutes=1)
    await office.say(f"/{id}/updates", what_happened="Mario broke it.")
    await office.shows()
    before = {path: held(office, path) for path in FEEDS}
    office.world.clock.pass_(minutes=1)
    await office.take(f"/{id}/updates/2", reason="a slip")
    (entry,) = await entries(office)
    assert "Mario" not in entry.content[0].value
    assert "It broke." in entry.content[0].value
    assert entry.updated == "2026-11-23T12:02:00Z"
    assert_none_is_good_any_more(office, before)


async def test_a_word_that_was_removed_moves_its_entry(office: Office) -> None:
    id = (await office.say(components=["shop"], what_happened="It is hunter2."))["id"]
    await office.shows()
    before = {path: held(office, path) for path in FEEDS}
    office.world.clock.pass_(minutes=3)
    await office.take(f"/{id}/updates/1", reason="a password", erase=True)
    (entry,) = await entries(office)
    assert "hunter2" not in entry.content[0].value
    assert "Our team has removed what it had written here." in entry.content[0].value
    assert entry.updated == "2026-11-23T12:03:00Z"
    assert_none_is_good_any_more(office, before)


async def test_an_incident_that_was_taken_back_does_not_vanish_from_readers_copies(
    office: Office,
) -> None:
    said = {"name": "No orders", "what_happened": "Mario broke it."}
    id = (await office.say(components=["shop"], **said))["id"]
    (first,) = await entries(office)
    before = {path: held(office, path) for path in FEEDS}
    office.world.clock.pass_(minutes=4)
    await office.take(f"/{id}/updates/1", reason="it was the other shop")
    (entry,) = await entries(office)
    assert (entry.id, entry.title) == (first.id, "Taken back")
    assert (entry.published, entry.updated) == (first.published, "2026-11-23T12:04:00Z")
    assert "<strong>Resolved</strong> - Our team has taken back" in entry.content[0].value
    for path in FEEDS:
        assert "Mario" not in office.page(path)
        assert "No orders" not in office.page(path)
    assert_none_is_good_any_more(office, before)


async def test_what_nobody_had_seen_is_taken_back_without_a_word(office: Office) -> None:
    id = (await office.say(components=["shop"], what_happened="It broke."))["id"]
    await office.take(f"/{id}/updates/1", reason="a slip")
    assert await entries(office) == []


async def test_a_change_keeps_the_event_and_raises_its_sequence(office: Office) -> None:
    told = (await office.anna.post(MAINTENANCES, json=SUNDAY | {"repeat": None})).json()
    (event,) = (await events(office)).values()
    assert (event.uid.value, event.sequence.value) == (f"{told['id']}@status.acme.example", "0")
    later = {"scheduled_until": "2026-11-29T05:00:00Z"}
    await office.anna.patch(f"{MAINTENANCES}/{told['id']}", json=later)
    (moved,) = (await events(office)).values()
    assert (moved.uid.value, moved.sequence.value) == (event.uid.value, "1")
    assert moved.dtend.value.isoformat() == "2026-11-29T05:00:00+00:00"
    await office.anna.delete(f"{MAINTENANCES}/{told['id']}")
    (gone,) = (await events(office)).values()
    assert (gone.uid.value, gone.sequence.value) == (event.uid.value, "2")
    assert gone.status.value == "CANCELLED"
    (entry,) = await entries(office)
    assert "<strong>Cancelled</strong>" in entry.content[0].value


async def test_the_nights_of_a_series_keep_their_ids_when_their_turn_comes(office: Office) -> None:
    told = (await office.anna.post(MAINTENANCES, json=SUNDAY)).json()
    before = await events(office)
    assert len(before) == 21, "the next one, and twenty more"
    begins = {one.dtstart.value.isoformat(): uid for uid, one in before.items()}
    assert begins["2026-11-29T01:00:00+00:00"] == told["id"]
    await office.anna.delete(f"{MAINTENANCES}/{told['id']}", params={"only_this": "true"})
    (row,) = (await office.anna.get(MAINTENANCES, params={"status": "scheduled"})).json()["items"]
    assert row["id"] == begins["2026-12-06T01:00:00+00:00"]
    after = await events(office)
    assert before.keys() < after.keys()
    assert after[told["id"]].status.value == "CANCELLED"
    for uid in before.keys() - {told["id"]}:
        assert after[uid].dtstart.value == before[uid].dtstart.value
        assert after[uid].status.value == "CONFIRMED"
        assert int(after[uid].sequence.value) >= int(before[uid].sequence.value)


async def test_a_night_that_is_moved_moves_alone_and_a_rule_moves_all(office: Office) -> None:
    told = (await office.anna.post(MAINTENANCES, json=SUNDAY)).json()
    path, before = f"{MAINTENANCES}/{told['id']}", await events(office)
    monday = {
        "scheduled_for": "2026-11-30T01:00:00Z",
        "scheduled_until": "2026-11-30T04:00:00Z",
    }
    await office.anna.patch(path, json=monday)
    moved = await events(office)
    assert moved.keys() == before.keys()
    assert moved[told["id"]].dtstart.value.isoformat() == "2026-11-30T01:00:00+00:00"
    assert {one.dtstart.value.weekday() for uid, one in moved.items() if uid != told["id"]} == {6}
    await office.anna.patch(path, json={**monday, "repeat": {"every": "week"}})
    ruled = await events(office)
    assert {one.dtstart.value.weekday() for one in ruled.values()} == {0}
    assert ruled[told["id"]].sequence.value == "2"


async def test_words_of_a_maintenance_that_were_removed_are_gone_for_all_who_follow(
    office: Office,
) -> None:
    said = {"name": "Mario's night", "body": "The password is hunter2."}
    told = (await office.anna.post(MAINTENANCES, json=SUNDAY | said)).json()
    before = await events(office)
    followed = ("/history.atom", "/history.rss", "/maintenance.ics", "/it/maintenance.ics")
    assert all("hunter2" in office.page(path) for path in followed)
    path = f"{MAINTENANCES}/{told['id']}/words"
    gone = await office.anna.request("DELETE", path, json={"reason": "a password"})
    assert gone.status_code == 200, gone.text
    after = await events(office)
    for path in followed:
        assert "hunter2" not in office.page(path)
        assert "Mario" not in office.page(path)
    assert after.keys() == before.keys()
    assert after[told["id"]].sequence.value == "1", "so that calendars take the new text"
