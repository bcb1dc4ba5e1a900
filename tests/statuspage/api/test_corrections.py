"""Is what was wrong put right, for those who read it?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from statuspage.tables import AuditEntry
from tests.servers.smtp import Relay
from tests.statuspage.api.office import PATH, Office, flat, open_office

WRONG: dict[str, Any] = {
    "what_happened": "Orders of this morning are lost.",
    "what_we_are_doing": "We are looking at the database.",
    "translations": {
        "it": {
            "what_happened": "Gli ordini di stamattina sono persi.",
            "what_we_are_doing": "Stiamo guardando il database.",
        }
    },
}
RIGHT = {"what_happened": "Orders of this morning are late, and none is lost."}
GIUSTO = {"what_happened": "Gli ordini di stamattina sono in ritardo; nessuno è perso."}


@pytest.fixture
async def office(store_url: str, smtp: Relay, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(store_url, smtp, tmp_path) as opened:
        await opened.world.subscribe("ada@example.org")
        await opened.world.subscribe("bruno@example.org", "it")
        yield opened


async def said_wrongly(office: Office) -> str:
    return str((await office.say(components=["shop"], **WRONG))["id"])


async def test_who_got_the_wrong_word_gets_a_letter_that_corrects_it(office: Office) -> None:
    id = await said_wrongly(office)
    await office.mails()
    await office.world.subscribe("new@example.org")
    corrected = {**RIGHT, "translations": {"it": GIUSTO}}
    told = await office.say(f"/{id}/updates", corrects=1, **corrected)
    assert told["updates"][1]["corrects"] == 1
    assert [one["state"] for one in told["promises"]] == ["open"], "the promise stays as it was"
    await office.mails()
    ada, bruno = office.letter("ada@example.org"), office.letter("bruno@example.org")
    assert ada.subject == "Correction: Shop"
    assert RIGHT["what_happened"] in ada.text
    assert WRONG["what_happened"] in ada.text, "what was changed is to be seen"
    assert "We are looking at the database." in ada.text, "what was right is said again"
    assert "You will hear from us by 12:30 UTC." in ada.text
    assert bruno.subject == "Correzione: Shop"
    assert GIUSTO["what_happened"] in " ".join(bruno.text.split())
    assert office.relay.to("new@example.org") == [], "nobody is told of what they never read"


async def test_letters_that_have_not_left_take_the_right_words(office: Office) -> None:
    """One got the wrong word; the other's letter was composed, and is tried again later."""
    office.relay.reply("DATA", "451 4.3.0 later", recipient="bruno@example.org", times=1)
    id = await said_wrongly(office)
    await office.mails()
    await office.say(f"/{id}/updates", corrects=1, **RIGHT, translations={"it": GIUSTO})
    office.world.clock.pass_(minutes=30)
    await office.mails()
    assert await office.subjects("ada@example.org") == [
        "Shop: we are looking for the cause",
        "Correction: Shop",
    ]
    (only,) = office.relay.to("bruno@example.org")
    assert GIUSTO["what_happened"] in " ".join(only.text.split())
    assert WRONG["translations"]["it"]["what_happened"] not in only.text


async def test_a_word_corrected_before_it_left_needs_no_letter_that_corrects_it(
    office: Office,
) -> None:
    id = await said_wrongly(office)
    office.world.clock.pass_(seconds=5)
    await office.say(f"/{id}/updates", corrects=1, **RIGHT, translations={"it": GIUSTO})
    await office.mails(seconds=6)
    assert len(office.relay.letters) == 2
    await office.mails()
    assert await office.subjects("ada@example.org") == ["Shop: we are looking for the cause"]
    assert RIGHT["what_happened"] in flat(office.letter("ada@example.org").text)


