"""Is what we learned written to exactly those who were told, and what we promised kept?

Stories on the town's clock, on both engines, through a real relay: resolved, owed, late, sent,
its actions done, and the last letter.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from statuspage.actions import approvals, credit_codes, postmortems
from statuspage.actions.letters import release_letters, stop_letters
from statuspage.actions.promised_actions import actions_of
from statuspage.actions.undo import withdraw_update
from statuspage.database import Store
from statuspage.errors import Conflict, Invalid, Unknown
from statuspage.jobs import announce, enqueue
from statuspage.jobs.postmortems import postmortems as remind
from statuspage.rules.postmortems import Action, Credit
from statuspage.tables import Announcement, Delivery, Incident, Postmortem
from tests.servers.smtp import Relay
from tests.statuspage.jobs.learning import (
    ANNA,
    BERT,
    CARL,
    CODES,
    DAY,
    LATE,
    LEARNED,
    UNDO,
    after_an_outage,
    called,
    codes_in,
    codes_of,
    learned,
    mailed,
    marks,
    recipients,
    says,
    text_of,
    unmarks,
    uploads,
)
from tests.statuspage.jobs.town import HOUR, NOON, SECOND, Town, town_settings


@pytest.fixture
async def town(store_url: str, smtp: Relay, request: pytest.FixtureRequest) -> AsyncIterator[Town]:
    settings = town_settings(
        smtp.dsn,
        letters=getattr(request, "param", ""),
        operators='notify = ["mailto:oncall@acme.example"]',
    )
    made = await Town(Store(store_url), settings).build()
    yield made
    await made.close()


async def test_from_the_end_to_the_last_promise_kept(town: Town, smtp: Relay) -> None:
    await after_an_outage(town, smtp, ANNA, BERT, CARL)
    await town.add("italia@example.org", "it")
    over_at = town.at
    for at in (
        over_at + HOUR,
        over_at + 2.5 * DAY + 8 * HOUR,
        over_at + 4 * DAY,
        over_at + 5 * DAY,
    ):
        for _ in range(2):
            await remind(town.premises, at)
    assert await called(town) == [
        f"postmortem:inc1:{one}" for one in ("half_way", "day_before", "late")
    ]

    town.at = over_at + 200 * DAY  # late, and the letters are long forgotten
    await town.sweep()
    assert await town.deliveries() == []
    await town.add(LATE)
    await town.leave(BERT)
    await says(town)
    await town.mail()
    assert smtp.letters == [], "it can be taken back for a while"
    await mailed(town)
    assert recipients(smtp) == [ANNA, CARL]
    assert "The disk was full." in text_of(smtp, ANNA)
    assert "You will hear from us once more" in text_of(smtp, ANNA)

    smtp.forget()
    await marks(town, 1)
    await mailed(town)
    assert smtp.letters == [], "one is left to do"
    await town.leave(CARL)
    await marks(town, 2)
    await marks(town, 2)
    await mailed(town)
    assert recipients(smtp) == [ANNA]
    assert smtp.to(ANNA)[0].message["Subject"] == "Shop: we promised; it is done"
    await remind(town.premises, town.at + DAY)
    assert len(await called(town)) == 3, "nothing is owed any more"


async def test_letters_of_one_incident_are_one_thread_in_each_readers_language(
    town: Town, smtp: Relay
) -> None:
    await town.add(BERT, "it")
    await after_an_outage(town, smtp, ANNA)
    await says(town)
    await mailed(town)
    assert "Un disco pieno ci chiama." in text_of(smtp, BERT)
    (first,) = smtp.to(ANNA)
    smtp.forget()
    await marks(town, 1)
    await marks(town, 2)
    await mailed(town)
    (last,) = smtp.to(ANNA)
    assert first.message["References"] == last.message["References"]
    assert first.message["Message-ID"] != last.message["Message-ID"]


async def test_said_again_it_corrects_the_page_and_mails_nobody(town: Town, smtp: Relay) -> None:
    await after_an_outage(town, smtp, ANNA)
    await says(town)
    await says(town, learned(what_happened="The disk was slow."))
    await mailed(town)
    assert "The disk was slow." in text_of(smtp, ANNA), "nobody had the first one yet"
    smtp.forget()
    await marks(town, 1)
    await says(town, learned(actions=(*LEARNED.actions, Action("A third.", date(2027, 1, 1)))))
    await mailed(town)
    assert smtp.letters == []
    async with town.store.read() as session:
        (row,) = (await session.scalars(sa.select(Postmortem))).all()
        actions = await actions_of(session, row)
    assert row.corrected_at is not None
    assert [(one.n, one.done_at is not None) for one in actions] == [
        (1, True),
        (2, False),
        (3, False),
    ]


async def test_taken_back_in_time_it_reaches_nobody_and_is_owed_again(
    town: Town, smtp: Relay
) -> None:
    await after_an_outage(town, smtp, ANNA)
    await says(town)
    async with town.store.write() as session:
        await withdraw_update(session, town.settings, "inc1", 1, "too soon", "ada", town.at)
    await mailed(town)
    assert smtp.letters == []
    async with town.store.read() as session:
        assert (await session.get_one(Incident, "inc1")).status == "resolved"
        assert await postmortems.standing(session, "inc1") is None
    await says(town, learned(what_happened="Now we know."))
    await mailed(town)
    assert "Now we know." in text_of(smtp, ANNA)


async def takes_back(town: Town, n: int = 1) -> None:
    async with town.store.write() as session:
        await withdraw_update(session, town.settings, "inc1", n, "not right", "ada", town.at)


async def test_taken_back_and_said_anew_whoever_has_it_reads_only_what_was_changed(
    town: Town, smtp: Relay
) -> None:
    """Bert's letter had not left when it was taken back: his is the new one, and whole."""
    await after_an_outage(town, smtp, ANNA, BERT)
    smtp.reply("DATA", "451 4.3.0 later", recipient=BERT, times=1)
    await says(town)
    await mailed(town)
    assert recipients(smtp) == [ANNA]
    await takes_back(town)
    town.at += HOUR
    smtp.forget()
    await says(town, learned(what_happened="The disk was slow."))
    await mailed(town)
    town.at += HOUR
    await town.mail()
    assert recipients(smtp) == [ANNA, BERT]
    changed, whole = text_of(smtp, ANNA), text_of(smtp, BERT)
    assert "What we wrote to you at 13:00 UTC was not right" in changed
    assert "The disk was slow." in changed
    assert "We had written: The disk was full." in changed.replace("> ", "").replace(
        "What happened ", ""
    )
    assert "The disk was slow." in whole
    assert "not right" not in whole
    async with town.store.read() as session:
        assert (await session.get_one(Incident, "inc1")).status == "postmortem"


