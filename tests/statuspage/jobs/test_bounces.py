"""Is an address left in peace when its mailbox will have nothing, and only then?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from statuspage.actions import return_paths, subscribers
from statuspage.database import Store
from statuspage.tables import Announcement, Delivery
from tests.notifications import returned
from tests.servers.smtp import Relay
from tests.statuspage.jobs.returning import (
    NOTIFY,
    SEALED,
    calls,
    comes_to,
    everybody,
    hand_in,
    id_of,
    mail_about,
    sealed,
    told,
)
from tests.statuspage.jobs.town import MINUTE, Town, town_settings

ANNA = returned.READER
DAY = timedelta(days=1)


@pytest.fixture
async def town(store_url: str, smtp: Relay) -> AsyncIterator[Town]:
    settings = town_settings(smtp.dsn, mail=SEALED, operators=NOTIFY)
    made = await Town(Store(store_url), settings).build()
    yield made
    await made.close()


async def test_three_letters_that_come_back_rest_the_address(town: Town) -> None:
    await town.add(ANNA)
    letters = await told(town, "a", "b", "c")
    for letter, server in zip(letters, ("postfix", "gmail", "exchange"), strict=True):
        assert (await town.subscriber(ANNA)).state == "active"
        assert await hand_in(town, await mail_about(town, letter, server)) == ["counted"]
    anna = await town.subscriber(ANNA)
    assert (anna.state, anna.hard_bounces, anna.resting_since) == ("resting", 3, town.at)
    assert anna.resting_why
    assert "5.1.10" in anna.resting_why
    assert "@" not in anna.resting_why
    for letter in await town.deliveries():
        assert letter.state == "accepted"
        assert letter.bounced_at == town.at
        assert letter.reason
        assert ANNA not in letter.reason


async def test_each_letter_leaves_from_an_address_that_says_which_it_was(
    town: Town, smtp: Relay
) -> None:
    await town.crowd(3)
    letters = await told(town, "a", "b")
    left = {letter.sender for letter in smtp.letters}
    assert left == {await comes_to(town, letter) for letter in letters}
    assert len(left) == 6
    assert {str(letter.message["From"]) for letter in smtp.letters} == {
        "Acme status <status@acme.example>"
    }
    mails = [returned.came_back("postfix", sender) for sender in left]
    assert await hand_in(town, *mails) == ["counted"] * 6


async def test_who_rests_gets_no_letter_not_even_one_that_waits(town: Town, smtp: Relay) -> None:
    await town.add(ANNA)
    letters = await told(town, "a", "b", "c")
    await town.incident("d")
    await town.tell("It is down.", "d")
    await town.spread()
    sent = len(smtp.letters)
    await hand_in(town, *[await mail_about(town, letter) for letter in letters])
    await town.tell("Still down.", "d")
    town.at += MINUTE
    await town.mail()
    assert len(smtp.letters) == sent
    waiting = [one for one in await town.deliveries() if one.incident_id == "d"]
    assert [(one.state, one.reason) for one in waiting] == [("withdrawn", "the address rests")]


async def test_one_letter_that_comes_back_often_counts_once(town: Town) -> None:
    await town.add(ANNA)
    (letter,) = await told(town, "a")
    mails = [await mail_about(town, letter, server) for server in returned.SERVERS]
    assert await hand_in(town, mails[0]) == ["counted"]
    for mail in mails:
        assert await hand_in(town, mail) == ["ignored"]
    assert (await town.subscriber(ANNA)).hard_bounces == 1


async def test_the_same_letter_twice_in_one_batch_counts_once(town: Town) -> None:
    await town.add(ANNA)
    (letter,) = await told(town, "a")
    await hand_in(town, *[await mail_about(town, letter)] * 3)
    assert (await town.subscriber(ANNA)).hard_bounces == 1


async def test_what_is_late_an_answer_or_about_us_rests_nobody(town: Town) -> None:
    await town.add(ANNA)
    letters = await told(town, "a", "b", "c", "d")
    for letter in letters:
        to = await comes_to(town, letter)
        for text in (returned.LATE, returned.VACATION, returned.CHALLENGE, returned.ORDINARY):
            assert "counted" not in await hand_in(town, returned.filled(text, to, id_of(letter)))
        blocked = returned.report("failed", "5.7.1", "smtp; 550 5.7.1 blocked", to)
        given_up = returned.report("failed", "4.4.7", "smtp; 421 4.4.7 too old", to)
        assert await hand_in(town, blocked) == ["noted"]
        assert await hand_in(town, given_up) == ["ignored"]
    anna = await town.subscriber(ANNA)
    assert (anna.state, anna.hard_bounces) == ("active", 0)
    assert all(
        one.bounced_at and "blocked" in (one.reason or "") for one in await town.deliveries()
    )


async def test_who_cannot_seal_an_address_rests_nobody(town: Town) -> None:
    await town.add(ANNA)
    letters = await told(town, "a", "b", "c")
    for letter in letters:
        right = await comes_to(town, letter)
        wrong = right[:-20] + ("a" if right[-20] != "a" else "b") + right[-19:]
        for to in (wrong, f"bounces+{letter.id}@acme.example", "bounces@acme.example"):
            mail = returned.came_back("postfix", to, id_of(letter))
            assert await hand_in(town, mail) == ["ignored"]
    assert (await town.subscriber(ANNA)).hard_bounces == 0
    assert not any(one.bounced_at for one in await town.deliveries())


async def test_a_seal_of_no_letter_is_nothing(town: Town) -> None:
    await town.add(ANNA)
    (letter,) = await told(town, "a")
    letter.id = 2**31 - 1
    assert await hand_in(town, await mail_about(town, letter)) == ["ignored"]


async def test_a_series_ends_after_thirty_days(town: Town) -> None:
    await town.add(ANNA)
    letters = await told(town, "a", "b", "c", "d")
    for letter in letters[:2]:
        await hand_in(town, await mail_about(town, letter))
    town.at += 30 * DAY
    await hand_in(town, await mail_about(town, letters[2]))
    anna = await town.subscriber(ANNA)
    assert (anna.state, anna.hard_bounces) == ("active", 1)
    town.at += 29 * DAY
    await hand_in(town, await mail_about(town, letters[3]))
    assert (await town.subscriber(ANNA)).hard_bounces == 2


async def test_who_rests_and_confirms_anew_is_told_again(town: Town, smtp: Relay) -> None:
    await town.add(ANNA)
    for letter in await told(town, "a", "b", "c"):
        await hand_in(town, await mail_about(town, letter))
    await town.ask(ANNA)
    await town.mail()
    assert (await smtp.wait(4, to=ANNA)).subject == "Acme: your letters about outages"
    await _confirm(town)
    anna = await town.subscriber(ANNA)
    assert (anna.state, anna.hard_bounces, anna.resting_since, anna.resting_why) == (
        "active",
        0,
        None,
        None,
    )
    await told(town, "d")
    assert len(smtp.to(ANNA)) == 5


async def test_a_stranger_who_asks_for_a_resting_address_brings_nothing_back(town: Town) -> None:
    await town.add(ANNA)
    for letter in await told(town, "a", "b", "c"):
        await hand_in(town, await mail_about(town, letter))
    await town.ask(ANNA)
    town.at += 8 * DAY
    await town.sweep()
    anna = await town.subscriber(ANNA)
    assert anna.state == "resting"
    assert anna.resting_why


async def test_who_has_left_or_never_confirmed_does_not_rest(town: Town) -> None:
    await town.add(ANNA)
    letters = await told(town, "a", "b", "c")
    await town.leave(ANNA)
    await hand_in(town, *[await mail_about(town, letter) for letter in letters])
    assert (await town.subscriber(ANNA)).state == "left"


async def test_what_the_relay_itself_refuses_counts_as_well(town: Town, smtp: Relay) -> None:
    await town.add(ANNA)
    await town.add("bob@shop.example")
    smtp.reply("RCPT", "550 5.1.1 no such user", recipient=ANNA)
    smtp.reply("RCPT", "550 5.7.1 your network is listed", recipient="bob@shop.example")
    await told(town, "a", "b", "c", "d")
    anna, bob = await town.subscriber(ANNA), await town.subscriber("bob@shop.example")
    assert (anna.state, anna.hard_bounces) == ("resting", 3)
    assert (bob.state, bob.hard_bounces) == ("active", 0)
    hers = [one.state for one in await town.deliveries() if one.subscriber_id == anna.id]
    assert hers == ["failed"] * 3


async def test_two_ways_of_not_arriving_make_one_series(town: Town, smtp: Relay) -> None:
    await town.add(ANNA)
    for letter in await told(town, "a", "b"):
        await hand_in(town, await mail_about(town, letter))
    smtp.reply("RCPT", "550 5.1.1 no such user", recipient=ANNA)
    await told(town, "c")
    assert (await town.subscriber(ANNA)).state == "resting"


async def test_without_sealed_addresses_id_and_address_together_say_which(
    store_url: str, smtp: Relay
) -> None:
    town = await Town(Store(store_url), town_settings(smtp.dsn)).build()
    await town.add(ANNA)
    await town.add("bob@shop.example")
    letters = await told(town, "a")
    anna = await town.subscriber(ANNA)
    hers = next(one for one in letters if one.subscriber_id == anna.id)
    his = next(one for one in letters if one is not hers)
    for forged in ("<x@status.acme.example>", id_of(his)):
        mail = returned.came_back("postfix", "status@acme.example", forged)
        assert await hand_in(town, mail) == ["ignored"]
    for server, outcome in (("qmail", "counted"), ("sendmail", "ignored")):
        mail = returned.came_back(server, "status@acme.example", id_of(hers))
        assert await hand_in(town, mail) == [outcome]
    assert (await town.subscriber(ANNA)).hard_bounces == 1
    await town.close()


async def test_operators_are_called_once_when_much_of_a_word_comes_back(town: Town) -> None:
    await town.crowd(40)
    letters = await told(town, "a")
    await hand_in(town, *[await mail_about(town, letter) for letter in letters[:2]])
    assert await calls(town) == []  # 5 %, no more
    for letter in letters[2:6]:
        await hand_in(town, await mail_about(town, letter))
    (call,) = await calls(town)
    assert call.facts["occasion"] == "came_back"
    assert (call.facts["letters"], call.facts["returned"]) == (40, 3)
    assert "5.1.1" in call.facts["reason"]
    assert "@" not in str(call.facts)


@pytest.mark.parametrize("count", [1000, pytest.param(10_000, marks=pytest.mark.soak)])
async def test_a_flood_is_recorded_in_batches(sqlite_url: str, smtp: Relay, count: int) -> None:
    town = await Town(
        Store(sqlite_url), town_settings(smtp.dsn, mail=SEALED, operators=NOTIFY)
    ).build()
    await town.crowd(count)
    await town.incident("a")
    async with town.store.write() as session:
        session.add(Announcement(id="w", occasion="worded", incident_id="a", created_at=town.at))
        await session.flush()
        ids = [one.id for one in await everybody(town)]
        session.add_all(
            Delivery(
                announcement_id="w",
                subscriber_id=id,
                state="accepted",
                created_at=town.at,
                due_at=town.at,
                accepted_at=town.at,
                ended_at=town.at,
            )
            for id in ids
        )
    letters = await town.deliveries()
    async with town.store.read() as session:
        key = await return_paths.key(session)
    mails = [
        returned.came_back("postfix", sealed(letter, key), id_of(letter)) for letter in letters
    ]
    for start in range(0, len(letters), 200):
        batch = mails[start : start + 200]
        assert await hand_in(town, *batch) == ["counted"] * 200
    assert all(one.bounced_at for one in await town.deliveries())
    assert {one.hard_bounces for one in await everybody(town)} == {1}
    assert len(await calls(town)) == 1
    await town.close()


async def _confirm(town: Town) -> None:
    code = (await town.subscriber(ANNA)).confirm_code
    async with town.store.write() as session:
        assert await subscribers.confirm(session, code or "", town.at, {})