async def test_the_page_has_the_right_word_in_its_place_and_what_it_said_before(
    office: Office,
) -> None:
    id = await said_wrongly(office)
    await office.say(f"/{id}/updates", what_happened="The database is full.")
    office.world.clock.pass_(minutes=5)
    await office.say(f"/{id}/updates", corrects=1, **RIGHT)
    await office.shows()
    page = office.page(f"/en/incidents/{id}")
    log = page[page.index("What was said") :]
    assert log.index("We have corrected what we said at") < log.index("The database is full.")
    assert log.index("The database is full.") < log.index(RIGHT["what_happened"])
    assert "Corrected at" in log
    assert log.index(RIGHT["what_happened"]) < log.index("It said before:")
    assert log.index("It said before:") < log.index(WRONG["what_happened"])
    front = office.page("/en/")
    card = front[front.index('<section class="word') : front.index("</section>")]
    assert "The database is full." in card, "a correction of an old word is not the newest one"
    assert "Corretto alle" in office.page(f"/it/incidents/{id}")


async def test_programs_read_the_right_word(office: Office) -> None:
    id = await said_wrongly(office)
    office.world.clock.pass_(minutes=5)
    await office.say(f"/{id}/updates", corrects=1, **RIGHT)
    await office.shows()
    incident = office.world.premises.memory.pages["/api/v2/incidents.json"][0].page.body.decode()
    assert RIGHT["what_happened"] in incident
    assert WRONG["what_happened"] not in incident
    assert '"updated_at":"2026-11-23T12:05:00.000Z"' in incident


async def test_a_translation_of_what_changed_stands_no_more(office: Office) -> None:
    """Better English with a word about it than Italian that is wrong."""
    id = await said_wrongly(office)
    told = await office.say(f"/{id}/updates", corrects=1, **RIGHT)
    assert told["updates"][1]["translations"]["it"]["what_happened"] is None
    await office.shows()
    assert RIGHT["what_happened"] in office.page(f"/it/incidents/{id}")


async def test_what_is_over_can_still_be_corrected(office: Office) -> None:
    id = await said_wrongly(office)
    await office.mails()
    await office.say(f"/{id}/updates", status="resolved", what_happened="A disk was fool.")
    await office.mails()
    await office.say(f"/{id}/updates", corrects=2, what_happened="A disk was full.")
    await office.mails()
    letter = office.letter("ada@example.org")
    assert letter.subject == "Correction: Shop"
    assert "You will hear from us" not in letter.text
    assert (await office.tell(f"/{id}"))["status"] == "resolved"


async def test_a_correction_is_corrected_at_the_word_itself(office: Office) -> None:
    id = await said_wrongly(office)
    await office.mails()
    await office.say(f"/{id}/updates", corrects=1, what_happened="Orders are latte.")
    again = await office.anna.post(
        f"{PATH}/{id}/updates", json={"corrects": 2, "what_happened": "Orders are late."}
    )
    assert again.status_code == 422
    assert "correct number 1" in again.text
    await office.say(f"/{id}/updates", corrects=1, what_happened="Orders are late.")
    await office.mails()
    assert len(office.relay.to("ada@example.org")) == 2, "the slip in between never left"
    await office.shows()
    page = office.page(f"/en/incidents/{id}")
    assert page.index("Orders are late.") < page.index("Orders of this morning are lost.")
    assert "Orders are latte." in page


async def test_a_correction_can_be_taken_back(office: Office) -> None:
    office.relay.reply("DATA", "451 4.3.0 later", recipient="ada@example.org", times=1)
    id = await said_wrongly(office)
    await office.mails()
    await office.say(f"/{id}/updates", corrects=1, **RIGHT)
    await office.take(f"/{id}/updates/2", reason="it was right")
    office.world.clock.pass_(minutes=30)
    await office.mails()
    assert WRONG["what_happened"] in office.letter("ada@example.org").text
    assert len(office.relay.to("bruno@example.org")) == 1
    await office.shows()
    page = office.page(f"/en/incidents/{id}")
    assert WRONG["what_happened"] in page
    assert RIGHT["what_happened"] not in page
    assert "Corrected at" not in page


