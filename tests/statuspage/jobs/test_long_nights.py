"""Do incidents come to their right end, whatever happens to them on the way?"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from statuspage.actions import components, letters, updates
from statuspage.actions.undo import withdraw_update
from statuspage.rules.words import Word
from statuspage.settings import Settings
from statuspage.tables import Cause, Incident, Update
from statuspage.vocabulary import Phase, Status
from tests.statuspage.jobs.night import Night

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
