"""Is a light word the writer's choice, and nobody's where it would hurt?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.smtp import Relay
from tests.statuspage.api.office import PATH, Office, flat, open_office

LIGHT = "At least we know now which screw to turn."


@pytest.fixture
async def office(sqlite_url: str, smtp: Relay, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(sqlite_url, smtp, tmp_path) as opened:
        await opened.world.subscribe("ada@example.org")
        await opened.world.subscribe("bruno@example.org", "it")
        yield opened


async def test_a_warm_word_is_warm_and_the_next_is_plain_again(office: Office) -> None:
    told = await office.say(components=["shop"], status="identified", tone="warm")
    assert told["updates"][0]["tone"] == "warm"
    await office.mails()
    assert LIGHT in flat(office.letter("ada@example.org").text)
    assert LIGHT in flat(office.letter("ada@example.org").html)
    assert "quale vite girare" in flat(office.letter("bruno@example.org").text)
    await office.say(f"/{told['id']}/updates", what_happened="We turn it.")
    await office.mails()
    assert LIGHT not in flat(office.letter("ada@example.org").text)


@pytest.mark.parametrize(
    "said",
    [
        {"components": {"shop": "major_outage"}},
        {"components": ["shop"], "impact": "critical"},
    ],
)
async def test_nothing_is_light_where_it_is_critical(office: Office, said: dict[str, Any]) -> None:
    answer = await office.anna.post(PATH, json={**said, "tone": "warm"})
    assert answer.status_code == 422
    assert [one["loc"] for one in answer.json()["errors"]] == [["body", "tone"]]
    assert (await office.tell(""))["total"] == 0, "nothing was said"
    id = (await office.say(**said))["id"]
    last = {"status": "resolved", "tone": "warm"}
    answer = await office.anna.post(f"{PATH}/{id}/updates", json=last)
    assert answer.status_code == 422, "what was critical was critical"
    assert (await office.tell(f"/{id}"))["resolved_at"] is None


async def test_a_correction_is_plain(office: Office) -> None:
    id = (await office.say(components=["shop"], what_happened="It is slow."))["id"]
    said = {"corrects": 1, "what_happened": "It is very slow.", "tone": "warm"}
    answer = await office.anna.post(f"{PATH}/{id}/updates", json=said)
    assert [one["loc"] for one in answer.json()["errors"]] == [["body", "tone"]]
