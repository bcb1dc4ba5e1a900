"""Is a postmortem said, corrected, kept and paid as the interface says?"""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import col

from statuspage.rules.cells import guarded
from statuspage.tables import (
    Announcement,
    Answer,
    AuditEntry,
    CreditCode,
    Delivery,
    Postmortem,
    PostmortemAction,
    Update,
)
from statuspage.vocabulary import Scope
from tests.statuspage.api.world import World

PATH = "/api/v1/incidents"
LEARNED = {
    "what_happened": "The disk was full.",
    "what_we_did": "We took a larger one.",
    "how_we_prevent_it": "A full disk calls us.",
}
RIGHT = {
    "what_happened": "A disk was full.",
    "what_we_are_doing": "We took a larger one.",
    "how_we_prevent_it": "A full disk calls us.",
}
RESOLVED = {
    "status": "resolved",
    "what_happened": "It works again.",
    "what_we_are_doing": "We watch it.",
}
ACTIONS: list[dict[str, Any]] = [
    {"text": "A second disk.", "due": "2026-12-01", "translations": {"it": "Un altro disco."}},
    {"text": "An alarm.", "due": "2026-12-09"},
]


@pytest.fixture
async def over(world: World, anna: httpx.AsyncClient) -> str:
    """An incident of which two customers were told, one in Italian, and a third was not."""
    opened = await anna.post(PATH, json={"components": ["shop"], "impact": "critical"})
    id = str(opened.json()["id"])
    await anna.post(f"{PATH}/{id}/updates", json=RESOLVED)
    for address, language in (("bert@example.org", "en"), ("+carla@example.org", "it")):
        await told(world, id, await world.subscribe(address, language))
    await world.subscribe("nobody@example.org")
    return id


async def told(world: World, incident_id: str, subscriber_id: str) -> None:
    first = (await world.rows(Announcement))[0]
    at = world.clock.at
    async with world.premises.store.write() as session:
        session.add(
            Delivery(
                announcement_id=first.id,
                subscriber_id=subscriber_id,
                incident_id=incident_id,
                state="accepted",
                created_at=at,
                due_at=at,
                accepted_at=at,
                ended_at=at,
            )
        )


