"""Is a night of planned work quiet, and does what goes on after it become an outage?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from statuspage.actions import components, planning
from statuspage.jobs.afresh import still_fails
from statuspage.jobs.maintain import maintain
from statuspage.rules.maintenances import Plan
from statuspage.rules.occurrences import Every, Repeat, Window
from statuspage.tables import Announcement, Change, Incident, Maintenance, Step
from statuspage.vocabulary import Phase, Stage, Status
from tests.statuspage.jobs.night import Night

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def night(store_url: str, tmp_path: Path) -> AsyncIterator[Night]:
    made = await Night(store_url, tmp_path).begin()
    yield made
    await made.end()


async def plans(night: Night, *ids: str, begins: timedelta, lasts: timedelta, **more: Any) -> str:
    begins_at = night.now + begins
    asked = Plan(Window(begins_at, begins_at + lasts), ids, **more)
    async with night.store.write() as session:
        row = await planning.plan(session, night.settings, asked, "ada", night.now)
    return row.id


async def extends(night: Night, id: str, until: timedelta) -> None:
    (row,) = [one for one in await night.rows(Maintenance) if one.id == id]
    window = Window(row.scheduled_for, row.scheduled_until + until)
    async with night.store.write() as session:
        await planning.change(session, night.settings, id, "ada", night.now, window=window)


async def ends(night: Night, id: str) -> None:
    async with night.store.write() as session:
        await planning.move_on(session, night.settings, id, Stage.COMPLETED, "ada", night.now)


async def holds(night: Night, id: str, status: Status | None) -> None:
    async with night.store.write() as session:
        await components.hold(session, id, status, None, "ada", night.now)


async def spread(night: Night) -> None:
    """All letters so far have left."""
    async with night.store.write() as session:
        for row in (await session.scalars(sa.select(Announcement))).all():
            row.spread_at = row.spread_at or night.now


async def ticks(night: Night) -> None:
    await maintain(night.premises, night.now)
    await night.settles()


async def kinds(night: Night) -> list[str]:
    steps = await night.rows(Step)
    return [step.kind for step in sorted(steps, key=lambda step: (step.at, step.n))]


async def test_failures_during_maintenance_open_nothing_and_are_nothing_afterwards(
    night: Night,
) -> None:
    await plans(night, "blog", begins=timedelta(0), lasts=20 * MINUTE)
    await night.sees(blog="xxxx", db="....")
    assert await night.incidents() == []
    assert await night.called() == []
    await night.sees(blog="....")
    night.later(minutes=20)
    await ticks(night)
    assert await night.incidents() == []
    assert all(change.settled_at for change in await night.rows(Change))


async def test_what_is_seen_before_the_tier_that_is_worked_on_is_no_outage_for_a_moment(
    night: Night,
) -> None:
    await plans(night, "db", begins=timedelta(0), lasts=20 * MINUTE)
    await night.sees(shop="55", db=".x")
    shop = (await night.board()).component("shop")
    assert shop is not None
    assert (shop.status, shop.gate_shut) == (Status.UNDER_MAINTENANCE, True)
    await night.sees(db=".", shop="5")
    shop = (await night.board()).component("shop")
    assert shop is not None
    assert shop.status is Status.MAJOR_OUTAGE, "what is worked on answers: it is the shop itself"


async def test_what_still_fails_when_it_is_over_and_asked_anew_is_an_ordinary_incident(
    night: Night,
) -> None:
    await plans(night, "blog", begins=timedelta(0), lasts=20 * MINUTE)
    await night.sees(blog="xxxx")
    night.later(minutes=20)
    await ticks(night)
    assert await night.incidents() == []  # not blamed on looks of before the end
    await night.sees(blog="xx")
    incident = await night.the_incident()
    assert incident.automatic
    assert await night.called() == ["opened"]
    assert await night.said() == ["noticed"]


async def test_what_failed_last_before_the_end_and_answers_after_it_is_no_incident(
    night: Night,
) -> None:
    await plans(night, "blog", begins=timedelta(0), lasts=20 * MINUTE)
    night.later(minutes=19, seconds=50)
    await night.sees(blog="xxxx")
    night.later(seconds=10)
    await ticks(night)
    await night.sees(blog="x..")
    assert await night.incidents() == []


async def test_one_that_is_extended_goes_on_quietly(night: Night) -> None:
    id = await plans(night, "blog", begins=timedelta(0), lasts=20 * MINUTE)
    await night.sees(blog="xxxx")
    await extends(night, id, 30 * MINUTE)
    night.later(minutes=25)
    await ticks(night)
    await night.sees(blog="xxxx")
    assert await night.incidents() == []
    night.later(minutes=30)
    await ticks(night)
    await night.sees(blog="xx")
    assert (await night.the_incident()).automatic


async def test_one_that_a_person_ends_early_is_heard_again_at_once(night: Night) -> None:
    id = await plans(night, "blog", begins=timedelta(0), lasts=20 * MINUTE)
    await night.sees(blog="xx")
    await ends(night, id)
    await night.sees(blog="xxx")
    assert (await night.the_incident()).automatic


async def test_what_only_lies_on_what_is_under_maintenance_opens_nothing(night: Night) -> None:
    await plans(night, "db", begins=timedelta(0), lasts=20 * MINUTE)
    await night.sees(db="xxxx", shop="5555")
    assert await night.incidents() == []
    await night.sees(db="..", shop="55")
    night.later(minutes=20)
    await ticks(night)
    await night.sees(shop="55", db="..")  # the database is back, and the shop still is not
    incident = await night.the_incident()
    assert incident.automatic


async def test_what_fails_beside_it_is_an_incident_that_does_not_name_it(night: Night) -> None:
    await plans(night, "shop", begins=timedelta(0), lasts=20 * MINUTE)
    await night.sees(db="xx", shop="55")
    board = await night.board()
    assert board.open_incidents == ()  # it names an internal system alone
    incident = await night.the_incident()
    night.later(minutes=20)
    await ticks(night)
    await night.sees(shop="55", db="xx")
    assert await night.the_incident() == incident or (await night.the_incident()).id == incident.id
    (shown,) = (await night.board()).open_incidents
    assert [part.id for part in shown.components] == ["shop"]


async def test_a_maintenance_begun_for_an_outage_keeps_its_letter_and_calls_back(
    night: Night,
) -> None:
    """The deploy was begun, forgotten to be said, and the call has come."""
    await night.sees(blog="xx")
    assert await night.called() == ["opened"]
    await plans(night, "blog", begins=timedelta(0), lasts=20 * MINUTE, notify=False)
    night.later(minutes=6)
    await ticks(night)
    await night.reminds()
    assert await night.called() == ["opened"]
    incident = await night.the_incident()
    assert not await still_fails(night.watch.premises, night.watch.network, incident.id)
    await night.sees(blog="..")
    assert (await night.the_incident()).status == Phase.MONITORING


async def test_a_status_held_by_hand_keeps_its_checks_quiet_until_it_is_released(
    night: Night,
) -> None:
    await holds(night, "blog", Status.DEGRADED)
    await night.sees(blog="xxxx")
    assert await night.incidents() == []
    await holds(night, "blog", None)
    await night.settles()
    assert (await night.the_incident()).automatic


async def test_it_begins_and_ends_by_itself_and_each_once(night: Night) -> None:
    id = await plans(night, "blog", begins=HOUR, lasts=HOUR)
    await ticks(night)
    assert await kinds(night) == ["announced"]
    night.later(hours=1)
    for _ in range(2):
        await ticks(night)
    (row,) = await night.rows(Maintenance)
    assert (row.id, row.status, row.started_at) == (id, Stage.IN_PROGRESS, row.scheduled_for)
    night.later(hours=1)
    for _ in range(2):
        await ticks(night)
    (row,) = await night.rows(Maintenance)
    assert (row.status, row.ended_at) == (Stage.COMPLETED, row.scheduled_until)
    assert await kinds(night) == ["announced", "begun", "completed"]


async def test_what_was_due_while_nobody_ran_is_done_in_its_order(night: Night) -> None:
    await plans(night, "blog", begins=HOUR, lasts=HOUR)
    night.later(days=1)
    await ticks(night)
    assert await kinds(night) == ["announced", "begun", "completed"]
    assert await night.to_be_told() == [], "nobody is told beforehand of what is over"


async def test_what_failed_before_we_were_away_ourselves_is_asked_before_it_is_believed(
    night: Night,
) -> None:
    await plans(night, "blog", begins=timedelta(0), lasts=20 * MINUTE)
    await night.sees(blog="xx")
    night.later(minutes=50)  # nobody runs; meanwhile it ends, and the blog is well again
    await ticks(night)
    assert await night.incidents() == []
    await night.sees(blog="..")
    assert await night.incidents() == []


async def test_it_is_quiet_from_its_very_second_whenever_the_job_comes_round(
    night: Night,
) -> None:
    await plans(night, "blog", begins=HOUR, lasts=HOUR)
    night.later(hours=1)
    await night.sees(blog="xxxx")
    assert await night.incidents() == []


async def test_a_weekly_one_is_followed_by_the_next(night: Night) -> None:
    await plans(night, "blog", begins=HOUR, lasts=HOUR, repeat=Repeat(Every.WEEK))
    for _ in range(3):
        night.later(days=7)
        await ticks(night)
        await ticks(night)
    rows = sorted(await night.rows(Maintenance), key=lambda row: row.scheduled_for)
    assert len({row.series_id for row in rows}) == 1
    pauses = {later.scheduled_for - before.scheduled_for for before, later in pairwise(rows)}
    assert pauses == {7 * DAY}
    assert [row.status for row in rows][:2] == [Stage.COMPLETED] * 2
    assert rows[-1].status == Stage.SCHEDULED


LETTERS = {
    "announced two days before": (2 * DAY, ["announced", "tomorrow"]),
    "announced an hour before": (HOUR, ["announced"]),
    "announced 24 hours before": (DAY, ["announced"]),
}


@pytest.mark.parametrize("case", LETTERS)
async def test_customers_hear_of_it_and_again_the_day_before(night: Night, case: str) -> None:
    begins, told = LETTERS[case]
    await plans(night, "blog", begins=begins, lasts=HOUR)
    while night.now < (await night.rows(Maintenance))[0].scheduled_until:
        await spread(night)
        await ticks(night)
        night.later(minutes=30)
    await ticks(night)
    assert await night.to_be_told() == [f"maintenance_{one}" for one in told]


async def test_one_that_took_longer_than_announced_is_told_to_be_over(night: Night) -> None:
    id = await plans(night, "blog", begins=timedelta(0), lasts=HOUR)
    await spread(night)
    night.later(minutes=50)
    await extends(night, id, HOUR)
    await spread(night)
    night.later(minutes=80)
    await ticks(night)
    await ticks(night)
    told = await night.to_be_told()
    assert told == [f"maintenance_{one}" for one in ("announced", "changed", "finished")]


async def test_one_that_took_longer_and_left_an_outage_is_told_as_that(night: Night) -> None:
    id = await plans(night, "blog", begins=timedelta(0), lasts=HOUR)
    await spread(night)
    await night.sees(blog="xx")
    await extends(night, id, HOUR)
    await spread(night)
    night.later(hours=2)
    await ticks(night)
    await night.sees(blog="xx")
    await ticks(night)
    assert "maintenance_finished" not in await night.to_be_told()
    assert (await night.the_incident()).automatic


async def test_nobody_is_written_to_who_is_not_to_be(night: Night) -> None:
    await plans(night, "blog", begins=2 * DAY, lasts=HOUR, notify=False)
    await plans(night, "db", begins=2 * DAY, lasts=HOUR)  # no public component
    night.later(days=1, hours=1)
    await ticks(night)
    assert await night.rows(Announcement) == []


async def test_an_overrun_is_seen_on_the_page(night: Night) -> None:
    await plans(night, "blog", begins=timedelta(0), lasts=20 * MINUTE)
    await night.sees(blog="xx")
    blog = (await night.board()).component("blog")
    assert blog is not None
    assert blog.status is Status.UNDER_MAINTENANCE
    assert blog.gate_shut
    night.later(minutes=20)
    await ticks(night)
    await night.sees(blog="xx")
    blog = (await night.board()).component("blog")
    assert blog is not None
    assert blog.status is Status.MAJOR_OUTAGE
    assert [row.resolved_at for row in await night.rows(Incident)] == [None]


class Killed(Exception):
    """The process dies here."""


IN_THE_END = "statuspage.jobs.maintain.raise_revision"
AT_THE_STEP = "statuspage.actions.maintenances.note"


@pytest.mark.parametrize(
    ("due", "where"),
    [
        ("is told of", IN_THE_END),
        ("begins", IN_THE_END),
        ("begins", AT_THE_STEP),
        ("ends", IN_THE_END),
        ("ends", AT_THE_STEP),
    ],
)
async def test_a_kill_before_the_commit_leaves_all_to_be_done_and_done_once(
    night: Night, monkeypatch: pytest.MonkeyPatch, where: str, due: str
) -> None:
    await plans(night, "blog", begins=2 * DAY, lasts=HOUR, repeat=Repeat(Every.WEEK))
    await spread(night)
    at = {"is told of": [DAY], "begins": [DAY, 2 * DAY], "ends": [DAY, 2 * DAY, 2 * DAY + HOUR]}
    *earlier, last = at[due]
    begun = night.now
    for moment in earlier:
        night.now = begun + moment + timedelta(seconds=1)
        await ticks(night)
        await spread(night)
    night.now = begun + last + timedelta(seconds=1)
    before = (await kinds(night), await night.to_be_told(), (await night.board()).revision)
    with monkeypatch.context() as patch:
        patch.setattr(where, _dies)
        with pytest.raises(Killed):
            await ticks(night)
    after = (await kinds(night), await night.to_be_told(), (await night.board()).revision)
    assert after == before
    await ticks(night)
    once = (await kinds(night), await night.to_be_told())
    await ticks(night)
    assert (await kinds(night), await night.to_be_told()) == once
    assert once != before[:2]


async def _dies(*_: object) -> None:
    raise Killed


async def test_two_that_come_round_at_once_do_it_once(night: Night) -> None:
    await plans(night, "blog", begins=HOUR, lasts=HOUR, repeat=Repeat(Every.WEEK))
    night.later(hours=1)
    await asyncio.gather(*(maintain(night.premises, night.now) for _ in range(4)))
    assert await kinds(night) == ["announced", "begun"]
    night.later(hours=1)
    await asyncio.gather(*(maintain(night.premises, night.now) for _ in range(4)))
    assert sorted(await kinds(night)) == ["announced", "announced", "begun", "completed"]
    assert len(await night.rows(Maintenance)) == 2


async def test_what_is_muted_costs_no_turn_with_the_writers(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A status may be held for weeks while the checks fail."""
    await holds(night, "blog", Status.DEGRADED)
    await night.sees(blog="xxxx")
    monkeypatch.setattr("statuspage.jobs.settle.take_turn", _dies)
    await night.settles()
    await holds(night, "blog", None)
    with pytest.raises(Killed):
        await night.settles()
