"""Does what the checks see become the incidents that it should? Nights on the clock."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.actions.acknowledgements import acknowledge
from statuspage.jobs.settle import settle
from statuspage.tables import Announcement, Call, Cause, Share, Update
from statuspage.vocabulary import Phase, Status
from tests.statuspage.jobs.night import TEN_PAST_THREE, Night


@pytest.fixture
async def night(store_url: str, tmp_path: Path) -> AsyncIterator[Night]:
    made = await Night(store_url, tmp_path).begin()
    yield made
    await made.end()


async def test_one_failure_is_no_incident(night: Night) -> None:
    await night.sees(db="x.", shop="5.")
    assert await night.incidents() == []
    assert await night.called() == []


async def test_database_refused_and_shop_answering_500_is_one_incident_of_the_database(
    night: Night,
) -> None:
    await night.sees(db="xx", shop="55")
    incident = await night.the_incident()
    assert incident.automatic
    assert incident.impact == "critical"
    assert [cause.component_id for cause in await night.rows(Cause)] == ["db"]
    roles = {share.component_id: share.role for share in await night.rows(Share)}
    assert roles == {"db": "cause", "shop": "affected"}
    assert await night.called() == ["opened"]
    assert await night.to_be_told() == ["noticed"]


async def test_it_began_with_the_first_look_that_failed_not_with_the_believing(
    night: Night,
) -> None:
    night.later(minutes=1)
    first = night.now
    await night.sees(db="xx", shop="55")
    assert (await night.the_incident()).started_at == first


async def test_shop_refused_over_a_database_that_is_well_is_the_shops_own_server(
    night: Night,
) -> None:
    await night.sees(shop="x", db=".")
    await night.sees(shop="x", db=".")
    assert [cause.component_id for cause in await night.rows(Cause)] == ["shop"]


async def test_the_shop_waits_while_its_database_was_not_asked_since(night: Night) -> None:
    """Blamed at once, the shop would be said to have failed by itself."""
    await night.sees(shop="55")
    assert await night.incidents() == []
    await night.sees(db="x")
    assert await night.incidents() == []
    await night.sees(db="x")
    assert [cause.component_id for cause in await night.rows(Cause)] == ["db"]


async def test_it_waits_no_longer_than_the_confirmation_below_takes(night: Night) -> None:
    await night.sees(shop="55")
    night.later(seconds=3 * (3 + 5) + 1)
    await night.settles()
    assert [cause.component_id for cause in await night.rows(Cause)] == ["shop"]


async def test_both_refused_at_one_address_is_the_whole_server(
    store_url: str, tmp_path: Path
) -> None:
    night = await Night(store_url, tmp_path).begin()
    await night.sees(db="xx", shop="xx")
    incident = await night.the_incident()
    assert incident.whole_server
    assert {cause.component_id for cause in await night.rows(Cause)} == {"db", "shop"}
    await night.end()


async def test_recovered_is_monitoring_at_once_and_resolved_after_all_clear(night: Night) -> None:
    await night.sees(db="xx", shop="55")
    night.later(minutes=10)
    await night.sees(db="..", shop="..")
    incident = await night.the_incident()
    assert incident.status == Phase.MONITORING
    night.later(minutes=4)
    await night.settles()
    assert (await night.the_incident()).status == Phase.MONITORING
    night.later(minutes=1)
    await night.sees(db=".", shop=".")
    incident = await night.the_incident()
    assert incident.status == Phase.RESOLVED
    assert (await night.said())[0] == "noticed"
    assert (await night.said())[-2:] == ["recovered", "resolved"]
    assert await night.called() == ["opened", "recovered"]


async def test_a_shop_that_comes_back_a_moment_after_its_database_is_no_cause_of_its_own(
    night: Night,
) -> None:
    await night.sees(db="xx", shop="55")
    await night.sees(db="..", shop="55")
    await night.settles()
    assert await night.said() == ["noticed"], "customers fare no better yet"
    await night.sees(shop="..")
    assert await night.said() == ["noticed", "recovered"]
    assert [cause.component_id for cause in await night.rows(Cause)] == ["db"]
    assert await night.called() == ["opened", "recovered"]
    last = max(await night.rows(Call), key=lambda row: row.id or 0)
    [named] = last.facts["incident"]["causes"]
    assert named["component"] == "Orders database"


async def test_a_shop_that_stays_broken_over_a_database_that_is_back_is_a_cause(
    night: Night,
) -> None:
    await night.sees(db="xx", shop="55")
    await night.sees(db="..", shop="55")
    await night.sees(shop="555")
    ended = {cause.component_id: cause.ended_at for cause in await night.rows(Cause)}
    assert ended["db"] is not None
    assert ended["shop"] is None
    assert await night.called() == ["opened", "opened"]


async def test_recovered_before_anybody_was_told_tells_nobody(night: Night) -> None:
    await night.sees(db="xx", shop="55")
    await night.sees(db="..", shop="..")
    night.later(minutes=6)
    await night.settles()
    assert await night.to_be_told() == []
    withdrawn = [row.withdrawn_why for row in await night.rows(Announcement)]
    assert withdrawn == ["it recovered"]


async def test_failing_again_goes_on_with_the_same_incident(night: Night) -> None:
    await night.sees(db="xx", shop="55")
    await night.sees(db="..", shop="..")
    night.later(minutes=10)
    await night.sees(db=".", shop=".")
    assert (await night.the_incident()).resolved_at is not None
    night.later(minutes=40)
    await night.sees(db="..", shop="..")
    await night.sees(db="xx", shop="55")
    incident = await night.the_incident()
    assert incident.status == Phase.INVESTIGATING
    assert incident.resolved_at is None
    assert "again" in await night.said()
    assert await night.called() == ["opened", "recovered", "opened"]


async def test_after_reopen_within_it_is_another_incident(night: Night) -> None:
    await night.sees(db="xx", shop="55")
    await night.sees(db="..", shop="..")
    night.later(minutes=5)
    await night.sees(db=".", shop=".")
    night.later(minutes=61)
    await night.sees(db="..", shop="..")
    await night.sees(db="xx", shop="55")
    assert len(await night.incidents()) == 2


async def test_a_cause_within_a_minute_joins_and_a_later_one_does_not(night: Night) -> None:
    await night.sees(db="xx", shop="55")
    night.later(seconds=40)
    await night.sees(blog="xx")
    assert len(await night.incidents()) == 1
    assert {cause.component_id for cause in await night.rows(Cause)} == {"db", "blog"}


async def test_what_is_found_in_the_first_minute_is_one_line_and_later_it_is_worse(
    night: Night,
) -> None:
    await night.sees(db="xx")
    await night.sees(shop="555")
    assert await night.said() == ["noticed"]
    (noticed,) = await night.rows(Update)
    assert [change["component_id"] for change in noticed.changes] == ["db", "shop"]
    night.later(seconds=30)
    await night.sees(blog="xx")
    night.later(minutes=2)
    assert await night.said() == ["noticed"]
    assert (await night.called()) == ["opened", "opened"]


async def test_settling_twice_is_settling_once(night: Night) -> None:
    await night.sees(db="xx", shop="55")
    said = await night.said()
    for _ in range(3):
        await settle(night.premises, night.now)
    assert await night.said() == said
    assert await night.called() == ["opened"]


async def test_the_promise_is_the_machines_until_a_person_speaks(night: Night) -> None:
    await night.sees(db="xx", shop="55")
    (promise,) = await night.promises()
    assert promise.by == "machine"
    incident = await night.the_incident()
    assert promise.due_at == incident.noticed_at + timedelta(hours=1)


async def test_who_hears_that_it_is_well_does_not_hear_after_that_that_it_is_not(
    night: Night,
) -> None:
    """A hook that was away gets its calls late, in any order."""
    await night.sees(db="xx", shop="55")
    night.later(minutes=6)
    await night.reminds()
    assert await night.called() == ["opened", "again"]
    await night.sees(db="..", shop="..")
    assert await night.called() == ["opened", "recovered"]


async def test_operators_are_called_again_until_somebody_acknowledges(night: Night) -> None:
    await night.sees(db="xx", shop="55")
    for _ in range(3):
        night.later(minutes=5)
        await night.reminds()
    assert await night.called() == ["opened", "again", "again", "again"]
    incident = await night.the_incident()
    async with night.store.write() as session:
        await acknowledge(session, night.settings, incident.id, "ada", night.now)
    night.later(minutes=30)
    await night.reminds()
    assert "acknowledged" in await night.said()
    assert len([kind for kind in await night.called() if kind == "again"]) <= 3


async def test_the_public_board_says_why_without_internals(night: Night) -> None:
    await night.sees(db="xx", shop="55")
    board = await night.board()
    (incident,) = board.open_incidents
    assert [cause.name for cause in incident.causes] == [None]
    assert [part.name for part in incident.components] == ["Shop"]
    shop = board.component("shop")
    assert shop is not None
    assert shop.status is Status.MAJOR_OUTAGE
    assert shop.gate_shut
    assert [cause.name for cause in shop.because] == [None]
    assert board.component("db") is None
    assert "internal.example" not in repr(board)
    assert "192.0.2." not in repr(board)


async def test_flapping_is_one_incident_that_stays_open_until_steady(
    store_url: str, tmp_path: Path
) -> None:
    checks = 'confirm_recoveries = 2\nflap_changes = 4\nflap_within = "10m"\nflap_steady = "5m"'
    night = await Night(store_url, tmp_path, checks=checks).begin()
    for _ in range(6):
        await night.sees(blog="xx..")
    assert len(await night.incidents()) == 1
    board = await night.board()
    blog = board.component("blog")
    assert blog is not None
    assert blog.status is Status.DEGRADED
    said = await night.said()
    for _ in range(6):
        await night.sees(blog="xx..")
    assert await night.said() == said, "while it flaps nothing more is said"
    for _ in range(32):
        night.later(seconds=9)
        await night.sees(blog=".")
    assert (await night.the_incident()).recovered_at is not None
    await night.end()


@pytest.mark.parametrize("steps", [(range(10),), (range(4), range(4, 7), range(7, 10))])
async def test_ten_causes_at_once_speak_on_the_page_and_hold_the_letters(
    store_url: str, tmp_path: Path, steps: tuple[range, ...]
) -> None:
    more = "".join(
        f'[[components]]\nid = "part{n}"\nname = "Part {n}"\n[[components.checks]]\n'
        f'id = "part{n}"\nkind = "tcp"\nhost = "part{n}.example"\nport = 1\nserver = "s{n}"\n'
        for n in range(10)
    )
    night = await Night(store_url, tmp_path, more=more).begin()
    for n in range(10):
        await night.sees(**{f"part{n}": "."})
    for step in steps:
        await night.sees(**{f"part{n}": "xx" for n in step})
    incident = await night.the_incident()
    assert incident.letters_held
    assert "letters_waiting" in await night.called()
    assert len((await night.board()).open_incidents) == 1
    await night.end()


async def test_ten_sites_of_one_server_are_one_cause_to_the_letters(
    sqlite_url: str, tmp_path: Path
) -> None:
    more = "".join(
        f'[[components]]\nid = "site{n}"\nname = "Site {n}"\n[[components.checks]]\n'
        f'id = "site{n}"\nkind = "tcp"\nhost = "site{n}.example"\nport = 1\nserver = "web1"\n'
        for n in range(10)
    )
    night = await Night(sqlite_url, tmp_path, more=more).begin()
    await night.sees(**{f"site{n}": "." for n in range(10)})
    await night.sees(**{f"site{n}": "55" for n in range(10)})
    incident = await night.the_incident()
    assert not incident.whole_server
    assert not incident.letters_held
    assert await night.to_be_told() == ["noticed"]
    await night.end()


async def test_the_clock_of_the_night_is_the_only_one(night: Night) -> None:
    await night.sees(db="xx", shop="55")
    incident = await night.the_incident()
    assert TEN_PAST_THREE <= incident.noticed_at < TEN_PAST_THREE + timedelta(minutes=1)


async def test_one_of_two_back_a_moment_before_the_other_is_not_worth_a_line(
    night: Night,
) -> None:
    await night.sees(db="xx", shop="55")
    night.later(minutes=2)
    await night.sees(db="..", shop="5")
    await night.sees(shop="..", db=".")
    assert await night.said() == ["noticed", "recovered"]


async def test_after_acknowledge_the_first_word_still_waits_for_first_after(
    store_url: str, tmp_path: Path
) -> None:
    night = await Night(store_url, tmp_path, letters='automatic = "after_acknowledge"').begin()
    await night.sees(db="xx", shop="55")
    (waiting,) = await night.rows(Announcement)
    assert waiting.due_at is None
    incident = await night.the_incident()
    async with night.store.write() as session:
        await acknowledge(session, night.settings, incident.id, "ada", night.now)
    (waiting,) = await night.rows(Announcement)
    assert waiting.due_at == waiting.created_at + timedelta(minutes=5)
    await night.end()


async def test_the_shop_back_over_a_database_that_is_out_is_said(night: Night) -> None:
    await night.sees(db="xx", shop="55")
    night.later(minutes=2)
    await night.sees(db="x", shop=".")
    await night.sees(db="x", shop=".")
    assert await night.said() == ["noticed", "better"]


async def test_a_call_links_to_a_page_that_is_there(night: Night) -> None:
    """An incident that no visitor may see has none of its own."""
    await night.sees(db="xx")
    (call,) = await night.rows(Call)
    assert call.facts["incident"]["url"] == "https://status.acme.example/"
    night.later(minutes=2)
    await night.sees(blog="xx")
    called = max(await night.rows(Call), key=lambda row: row.id or 0)
    incident = called.facts["incident"]
    assert incident["url"] == f"https://status.acme.example/incidents/{incident['id']}"