def errors_of(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {".".join(map(str, one["loc"][1:])): one["msg"] for one in answer.json()["errors"]}


async def test_it_is_said_and_told(world: World, anna: httpx.AsyncClient, over: str) -> None:
    owed = (await anna.get(f"{PATH}/{over}")).json()
    assert (owed["postmortem"], owed["postmortem_due_at"]) == (None, "2026-11-28T12:00:00Z")
    said = {
        **LEARNED,
        "translations": {"it": dict.fromkeys(LEARNED, "Detto.")},
        "actions": ACTIONS,
        "credit": {"kind": "applied", "text": "Half of November."},
    }
    answer = await anna.put(f"{PATH}/{over}/postmortem", json=said)
    assert answer.status_code == 200, answer.text
    incident, learned = answer.json(), answer.json()["postmortem"]
    assert (incident["status"], incident["postmortem_due_at"]) == ("postmortem", None)
    assert incident["updates"][-1]["status"] == "postmortem"
    assert incident["updates"][-1]["what_we_are_doing"] == "We took a larger one."
    assert [(one["n"], one["due"], one["done_at"]) for one in learned["actions"]] == [
        (1, "2026-12-01", None),
        (2, "2026-12-09", None),
    ]
    assert learned["credit"]["text"] == "Half of November."
    assert learned["corrected_at"] is None
    letters = [one for one in await world.rows(Announcement) if one.occasion == "postmortem"]
    assert [one.only_told for one in letters] == [True]


async def test_the_same_twice_and_a_correction_make_no_second_letter(
    world: World, anna: httpx.AsyncClient, over: str
) -> None:
    for said in (LEARNED, LEARNED, {**LEARNED, "what_happened": "It was slow."}):
        answer = await anna.put(f"{PATH}/{over}/postmortem", json=said)
        assert answer.status_code == 200
    assert answer.json()["postmortem"]["corrected_at"] is not None
    assert answer.json()["updates"][-1]["what_happened"] == "It was slow."
    occasions = [row.occasion for row in await world.rows(Announcement)]
    assert occasions.count("postmortem") == 1
    did = [row.did for row in await world.rows(AuditEntry) if row.did.startswith("postmortem")]
    assert did[0] == "postmortem published"


async def test_the_answer_says_whether_letters_follow(
    world: World, anna: httpx.AsyncClient, over: str
) -> None:
    path = f"{PATH}/{over}/postmortem"
    assert (await anna.put(path, json=LEARNED)).json()["letters_follow"] is True
    async with world.premises.store.write() as session:
        told = sa.update(Announcement).where(col(Announcement.occasion) == "postmortem")
        await session.execute(told.values(spread_at=world.clock.at))
    corrected = {**LEARNED, "what_happened": "It was slow."}
    answer = (await anna.put(path, json=corrected)).json()
    assert answer["letters_follow"] is False
    by_letter = {"corrects": answer["postmortem"]["update_n"], **RIGHT}
    said = await anna.post(f"{PATH}/{over}/updates", json=by_letter)
    assert said.status_code in (200, 201), said.text
    occasions = [row.occasion for row in await world.rows(Announcement)]
    assert occasions.count("corrected") == 1


async def test_a_dry_run_shows_the_letters_and_to_how_many(
    world: World, anna: httpx.AsyncClient, over: str
) -> None:
    await anna.post(f"{PATH}/{over}/postmortem/codes", json={"codes": ["AAA", "BBB"]})
    said = {**LEARNED, "credit": {"kind": "code", "text": "A delivery for nothing."}}
    path = f"{PATH}/{over}/postmortem?dry_run=true"
    told = (await anna.put(path, json=said)).json()
    assert (told["total"], told["by_language"]) == (2, {"en": 1, "it": 1})
    assert "This code is yours alone:\n\n…\n" in told["letters"][0]["text"]
    assert (await anna.get(f"{PATH}/{over}")).json()["status"] == "resolved"
    assert all(row.subscriber_id is None for row in await world.rows(CreditCode))


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"what_happened": ""}, "what_happened"),
        ({"what_we_did": " \n "}, "what_we_did"),
        ({"how_we_prevent_it": None}, "how_we_prevent_it"),
        ({"what_we_are_doing": "x"}, "what_we_are_doing"),
        ({"language": "de"}, "language"),
        ({"translations": {"it": {"what_happened": "x"}}}, "translations.it.what_we_did"),
        ({"actions": [{"text": "x", "due": "tomorrow"}]}, "actions.0.due"),
        ({"actions": [{"text": "x", "due": "2026-02-30"}]}, "actions.0.due"),
        ({"actions": [{"text": "x", "due": "1999-02-03"}]}, "actions.0.due"),
        ({"actions": [{"text": "x", "due": 20261201}]}, "actions.0.due"),
        ({"actions": [{"text": "", "due": "2026-12-01"}]}, "actions.0.text"),
        ({"actions": [{"due": "2026-12-01"}]}, "actions.0.text"),
        ({"actions": [ACTIONS[0] | {"translations": {"fr": "x"}}]}, "actions.0.translations.fr"),
        ({"credit": {"text": "x"}}, "credit.kind"),
        ({"credit": {"kind": "gift", "text": "x"}}, "credit.kind"),
        ({"credit": {"kind": "applied"}}, "credit.text"),
        ({"credit": {"kind": "code", "text": "x"}}, "credit.kind"),
    ],
)
async def test_bad_input_is_named_and_nothing_is_said(
    world: World, anna: httpx.AsyncClient, over: str, changed: dict[str, Any], where: str
) -> None:
    answer = await anna.put(f"{PATH}/{over}/postmortem", json=LEARNED | changed)
    assert where in errors_of(answer)
    assert "postmortem" not in [row.occasion for row in await world.rows(Announcement)]


async def test_it_is_read_before_it_is_said_in_all_its_texts(
    world: World, anna: httpx.AsyncClient, over: str
) -> None:
    said = {
        **LEARNED,
        "what_we_did": "Our supplier let us down, and we called them.",
        "translations": {"it": dict.fromkeys(LEARNED, "Egreggio Cliento.")},
        "actions": [{"text": "TODO", "due": "2026-12-01"}],
        "credit": {"kind": "applied", "text": "Please reply to get it."},
    }
    refused = await anna.put(f"{PATH}/{over}/postmortem", json=said)
    assert {"what_we_did", "actions.0.text", "credit.text"} <= set(errors_of(refused))
    assert "translations.it.what_we_did" in errors_of(refused)
    told = (await anna.put(f"{PATH}/{over}/postmortem?dry_run=true", json=said)).json()
    assert told["needs_override"]
    answer = await anna.put(f"{PATH}/{over}/postmortem", json=said | {"override": True})
    assert answer.status_code == 200
    assert answer.json()["findings"]
    entries = [row for row in await world.rows(AuditEntry) if row.did == "postmortem published"]
    assert "blame" in entries[0].detail["overridden"]


async def test_what_is_not_over_has_no_postmortem(anna: httpx.AsyncClient) -> None:
    opened = await anna.post(PATH, json={"components": ["shop"]})
    path = f"{PATH}/{opened.json()['id']}/postmortem"
    assert (await anna.put(path, json=LEARNED)).status_code == 409
    assert (await anna.put(f"{PATH}/nothing/postmortem", json=LEARNED)).status_code == 404