async def test_said_anew_in_the_same_words_it_is_mailed_to_nobody_who_has_it(
    town: Town, smtp: Relay
) -> None:
    """Also where other words were said in between, and taken back before they left."""
    await after_an_outage(town, smtp, ANNA)
    await says(town)
    await mailed(town)
    smtp.forget()
    await takes_back(town)
    await says(town, learned(what_happened="The disk was slow."))
    await takes_back(town)
    await says(town)
    await mailed(town)
    town.at += DAY
    await town.mail()
    assert smtp.letters == []
    async with town.store.read() as session:
        row = await postmortems.standing(session, "inc1")
    assert row is not None


async def test_said_anew_what_was_given_stays_given(town: Town, smtp: Relay) -> None:
    await after_an_outage(town, smtp, ANNA)
    await uploads(town, "CODE-1")
    await says(town, learned(credit=CODES))
    await mailed(town)
    await takes_back(town)
    with pytest.raises(Invalid):
        await says(town, learned(what_happened="The disk was slow."))
    await says(town, learned(what_happened="The disk was slow.", credit=CODES))
    smtp.forget()
    await mailed(town)
    (letter,) = smtp.to(ANNA)
    assert codes_in(letter) == set(), "she has hers already"


async def test_a_mark_taken_back_stops_the_last_letter_and_set_anew_lets_it_go_once(
    town: Town, smtp: Relay
) -> None:
    await after_an_outage(town, smtp, ANNA, BERT)
    await says(town)
    await mailed(town)
    smtp.forget()
    await marks(town, 1)
    await marks(town, 2)
    await unmarks(town, 2)
    await mailed(town)
    assert smtp.letters == []
    await marks(town, 2)
    town.at += UNDO
    await town.spread()
    await unmarks(town, 1)  # in the middle of the fan-out
    await town.deliver()
    assert smtp.letters == []
    await marks(town, 1)
    await mailed(town)
    assert recipients(smtp) == [ANNA, BERT]
    await unmarks(town, 1)
    await marks(town, 1)
    await mailed(town)
    assert recipients(smtp) == [ANNA, BERT], "once, ever"


