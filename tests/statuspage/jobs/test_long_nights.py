"""Do incidents come to their right end, whatever happens to them on the way?"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col

from statuspage.actions import first_words, letters, subscribers
from statuspage.tables import Announcement, Cause, Delivery
from statuspage.vocabulary import Phase, Status
from tests.servers.ports import free_port
from tests.statuspage.jobs.night import Night
from tests.statuspage.jobs.operator import opens, reads_another_file, releases, says
from tests.statuspage.jobs.test_watch import answering

TWO_WAYS = """
[[components]]
id = "search"
name = "Search"
[[components.checks]]
id = "search"
kind = "tcp"
host = "search.internal.example"
port = 9200
[[components]]
id = "checkout"
name = "Checkout"
depends_on = ["db", "search"]
[[components.checks]]
id = "checkout"
kind = "http"
url = "https://checkout.internal.example/"
"""


@pytest.fixture
async def night(store_url: str, tmp_path: Path) -> AsyncIterator[Night]:
    made = await Night(store_url, tmp_path).begin()
    yield made
    await made.end()


async def test_two_incidents_that_turn_out_to_hang_together_go_on(
    store_url: str, tmp_path: Path
) -> None:
    """The checkout suffers from both: neither may break the settling of the other."""
    night = await Night(store_url, tmp_path, more=TWO_WAYS).begin()
    await night.sees(search=".", checkout=".")
    await night.sees(db="xx", shop="55")
    night.later(minutes=2)
    await night.sees(search="55")
    assert len(await night.incidents()) == 2
    await night.sees(checkout="55")
    await night.sees(blog="55")
    held = {row.component_id: row.incident_id for row in await night.rows(Cause)}
    assert held["db"] != held["search"]
    await night.sees(db="..", search="..", shop="..", checkout="..", blog="..")
    assert {row.status for row in await night.incidents()} == {Phase.MONITORING}
    await night.end()


async def test_what_left_the_configuration_keeps_no_incident_open(night: Night) -> None:
    await night.sees(blog="xx")
    await reads_another_file(night, "blog")
    night.later(seconds=20)
    await night.settles()
    assert (await night.the_incident()).status == Phase.MONITORING
    await night.sees(db=".", shop=".")
    night.later(minutes=5)
    await night.sees(db=".", shop=".")
    assert (await night.the_incident()).status == Phase.RESOLVED


async def test_nothing_is_called_over_on_looks_from_before_a_gap(night: Night) -> None:
    """Killed while it was well, started again an hour later: look first."""
    await night.sees(blog="xx")
    await night.sees(blog="..")
    night.later(hours=1)
    await night.settles()
    assert (await night.the_incident()).status == Phase.MONITORING
    await night.sees(blog="x")
    assert (await night.the_incident()).status == Phase.MONITORING
    await night.sees(blog="..")
    assert (await night.the_incident()).status == Phase.RESOLVED
    assert "resolved" in await night.said()


async def test_what_begins_again_after_a_persons_end_is_the_machines_to_tell(
    night: Night,
) -> None:
    await night.sees(blog="xx")
    await says(
        night, status=Phase.RESOLVED, false_alarm=True, what_happened="Our checks were wrong."
    )
    await night.sees(blog="..")
    night.later(minutes=20)
    await night.sees(blog="...")
    await night.sees(blog="xx")
    incident = await night.the_incident()
    assert incident.status == Phase.INVESTIGATING
    assert incident.acknowledged_at is None
    (told,) = (await night.board()).open_incidents
    assert told.latest_words is None, "what was said of the first time is not true of this one"
    assert not told.false_alarm
    assert await night.to_be_told() == ["over", "noticed"]
    night.later(minutes=5)
    await night.reminds()
    assert (await night.called())[-2:] == ["opened", "again"]


async def test_what_begins_again_is_told_since_then_and_what_is_over_from_its_beginning(
    night: Night,
) -> None:
    await night.sees(blog="xx")
    first = (await night.the_incident()).started_at
    await night.sees(blog="..")
    night.later(minutes=5)
    await night.sees(blog=".", db=".", shop=".")
    assert (await night.the_incident()).resolved_at is not None
    night.later(minutes=20)
    await night.sees(blog="...")
    second = night.now
    await night.sees(blog="xx")
    (told,) = (await night.board()).open_incidents
    assert (told.started_at, told.since) == (first, second)
    blog = (await night.board()).component("blog")
    assert blog is not None
    assert blog.since == second
    async with night.store.read() as session:
        frozen = await first_words.freeze_noticed(night.settings, session, told.id, night.now)
    assert datetime.fromisoformat(frozen["incident"]["started_at"]) == second
    earlier = second - timedelta(minutes=3)
    await says(night, what_happened="A disk is full.", started_at=earlier)
    (told,) = (await night.board()).open_incidents
    assert (told.started_at, told.since) == (first, earlier)
    await says(night, status=Phase.RESOLVED, what_happened="It works again.")
    over = (await night.board()).past_incidents[0]
    assert over.since == first


async def test_a_gate_opens_when_the_checks_saw_the_trouble_and_see_it_no_more(
    night: Night,
) -> None:
    """A person was quicker than the checks, and did not say how bad it is."""
    await opens(night, components={"blog": None})
    await night.sees(blog="xx")
    blog = (await night.board()).component("blog")
    assert blog is not None
    assert blog.gate_shut
    await night.sees(blog="..")
    blog = (await night.board()).component("blog")
    assert blog is not None
    assert not blog.gate_shut
    assert (await night.the_incident()).status == Phase.MONITORING


async def test_where_a_person_speaks_the_machine_says_no_more_than_that_it_recovered(
    night: Night,
) -> None:
    await night.sees(db="xx", shop="55")
    night.later(minutes=2)
    await says(night, what_happened="A disk is full.", components={"blog": Status.DEGRADED})
    await night.sees(blog="xx")
    assert await night.said() == ["noticed", "words"]
    assert await night.called() == ["opened"], "the calls of what somebody is on are dropped"
    await night.sees(db="..", shop="..", blog="..")
    assert (await night.said())[-1] == "recovered"


async def test_after_a_stop_the_machine_writes_again_only_when_it_is_let(night: Night) -> None:
    await night.sees(blog="xx")
    incident = await night.the_incident()
    async with night.store.write() as session:
        await letters.stop_letters(session, incident.id, "ada", night.now)
    await releases(night)
    assert await night.to_be_told() == ["noticed"]
    await night.sees(blog="..")
    await releases(night)
    assert await night.to_be_told() == [], "not of what has recovered"


async def test_a_part_that_joins_brings_the_first_letter_forward_and_later_asks_for_another(
    store_url: str, tmp_path: Path
) -> None:
    more = TWO_WAYS.replace('name = "Search"', 'name = "Search"\nfirst_after = "1m"')
    night = await Night(store_url, tmp_path, more=more).begin()
    await night.sees(search=".", checkout=".")
    await night.sees(blog="xx")
    await night.sees(search="55")
    (first,) = await night.rows(Announcement)
    assert first.due_at is not None
    assert (first.due_at - night.now).total_seconds() < 60
    async with night.store.write() as session:
        (await session.get_one(Announcement, first.id)).spread_at = night.now
    await night.sees(checkout="55")
    assert await night.to_be_told() == ["noticed", "noticed"]
    await night.sees(checkout=".5", search="5")
    assert await night.to_be_told() == ["noticed", "noticed"]
    await night.end()


@pytest.mark.parametrize(("state", "mailed"), [("accepted", True), ("withdrawn", False)])
async def test_the_page_says_also_sent_only_of_what_left(
    night: Night, state: str, mailed: bool
) -> None:
    await night.sees(blog="xx")
    said = await says(night, what_happened="A disk is full.")
    async with night.store.write() as session:
        added = await subscribers.add(session, "anna@example.org", "en", (), night.now)
        told = await session.scalar(
            sa.select(Announcement).where(col(Announcement.update_n) == said.n)
        )
        assert told is not None
        assert added.subscriber is not None
        told.spread_at = night.now
        letter = Delivery(
            announcement_id=told.id,
            subscriber_id=added.subscriber.id,
            state=state,
            created_at=night.now,
            due_at=night.now,
        )
        session.add(letter)
    (incident,) = (await night.board()).open_incidents
    assert [update.mailed for update in incident.updates if update.words] == [mailed]


async def test_what_is_put_off_while_we_are_cut_off_is_no_look(
    sqlite_url: str, tmp_path: Path
) -> None:
    port = free_port()
    checks = f'reference = ["tcp://127.0.0.1:{port}"]'
    night = await Night(sqlite_url, tmp_path, checks=checks).begin()
    async with answering(port):
        await night.sees(blog="xx")
        await night.sees(db=".")
    before = (await night.board()).looked_at
    await night.sees(db="x", blog="x")
    assert (await night.board()).looked_at == before
    await night.end()
