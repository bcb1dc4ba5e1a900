"""Is what a postmortem gives said on the page, and a code to nobody but its customer?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.servers.smtp import Relay
from tests.statuspage.api.office import PATH, Office, open_office
from tests.statuspage.api.test_postmortems import LEARNED, RESOLVED

GIFT = "One delivery costs nothing."


@pytest.fixture
async def office(store_url: str, smtp: Relay, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(store_url, smtp, tmp_path) as opened:
        await opened.world.subscribe("ada@example.org")
        yield opened


async def test_the_words_stand_on_the_page_until_they_are_taken_back(office: Office) -> None:
    id = (await office.say(components=["shop"], what_happened="It is slow."))["id"]
    await office.mails()
    await office.say(f"/{id}/updates", **RESOLVED)
    await office.mails()
    await office.anna.post(f"{PATH}/{id}/postmortem/codes", json={"codes": ["ACME-7F3K"]})
    said = {**LEARNED, "credit": {"kind": "code", "text": GIFT}}
    told = await office.anna.put(f"{PATH}/{id}/postmortem", json=said)
    assert told.status_code == 200, told.text
    await office.mails()
    await office.shows()
    assert "ACME-7F3K" in office.letter("ada@example.org").text
    page = office.page(f"/en/incidents/{id}")
    assert GIFT in page
    assert "gets a code of their own by letter" in page
    public = [one.page.body for kept in office.world.premises.memory.pages.values() for one in kept]
    assert not any(b"ACME-7F3K" in body for body in public)
    await office.take(f"/{id}/updates/3", reason="not yet")
    await office.shows()
    assert GIFT not in office.page(f"/en/incidents/{id}")
