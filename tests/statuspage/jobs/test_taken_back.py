"""Is all as it was when a word is taken back, and no more than that?"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from statuspage.tables import Announcement, Cause, Share, Update
from statuspage.vocabulary import Phase, Status
from tests.statuspage.jobs.night import Night
from tests.statuspage.jobs.operator import opens, says, takes_back


@pytest.fixture
async def night(store_url: str, tmp_path: Path) -> AsyncIterator[Night]:
    made = await Night(store_url, tmp_path).begin()
    yield made
    await made.end()


async def test_a_resolve_taken_back_after_the_trouble_has_ended_is_monitoring(
    night: Night,
) -> None:
    await night.sees(blog="xx")
    last = await says(night, status=Phase.RESOLVED, what_happened="It works again.")
    await night.sees(blog="..")
    await takes_back(night, last)
    await night.settles()
    assert (await night.the_incident()).status == Phase.MONITORING
    assert [row for row in await night.rows(Cause) if row.ended_at is None] == []
    blog = (await night.board()).component("blog")
    assert blog is not None
    assert blog.status is Status.OPERATIONAL


async def test_a_word_taken_back_leaves_what_the_checks_have_seen_since(night: Night) -> None:
    await night.sees(blog="xx")
    wrong = await says(night, status=Phase.IDENTIFIED, components={"shop": Status.MAJOR_OUTAGE})
    await night.sees(blog="..")
    await takes_back(night, wrong)
    incident = await night.the_incident()
    assert incident.status == Phase.MONITORING
    assert incident.monitoring_at == incident.recovered_at
    assert [row for row in await night.rows(Cause) if row.ended_at is None] == []
    assert {row.component_id: row.status for row in await night.rows(Share)} == {
        "blog": "operational"
    }
    assert await night.to_be_told() == [], "nobody is told of what is well again"


async def test_a_resolve_taken_back_does_not_take_a_cause_from_another_incident(
    night: Night,
) -> None:
    await night.sees(blog="xx")
    last = await says(night, status=Phase.RESOLVED)
    await opens(night, components={"blog": None}, separate=True)
    await night.sees(db="xx", shop="55")
    await takes_back(night, last)
    causes = [row.component_id for row in await night.rows(Cause) if row.ended_at is None]
    assert len(causes) == len(set(causes))


async def test_taking_the_only_word_back_leaves_to_the_machine_what_it_knows(
    night: Night,
) -> None:
    """Opened a moment before the checks were sure, with a slip in the title."""
    first = await opens(night, components={"blog": None}, name="Bolg")
    await night.sees(blog="xx")
    (update,) = [row for row in await night.rows(Update) if row.kind == "words"]
    await takes_back(night, update)
    incident = await night.the_incident()
    assert incident.id == first.id
    assert incident.automatic
    assert incident.withdrawn_at is None
    assert incident.name is None
    assert await night.to_be_told() == ["noticed"]


async def test_a_word_taken_back_lets_the_machines_letter_go_when_it_would_have(
    night: Night,
) -> None:
    await night.sees(blog="xx")
    (before,) = await night.rows(Announcement)
    night.later(minutes=4)
    await takes_back(night, await says(night, what_happened="A disk is full."))
    (after,) = [row for row in await night.rows(Announcement) if row.withdrawn_at is None]
    assert (after.id, after.due_at) == (before.id, before.due_at)
