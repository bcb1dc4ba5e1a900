"""Does a translation that comes late arrive where it still can, and ring no phone?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from statuspage.tables import Announcement, AuditEntry
from tests.servers.smtp import Relay
from tests.statuspage.api.office import PATH, Office, open_office

WORDS = {"what_happened": "A disk is full.", "what_we_are_doing": "We are making room."}
PAROLE = {"what_happened": "Un disco è pieno.", "what_we_are_doing": "Stiamo facendo spazio."}


@pytest.fixture
async def office(store_url: str, smtp: Relay, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(store_url, smtp, tmp_path) as opened:
        for reader in ("ada", "bruno", "carla"):
            await opened.world.subscribe(f"{reader}@example.org", "it")
        yield opened


async def translated(
    office: Office, id: str, said: dict[str, Any], n: int = 1, code: str = "it"
) -> Any:
    return await office.anna.put(f"{PATH}/{id}/updates/{n}/translations/{code}", json=said)


async def test_the_page_has_it_letters_not_sent_take_it_and_nobody_is_written_to_again(
    office: Office,
) -> None:
    for reader in ("bruno", "carla"):
        office.relay.reply("DATA", "451 4.3.0 later", recipient=f"{reader}@example.org", times=1)
    id = (await office.say(components=["shop"], **WORDS))["id"]
    await office.mails()
    assert "A disk is full." in office.letter("ada@example.org").text
    answer = await translated(office, id, PAROLE)
    assert answer.status_code == 200
    assert answer.json()["updates"][0]["translations"]["it"]["what_happened"] == "Un disco è pieno."
    await office.shows()
    page = office.page(f"/it/incidents/{id}")
    assert "Un disco è pieno." in page
    assert "in inglese" not in page
    office.world.clock.pass_(minutes=30)
    await office.mails()
    for reader in ("bruno", "carla"):
        text = office.letter(f"{reader}@example.org").text
        assert "Un disco è pieno." in text
        assert "A disk is full." not in text
    assert len(office.relay.letters) == 3, "one each"
    assert len(await office.world.rows(Announcement)) == 1


async def test_of_a_word_that_was_corrected_the_right_words_are_translated(office: Office) -> None:
    id = (await office.say(components=["shop"], **WORDS))["id"]
    await office.say(f"/{id}/updates", corrects=1, what_happened="Two disks are full.")
    words = {**PAROLE, "what_happened": "Due dischi sono pieni."}
    assert (await translated(office, id, words)).status_code == 200
    await office.shows()
    assert "Due dischi sono pieni." in office.page(f"/it/incidents/{id}")
    await office.mails()
    assert "Due dischi sono pieni." in office.letter("ada@example.org").text


@pytest.mark.parametrize(
    ("code", "said", "where"),
    [
        ("fr", PAROLE, ["path", "language"]),
        ("en", PAROLE, ["path", "language"]),
        ("it", {"what_happened": "Un disco è pieno."}, ["body", "what_we_are_doing"]),
        ("it", {**PAROLE, "how_we_prevent_it": "Così."}, ["body", "how_we_prevent_it"]),
    ],
)
async def test_what_does_not_fit_is_named(
    office: Office, code: str, said: dict[str, str], where: list[str]
) -> None:
    id = (await office.say(components=["shop"], **WORDS))["id"]
    answer = await translated(office, id, said, code=code)
    assert answer.status_code == 422
    assert where in [one["loc"] for one in answer.json()["errors"]]


async def test_what_says_nothing_cannot_be_translated(office: Office) -> None:
    id = (await office.say(components=["shop"]))["id"]
    assert (await translated(office, id, PAROLE)).status_code == 404
    await office.say(f"/{id}/updates", **WORDS)
    await office.take(f"/{id}/updates/2", reason="a slip")
    assert (await translated(office, id, PAROLE, n=2)).status_code == 404
    await office.say(f"/{id}/updates", **WORDS)
    await office.take(f"/{id}/updates/3", reason="a name", erase=True)
    assert (await translated(office, id, PAROLE, n=3)).status_code == 404


async def test_it_is_read_in_its_language_and_refused_like_its_word(office: Office) -> None:
    id = (await office.say(components=["shop"], status="identified", **WORDS))["id"]
    wrong = {**PAROLE, "what_we_are_doing": "La colpa è del nostro fornitore. Egreggio Cliento."}
    refused = await translated(office, id, wrong)
    assert refused.status_code == 422
    assert {tuple(one["loc"]) for one in refused.json()["errors"]} == {
        ("body", "what_we_are_doing")
    }
    assert (await office.tell(f"/{id}"))["updates"][0]["translations"] == {}
    said = await translated(office, id, {**wrong, "override": True})
    assert said.status_code == 200
    assert {"blame", "spelling"} <= {one["rule"] for one in said.json()["findings"]}
    newest = max(await office.world.rows(AuditEntry), key=lambda row: row.id)
    assert (newest.did, newest.detail["overridden"]) == (
        "update translated",
        ["blame", "spelling"],
    )


async def test_of_a_first_word_none_is_refused_and_all_is_told(office: Office) -> None:
    """ "We are looking into it" in a second language is never held up by a comma either."""
    id = (await office.say(components=["shop"], **WORDS))["id"]
    said = await translated(office, id, {**PAROLE, "what_happened": "Un discho è pieno."})
    assert said.status_code == 200
    assert [(one["rule"], one["where"].partition(":")[0]) for one in said.json()["findings"]] == [
        ("spelling", "what_happened")
    ]
    assert (await translated(office, id, PAROLE)).json()["findings"] == []