@pytest.mark.parametrize("town", ["second_reader = true"], indirect=True)
async def test_a_second_reader_reads_it_and_again_when_it_has_changed(
    town: Town, smtp: Relay
) -> None:
    await after_an_outage(town, smtp, ANNA)
    await says(town)
    await mailed(town)
    assert smtp.letters == []
    async with town.store.write() as session:
        letter = await session.scalar(
            sa.select(Announcement).where(col(Announcement.occasion) == "postmortem")
        )
        assert letter is not None
        await approvals.approve(session, letter.id, "bob", town.at)
    await says(town, learned(what_happened="The disk was slow."))
    town.at += approvals.UNDO
    await town.mail()
    assert smtp.letters == [], "what Bob approved was another letter"
    async with town.store.write() as session:
        await approvals.approve(session, letter.id, "bob", town.at)
    town.at += approvals.UNDO
    await town.mail()
    assert "The disk was slow." in text_of(smtp, ANNA)


async def test_stopped_and_released_it_goes_on_to_those_who_have_none(
    town: Town, smtp: Relay
) -> None:
    await after_an_outage(town, smtp, ANNA, BERT)
    await uploads(town, "AAA", "BBB")
    await says(town, learned(credit=CODES))
    town.at += UNDO
    await town.spread()
    async with town.store.write() as session:  # Anna has hers when the operator thinks again
        anna = (await town.subscriber(ANNA)).id
        await session.execute(
            sa.update(Delivery)
            .where(col(Delivery.subscriber_id) == anna, col(Delivery.state) == "queued")
            .values(state="accepted", accepted_at=town.at, ended_at=town.at)
        )
        await stop_letters(session, "inc1", "ada", town.at)
    await says(town, learned(credit=CODES))
    await mailed(town)
    assert smtp.letters == []
    async with town.store.write() as session:
        await release_letters(session, town.settings, "inc1", "ada", town.at)
    await says(town, learned(credit=CODES))
    await mailed(town)
    assert recipients(smtp) == [BERT]


async def test_a_postmortem_waits_for_the_end_and_for_an_incident(town: Town) -> None:
    await town.incident(impact="critical")
    with pytest.raises(Conflict):
        await says(town)
    async with town.store.write() as session:
        (await session.get_one(Incident, "inc1")).withdrawn_at = NOON
    with pytest.raises(Unknown):
        await says(town)


async def test_each_customer_gets_a_code_of_their_own(town: Town, smtp: Relay) -> None:
    await after_an_outage(town, smtp, ANNA, BERT, CARL)
    await town.leave(CARL)
    await uploads(town, "AAA", "BBB", "CCC")
    await says(town, learned(credit=CODES))
    assert set((await codes_of(town)).values()) == {None}, "not before it is spread"
    await mailed(town)
    bound = {whose: code for code, whose in (await codes_of(town)).items() if whose}
    assert len(bound) == 2
    for address in (ANNA, BERT):
        code = bound[(await town.subscriber(address)).id]
        others = {"AAA", "BBB", "CCC"} - {code}
        assert code in text_of(smtp, address)
        assert not any(other in text_of(smtp, address) for other in others)


async def test_too_few_codes_are_refused_before_anything_is_sent(town: Town, smtp: Relay) -> None:
    await after_an_outage(town, smtp, ANNA, BERT)
    await uploads(town, "AAA")
    with pytest.raises(Invalid) as refused:
        await says(town, learned(credit=CODES))
    assert refused.value.faults[0].msg == "2 customers are to get a code, and 1 are there for them."
    await mailed(town)
    assert smtp.letters == []
    async with town.store.read() as session:
        assert (await session.get_one(Incident, "inc1")).status == "resolved"


async def test_codes_taken_away_after_all_hold_the_letters_and_call_the_operators(
    town: Town, smtp: Relay
) -> None:
    await after_an_outage(town, smtp, ANNA, BERT)
    await uploads(town, "AAA", "BBB")
    await says(town, learned(credit=CODES))
    async with town.store.write() as session:
        await credit_codes.remove_free(session, "inc1")
    await mailed(town)
    assert smtp.letters == []
    assert [key.split(":")[0] for key in await called(town)] == ["codes"]
    await uploads(town, "CCC", "DDD")
    town.at += announce.CODES_AGAIN
    await town.mail()
    assert recipients(smtp) == [ANNA, BERT]


async def test_what_was_given_cannot_be_changed_once_somebody_has_it(
    town: Town, smtp: Relay
) -> None:
    await after_an_outage(town, smtp, ANNA)
    await says(town, learned(credit=Credit("applied", "Half of November.")))
    await says(town, learned(credit=Credit("applied", "All of November.")))
    await mailed(town)
    assert "All of November. We take care of it ourselves" in text_of(smtp, ANNA)
    with pytest.raises(Invalid):
        await says(town)


class Cut(Exception):
    """The process ends here."""


