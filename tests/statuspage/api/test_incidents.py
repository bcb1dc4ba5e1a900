"""Is an incident opened, continued, updated and ended as the interface says?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from checks.verdict import Belief
from statuspage.actions.incidents import note_update
from statuspage.tables import Announcement, AuditEntry, Incident, Share
from statuspage.vocabulary import By, Scope
from tests.statuspage.api.world import NOON, World

PATH = "/api/v1/incidents"
WORDS = {
    "what_happened": "The shop's database has stopped.",
    "what_we_are_doing": "We are starting it again.",
}


async def opened(client: httpx.AsyncClient, **said: Any) -> Any:
    answer = await client.post(PATH, json={"components": ["shop"], **said})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def automatic(world: World) -> str:
    """An incident that the checks opened ten minutes ago."""
    row = Incident(
        id="auto00000000",
        automatic=True,
        impact="critical",
        started_at=NOON - timedelta(minutes=10),
        noticed_at=NOON - timedelta(minutes=10),
        created_at=NOON - timedelta(minutes=10),
        updated_at=NOON - timedelta(minutes=10),
    )
    async with world.premises.store.write() as session:
        session.add(row)
        await session.flush()
        session.add(Share(incident_id=row.id, component_id="shop", status="major_outage"))
        await note_update(session, row, By.MACHINE, "noticed", row.created_at)
    return row.id


async def test_one_component_suffices(anna: httpx.AsyncClient) -> None:
    told = await opened(anna)
    assert told["url"] == f"https://status.acme.example/incidents/{told['id']}"
    assert told["components"] == {"shop": "partial_outage"}, "its checks are well"
    assert (told["impact"], told["status"], told["name"]) == ("major", "investigating", "Shop")
    assert [update["author"] for update in told["updates"]] == ["anna@acme.example"]
    assert told["promises"] == [
        {"due_at": "2026-11-23T12:30:00Z", "state": "open", "kept_at": None, "by": "human"}
    ]
    assert not told["continued"]


async def test_everything_that_can_be_said_is_told_again(anna: httpx.AsyncClient) -> None:
    said = {
        **WORDS,
        "name": "Orders do not go through",
        "status": "identified",
        "impact": "major",
        "components": {"shop": "partial_outage", "blog": "degraded_performance"},
        "started_at": "2026-11-23T12:45:00+01:00",
        "how_we_prevent_it": "We add a second database.\r\n\r\nThis week.",
        "next_update_in": "45m",
        "language": "en",
        "translations": {"it": {"what_happened": "Il database si è fermato."}},
    }
    answer = await anna.post(PATH, json=said)
    told, update = answer.json(), answer.json()["updates"][0]
    assert told["name"] == "Orders do not go through"
    assert told["components"] == said["components"]
    assert (told["status"], told["impact"]) == ("identified", "major")
    assert told["started_at"] == "2026-11-23T11:45:00Z"
    assert update["how_we_prevent_it"] == "We add a second database.\n\nThis week."
    assert update["translations"]["it"]["what_happened"] == "Il database si è fermato."
    assert told["promises"][0]["due_at"] == "2026-11-23T12:45:00Z"
    read = await anna.get(f"{PATH}/{told['id']}")
    assert read.json() == {
        key: value for key, value in told.items() if key not in {"continued", "findings"}
    }


async def test_the_word_goes_on_with_an_open_automatic_incident(
    world: World, anna: httpx.AsyncClient
) -> None:
    id = await automatic(world)
    answer = await anna.post(PATH, json={"components": ["shop"], **WORDS})
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["continued"]) == (id, True)
    assert [update["by"] for update in answer.json()["updates"]] == ["machine", "human"]
    beside = await anna.post(PATH, json={"components": ["shop"], "separate": True})
    assert (beside.status_code, beside.json()["continued"]) == (201, False)


async def test_an_incident_is_updated_and_ended(world: World, anna: httpx.AsyncClient) -> None:
    id = (await opened(anna, **WORDS))["id"]
    world.clock.pass_(minutes=5)
    further = await anna.post(
        f"{PATH}/{id}/updates",
        json={"status": "monitoring", "components": {"shop": "operational"}, **WORDS},
    )
    assert further.status_code == 201, further.text
    assert further.json()["status"] == "monitoring"
    assert further.json()["components"] == {"shop": "operational"}
    world.clock.pass_(minutes=5)
    ended = await anna.post(f"{PATH}/{id}/updates", json={"status": "resolved", **WORDS})
    assert ended.json()["resolved_at"] == "2026-11-23T12:10:00Z"
    assert [one["state"] for one in ended.json()["promises"]] == ["kept", "kept"]
    late = await anna.post(f"{PATH}/{id}/updates", json=WORDS)
    assert late.status_code == 409


async def test_a_promise_that_nobody_kept_is_missed(world: World, anna: httpx.AsyncClient) -> None:
    id = (await opened(anna, next_update_in="5m"))["id"]
    world.clock.pass_(minutes=6)
    (promise,) = (await anna.get(f"{PATH}/{id}")).json()["promises"]
    assert (promise["state"], promise["by"]) == ("missed", "human")


async def test_somebody_is_on_it(world: World, anna: httpx.AsyncClient) -> None:
    id = await automatic(world)
    told = (await anna.post(f"{PATH}/{id}/acknowledge")).json()
    assert told["acknowledged_at"] == "2026-11-23T12:00:00Z"
    assert told["acknowledged_by"] == "anna@acme.example"


async def test_a_word_taken_back_within_the_window_reaches_nobody(
    world: World, anna: httpx.AsyncClient
) -> None:
    id = await automatic(world)
    await anna.post(PATH, json={"components": ["shop"], **WORDS})
    gone = await anna.request("DELETE", f"{PATH}/{id}/updates/2", json={"reason": "wrong incident"})
    assert gone.json() == {"sent": 0, "withdrawn": 0, "under_way": 0}
    told = (await anna.get(f"{PATH}/{id}")).json()
    assert told["updates"][1]["withdrawn_why"] == "wrong incident"
    assert not [
        row for row in await world.rows(Announcement) if row.withdrawn_at is None and row.update_n
    ]
    again = await anna.delete(f"{PATH}/{id}/updates/2", params={"reason": "once more"})
    assert again.status_code == 404


async def test_an_incident_opened_by_mistake_is_gone(anna: httpx.AsyncClient) -> None:
    id = (await opened(anna))["id"]
    await anna.delete(f"{PATH}/{id}/updates/1", params={"reason": "not us"})
    assert (await anna.get(f"{PATH}/{id}")).status_code == 404
    assert (await anna.get(PATH)).json()["total"] == 0


async def test_taking_back_needs_a_reason(anna: httpx.AsyncClient) -> None:
    id = (await opened(anna))["id"]
    refused = await anna.delete(f"{PATH}/{id}/updates/1")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["loc"] == ["body", "reason"]


async def test_the_list_comes_in_pieces(world: World, anna: httpx.AsyncClient) -> None:
    ids = []
    for name in ("one", "two", "three"):
        ids.append((await opened(anna, name=name))["id"])
        world.clock.pass_(seconds=1)
    await anna.post(f"{PATH}/{ids[1]}/updates", json={"status": "resolved", **WORDS})
    first = (await anna.get(PATH, params={"limit": 2})).json()
    assert ([one["name"] for one in first["items"]], first["total"]) == (["three", "two"], 3)
    second = (await anna.get(first["next"])).json()
    assert ([one["name"] for one in second["items"]], second["next"]) == (["one"], None)
    still = (await anna.get(PATH, params={"status": "unresolved"})).json()
    assert [one["id"] for one in still["items"]] == [ids[2], ids[0]]


async def test_a_rehearsal_shows_whom_and_what_and_does_nothing(
    world: World, anna: httpx.AsyncClient
) -> None:
    await world.subscribe("ada@example.org", "en")
    await world.subscribe("bruno@example.org", "it", "shop")
    await world.subscribe("carla@example.org", "it", "blog")
    said = {"components": ["shop"], **WORDS}
    told = (await anna.post(f"{PATH}?dry_run=true", json=said)).json()
    assert (told["total"], told["by_language"]) == (2, {"en": 1, "it": 1})
    letters = {letter["language"]: letter for letter in told["letters"]}
    assert set(letters) == {"en", "it"}
    assert WORDS["what_happened"] in letters["en"]["text"].replace("\n", " ")
    assert "Che cosa è successo" in letters["it"]["text"]
    assert "<html" in letters["it"]["html"]
    assert told["findings"] == []
    assert await world.rows(Incident) == []
    assert await world.rows(Announcement) == []
    quiet = (await anna.post(f"{PATH}?dry_run=true", json={**said, "notify": False})).json()
    assert (quiet["total"], quiet["letters"]) == (0, [])


async def test_a_rehearsal_is_not_an_answer_to_repeat(anna: httpx.AsyncClient) -> None:
    said = {"components": ["shop"]}
    key = {"Idempotency-Key": "night-1"}
    assert (await anna.post(f"{PATH}?dry_run=true", json=said, headers=key)).status_code == 200
    assert (await anna.post(PATH, json=said, headers=key)).status_code == 201


async def test_letters_are_stopped_and_let_go_as_often_as_asked(
    world: World, anna: httpx.AsyncClient
) -> None:
    id = (await opened(anna))["id"]
    for _ in range(2):
        stopped = await anna.post(f"{PATH}/{id}/letters/stop")
        assert stopped.json() == {"sent": 0, "withdrawn": 0, "under_way": 0}
        assert (await anna.get(f"{PATH}/{id}")).json()["letters_stopped_at"]
        let_go = await anna.post(f"{PATH}/{id}/letters/release")
        assert let_go.json()["letters_stopped_at"] is None


async def test_whoever_must_act_is_woken(world: World, anna: httpx.AsyncClient) -> None:
    await opened(anna)
    assert {"publish", "announce", "call"} <= set(world.nudged)


async def test_the_audit_has_every_deed_and_who_did_it(
    world: World, anna: httpx.AsyncClient
) -> None:
    id = (await opened(anna))["id"]
    await anna.post(f"{PATH}/{id}/letters/stop")
    told = (await anna.get("/api/v1/audit", params={"limit": 3})).json()
    assert [one["did"] for one in told["items"]] == [
        "letters stopped",
        "update posted",
        "incident opened",
    ]
    assert {one["who"] for one in told["items"]} == {"anna@acme.example"}
    assert told["total"] == len(await world.rows(AuditEntry))


@pytest.mark.parametrize(
    ("said", "loc"),
    [
        ({}, ["body", "components"]),
        ({"components": []}, ["body", "components"]),
        ({"components": ["shopp"]}, ["body", "components", "shopp"]),
        ({"components": {"shop": "broken"}}, ["body", "components", "shop"]),
        ({"components": ["shop"], "nmae": "Shop"}, ["body", "nmae"]),
        ({"components": ["shop"], "status": "resolved"}, ["body", "status"]),
        ({"components": ["shop"], "started_at": "2026-11-23T12:00:00"}, ["body", "started_at"]),
        ({"components": ["shop"], "started_at": 1764000000}, ["body", "started_at"]),
        ({"components": ["shop"], "started_at": "2026-11-24T12:00:00Z"}, ["body", "started_at"]),
        (
            {"components": ["shop"], "next_update_by": "9999-12-31T23:59:59-23:00"},
            ["body", "next_update_by"],
        ),
        (
            {"components": ["shop"], "next_update_by": "2026-11-23T11:00Z"},
            ["body", "next_update_by"],
        ),
        ({"components": ["shop"], "next_update_in": "30"}, ["body", "next_update_in"]),
        ({"components": ["shop"], "next_update_in": "99999d"}, ["body", "next_update_in"]),
        (
            {"components": ["shop"], "next_update_in": "5m", "next_update_by": "2027-01-01T00:00Z"},
            ["body", "next_update_in"],
        ),
        ({"components": ["shop"], "what_happened": "\0"}, ["body", "what_happened"]),
        ({"components": ["shop"], "what_happened": "x" * 20_001}, ["body", "what_happened"]),
        ({"components": ["shop"], "name": "two\nlines"}, ["body", "name"]),
        ({"components": ["shop"], "language": "fr"}, ["body", "language"]),
        ({"components": ["shop"], "translations": {"fr": {}}}, ["body", "translations", "fr"]),
        ({"components": ["shop"], "notify": "yes"}, ["body", "notify"]),
    ],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, list) else "",
)
async def test_a_wrong_field_is_named(
    small_world: World, said: dict[str, Any], loc: list[str]
) -> None:
    async with small_world.client(await small_world.token(Scope.INCIDENTS)) as client:
        answer = await client.post(PATH, json=said)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert loc in [error["loc"] for error in answer.json()["errors"]]
    assert await small_world.rows(Incident) == []


@pytest.mark.parametrize(
    ("belief", "status"),
    [
        (Belief.SLOW, "degraded_performance"),
        (Belief.FAILED, "major_outage"),
        (Belief.WELL, "partial_outage"),
    ],
)
async def test_a_status_that_nobody_said_is_that_of_the_checks(
    world: World, anna: httpx.AsyncClient, belief: Belief, status: str
) -> None:
    await world.believe("shop", belief)
    told = (await anna.post(PATH, json={"components": ["shop"]})).json()
    assert told["components"] == {"shop": status}
