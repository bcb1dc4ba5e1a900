"""Does every letter of an incident have what every letter must have, as it arrives?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.servers.received import Received
from tests.servers.smtp import Relay
from tests.statuspage.api.office import Office, flat, open_office

HEADINGS = {
    "ada@example.org": ("What happened", "What we are doing", "How we will prevent a repeat"),
    "bruno@example.org": (
        *("Che cosa è successo", "Che cosa stiamo facendo", "Come eviteremo che si ripeta"),
    ),
}
DEMANDS = ("reply", "confirm", "survey", "log in", "rispond", "conferm", "sondaggio", "acced")


@pytest.fixture
async def office(sqlite_url: str, smtp: Relay, tmp_path: Path) -> AsyncIterator[Office]:
    contact = 'contact = { email = "help@acme.example", phone = "+39 06 5550 1234" }'
    async with open_office(sqlite_url, smtp, tmp_path, site=contact) as opened:
        await opened.world.subscribe("ada@example.org")
        await opened.world.subscribe("bruno@example.org", "it")
        yield opened


async def an_outage(office: Office) -> list[Received]:
    """Four letters each: a first word, a cause, a correction, and that it is over."""
    first = {"what_happened": "Orders fail.", "name": "Orders fail at the last step"}
    id = (await office.say(components={"shop": "major_outage"}, **first))["id"]
    await office.mails()
    cause = {"what_happened": "A disk is full.", "what_we_are_doing": "We make room."}
    await office.say(f"/{id}/updates", status="identified", **cause)
    await office.mails()
    await office.say(f"/{id}/updates", corrects=2, what_happened="Two disks are full.")
    await office.mails()
    await office.say(f"/{id}/updates", status="resolved", how_we_prevent_it="We are called sooner.")
    await office.mails()
    assert len(office.relay.letters) == 8
    return office.relay.letters


async def test_the_headers_by_which_mail_programs_know_them(office: Office) -> None:
    threads = dict[str, set[str]]()
    names = set[str]()
    for letter in await an_outage(office):
        mail = letter.message
        assert mail["Reply-To"] == "help@acme.example", "a person reads what comes back"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["List-Id"] == "Acme <status.acme.example>"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        stop = mail["List-Unsubscribe"].strip("<>")
        assert stop.startswith("https://status.acme.example/unsubscribe/")
        assert mail["Precedence"] is None
        assert mail["References"] == mail["In-Reply-To"]
        names.add(mail["Message-ID"])
        threads.setdefault(letter.recipient, set()).add(mail["References"])
        assert len(letter.raw) < 30_000
    assert len(names) == 8
    assert [len(found) for found in threads.values()] == [1, 1], "one thread for each reader"


async def test_what_a_reader_finds_in_each(office: Office) -> None:
    for letter in await an_outage(office):
        for form in (letter.text, letter.html):
            text = flat(form)
            places = [text.find(heading) for heading in HEADINGS[letter.recipient]]
            assert -1 not in places
            assert places == sorted(places)
            assert "https://status.acme.example/incidents/" in text, "where to look meanwhile"
            assert "/unsubscribe/" in text, "how to stop them"
            assert "help@acme.example" in text, "whom to ask"
            assert "12:00" in text, "since when"
        assert not [word for word in DEMANDS if word in letter.text.lower()]
        lines = letter.text.splitlines()
        assert all(len(line) <= 72 for line in lines if not line.startswith("https://"))
    first, *_, last = office.relay.to("ada@example.org")
    assert "You cannot place orders." in first.text, "what the customer notices"
    assert "You will hear from us by 12:30 UTC." in first.text
    assert "You will hear from us" not in last.text


async def test_a_letter_tried_again_is_the_same_letter(office: Office) -> None:
    """The relay took it, and its answer got lost."""
    office.relay.hang_up("DATA", recipient="ada@example.org", times=1)
    await office.say(components=["shop"])
    await office.mails()
    office.world.clock.pass_(minutes=10)
    await office.mails()
    first, again = office.relay.to("ada@example.org")
    assert first.message["Message-ID"] == again.message["Message-ID"]