@pytest.mark.parametrize("step", ["bound", "enqueued"])
async def test_a_crash_between_binding_and_sending_gives_nobody_two_codes(
    town: Town, smtp: Relay, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(announce, "SLICE", 2)
    monkeypatch.setattr(announce, "A_MOMENT_S", 0)
    await after_an_outage(town, smtp, ANNA, BERT, CARL, LATE)
    await uploads(town, *(f"CODE-{n}" for n in range(9)))
    await says(town, learned(credit=CODES))
    town.at += UNDO
    where, name = {"bound": (enqueue, "_insert"), "enqueued": (announce, "_ours")}[step]
    real, times = getattr(where, name), iter([False, True])

    def cut(*told: Any) -> Any:
        if next(times, False):
            raise Cut
        return real(*told)

    with monkeypatch.context() as patch:
        patch.setattr(where, name, cut)
        for _ in range(3):
            try:
                await town.spread()
            except Cut:
                async with town.store.write() as session:
                    await session.execute(sa.update(Announcement).values(lease_until=None))
                break
    after_crash = {whose for whose in (await codes_of(town)).values() if whose}
    async with town.store.read() as session:
        queued = set((await session.scalars(sa.select(col(Delivery.subscriber_id)))).all())
    assert after_crash <= queued, "no code is bound to whom no letter goes"
    await town.mail()
    given = [whose for whose in (await codes_of(town)).values() if whose]
    assert len(given) == len(set(given)) == 4
    assert recipients(smtp) == sorted([ANNA, BERT, CARL, LATE])


async def test_a_letter_that_is_sent_again_bears_the_same_code(town: Town, smtp: Relay) -> None:
    await after_an_outage(town, smtp, ANNA)
    await uploads(town, "AAA", "BBB", "CCC")
    await says(town, learned(credit=CODES))
    await mailed(town)
    async with town.store.write() as session:  # accepted, and killed before that was recorded
        await session.execute(
            sa.update(Delivery)
            .where(col(Delivery.accepted_at) >= town.at)
            .values(state="queued", accepted_at=None, ended_at=None)
        )
    again = Town(town.store, town.settings)  # another process: it has composed nothing yet
    again.at = town.at + SECOND
    async with again.room:
        await again.deliver()
    first, second = smtp.to(ANNA)
    assert first.message["Message-ID"] == second.message["Message-ID"]
    bodies = [letter.message.get_body(("plain",)) for letter in (first, second)]
    assert len({str(body.get_content()) for body in bodies if body}) == 1
    assert list((await codes_of(town)).values()).count(None) == 2


@pytest.mark.parametrize("town", ["per_day = 2"], indirect=True)
async def test_a_busy_day_holds_the_postmortem_and_shortens_it_by_nothing(
    town: Town, smtp: Relay
) -> None:
    """It waits for its turn, goes with what follows it, and both are whole."""
    await after_an_outage(town, smtp, ANNA)
    await says(town)
    await mailed(town)
    await marks(town, 1)
    await marks(town, 2)
    await mailed(town)
    assert smtp.letters == [], "two have gone today"
    town.at = NOON + DAY + HOUR / 2  # the first of them is a day old, the second is not
    await town.mail()
    told = text_of(smtp, ANNA)
    assert "we promised; it is done" in told
    assert "We took a larger one." in told


async def test_told_that_all_is_done_a_reader_still_gets_the_postmortem(
    town: Town, smtp: Relay
) -> None:
    await after_an_outage(town, smtp, ANNA)
    await says(town)
    await marks(town, 1)
    await marks(town, 2)
    town.at += UNDO
    await town.spread()
    async with town.store.write() as session:
        done = await session.scalar(
            sa.select(col(Announcement.id)).where(col(Announcement.occasion) == "actions_done")
        )
        await session.execute(
            sa.update(Delivery)
            .where(col(Delivery.announcement_id) == done)
            .values(state="accepted", accepted_at=town.at, ended_at=town.at)
        )
    await town.deliver()
    assert "We took a larger one." in text_of(smtp, ANNA)


async def test_two_replicas_give_each_customer_one_code(town: Town, smtp: Relay) -> None:
    await town.crowd(120)
    await after_an_outage(town, smtp)
    await uploads(town, *(f"CODE-{n}" for n in range(130)))
    await says(town, learned(credit=CODES))
    other = Town(Store(town.store.url), town.settings)
    town.at = other.at = town.at + UNDO
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(announce, "SLICE", 7)
        await asyncio.gather(*(one.spread() for one in (town, other)))
    await asyncio.gather(*(one.deliver() for one in (town, other)))
    await other.close()
    given = [whose for whose in (await codes_of(town)).values() if whose]
    assert len(given) == len(set(given)) == 120
    assert len(recipients(smtp)) == len(set(recipients(smtp))) == 120
    assert len({code for letter in smtp.letters for code in codes_in(letter)}) == 120
