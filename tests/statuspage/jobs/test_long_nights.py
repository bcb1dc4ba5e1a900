"""Do incidents come to their right end, whatever happens to them on the way?"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col

from statuspage.actions import components, letters, subscribers, updates
from statuspage.actions.undo import withdraw_update
from statuspage.rules.words import Word
from statuspage.settings import Settings
from statuspage.tables import Announcement, Cause, Delivery, Incident, Share, Update
from statuspage.vocabulary import Phase, Status
from tests.servers.ports import free_port
from tests.statuspage.jobs.night import Night
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


async def says(night: Night, **said: object) -> Update:
    """A person's word on the one incident."""
    incident = await night.the_incident()
    async with night.store.write() as session:
        stand = await night.standings()
        _, update = await updates.add_update(
            session,
            night.settings,
            incident.id,
            Word(**said),  # type: ignore[arg-type]
            stand,
            "ada",
            night.now,
        )
    night.later(seconds=1)
    return update


async def opens(night: Night, **said: object) -> Incident:
    async with night.store.write() as session:
        stand = await night.standings()
        incident, _, _ = await updates.open_incident(
            session,
            night.settings,
            Word(**said),  # type: ignore[arg-type]
            stand,
            "ada",
            night.now,
        )
    night.later(seconds=1)
    return incident


async def takes_back(night: Night, update: Update) -> None:
    async with night.store.write() as session:
        await withdraw_update(
            session, night.settings, update.incident_id, update.n, "wrong", "ada", night.now
        )


async def releases(night: Night) -> None:
    incident = await night.the_incident()
    async with night.store.write() as session:
        await letters.release_letters(session, night.settings, incident.id, "ada", night.now)


async def reads_another_file(night: Night, without: str) -> None:
    """The program starts again, and a component has left the configuration."""
    stay = tuple(one for one in night.settings.components if one.id != without)
    _use(night, night.settings.model_copy(update={"components": stay}))
    async with night.store.write() as session:
        await components.mirror(session, night.settings, night.now)


def _use(night: Night, settings: Settings) -> None:
    object.__setattr__(night.premises, "settings", settings)
    night.settings = settings


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