async def test_actions_are_marked_and_the_last_one_writes(
    world: World, anna: httpx.AsyncClient, over: str
) -> None:
    await anna.put(f"{PATH}/{over}/postmortem", json={**LEARNED, "actions": ACTIONS})
    path = f"{PATH}/{over}/postmortem/actions"
    world.clock.pass_(days=1)
    first = await anna.post(f"{path}/1/done?dry_run=true")
    assert (first.json()["total"], first.json()["letters"]) == (0, [])
    marked = (await anna.post(f"{path}/1/done")).json()["postmortem"]["actions"]
    assert [one["done_by"] for one in marked] == ["anna@acme.example", None]
    last = (await anna.post(f"{path}/2/done?dry_run=true")).json()
    assert last["total"] == 2
    assert last["letters"][0]["subject"] == "Shop: we promised; it is done"
    assert (await anna.post(f"{path}/2/done")).status_code == 200
    occasions = [row.occasion for row in await world.rows(Announcement)]
    assert occasions.count("actions_done") == 1
    back = (await anna.delete(f"{path}/2/done")).json()["postmortem"]["actions"]
    assert [one["done_at"] is None for one in back] == [False, True]
    for n in (3, 2**31 - 1):
        assert (await anna.post(f"{path}/{n}/done")).status_code == 404


async def test_codes_are_counted_and_never_shown(
    world: World, anna: httpx.AsyncClient, over: str
) -> None:
    path = f"{PATH}/{over}/postmortem/codes"
    first = await anna.post(path, json={"codes": ["AAA", "BBB 2", "AAA"]})
    assert first.json() == {"added": 2, "removed": 0, "free": 2, "bound": 0, "needed": 2}
    again = await anna.post(path, json={"codes": ["AAA", "CCC"]})
    assert (again.json()["added"], again.json()["free"]) == (1, 3)
    assert "AAA" not in again.text + (await anna.get(path)).text
    other = (await anna.post(PATH, json={"components": ["blog"]})).json()["id"]
    refused = await anna.post(f"{PATH}/{other}/postmortem/codes", json={"codes": ["ZZZ", "AAA"]})
    assert errors_of(refused) == {"codes.1": "Was uploaded for another incident."}
    assert "AAA" not in refused.text
    assert (await anna.delete(path)).json()["removed"] == 3
    assert await world.rows(CreditCode) == []


@pytest.mark.parametrize("code", ["", " A", "A ", "A  B", "A\nB", "A\r", "é", "x" * 65, 7, None])
async def test_what_cannot_be_typed_is_no_code(
    anna: httpx.AsyncClient, over: str, code: object
) -> None:
    answer = await anna.post(f"{PATH}/{over}/postmortem/codes", json={"codes": [code]})
    assert "codes.0" in errors_of(answer)


async def test_billing_gets_a_table_of_those_who_were_told(
    world: World, anna: httpx.AsyncClient, over: str
) -> None:
    path = f"{PATH}/{over}/recipients.csv"
    assert (await anna.get(path)).status_code == 403, "it names addresses"
    async with world.client(await world.token(Scope.SUBSCRIBERS, name="billing")) as billing:
        answer = await billing.get(path)
        assert answer.headers["content-type"].startswith("text/csv")
        assert f"recipients-{over}.csv" in answer.headers["content-disposition"]
        head, *rows = csv.reader(io.StringIO(answer.text))
        assert head == ["address", "language", "source", "code"]
        assert sorted(row[0] for row in rows) == ["'+carla@example.org", "bert@example.org"]
        assert (await billing.get(f"{PATH}/nothing/recipients.csv")).status_code == 404


@pytest.mark.parametrize(
    ("text", "cell_text"),
    [
        ("bert@example.org", "bert@example.org"),
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")'),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(text: str, cell_text: str) -> None:
    assert guarded(text) == cell_text


async def test_what_must_not_stand_goes_with_all_that_hangs_on_it(
    world: World, anna: httpx.AsyncClient, over: str
) -> None:
    secret = "The password is Rumpelstilzchen."
    said = {
        **LEARNED,
        "what_happened": secret,
        "actions": [{"text": secret, "due": "2026-12-01"}],
        "credit": {"kind": "applied", "text": secret},
    }
    told = await anna.put(
        f"{PATH}/{over}/postmortem", json=said, headers={"Idempotency-Key": "once"}
    )
    n = told.json()["postmortem"]["update_n"]
    body = {"reason": "a secret", "erase": True}
    erased = await anna.request("DELETE", f"{PATH}/{over}/updates/{n}", json=body)
    assert erased.status_code == 200, erased.text
    for table in (Announcement, Answer, PostmortemAction, Postmortem, Update):
        assert secret not in str([row.model_dump() for row in await world.rows(table)])
    answer = await anna.put(f"{PATH}/{over}/postmortem", json=LEARNED)
    assert answer.json()["updates"][-1]["what_happened"] == LEARNED["what_happened"]
    letters = [one for one in await world.rows(Announcement) if one.occasion == "postmortem"]
    assert [one.withdrawn_at for one in letters] == [None], "those who were told still hear of it"
