"""Can an operator plan work, change it, and say that it is over?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from statuspage.tables import Announcement, AuditEntry, Maintenance
from statuspage.vocabulary import Scope
from tests.statuspage.api.world import NOON, World

PATH = "/api/v1/maintenances"
SUNDAY = {
    "components": ["shop"],
    "scheduled_for": "2026-11-29T01:00:00+01:00",
    "scheduled_until": "2026-11-29T04:00:00+01:00",
}


async def planned(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post(PATH, json=SUNDAY | more)
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    assert told.pop("findings") == []
    return told


async def announced(world: World) -> list[str]:
    rows = await world.rows(Announcement)
    standing = sorted((row for row in rows if not row.withdrawn_at), key=lambda row: row.created_at)
    return [row.occasion.removeprefix("maintenance_") for row in standing]


async def test_one_line_begins_a_deploy_and_one_ends_it(
    world: World, anna: httpx.AsyncClient
) -> None:
    begun = await anna.post(PATH, json={"components": ["shop"], "lasts": "20m", "notify": False})
    assert begun.status_code == 201
    told = begun.json()
    assert told["status"] == "in_progress"
    assert told["name"] == "Shop"
    assert told["scheduled_until"] == "2026-11-23T12:20:00Z"
    listed = (await anna.get("/api/v1/components")).json()["items"]
    assert {one["id"]: one["status"] for one in listed}["shop"] == "under_maintenance"
    world.clock.pass_(minutes=5)
    over = await anna.patch(f"{PATH}/{told['id']}", json={"status": "completed"})
    assert (over.status_code, over.json()["ended_at"]) == (200, "2026-11-23T12:05:00Z")
    assert await world.rows(Announcement) == []


async def test_the_next_deploy_in_the_same_words_is_another_one(
    world: World, anna: httpx.AsyncClient
) -> None:
    body = {"components": ["shop"], "lasts": "20m", "notify": False}
    first = (await anna.post(PATH, json=body)).json()
    again = await anna.post(PATH, json=body)
    assert again.json()["id"] == first["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    world.clock.pass_(seconds=30)
    await anna.patch(f"{PATH}/{first['id']}", json={"status": "completed"})
    world.clock.pass_(seconds=30)
    assert (await anna.post(PATH, json=body)).json()["id"] != first["id"]


async def test_what_is_planned_is_read_listed_and_written_down(
    world: World, anna: httpx.AsyncClient
) -> None:
    told = await planned(anna, name="Upgrade", body="Faster.", repeat={"every": "week"})
    assert told["status"] == "scheduled"
    assert told["repeat"] == {"every": "week", "interval": 1, "on": [], "until": None}
    assert (await anna.get(f"{PATH}/{told['id']}")).json() == told
    listed = (await anna.get(PATH, params={"status": "scheduled"})).json()
    assert (listed["items"], listed["total"], listed["next"]) == ([told], 1, None)
    entries = [(row.who, row.did) for row in await world.rows(AuditEntry)]
    assert entries[-1] == ("anna@acme.example", "maintenance announced")


async def test_lists_come_in_pieces_the_latest_first(anna: httpx.AsyncClient) -> None:
    for day in (10, 11, 12):
        times = {"scheduled_for": f"2026-12-{day}T01:00:00Z", "lasts": "1h"}
        await anna.post(PATH, json={"components": ["shop"], **times})
    first = (await anna.get(PATH, params={"limit": 2})).json()
    assert [one["scheduled_for"][:10] for one in first["items"]] == ["2026-12-12", "2026-12-11"]
    rest = (await anna.get(first["next"])).json()
    assert [one["scheduled_for"][:10] for one in rest["items"]] == ["2026-12-10"]
    assert rest["next"] is None


WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an unknown component": ({"components": ["shop", "till"]}, ["components", "till"]),
    "no component": ({"components": []}, ["components"]),
    "no end": ({"scheduled_until": None}, ["scheduled_until"]),
    "two ends": ({"lasts": "20m"}, ["lasts"]),
    "an end before the beginning": (
        {"scheduled_until": "2026-11-29T00:59:00+01:00"},
        ["scheduled_until"],
    ),
    "all of it in the past": (
        {"scheduled_for": "2026-11-20T01:00:00Z", "scheduled_until": "2026-11-20T02:00:00Z"},
        ["scheduled_until"],
    ),
    "six weeks": ({"scheduled_until": "2027-01-10T01:00:00Z"}, ["scheduled_until"]),
    "a time without an offset": ({"scheduled_for": "2026-11-29T01:00:00"}, ["scheduled_for"]),
    "a language that the site has not": ({"language": "de"}, ["language"]),
    "a translation into one": ({"translations": {"de": {}}}, ["translations", "de"]),
    "a translation in part": (
        {"name": "A", "body": "B", "translations": {"it": {"name": "C"}}},
        ["translations", "it"],
    ),
    "no such rhythm": ({"repeat": {"every": "year"}}, ["repeat", "every"]),
    "a day of the month": ({"repeat": {"every": "month", "on": ["sun"]}}, ["repeat", "on"]),
    "another day than its first": ({"repeat": {"every": "week", "on": ["mon"]}}, ["repeat", "on"]),
    "an end before the first": (
        {"repeat": {"every": "week", "until": "2026-11-01T00:00:00Z"}},
        ["repeat", "until"],
    ),
    "again before it is over": (
        {"scheduled_until": "2026-12-01T01:00:00Z", "repeat": {"every": "day"}},
        ["repeat"],
    ),
    "a field that is none": ({"component": "shop"}, ["component"]),
}


@pytest.mark.parametrize("case", WRONG)
async def test_what_is_wrong_is_named_by_its_field_and_nothing_is_kept(
    world: World, anna: httpx.AsyncClient, case: str
) -> None:
    wrong, where = WRONG[case]
    answer = await anna.post(PATH, json=SUNDAY | wrong)
    assert answer.status_code == 422, answer.text
    assert [error["loc"][1:] for error in answer.json()["errors"]] == [where]
    assert await world.rows(Maintenance) == []


async def test_a_change_tells_the_old_times_and_the_new(
    world: World, anna: httpx.AsyncClient
) -> None:
    told = await planned(anna)
    world.clock.pass_(minutes=1)
    async with world.premises.store.write() as session:
        (row,) = await world.rows(Announcement)
        (await session.get_one(Announcement, row.id)).spread_at = world.clock.at
    moved = await anna.patch(
        f"{PATH}/{told['id']}", json={"scheduled_for": "2026-11-29T02:00:00+01:00"}
    )
    assert moved.json()["scheduled_until"] == "2026-11-29T04:00:00Z"  # it moved whole
    assert await announced(world) == ["announced", "changed"]
    rows = await world.rows(Announcement)
    (facts,) = [row.facts for row in rows if row.occasion == "maintenance_changed"]
    assert facts["was_from"] == "2026-11-29T00:00:00Z"
    assert facts["maintenance"]["starts_at"] == "2026-11-29T01:00:00Z"


async def test_a_change_within_the_undo_window_is_announced_as_the_only_word(
    world: World, anna: httpx.AsyncClient
) -> None:
    told = await planned(anna)
    world.clock.pass_(seconds=5)
    await anna.patch(f"{PATH}/{told['id']}", json={"scheduled_for": "2026-11-30T02:00:00Z"})
    assert await announced(world) == ["announced"]


async def test_a_change_of_words_alone_writes_to_nobody_again(
    world: World, anna: httpx.AsyncClient
) -> None:
    told = await planned(anna)
    changed = await anna.patch(f"{PATH}/{told['id']}", json={"body": "We move house."})
    assert changed.json()["body"] == "We move house."
    assert await announced(world) == ["announced"]


async def test_cancelled_within_the_undo_window_nobody_is_told_anything(
    world: World, anna: httpx.AsyncClient
) -> None:
    told = await planned(anna)
    world.clock.pass_(seconds=5)
    cancelled = await anna.delete(f"{PATH}/{told['id']}")
    assert cancelled.json()["cancelled_at"] == "2026-11-23T12:00:05Z"
    rows = await world.rows(Announcement)
    standing = [row for row in rows if row.withdrawn_at is None]
    assert [(row.occasion, row.only_told) for row in standing] == [("maintenance_cancelled", True)]
    again = await anna.delete(f"{PATH}/{told['id']}")
    assert again.status_code == 409


async def test_of_what_repeats_one_night_alone_can_be_moved_or_left_out(
    world: World, anna: httpx.AsyncClient
) -> None:
    told = await planned(anna, repeat={"every": "week"})
    moved = await anna.patch(
        f"{PATH}/{told['id']}", json={"scheduled_for": "2026-11-30T01:00:00+01:00"}
    )
    assert moved.status_code == 200
    await anna.delete(f"{PATH}/{told['id']}", params={"only_this": "true"})
    (later,) = (await anna.get(PATH, params={"status": "scheduled"})).json()["items"]
    assert later["scheduled_for"] == "2026-12-06T00:00:00Z"
    assert later["series_id"] == told["id"]
    await anna.delete(f"{PATH}/{later['id']}")
    assert (await anna.get(PATH, params={"status": "scheduled"})).json()["items"] == []


async def test_a_night_that_was_left_out_can_be_planned_again(
    world: World, anna: httpx.AsyncClient
) -> None:
    """All nights that follow it too: the rule comes by the ones that were left out."""
    weekly = {"every": "week"}
    first = await planned(anna, repeat=weekly)
    await anna.delete(f"{PATH}/{first['id']}", params={"only_this": "true"})
    (second,) = (await anna.get(PATH, params={"status": "scheduled"})).json()["items"]
    await anna.delete(f"{PATH}/{second['id']}", params={"only_this": "true"})
    (third,) = (await anna.get(PATH, params={"status": "scheduled"})).json()["items"]
    times = {name: SUNDAY[name] for name in ("scheduled_for", "scheduled_until")}
    moved = await anna.patch(f"{PATH}/{third['id']}", json=times | {"repeat": weekly})
    assert (moved.status_code, moved.json()["scheduled_for"]) == (200, first["scheduled_for"])
    assert moved.json()["series_id"] == first["id"]
    left_out = await anna.delete(f"{PATH}/{third['id']}", params={"only_this": "true"})
    assert left_out.status_code == 200, left_out.text
    (later,) = (await anna.get(PATH, params={"status": "scheduled"})).json()["items"]
    assert later["scheduled_for"] == second["scheduled_for"]


async def test_a_rule_given_with_the_times_moves_all_that_follow(
    world: World, anna: httpx.AsyncClient
) -> None:
    told = await planned(anna, repeat={"every": "week"})
    monday = {"scheduled_for": "2026-11-30T01:00:00+01:00", "repeat": {"every": "week"}}
    await anna.patch(f"{PATH}/{told['id']}", json=monday)
    await anna.delete(f"{PATH}/{told['id']}", params={"only_this": "true"})
    (later,) = (await anna.get(PATH, params={"status": "scheduled"})).json()["items"]
    assert later["scheduled_for"] == "2026-12-07T00:00:00Z"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"status": "completed"}, 409),  # it has not begun: cancel it
        ({"status": "scheduled"}, 422),
        ({"scheduled_until": "2026-11-28T01:00:00Z"}, 422),
        ({"components": ["nothing"]}, 422),
    ],
)
async def test_what_does_not_fit_is_refused(
    anna: httpx.AsyncClient, change: dict[str, Any], status: int
) -> None:
    told = await planned(anna)
    answer = await anna.patch(f"{PATH}/{told['id']}", json=change)
    assert answer.status_code == status
    assert (await anna.get(f"{PATH}/{told['id']}")).json() == told


async def test_what_has_begun_keeps_its_beginning_and_is_ended_not_cancelled(
    world: World, anna: httpx.AsyncClient
) -> None:
    begun = (await anna.post(PATH, json={"components": ["shop"], "lasts": "20m"})).json()
    path = f"{PATH}/{begun['id']}"
    moved = await anna.patch(path, json={"scheduled_for": "2026-11-23T13:00:00Z"})
    assert moved.status_code == 422
    assert (await anna.delete(path)).status_code == 409
    verifying = await anna.patch(path, json={"status": "verifying"})
    assert verifying.json()["status"] == "verifying"
    longer = await anna.patch(path, json={"lasts": "40m"})
    assert longer.json()["scheduled_until"] == "2026-11-23T12:40:00Z"
    world.clock.pass_(hours=1)
    assert (await anna.patch(path, json={"body": "x"})).status_code == 422  # its time is over


async def test_a_dry_run_shows_the_letters_and_does_nothing(
    world: World, anna: httpx.AsyncClient
) -> None:
    await world.subscribe("all@example.org")
    await world.subscribe("shop@example.org", "it", "shop")
    await world.subscribe("blog@example.org", "en", "blog")
    told = await anna.post(PATH, json=SUNDAY, params={"dry_run": "true"})
    assert told.status_code == 200
    assert told.json()["by_language"] == {"en": 1, "it": 1}
    subjects = [letter["subject"] for letter in told.json()["letters"]]
    assert subjects == [
        "Shop: maintenance on Sunday 29 November",
        "Shop: manutenzione, domenica 29 novembre",
    ]
    assert await world.rows(Maintenance) == []
    made = await planned(anna)
    again = await anna.patch(
        f"{PATH}/{made['id']}", json={"lasts": "5h"}, params={"dry_run": "true"}
    )
    assert again.json()["total"] == 2
    world.clock.pass_(seconds=1)
    same = await anna.patch(
        f"{PATH}/{made['id']}", json={"notify": True}, params={"dry_run": "true"}
    )
    assert (same.json()["total"], same.json()["letters"]) == (0, [])
    gone = await anna.delete(f"{PATH}/{made['id']}", params={"dry_run": "true"})
    assert gone.json()["total"] == 0  # nobody has been told yet
    assert (await anna.get(f"{PATH}/{made['id']}")).json() == made


@pytest.mark.parametrize("scope", [Scope.SUBSCRIBERS, Scope.READ])
async def test_only_who_may_speak_may_plan(world: World, scope: Scope) -> None:
    async with world.client(await world.token(scope)) as client:
        assert (await client.post(PATH, json=SUNDAY)).status_code == 403
        status = 200 if scope is Scope.READ else 403
        assert (await client.get(PATH)).status_code == status


async def test_a_late_word_counts_from_the_beginning_that_it_names(
    world: World, anna: httpx.AsyncClient
) -> None:
    ago = (NOON - timedelta(minutes=5)).isoformat()
    begun = await anna.post(
        PATH, json={"components": ["shop"], "scheduled_for": ago, "lasts": "20m"}
    )
    assert begun.json()["status"] == "in_progress"
    assert begun.json()["scheduled_until"] == "2026-11-23T12:15:00Z"