async def test_a_word_taken_back_takes_its_correction_along(office: Office) -> None:
    id = (await office.say(components=["shop"]))["id"]
    await office.say(f"/{id}/updates", **WRONG)
    await office.say(f"/{id}/updates", corrects=2, **RIGHT)
    await office.take(f"/{id}/updates/2", reason="another incident")
    await office.shows()
    page = office.page(f"/en/incidents/{id}")
    assert "corrected" not in page
    assert RIGHT["what_happened"] not in page
    office.world.clock.pass_(minutes=1)
    await office.mails()
    assert await office.subjects("ada@example.org") == ["Shop: we are looking for the cause"]


async def test_what_is_removed_is_removed_from_its_correction_too(office: Office) -> None:
    """A correction holds the whole word, with the parts that stayed."""
    secret = "The password is hunter2."
    said = {"what_happened": "It is slow.", "what_we_are_doing": secret}
    id = (await office.say(components=["shop"], **said))["id"]
    await office.say(f"/{id}/updates", corrects=1, what_happened="It is very slow.")
    await office.take(f"/{id}/updates/1", reason="a password", erase=True)
    await office.shows()
    assert secret not in await office.everything_kept()
    assert "It is very slow." in office.page(f"/en/incidents/{id}")


async def test_a_correction_is_read_as_the_whole_word_that_it_makes(office: Office) -> None:
    said = {"what_happened": "A disk is fool.", "what_we_are_doing": "We are making room."}
    id = (await office.say(components=["shop"], status="identified", **said))["id"]
    path = f"{PATH}/{id}/updates"
    right = await office.anna.post(path, json={"corrects": 1, "what_happened": "A disk is full."})
    assert right.status_code == 201, "the part that it leaves as it was is not missing"
    wrong = {"corrects": 1, "what_happened": "A disk is foolish. Please reply to this letter."}
    refused = await office.anna.post(path, json=wrong)
    assert refused.status_code == 422
    assert ["body", "what_happened"] in [one["loc"] for one in refused.json()["errors"]]
    assert (await office.anna.post(path, json={**wrong, "override": True})).status_code == 201
    newest = max(await office.world.rows(AuditEntry), key=lambda row: row.id)
    assert (newest.did, newest.detail["overridden"]) == ("update corrected", ["demand"])


async def test_who_corrected_what_stands_in_the_audit(office: Office) -> None:
    id = await said_wrongly(office)
    await office.say(f"/{id}/updates", corrects=1, notify=False, **RIGHT)
    newest = max(await office.world.rows(AuditEntry), key=lambda row: row.id)
    assert (newest.did, newest.detail) == ("update corrected", {"n": 2, "corrects": 1})


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"corrects": 1, "status": "identified", **RIGHT}, "status"),
        ({"corrects": 1, "status": "resolved", "false_alarm": True, **RIGHT}, "false_alarm"),
        ({"corrects": 1, "components": ["blog"], **RIGHT}, "components"),
        ({"corrects": 1, "next_update_in": "5m", **RIGHT}, "next_update_by"),
        ({"corrects": 1}, "corrects"),
        ({"corrects": 1, "translations": {"it": GIUSTO}}, "corrects"),
        ({"corrects": 1, "what_happened": WRONG["what_happened"]}, "corrects"),
        ({"corrects": 7, **RIGHT}, "corrects"),
        ({"corrects": 2, **RIGHT}, "corrects"),
        ({"corrects": 3, **RIGHT}, "corrects"),
        ({"corrects": 1, "language": "it", **GIUSTO}, "language"),
    ],
)
async def test_what_cannot_be_corrected_is_named(
    office: Office, said: dict[str, Any], field: str
) -> None:
    """Number 2 has no words, number 3 was taken back."""
    id = await said_wrongly(office)
    await office.say(f"/{id}/updates", status="identified")
    await office.say(f"/{id}/updates", what_happened="Something else.")
    await office.take(f"/{id}/updates/3", reason="a slip")
    answer = await office.anna.post(f"{PATH}/{id}/updates", json=said)
    assert answer.status_code == 422
    assert ["body", field] in [one["loc"] for one in answer.json()["errors"]]
