"""Do customers hear when they were told they would, and no more often than they thank for?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from statuspage.actions import acknowledgements, letters
from statuspage.jobs.announce import announce
from statuspage.tables import Announcement, Promise
from statuspage.vocabulary import Phase, Status
from tests.servers.smtp import Relay
from tests.statuspage.jobs.correspondence import ANNA, PAUL, Correspondence
from tests.statuspage.jobs.operator import opens, says, takes_back

ROME = 'time_zone = "Europe/Rome"'
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
NINE_IN_THE_MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TEN_AT_NIGHT = datetime(2026, 3, 1, 21, 0, tzinfo=UTC)


@pytest.fixture
async def day(store_url: str, tmp_path: Path, smtp: Relay) -> AsyncIterator[Correspondence]:
    """Nine in the morning in Rome."""
    made = await Correspondence(store_url, tmp_path, smtp, site=ROME).begin()
    made.now = NINE_IN_THE_MORNING
    yield made
    await made.end()


@pytest.fixture
async def night(sqlite_url: str, tmp_path: Path, smtp: Relay) -> AsyncIterator[Correspondence]:
    """Ten in the evening in Rome, and everybody has gone home."""
    made = await Correspondence(sqlite_url, tmp_path, smtp, site=ROME).begin()
    made.now = TEN_AT_NIGHT
    yield made
    await made.end()


async def acknowledged(day: Correspondence) -> None:
    incident = await day.the_incident()
    async with day.store.write() as session:
        await acknowledgements.acknowledge(session, day.settings, incident.id, "ada", day.now)


async def open_promise(day: Correspondence) -> Promise:
    (promise,) = [
        one for one in await day.promises() if not (one.kept_at or one.missed_at or one.dropped_at)
    ]
    return promise


async def test_a_missed_promise_is_owned_up_to_at_once_and_promises_anew(
    day: Correspondence,
) -> None:
    await day.sees(db="xx", shop="55")
    await says(day, what_happened="A disk is full.", what_we_are_doing="We make room.")
    promised = (await open_promise(day)).due_at
    await day.passes(minutes=31)
    word, late = await day.letters()
    assert late.subject == "Shop: our word is late"
    assert "We promised you a word by 09:30 CET, and it did not come. We are" in late.text
    assert "You will hear from us by 13:30 CET." in late.text
    assert late.message["References"] == word.message["References"]
    (_, italian) = await day.letters(ANNA)
    assert "Le avevamo promesso notizie entro le 09:30 (CET)" in italian.text
    assert "Le scriveremo entro le 13:30 (CET)." in italian.text

    first, missed, fresh = [one for one in await day.promises() if one.dropped_at is None]
    assert first.kept_at is not None, "the machine's, by the person's word"
    assert (missed.missed_at, missed.by) == (promised, "human")
    assert (fresh.due_at, fresh.by) == (promised + 4 * HOUR, "machine")
    (told,) = (await day.board()).open_incidents
    assert told.promise is not None
    assert told.promise.instead_of == promised
    assert (told.promises.kept, told.promises.missed) == (1, 1)
    assert told.updates[0].kind == "late"
    assert told.updates[0].mailed


async def test_after_that_letters_follow_the_pauses_until_a_person_speaks(
    day: Correspondence,
) -> None:
    await day.sees(db="xx", shop="55")
    await says(day, what_happened="A disk is full.", what_we_are_doing="We make room.")
    await day.passes(hours=5)
    assert len(await day.letters()) == 3
    still = (await day.letters())[-1]
    assert still.subject == "Shop: not over yet"
    assert "We have no news yet" in still.text
    assert "Our checks still see trouble with Shop, since 09:00 CET." in still.text
    assert "You will hear from us by 07:00 CET on 3 March." in still.text
    await says(day, what_happened="It is the power.", what_we_are_doing="We wait for it.")
    await day.passes(minutes=29)
    assert len(await day.letters()) == 4
    await day.passes(minutes=2)
    assert (await day.subjects())[-1] == "Shop: our word is late", "a new promise, a new pause"


async def test_the_machines_promise_is_renewed_on_the_page_and_never_missed(
    day: Correspondence,
) -> None:
    await day.sees(db="xx", shop="55")
    began = (await day.the_incident()).noticed_at
    assert (await open_promise(day)).due_at == began + HOUR
    await day.passes(minutes=10)
    (noticed,) = await day.letters()
    assert "You will hear from us by 13:05 CET." in noticed.text, "by letter, as it will be"
    (before,) = (await day.board()).open_incidents
    await day.passes(hours=1)
    assert len(await day.letters()) == 1
    assert (await open_promise(day)).due_at == began + 5 * MINUTE + 4 * HOUR
    (told,) = (await day.board()).open_incidents
    assert told.promise != before.promise
    assert told.updated_at == before.updated_at, "no feed reader rings for it"
    assert told.is_unanswered
    assert told.promises.all == 0
    await day.passes(hours=4)
    _, holding = await day.letters()
    assert holding.subject == "Shop: not over yet"
    assert "Our systems keep calling our team until somebody answers." in holding.text
    assert "again" in await day.called()
    await acknowledged(day)
    (told,) = (await day.board()).open_incidents
    assert not told.is_unanswered


async def test_who_is_on_it_is_reminded_before_a_promise_falls_due(day: Correspondence) -> None:
    await day.sees(db="xx", shop="55")
    await acknowledged(day)
    await day.passes(minutes=49)
    assert "promise_due" not in await day.called()
    await day.passes(minutes=5)
    for _ in range(3):
        await day.reminds()
    assert (await day.called()).count("promise_due") == 1


async def test_nobody_in_the_office_promises_a_word_after_the_next_start(
    sqlite_url: str, tmp_path: Path, smtp: Relay
) -> None:
    office = await Correspondence(
        sqlite_url, tmp_path, smtp, site=ROME, operators='staffed = "Mon-Fri 08:00-19:00"'
    ).begin()
    await office.sees(db="xx", shop="55")  # ten past four on a Sunday morning in Rome
    assert (await open_promise(office)).due_at == datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
    await office.passes(minutes=10)
    (noticed,) = await office.letters()
    assert "You will hear from us by 08:30 CET on 2 March." in noticed.text
    await office.end()


@pytest.mark.parametrize(
    ("spoken_after", "letters"),
    [
        (None, ["noticed", "over"]),
        (1, ["worded", "late", "over"]),
        (10, ["noticed", "worded", "late", "over"]),
    ],
)
async def test_a_nine_hour_outage_at_night_is_four_letters_at_most(
    night: Correspondence, spoken_after: int | None, letters: list[str]
) -> None:
    """From ten in the evening, whether nobody wakes or somebody spoke and fell asleep."""
    await night.sees(db="xx", shop="55")
    if spoken_after is not None:
        await night.passes(minutes=spoken_after)
        await says(night, what_happened="A disk is full.", what_we_are_doing="We make room.")
    end = TEN_AT_NIGHT + 9 * HOUR - MINUTE
    await night.passes(seconds=(end - night.now).total_seconds())
    await night.sees(db="..", shop="..", blog="..")
    await night.passes(minutes=5)
    await night.sees(db="..", shop="..", blog="..")
    if spoken_after is not None:
        await says(night, status=Phase.RESOLVED, what_happened="The disk has room again.")
    await night.passes(minutes=1)
    subjects = {
        "noticed": "Shop: you cannot place orders at the moment",
        "worded": "Shop: we are looking for the cause",
        "late": "Shop: our word is late",
        "over": "Shop: working again",
    }
    assert await night.subjects() == [subjects[letter] for letter in letters]
    assert len(letters) <= 4


async def test_where_the_night_is_longer_customers_hear_in_the_morning(
    night: Correspondence,
) -> None:
    await night.sees(db="xx", shop="55")
    await night.passes(hours=9, minutes=1)
    assert (await night.subjects())[1:] == ["Shop: not over yet"]


async def test_two_weeks_are_nine_letters_at_most(night: Correspondence) -> None:
    await night.sees(db="xx", shop="55")
    await night.passes(minutes=10)
    await says(night, what_happened="A disk is full.", what_we_are_doing="We make room.")
    await night.passes(days=14)
    await night.sees(db="..", shop="..", blog="..")
    await says(night, status=Phase.RESOLVED, what_happened="The disk has room again.")
    await night.passes(minutes=1)
    told = await night.subjects()
    assert len(told) <= 9, told
    assert told.count("Shop: our word is late") == 1
    assert told[-1] == "Shop: working again"
    between = [letter for letter in await night.letters() if letter.subject.endswith("over yet")]
    assert len(between) == 5


async def test_what_was_fixed_and_forgotten_ends_by_itself(day: Correspondence) -> None:
    await day.sees(db="xx", shop="55")
    await says(
        day,
        what_happened="A disk is full.",
        what_we_are_doing="We make room.",
        components={"shop": Status.MAJOR_OUTAGE},
    )
    await day.passes(minutes=20)
    await day.sees(db="..", shop="..", blog="..")
    recovered = (await day.the_incident()).recovered_at
    assert recovered is not None
    await day.passes(minutes=60)
    assert len(await day.letters()) == 1, "no letter without news of what is well"
    (told,) = (await day.board()).open_incidents
    assert told.promise is not None
    assert told.promise.due_at == recovered + 2 * HOUR
    assert "still_open" in await day.called()
    await day.passes(minutes=59)
    await day.sees(db="..", shop="..", blog="..")
    assert (await day.the_incident()).resolved_at is None
    await day.passes(minutes=1)
    await day.sees(db="..", shop="..", blog="..")
    await day.passes(seconds=1)
    incident = await day.the_incident()
    assert (incident.status, incident.resolved_by) == (Phase.RESOLVED, "machine")
    assert (await day.said())[-1] == "closed"
    over = (await day.letters())[-1]
    assert over.subject == "Shop: working again"
    assert "We do not know the cause" not in over.text, (
        "a person may know why; the machine does not say"
    )
    assert (await day.board()).component("shop").status is Status.OPERATIONAL  # type: ignore[union-attr]


async def test_what_no_check_sees_is_never_ended_by_the_machine(day: Correspondence) -> None:
    await opens(day, components={"blog": None}, what_happened="Cards fail.", what_we_are_doing="x")
    await day.passes(days=2)
    assert (await day.the_incident()).resolved_at is None
    still = (await day.letters())[-1]
    assert "Blog: trouble since 09:00 CET on 2 March." in still.text
    assert "We know no more than when we last wrote." in " ".join(still.text.split())


async def test_letters_that_an_operator_stopped_stay_stopped(day: Correspondence) -> None:
    await day.sees(db="xx", shop="55")
    await says(day, what_happened="A disk is full.", what_we_are_doing="We make room.")
    await day.passes(minutes=1)
    incident = await day.the_incident()
    async with day.store.write() as session:
        await letters.stop_letters(session, incident.id, "ada", day.now)
    await day.passes(hours=8)
    assert len(await day.letters()) == 1
    assert (await day.said())[-1] == "late", "the page owns up to it all the same"
    assert (await open_promise(day)).due_at > day.now


async def test_who_was_not_written_to_is_not_written_to_without_news(day: Correspondence) -> None:
    await day.sees(blog="xx")
    await says(day, what_happened="It is slow.", what_we_are_doing="We look.", notify=False)
    await day.passes(hours=8)
    assert await day.letters() == []
    assert (await day.board()).promises.missed == 1


async def test_a_word_taken_back_brings_the_promise_before_it_back(day: Correspondence) -> None:
    await day.sees(db="xx", shop="55")
    said = await says(day, what_happened="Wrong.", what_we_are_doing="x")
    await takes_back(day, said)
    promise = await open_promise(day)
    assert promise.by == "machine"
    assert (await day.board()).promises.all == 0


async def test_a_crash_before_the_letter_leaves_writes_it_once(day: Correspondence) -> None:
    """The promise, its line and its letter are one transaction; a repeat finds it renewed."""
    await day.sees(db="xx", shop="55")
    await says(day, what_happened="A disk is full.", what_we_are_doing="We make room.")
    await day.passes(minutes=5)
    day.later(minutes=26)
    await day.reminds()  # and killed here
    for _ in range(3):
        await day.reminds()
    await day.passes(minutes=1)
    await day.passes(minutes=1)
    assert await day.subjects() == ["Shop: we are looking for the cause", "Shop: our word is late"]
    assert len(await day.letters(PAUL)) == len(await day.letters(ANNA)) == 2
    assert len([one for one in await day.promises() if one.missed_at]) == 1


async def test_a_promise_that_passes_while_its_letter_is_on_its_way_is_owned_up_to_in_a_letter(
    day: Correspondence,
) -> None:
    """Nobody reads that a word is late before they have read the word that promised it."""
    await opens(
        day,
        components={"shop": Status.MAJOR_OUTAGE},
        what_happened="A disk is full.",
        next_update_by=day.now + timedelta(seconds=6),
    )
    await day.passes(seconds=8)
    assert await day.letters() == [], "the word itself may still be taken back"
    assert (await day.board()).open_incidents[0].updates[0].kind == "late"
    await day.passes(seconds=2)
    whole = "".join(letter.text for letter in await day.letters())
    assert whole.count("A disk is full.") == 1
    assert "it did not come" in whole
    first = (await day.letters())[0]
    assert "A disk is full." in first.text


async def test_nobody_hears_that_a_word_is_late_which_was_taken_back_before_they_read_it(
    day: Correspondence,
) -> None:
    """Its promise goes with it; the one that they know is owned up to when it passes."""
    shop = {"shop": Status.MAJOR_OUTAGE}
    by = day.now + MINUTE
    await opens(day, components=shop, what_happened="A disk is full.", next_update_by=by)
    await day.passes(seconds=30)
    known = len(await day.letters())
    wrong = await says(day, what_happened="It burns.", next_update_by=day.now + 6 * SECOND)
    await day.passes(seconds=8)
    assert (await day.board()).open_incidents[0].updates[0].kind == "late"
    await takes_back(day, wrong)
    await day.passes(seconds=15)
    assert len(await day.letters()) == known
    (waits,) = [one for one in await day.promises() if _is_open(one)]
    assert waits.due_at == by
    assert [one.kind for one in (await day.board()).open_incidents[0].updates] == ["words"]
    await day.passes(seconds=15)
    late = (await day.letters())[known:]
    assert [letter.subject for letter in late] == ["Shop: our word is late"]
    assert "It burns." not in late[0].text


def _is_open(promise: Promise) -> bool:
    return promise.kept_at is promise.missed_at is promise.dropped_at is None


class Killed(Exception):
    """In the middle of a fan-out."""


async def test_a_promise_that_passes_in_the_middle_of_a_fan_out_reaches_all_of_them_in_order(
    day: Correspondence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statuspage.jobs.announce.SLICE", 1)
    monkeypatch.setattr("statuspage.jobs.announce.A_MOMENT_S", 0.0)
    for n in range(8):
        await day.subscribes(f"reader{n}@example.org")
    await opens(
        day,
        components={"shop": Status.MAJOR_OUTAGE},
        what_happened="A disk is full.",
        next_update_by=day.now + 15 * SECOND,
    )
    day.now += 10 * SECOND

    def dies() -> None:
        raise Killed

    with pytest.raises(Killed):
        await spreads(day, dies)
    day.now += 5 * SECOND
    await day.reminds()
    late = [one for one in await day.rows(Announcement) if one.occasion == "holding"]
    assert [one.due_at for one in late] == [day.now]
    assert await spreads(day, who="another replica") is None, "it waits for the one before it"
    async with day.store.write() as session:
        await session.execute(sa.update(Announcement).values(lease_until=None, lease_by=None))
    await day.passes(seconds=1)
    for address in (PAUL, ANNA, *(f"reader{n}@example.org" for n in range(8))):
        letters = await day.letters(address)
        assert letters, address
        whole = "".join(letter.text for letter in letters)
        assert whole.count("A disk is full.") == 1
        assert "non sono arrivate" in whole or "it did not come" in whole
        assert "A disk is full." in letters[0].text


async def spreads(
    day: Correspondence, some: Callable[[], None] = lambda: None, who: str = "dies"
) -> timedelta | None:
    async def asks(_: str) -> bool:
        return True

    async def freezes(*_: object) -> dict[str, str]:
        return {}

    return await announce(day.store, day.settings, asks, freezes, day.now, who, spread_some=some)


@pytest.fixture
async def read_by_two(store_url: str, tmp_path: Path, smtp: Relay) -> AsyncIterator[Correspondence]:
    made = await Correspondence(
        store_url, tmp_path, smtp, site=ROME, letters="second_reader = true"
    ).begin()
    made.now = NINE_IN_THE_MORNING
    yield made
    await made.end()


FOUND = {"what_happened": "A disk is full.", "what_we_are_doing": "We make room."}


async def test_a_letter_that_waited_for_its_reader_promises_nothing_that_has_passed(
    read_by_two: Correspondence,
) -> None:
    """Nobody has been promised anything by letter yet: the page owns up, the letter promises
    anew.
    """
    day = read_by_two
    shop = {"shop": Status.MAJOR_OUTAGE}
    by = day.now + 5 * MINUTE
    await opens(day, components=shop, status=Phase.IDENTIFIED, next_update_by=by, **FOUND)
    await day.passes(minutes=6)
    assert await day.letters() == []
    assert (await day.board()).open_incidents[0].updates[0].kind == "late"
    anew = (await open_promise(day)).due_at
    await day.passes(minutes=5)
    (letter,) = await day.letters()
    told = anew.astimezone(day.settings.site.zone)
    assert f"You will hear from us by {told:%H:%M} CET" in letter.text


async def test_who_was_told_before_hears_that_the_word_is_late_while_it_waits_for_its_reader(
    read_by_two: Correspondence,
) -> None:
    day = read_by_two
    await opens(day, components={"shop": Status.MAJOR_OUTAGE}, what_happened="We look at it.")
    await day.passes(minutes=1)
    await says(day, status=Phase.IDENTIFIED, next_update_by=day.now + 2 * MINUTE, **FOUND)
    await day.passes(minutes=3)
    assert await day.subjects() == [
        "Shop: we are looking for the cause",
        "Shop: our word is late",
    ]
    await day.passes(minutes=10)
    assert "A disk is full." in (await day.letters())[-1].text
