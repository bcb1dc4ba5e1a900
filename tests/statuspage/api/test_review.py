"""Is a letter read before it leaves, and refused where customers should not read it?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from statuspage.tables import Announcement, AuditEntry, Update
from statuspage.vocabulary import Scope
from tests.statuspage.api.world import World

PATH, REVIEW = "/api/v1/incidents", "/api/v1/letters/review"
WORDS = {
    "what_happened": "A full disk stopped the database.",
    "what_we_are_doing": "We are making room.",
}
CLIENTO = "Egreggio Cliento, le chiediamo scusa"


@pytest.fixture
async def bea(small_world: World) -> AsyncIterator[httpx.AsyncClient]:
    """An operator."""
    async with small_world.client(await small_world.token(Scope.INCIDENTS, name="bea")) as client:
        yield client


async def asked(client: httpx.AsyncClient, **said: Any) -> list[dict[str, Any]]:
    answer = await client.post(REVIEW, json={"language": "en", **said})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["findings"]
    return found


async def opened(client: httpx.AsyncClient, **said: Any) -> str:
    answer = await client.post(PATH, json={"components": ["shop"], **WORDS, **said})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_draft_is_read_and_nothing_is_said(
    small_world: World, bea: httpx.AsyncClient
) -> None:
    found = await asked(bea, language="it", what_happened=CLIENTO)
    spelt = [one for one in found if one["rule"] == "spelling"]
    assert [(one["where"], one["text"], one["suggestion"]) for one in spelt] == [
        ("what_happened:0-8", "Egreggio", "Egregio"),
        ("what_happened:9-16", "Cliento", "Cliente"),
    ]
    assert {"missing_part", "no_next_word"} <= {one["rule"] for one in found}
    assert all(one["reason"] for one in found)
    assert await small_world.rows(Update) == []
    assert [one.did for one in await small_world.rows(AuditEntry)] == ["token created"]


async def test_a_draft_is_held_against_the_record(bea: httpx.AsyncClient) -> None:
    id = await opened(bea, started_at="2026-11-23T11:00:00Z")
    said = {"what_happened": "It is down since 11:30 UTC. The Blog does not work."}
    found = await asked(bea, incident=id, **said)
    wrong = [one["text"] for one in found if one["rule"] == "contradicts_record"]
    assert wrong == ["11:30", "Blog"]
    assert not [
        one
        for one in await asked(bea, incident=id, what_happened="The shop is down since 11:02 UTC.")
        if one["rule"] == "contradicts_record"
    ]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({}, 422),
        ({"language": "tlh"}, 422),
        ({"language": "en", "incident": "nosuchthing1"}, 404),
        ({"language": "en", "colour": "red"}, 422),
        ({"language": "en"}, 200),
    ],
)
async def test_only_the_language_is_needed(
    bea: httpx.AsyncClient, said: dict[str, Any], status: int
) -> None:
    assert (await bea.post(REVIEW, json=said)).status_code == status


async def test_names_of_the_configuration_are_known(bea: httpx.AsyncClient) -> None:
    found = await asked(bea, what_happened="Acme's orders wait; the Shopp is closed.")
    assert [(one["text"], one["suggestion"]) for one in found if one["rule"] == "spelling"] == [
        ("Shopp", "Shop")
    ]


async def test_a_last_word_says_what_happened_and_may_leave_it_at_that(
    bea: httpx.AsyncClient,
) -> None:
    id = (await bea.post(PATH, json={"components": ["shop"]})).json()["id"]
    bare = await bea.post(f"{PATH}/{id}/updates", json={"status": "resolved"})
    assert bare.status_code == 422
    assert [one["loc"] for one in bare.json()["errors"]] == [["body", "what_happened"]]
    last = {"status": "resolved", "what_happened": "Cards work again."}
    said = await bea.post(f"{PATH}/{id}/updates", json=last)
    assert said.status_code == 201, said.text
    found = {one["where"]: one["severity"] for one in said.json()["findings"]}
    assert found["what_we_are_doing"] == "warning"


async def test_an_investigating_word_is_never_refused(bea: httpx.AsyncClient) -> None:
    said = {"components": ["shop"], "what_happened": "It is all the fault of our suplier."}
    answer = await bea.post(PATH, json=said)
    assert answer.status_code == 201
    rules = {one["rule"] for one in answer.json()["findings"] if one["severity"] == "error"}
    assert rules == {"blame", "spelling", "missing_part"}


@pytest.mark.parametrize("status", ["identified", "monitoring", "resolved"])
async def test_from_identified_on_an_error_refuses(
    small_world: World, bea: httpx.AsyncClient, status: str
) -> None:
    id = await opened(bea)
    said = {"status": status, "what_happened": "Our suplier is to blame."}
    refused = await bea.post(f"{PATH}/{id}/updates", json=said)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    told = refused.json()
    lines = {(tuple(one["loc"]), one["msg"].split(":")[0]) for one in told["errors"]}
    assert (("body", "what_happened"), '"suplier"') in lines
    assert (("body", "what_happened"), '"is to blame"') in lines
    says_nothing_of_doing = ["body", "what_we_are_doing"] in [one["loc"] for one in told["errors"]]
    assert says_nothing_of_doing == (status != "resolved"), "of what is over, nothing need be done"
    assert all("\n" not in one["msg"] for one in told["errors"])
    assert '"override": true' in told["detail"]
    assert len(await small_world.rows(Update)) == 1, "nothing was said"
    assert len(await small_world.rows(Announcement)) == 1


async def test_the_status_that_counts_is_that_of_the_incident(bea: httpx.AsyncClient) -> None:
    id = await opened(bea, status="identified")
    assert (await bea.post(f"{PATH}/{id}/updates", json={"what_happened": "x"})).status_code == 422
    back = {"status": "investigating", "what_happened": "We do not know the cause after all."}
    assert (await bea.post(f"{PATH}/{id}/updates", json=back)).status_code == 201


async def test_an_override_says_it_and_is_remembered(
    small_world: World, bea: httpx.AsyncClient
) -> None:
    id = await opened(bea)
    said = {"status": "identified", "what_happened": "Our suplier is to blame.", "override": True}
    answer = await bea.post(f"{PATH}/{id}/updates", json=said)
    assert answer.status_code == 201, answer.text
    assert {"blame", "spelling"} <= {one["rule"] for one in answer.json()["findings"]}
    newest = (await small_world.rows(AuditEntry))[-1]
    assert newest.did == "update posted"
    assert set(newest.detail["overridden"]) == {"blame", "spelling", "missing_part"}


async def test_an_override_of_nothing_is_not_remembered(
    small_world: World, bea: httpx.AsyncClient
) -> None:
    id = await opened(bea)
    said = {"status": "identified", **WORDS, "override": True}
    assert (await bea.post(f"{PATH}/{id}/updates", json=said)).status_code == 201
    assert all("overridden" not in one.detail for one in await small_world.rows(AuditEntry))


async def test_a_rehearsal_shows_what_would_be_refused(bea: httpx.AsyncClient) -> None:
    id = await opened(bea)
    path = f"{PATH}/{id}/updates?dry_run=true"
    said = {"status": "identified", "what_happened": "TODO", "what_we_are_doing": "We look."}
    told = (await bea.post(path, json=said)).json()
    assert told["needs_override"]
    assert "placeholder" in {one["rule"] for one in told["findings"]}
    assert told["letters"], "the letter is shown all the same"
    assert not (await bea.post(path, json={**said, "override": True})).json()["needs_override"]
    assert not (await bea.post(path, json={**said, **WORDS})).json()["needs_override"]


async def test_a_translation_is_read_in_its_own_language(bea: httpx.AsyncClient) -> None:
    id = await opened(bea)
    said = {
        **WORDS,
        "status": "identified",
        "translations": {"it": {"what_happened": "Il disco è pieno perchè è vecchio."}},
    }
    told = (await bea.post(f"{PATH}/{id}/updates?dry_run=true", json=said)).json()
    where = {one["where"]: (one["rule"], one["severity"]) for one in told["findings"]}
    assert where["translations.it.what_happened:17-23"] == ("spelling", "error")
    assert where["translations.it.what_we_are_doing"] == ("missing_part", "warning")
    refused = (await bea.post(f"{PATH}/{id}/updates", json=said)).json()
    assert [one["loc"] for one in refused["errors"]] == [
        ["body", "translations", "it", "what_happened"]
    ]


async def test_a_joke_is_no_joke_where_everything_is_down(bea: httpx.AsyncClient) -> None:
    joke = {**WORDS, "what_happened": "Oops, the database took a nap.", "status": "identified"}
    half = {"components": {"blog": "degraded_performance"}, **joke}
    whole = {"components": {"shop": "major_outage"}, **joke}
    assert (await bea.post(PATH, json=whole)).status_code == 422
    assert (await bea.post(PATH, json=half)).status_code == 201


async def test_a_light_word_is_the_writers_choice_where_something_still_works(
    bea: httpx.AsyncClient,
) -> None:
    joke = {"what_happened": "Oops, we sent last week's news again.", "impact": "minor"}
    plain, warm = [
        [one["severity"] for one in await asked(bea, **joke, tone=tone) if one["rule"] == "joke"]
        for tone in ("plain", "warm")
    ]
    assert (plain, warm) == (["hint"], [])


async def test_a_repeat_of_what_was_said_gets_its_first_answer(bea: httpx.AsyncClient) -> None:
    """Though the incident has moved on, and would now refuse the same words."""
    id = await opened(bea)
    key = {"Idempotency-Key": "night-1"}
    said = {"what_happened": "It is slow."}
    assert (await bea.post(f"{PATH}/{id}/updates", json=said, headers=key)).status_code == 201
    on = {"status": "identified", **WORDS}
    assert (await bea.post(f"{PATH}/{id}/updates", json=on)).status_code == 201
    again = await bea.post(f"{PATH}/{id}/updates", json=said, headers=key)
    assert (again.status_code, again.headers.get("Idempotent-Replayed")) == (201, "true")


async def test_what_is_over_is_over_before_its_words_are_judged(bea: httpx.AsyncClient) -> None:
    id = await opened(bea)
    assert (
        await bea.post(f"{PATH}/{id}/updates", json={"status": "resolved", **WORDS})
    ).status_code == 201
    late = await bea.post(f"{PATH}/{id}/updates", json={"what_happened": "TODO"})
    assert late.status_code == 409


async def test_a_program_learns_of_the_site_what_it_must_know_to_speak(
    bea: httpx.AsyncClient,
) -> None:
    told = (await bea.get("/api/v1/site")).json()
    assert (told["languages"], told["time_zone"]) == (["en", "it"], "UTC")
