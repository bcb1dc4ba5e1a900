"""A word goes to those who want it, once, and the machine asks before it speaks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from notifications import facts
from statuspage.actions import announcements
from statuspage.jobs import announce as job
from statuspage.jobs import lease
from statuspage.jobs.announce import announce
from statuspage.tables import Announcement, Delivery, Incident, Share
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import MINUTE, SECOND, Town, frozen, still_failing


async def told(town: Town) -> set[str]:
    """Who has a delivery, whatever its state."""
    ids = {one.subscriber_id for one in await town.deliveries()}
    people = ["anna", "bice", "carl", "dora"]
    known = {name: await town.subscriber(f"{name}@example.org") for name in people}
    return {name for name, row in known.items() if row.id in ids}


@pytest.fixture
async def people(town: Town) -> Town:
    await town.add("anna@example.org")
    await town.add("bice@example.org", components=["shop"])
    await town.add("carl@example.org", components=["blog"])
    await town.ask("dora@example.org")
    async with town.store.write() as session:  # her letter to confirm is not our subject
        await session.execute(sa.delete(Delivery))
    return town


@pytest.mark.parametrize(
    ("cause", "hear"),
    [
        pytest.param("shop", {"anna", "bice"}, id="who chose it, and who chose nothing"),
        pytest.param("orders-db", {"anna", "bice"}, id="who chose what stands on it"),
        pytest.param("blog", {"anna", "carl"}, id="nobody of what they did not choose"),
    ],
)
async def test_it_goes_to_those_whom_it_concerns(people: Town, cause: str, hear: set[str]) -> None:
    await people.incident(cause=cause)
    await people.tell("A disk is full.")
    await people.spread()
    assert await told(people) == hear


async def test_nobody_gets_it_twice_when_it_is_spread_again(people: Town) -> None:
    await people.incident()
    id = await people.tell("A disk is full.")
    await people.spread()
    async with people.store.write() as session:
        again = sa.update(Announcement).where(col(Announcement.id) == id)
        await session.execute(again.values(spread_at=None, slices=None, slices_done=0))
    await people.spread()
    assert len(await people.deliveries()) == 2
    async with people.store.read() as session:
        row = await session.get(Announcement, id)
        assert row is not None
        assert row.spread_at is not None


async def test_who_got_no_word_gets_no_it_is_over(people: Town, smtp: Relay) -> None:
    await people.incident()
    await people.tell("A disk is full.")
    await people.mail()
    people.at += MINUTE
    await people.add("eve@example.org")
    await people.tell("It is over.", over=True)
    await people.mail()
    assert len(smtp.to("anna@example.org")) == 2
    assert smtp.to("eve@example.org") == []


async def test_who_was_refused_the_first_word_gets_no_last(people: Town, smtp: Relay) -> None:
    smtp.reply("RCPT", "550 5.2.2 full", recipient="anna@example.org", times=1)
    await people.incident()
    await people.tell("A disk is full.")
    await people.mail()
    people.at += MINUTE
    await people.tell("It is over.", over=True)
    await people.mail()
    assert smtp.to("anna@example.org") == []
    assert len(smtp.to("bice@example.org")) == 2


@pytest.mark.parametrize(
    ("hands", "letters"),
    [
        pytest.param("dead", 1, id="who had it was killed, and may have sent it"),
        pytest.param("dead, living", 1, id="who had it was killed, and another lets it fall"),
        pytest.param("living", 0, id="who had it lets it fall"),
    ],
)
async def test_well_again_while_a_letter_is_with_somebody(
    people: Town, smtp: Relay, hands: str, letters: int
) -> None:
    """The relay may have the first word of a process that is dead: its reader hears the end."""
    await people.incident()
    await people.tell("A disk is full.")
    await people.spread()
    letter = (await people.deliveries())[0].id
    async with people.store.write() as session:
        for who in hands.split(", "):
            assert await lease.claim(session, Delivery, col(Delivery.id) == letter, who=who)
            if who == "dead":
                await lease.take_back_all(session)
        await announcements.withdraw(session, "inc1", "well again", people.at)
        await lease.release(session, Delivery, [letter], "living")
    people.at += MINUTE
    await people.tell("It is over.", over=True)
    await people.mail()
    assert len(smtp.letters) == letters


async def test_nothing_is_told_before_it_is_due_or_while_it_waits(people: Town) -> None:
    await people.incident()
    await people.tell("Later.", due_at=people.at + 10 * SECOND)
    await people.tell("When somebody says so.", due_at=None)
    wake = await announce(
        people.store, people.settings, still_failing, frozen, people.at, people.who
    )
    assert wake == 10 * SECOND
    assert await people.deliveries() == []
    people.at += 10 * SECOND
    await people.spread()
    assert len(await people.deliveries()) == 2


async def test_a_word_withdrawn_in_time_is_told_to_nobody(people: Town) -> None:
    await people.incident()
    await people.tell("A slip.", withdrawn_at=people.at)
    await people.spread()
    assert await people.deliveries() == []


async def test_when_another_part_joins_only_those_hear_who_have_not_yet(people: Town) -> None:
    await automatic(people)
    await people.spread()
    assert await told(people) == {"anna", "bice"}
    async with people.store.write() as session:
        session.add(Share(incident_id="inc1", component_id="blog", role="cause"))
    await people.tell("", automatic=True, occasion="noticed", facts={})
    await people.spread()
    assert await told(people) == {"anna", "bice", "carl"}
    assert len(await people.deliveries()) == 3


async def test_what_begins_again_after_it_is_over_is_told_again(people: Town) -> None:
    await automatic(people)
    await people.spread()
    people.at += MINUTE
    await people.tell("", over=True)
    await people.spread()
    people.at += MINUTE
    await people.tell("", automatic=True, occasion="noticed", facts={})
    await people.spread()
    assert len(await people.deliveries()) == 6


async def test_a_spreading_that_was_cut_short_asks_afresh_before_it_goes_on(
    people: Town,
) -> None:
    """Killed in the middle, started again when all is well: the rest need not be told."""
    await automatic(people)
    async with people.store.write() as session:
        began = {"facts": await frozen(session, "inc1", people.at), "slices": 2, "slices_done": 1}
        await session.execute(
            sa.update(Announcement).where(col(Announcement.automatic)).values(**began)
        )
    doctor = Doctor(False)
    await announce(people.store, people.settings, doctor, frozen, people.at, people.who)
    assert doctor.asked == 1
    assert await people.deliveries() == []


class Doctor:
    """Asks the causes afresh: answers as told, and counts."""

    def __init__(self, *answers: bool) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, incident_id: str) -> bool:
        assert incident_id == "inc1"
        self.asked += 1
        return self.answers.pop(0)


async def automatic(town: Town, **values: Any) -> None:
    await town.incident(automatic=True, **values)
    await town.tell("", automatic=True, occasion="noticed", facts={})


async def test_the_machine_asks_afresh_and_says_nothing_when_all_is_well(people: Town) -> None:
    await automatic(people)
    doctor = Doctor(False, True)
    before = people.at
    assert await announce(
        people.store, people.settings, doctor, frozen, people.at, people.who
    ) == timedelta(0)
    wake = await announce(people.store, people.settings, doctor, frozen, people.at, people.who)
    assert wake == people.settings.checks.confirm_interval
    assert (doctor.asked, await people.deliveries()) == (1, [])
    people.at = before + people.settings.checks.confirm_interval
    await announce(people.store, people.settings, doctor, frozen, people.at, people.who)
    assert doctor.asked == 2
    assert len(await people.deliveries()) == 2


async def test_the_first_words_facts_are_frozen_when_it_is_spread(
    people: Town, smtp: Relay
) -> None:
    await automatic(people)
    await people.mail()
    assert "Our systems noticed." in smtp.to("anna@example.org")[0].text
    async with people.store.read() as session:
        row = (
            await session.scalars(sa.select(Announcement).where(col(Announcement.automatic)))
        ).one()
    assert isinstance(facts.thaw(row.facts), facts.Worded)


@pytest.mark.parametrize("held", [{"letters_held": True}, {"letters_stopped_at": True}])
async def test_an_operator_silences_the_machine(people: Town, held: dict[str, bool]) -> None:
    held_values: dict[str, Any] = {
        key: people.at if key.endswith("_at") else value for key, value in held.items()
    }
    await automatic(people, **held_values)
    doctor = Doctor()
    assert (
        await announce(people.store, people.settings, doctor, frozen, people.at, people.who) is None
    )
    await people.tell("A person may still speak.")
    await people.spread()
    assert len(await people.deliveries()) == 2
    async with people.store.write() as session:
        released = {"letters_held": False, "letters_stopped_at": None}
        await session.execute(sa.update(Incident).values(**released))
    await people.add("emma@example.org")  # the others have heard of it
    await people.spread()
    assert len(await people.deliveries()) == 3


async def test_a_long_list_is_spread_in_slices_and_goes_on_where_it_stopped(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "SLICE", 10)
    monkeypatch.setattr(job, "A_MOMENT_S", 0)
    await town.crowd(35)
    await town.incident()
    await town.tell("A disk is full.")

    class Killed(Exception):
        pass

    slices = 0

    def killed_after_two() -> None:
        nonlocal slices
        slices += 1
        if slices == 2:
            raise Killed

    with pytest.raises(Killed):
        await announce(
            town.store,
            town.settings,
            still_failing,
            frozen,
            town.at,
            town.who,
            spread_some=killed_after_two,
        )
    begun = len(await town.deliveries())
    assert 0 < begun < 35
    town.who = "another"
    await town.spread()
    assert len(await town.deliveries()) == begun, "the dead worker's claim holds for a while"
    async with town.store.write() as session:
        await session.execute(sa.update(Announcement).values(lease_until=town.at))
    await town.spread()
    assert len({one.subscriber_id for one in await town.deliveries()}) == 35


async def test_a_withdrawal_in_the_middle_stops_with_the_next_slice(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "SLICE", 10)
    monkeypatch.setattr(job, "A_MOMENT_S", 0)
    await town.crowd(35)
    await town.incident()
    id = await town.tell("A disk is full.")
    real = job._next_slice

    async def withdrawn_meanwhile(*call: Any) -> Any:
        found = await real(*call)
        await call[0].execute(
            sa.update(Announcement).where(col(Announcement.id) == id).values(withdrawn_at=town.at)
        )
        return found

    monkeypatch.setattr(job, "_next_slice", withdrawn_meanwhile)
    await town.spread()
    assert 0 < len(await town.deliveries()) < 35
