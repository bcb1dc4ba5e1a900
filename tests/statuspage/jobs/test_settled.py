"""Is what is over read once, and yet never shown otherwise than it is?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col

from statuspage.actions.revision import raise_revision
from statuspage.jobs.rows import read_rows
from statuspage.rules.composing import compose
from statuspage.tables import Incident, Update
from tests.statuspage.jobs.night import Night

SECRET = "a name that must not stand"


@pytest.fixture
async def night(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Night]:
    """An outage that was over two hours ago, and is known."""
    night = await Night(sqlite_url, tmp_path).begin()
    await night.sees(db="xx", shop="55")
    await night.sees(db="..", shop="..")
    async with night.store.write() as session:
        over = {"resolved_at": night.now, "status": "resolved"}
        await session.execute(sa.update(Incident).values(**over))
    night.later(hours=2)
    await shows(night)
    yield night
    await night.publish.close()
    await night.end()


async def shows(night: Night, rounds: int = 1) -> str:
    for _ in range(rounds):
        night.later(seconds=6)
        await night.publish.tick(night.now)
    incident = (await night.incidents())[0]
    return night.premises.memory.pages[f"/en/incidents/{incident.id}"][0].page.body.decode()


async def says(night: Night, text: str, *, is_marked: bool) -> None:
    async with night.store.write() as session:
        told = {"what_happened": text, "what_we_are_doing": "We look.", "language": "en"}
        first = col(Update.n) == 1
        await session.execute(sa.update(Update).where(first).values(kind="words", **told))
        about = await session.scalar(sa.select(col(Incident.id)))
        await raise_revision(session, about if is_marked else None)


async def test_a_word_that_was_changed_is_shown_with_the_next_round(night: Night) -> None:
    await says(night, SECRET, is_marked=True)
    assert SECRET in await shows(night)
    await says(night, "We know more.", is_marked=True)
    page = await shows(night)
    assert SECRET not in page
    assert "We know more." in page


async def test_what_nobody_marked_is_found_in_its_turn(night: Night) -> None:
    await says(night, "Nobody said so.", is_marked=False)
    assert "Nobody said so." in await shows(night, rounds=2)


async def test_of_several_that_are_over_one_is_read_each_round(night: Night) -> None:
    (first,) = await night.incidents()
    async with night.store.write() as session:
        told = first.model_dump() | {"id": "another", "name": "Another"}
        session.add(Incident(**told))
        await raise_revision(session)
    await shows(night, rounds=2)
    read = []
    for _ in range(2):
        async with night.store.read() as session:
            settled = night.publish._settled
            rows = await read_rows(session, night.settings, night.now, settled=settled)
        settled.keep(rows, compose(night.settings, rows, night.now), night.now)
        read.append({"another", first.id} - rows.views.keys())
    assert sorted(map(len, read)) == [1, 1]
    assert read[0] != read[1]
