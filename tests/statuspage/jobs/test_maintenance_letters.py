"""Who gets which letter about planned work, and how do they stand beside words of an outage?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from statuspage.actions import planning
from statuspage.jobs.maintain import maintain
from statuspage.memory import Memory
from statuspage.metrics import new_metrics
from statuspage.nudges import Nudges
from statuspage.premises import Premises
from statuspage.rules.maintenances import Plan
from statuspage.rules.occurrences import Every, Repeat, Window
from statuspage.tables import Maintenance
from statuspage.vocabulary import Stage
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import HOUR, MINUTE, SECOND, Town

DAY = timedelta(days=1)
ANNA, BICE, CARLO = "anna@example.org", "bice@example.org", "carlo@example.org"
"""Anna hears of everything, Bice (in Italian) of the shop, Carlo of the blog."""


@pytest.fixture
async def town(town: Town) -> Town:
    await town.add(ANNA)
    await town.add(BICE, "it", ["shop"])
    await town.add(CARLO, "en", ["blog"])
    return town


async def plans(town: Town, *ids: str, ahead: timedelta = 3 * DAY, **more: Any) -> str:
    window = Window(town.at + ahead, town.at + ahead + HOUR)
    async with town.store.write() as session:
        asked = Plan(window, ids or ("shop",), **more)
        row = await planning.plan(session, town.settings, asked, "ada", town.at)
    return row.id


async def changes(town: Town, id: str, **changed: Any) -> None:
    async with town.store.write() as session:
        await planning.change(session, town.settings, id, "ada", town.at, **changed)


async def cancels(town: Town, id: str) -> None:
    async with town.store.write() as session:
        await planning.cancel(session, town.settings, id, "ada", town.at)


async def clock(town: Town, by: timedelta) -> None:
    """Time passes, the job comes round, and the mail leaves."""
    town.at += by
    at, settings = town.at, town.settings
    premises = Premises(settings, town.store, lambda: at, Nudges(), Memory(), new_metrics())
    await maintain(premises, town.at)
    await town.mail()


async def read(town: Town, id: str) -> Maintenance:
    async with town.store.read() as session:
        return await session.get_one(Maintenance, id)


def subjects(smtp: Relay, address: str) -> list[str]:
    return [letter.subject for letter in smtp.to(address)]


async def test_only_those_who_chose_one_of_its_parts_are_told(town: Town, smtp: Relay) -> None:
    await plans(town)
    await clock(town, 5 * SECOND)
    assert smtp.letters == []  # it can still be taken back
    await clock(town, 5 * SECOND)
    assert subjects(smtp, ANNA) == ["Shop: maintenance on Thursday 26 November"]
    assert subjects(smtp, BICE) == ["Shop: manutenzione, giovedì 26 novembre"]
    assert smtp.to(CARLO) == []


async def test_all_its_letters_are_one_thread(town: Town, smtp: Relay) -> None:
    id = await plans(town)
    other = await plans(town)
    await clock(town, MINUTE)
    await cancels(town, id)
    await clock(town, MINUTE)
    of_one = [one for one in smtp.to(ANNA) if id in one.text]
    of_other = [one for one in smtp.to(ANNA) if other in one.text]
    assert len(of_one) == 2
    assert len({one.message["References"] for one in of_one}) == 1
    assert of_one[0].message["References"] != of_other[0].message["References"]


async def test_from_the_announcement_to_the_end(town: Town, smtp: Relay) -> None:
    id = await plans(town)
    await clock(town, MINUTE)
    await clock(town, 2 * DAY)  # the day before
    await clock(town, DAY)  # it begins
    row = await read(town, id)
    assert row.status == Stage.IN_PROGRESS
    longer = Window(row.scheduled_for, row.scheduled_until + HOUR)
    await changes(town, id, window=longer)
    await clock(town, MINUTE)
    await clock(town, 3 * HOUR)  # it ends, an hour later than announced
    await clock(town, SECOND)
    told = [subject.removeprefix("Shop: ") for subject in subjects(smtp, ANNA)]
    assert told == [
        "maintenance on Thursday 26 November",
        "maintenance on Thursday 26 November, a reminder",
        "maintenance changed, Thursday 26 November",
        "maintenance is over",
    ]
    assert len(smtp.to(BICE)) == 4
    assert smtp.to(CARLO) == []
    await clock(town, DAY)
    assert len(smtp.to(ANNA)) == 4


async def test_one_that_ends_in_time_or_early_is_not_told_to_be_over(
    town: Town, smtp: Relay
) -> None:
    await plans(town, ahead=HOUR)
    await clock(town, MINUTE)
    await clock(town, 3 * HOUR)
    await clock(town, SECOND)
    assert len(smtp.to(ANNA)) == 1


async def test_who_came_after_the_announcement_hears_the_day_before_and_of_no_end(
    town: Town, smtp: Relay
) -> None:
    cancelled = await plans(town)
    await plans(town)
    await clock(town, MINUTE)
    await town.add("dora@example.org")
    await cancels(town, cancelled)
    await clock(town, MINUTE)
    assert smtp.to("dora@example.org") == []
    await clock(town, 2 * DAY)
    assert [subject[-8:] for subject in subjects(smtp, "dora@example.org")] == ["reminder"]


async def test_cancelled_before_a_letter_left_nobody_hears_of_it(town: Town, smtp: Relay) -> None:
    id = await plans(town)
    town.at += 5 * SECOND
    await cancels(town, id)
    await clock(town, MINUTE)
    assert smtp.letters == []


async def test_cancelled_after_a_change_that_never_left_tells_the_times_they_know(
    town: Town, smtp: Relay
) -> None:
    id = await plans(town)
    await clock(town, MINUTE)
    window = (await read(town, id)).scheduled_for
    await changes(town, id, window=Window(window + DAY, window + DAY + HOUR))
    await cancels(town, id)
    await clock(town, MINUTE)
    assert len(smtp.to(ANNA)) == 2
    text = " ".join(smtp.to(ANNA)[-1].text.split())
    assert "12:00 UTC on 26 November" in text
    assert "27 November" not in text


async def test_every_night_of_a_weekly_one_is_told_the_day_before(town: Town, smtp: Relay) -> None:
    await plans(town, repeat=Repeat(Every.WEEK))
    await clock(town, MINUTE)
    for _ in range(17):
        await clock(town, DAY)
    assert len(smtp.to(ANNA)) == 4  # announced, and three nights
    assert "It repeats every week (Thursday)" in smtp.to(ANNA)[0].text


async def test_of_a_daily_one_nobody_gets_a_letter_a_day(town: Town, smtp: Relay) -> None:
    await plans(town, repeat=Repeat(Every.DAY))
    await clock(town, MINUTE)
    for _ in range(9):
        await clock(town, DAY)
    assert len(smtp.to(ANNA)) == 1


async def test_who_was_told_of_the_series_hears_that_it_ends(town: Town, smtp: Relay) -> None:
    await plans(town, repeat=Repeat(Every.WEEK), ahead=HOUR)
    await clock(town, MINUTE)
    await clock(town, 3 * HOUR)
    async with town.store.read() as session:
        rows = (await session.scalars(sa.select(Maintenance))).all()
    (later,) = [row for row in rows if row.ended_at is None]
    await cancels(town, later.id)
    await clock(town, MINUTE)
    assert "cancelled" in subjects(smtp, ANNA)[-1]
    assert "It does not repeat either." in smtp.to(ANNA)[-1].text


async def test_beyond_the_hours_letters_it_waits_and_comes_with_the_outage(
    town: Town, smtp: Relay
) -> None:
    await town.incident()
    for n in range(4):
        await town.tell(f"Word {n}.")
        await town.mail()
        town.at += MINUTE
    await plans(town)
    await clock(town, MINUTE)
    await town.tell("It works again.", over=True)
    await clock(town, SECOND)
    assert len(smtp.to(ANNA)) == 4
    waiting = [one.due_at for one in await town.deliveries() if one.state == "queued"]
    await clock(town, max(waiting) - town.at)
    merged = smtp.to(ANNA)[-1]
    assert len(smtp.to(ANNA)) == 5
    assert merged.subject == "News of 2 matters"
    outage, work = merged.text.find("It works again."), merged.text.find("Planned maintenance")
    assert 0 <= outage < work
    assert len(merged.message["References"].split()) == 2


async def test_two_words_of_one_maintenance_that_wait_are_one_letter(
    town: Town, smtp: Relay
) -> None:
    await town.incident()
    for n in range(4):
        await town.tell(f"Word {n}.")
        await town.mail()
        town.at += MINUTE
    id = await plans(town)
    await clock(town, MINUTE)
    begins = (await read(town, id)).scheduled_for
    await changes(town, id, window=Window(begins + HOUR, begins + 2 * HOUR))
    await clock(town, MINUTE)
    await clock(town, HOUR)
    last = smtp.to(BICE)[-1]
    assert last.subject == "Shop: manutenzione modificata, giovedì 26 novembre"
    assert "Prima, alle" in last.text


async def test_whom_it_does_not_concern_any_more_hears_that_once(town: Town, smtp: Relay) -> None:
    """Bice chose the shop alone, Carlo the blog; the shop is not worked on after all."""
    dora = "dora@example.org"
    id = await plans(town, "shop", "blog", name="A faster database")
    await clock(town, MINUTE)
    await town.add(dora, "en", ["shop"])
    await changes(town, id, components=("blog",))
    await clock(town, MINUTE)
    assert subjects(smtp, BICE)[1:] == [
        "Shop: la manutenzione non La riguarda più, giovedì 26 novembre"
    ]
    text = " ".join(smtp.to(BICE)[-1].text.split())
    assert "la manutenzione annunciata dalle" in text
    assert "A faster database: maintenance changed" in subjects(smtp, CARLO)[-1]
    assert "maintenance changed" in subjects(smtp, ANNA)[-1], "all of it is still hers"
    assert subjects(smtp, dora) == [], "she had never been told"
    await changes(town, id, window=Window(town.at + 2 * DAY, town.at + 2 * DAY + HOUR))
    await clock(town, MINUTE)
    await cancels(town, id)
    await clock(town, MINUTE)
    assert len(subjects(smtp, BICE)) == 2, "what becomes of it is not hers any more"
    assert "cancelled" in subjects(smtp, CARLO)[-1]


async def test_who_is_concerned_anew_hears_all_of_it_again(town: Town, smtp: Relay) -> None:
    id = await plans(town, "shop", "blog")
    await clock(town, MINUTE)
    await changes(town, id, components=("blog",))
    await clock(town, MINUTE)
    await changes(town, id, components=("blog", "shop"))
    await clock(town, MINUTE)
    await cancels(town, id)
    await clock(town, MINUTE)
    assert [one.split(":")[1].split(",")[0] for one in subjects(smtp, BICE)] == [
        " manutenzione",
        " la manutenzione non La riguarda più",
        " manutenzione modificata",
        " manutenzione annullata",
    ]


async def test_put_back_before_the_letter_left_nobody_is_told_that_it_is_not_theirs(
    town: Town, smtp: Relay
) -> None:
    id = await plans(town, "shop", "blog")
    await clock(town, MINUTE)
    await changes(town, id, components=("blog",))
    await changes(town, id, components=("blog", "shop"))
    await clock(town, MINUTE)
    assert not any("non La riguarda" in one for one in subjects(smtp, BICE))


async def test_what_is_left_is_internal_and_so_concerns_nobody(town: Town, smtp: Relay) -> None:
    id = await plans(town, "shop", "orders-db")
    await clock(town, MINUTE)
    await changes(town, id, components=("orders-db",))
    await clock(town, MINUTE)
    assert "not part of the maintenance" in subjects(smtp, ANNA)[-1]
    assert "non La riguarda" in subjects(smtp, BICE)[-1]
    assert subjects(smtp, CARLO) == []
