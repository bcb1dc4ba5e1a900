"""Programs and chats are told as wished, in order, and left alone when they take nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from notifications.outbound import Reach
from statuspage.actions import hooks
from statuspage.database import Store
from statuspage.jobs.rows import MOST_INCIDENTS, read_rows
from statuspage.tables import Incident, Subscriber
from tests.servers.https import Host, https
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import HOUR, MINUTE, NOON, SECOND, Town, town_settings

URL = "https://hooks.example.org/in?key=s3cret"
SLACK = "https://hooks.slack.com/services/T0AAA/B0BBB/s3cretXYZ"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CODE = "abcdefghijklmnopqrstuv"


@pytest.fixture
async def host() -> AsyncIterator[Host]:
    async with https("hooks.example.org", "hooks.slack.com") as made:
        yield made


@pytest.fixture
async def town(store_url: str, smtp: Relay, host: Host) -> AsyncIterator[Town]:
    settings = town_settings(smtp.dsn, letters="per_hour = 2\nper_day = 3")
    made = await Town(Store(store_url), settings, host.reach).build()
    yield made
    await made.close()


async def listen(town: Town, channel: str = "webhook", url: str = URL, **values: Any) -> None:
    async with town.store.write() as session:
        session.add(
            Subscriber(
                id=f"{channel}-1",
                channel=channel,
                address=url,
                **{"language": "en", "state": "active", "code": CODE, **values},
                secret=SECRET if channel == "webhook" else None,
                owner="ada@example.org",
                created_at=NOON,
                confirmed_at=NOON,
            )
        )


async def hook(town: Town, id: str = "webhook-1") -> Subscriber:
    async with town.store.read() as session:
        return await session.get_one(Subscriber, id)


async def deliver_until(town: Town, state: str, count: int) -> None:
    for _ in range(40):
        await town.deliver()
        if await town.count(state) == count:
            return
        town.at += SECOND
    pytest.fail(f"not {count} {state}: {await town.states()}")


async def test_a_program_gets_the_fields_body_signed(town: Town, host: Host) -> None:
    await listen(town)
    await town.incident(impact="critical", name="Trouble", language="en")
    await town.tell("A disk is full.")
    await town.mail()
    asked = host.requests[0]
    assert asked.path == "/in?key=s3cret"
    assert asked.headers["webhook-signature"].startswith("v1,")
    body = asked.json
    assert list(body) == ["meta", "page", "incident"]
    assert body["meta"]["unsubscribe"] == f"https://status.acme.example/unsubscribe/{CODE}"
    assert (body["incident"]["id"], body["incident"]["name"]) == ("inc1", "Trouble")
    assert await town.states() == ["accepted"]
    assert "s3cret" not in asked.body.decode()


async def test_an_event_about_what_is_long_over_has_its_incident(town: Town, host: Host) -> None:
    """A late postmortem: fifty others are newer, and the page shows it no more."""
    await listen(town)
    await town.incident(name="Trouble", language="en")
    await town.resolve()
    async with town.store.write() as session:
        for n in range(MOST_INCIDENTS):
            session.add(
                Incident(
                    id=f"later{n}",
                    status="resolved",
                    started_at=NOON + MINUTE,
                    noticed_at=NOON + MINUTE,
                    created_at=NOON + MINUTE,
                    updated_at=NOON + HOUR,
                    resolved_at=NOON + HOUR,
                )
            )
    town.at += HOUR
    await town.tell("What we learned.")
    await town.mail()
    (asked,) = host.requests
    assert asked.json["incident"]["id"] == "inc1"
    assert asked.json["page"]["status_indicator"] == "none"


async def test_what_only_programs_got_was_not_sent_by_email(town: Town, host: Host) -> None:
    await listen(town)
    await town.incident()
    await town.tell("A disk is full.", update_n=1)
    await town.mail()
    assert await town.states() == ["accepted"]
    async with town.store.read() as session:
        assert (await read_rows(session, town.settings, town.at)).mailed == frozenset()
    await town.add("anna@example.org")
    await town.tell("Still.", update_n=2)
    await town.mail()
    async with town.store.read() as session:
        assert (await read_rows(session, town.settings, town.at)).mailed == {("inc1", 2)}


async def test_each_word_is_an_event_of_its_own_in_order_and_no_limit_holds(
    town: Town, host: Host
) -> None:
    await listen(town)
    await town.incident()
    said = []
    for n in range(6):
        said.append(await town.tell(f"Word {n}."))
        await town.spread()
        town.at += SECOND
    await deliver_until(town, "accepted", 6)
    rows = {one.announcement_id: one for one in await town.deliveries()}
    accepted = [rows[id].accepted_at for id in said]
    assert accepted == sorted(accepted, key=lambda at: at or NOON)
    assert len({one.headers["webhook-id"] for one in host.requests}) == 6 == len(host.requests)


async def test_a_later_word_waits_for_one_that_is_tried_again(town: Town, host: Host) -> None:
    await listen(town)
    await town.incident()
    host.answer("503 Later", "200 OK")
    await town.tell("First.")
    await town.mail()
    await town.tell("Second.")
    await town.mail()
    assert await town.states() == ["queued", "queued"]
    assert len(host.requests) == 1, "the second does not overtake"
    town.at = (await town.deliveries())[0].due_at
    await deliver_until(town, "accepted", 2)
    ids = [one.headers["webhook-id"] for one in host.requests]
    assert ids[0] == ids[1] != ids[2]


async def test_a_404_is_tried_again_and_a_410_is_goodbye(town: Town, host: Host) -> None:
    await listen(town)
    await town.incident()
    host.answer("404 Not yet", "200 OK")
    await town.tell("First.")
    await town.mail()
    assert await town.states() == ["queued"]
    town.at += MINUTE
    await town.deliver()
    assert await town.states() == ["accepted"]
    host.answer("410 Gone")
    await town.tell("Second.")
    await town.mail()
    assert (await hook(town)).state == "left"
    assert await town.states() == ["accepted", "failed"]
    await town.tell("Third.")
    await town.mail()
    assert len(await town.deliveries()) == 2


async def test_nothing_is_tried_before_the_other_side_wishes(town: Town, host: Host) -> None:
    await listen(town)
    await town.incident()
    host.answer("429 Slowly", headers="Retry-After: 1800\r\n")
    await town.tell("First.")
    await town.mail()
    assert (await town.deliveries())[0].due_at >= town.at + timedelta(minutes=30)


async def test_a_hook_that_takes_nothing_for_a_day_rests_and_its_owner_is_written_to(
    town: Town, host: Host, smtp: Relay
) -> None:
    await listen(town, language="it")
    await town.incident()
    host.answer("500 Oh")
    await town.tell("First.")
    await town.mail()
    assert (await hook(town)).failing_since is not None
    while (await hook(town)).state == "active":
        assert town.at < NOON + timedelta(hours=27)
        town.at = min(one.due_at for one in await town.deliveries() if one.state == "queued")
        await town.deliver()
    row = await hook(town)
    assert (row.state, row.resting_why) == (
        "resting",
        "took nothing for a day: it answered HTTP 500",
    )
    assert town.at >= NOON + timedelta(days=1)
    assert (await town.deliveries())[0].state == "withdrawn"
    town.at += SECOND
    await town.deliver()
    letter = smtp.to("ada@example.org")[0]
    assert "non riceve più nulla" in letter.subject
    assert "hooks.example.org" in letter.text
    assert f"https://status.acme.example/subscriptions/{CODE}" in letter.text
    assert "s3cret" not in letter.raw.decode()
    asked = len(host.requests)
    await town.tell("Second.")
    await town.mail()
    assert len(host.requests) == asked, "called no more"
    host.answer("200 OK")
    async with town.store.write() as session:
        assert await hooks.start_again(session, CODE)
    await town.tell("Third.")
    await town.mail()
    assert len(host.requests) == asked + 1, "from now on"
    assert (await hook(town)).failing_since is None


async def test_one_success_ends_the_count(town: Town, host: Host) -> None:
    await listen(town)
    await town.incident()
    host.answer("500 Oh", "200 OK")
    await town.tell("First.")
    await town.mail()
    assert (await hook(town)).failing_since is not None
    town.at += MINUTE
    await town.deliver()
    assert (await hook(town)).failing_since is None
    host.answer("500 Oh")
    town.at += 30 * HOUR
    await town.tell("Second.")
    await town.mail()
    assert (await hook(town)).state == "active"


async def test_a_chat_is_shown_cards_and_words_that_wait_together_are_one(
    town: Town, host: Host
) -> None:
    await listen(town, "slack", SLACK)
    await town.incident()
    await town.tell("A disk is full.")
    await town.spread()
    town.at += SECOND
    await town.tell("It is mended.", over=True)
    await town.mail()
    assert await town.count("merged") == 1
    message = host.requests[0].json
    assert "Trouble inc1" in message["text"] or "Shop" in message["text"]
    texts = [block["text"]["text"] for block in message["attachments"][0]["blocks"]]
    assert "It is mended." in texts
    assert not any(CODE in text for text in texts), "whoever is in the room sees it"


async def test_limits_hold_for_chats(town: Town, host: Host) -> None:
    await listen(town, "slack", SLACK)
    for n in range(5):
        await town.incident(f"inc{n}")
        await town.tell(f"Word {n}.", f"inc{n}")
        await town.mail()
        town.at += SECOND
    assert len(host.requests) == 2


async def test_a_name_that_has_come_to_mean_something_private_is_not_called(
    store_url: str, smtp: Relay, host: Host
) -> None:
    private = Reach(resolve=host.reach.resolve, tls=host.reach.tls)
    town = await Town(Store(store_url), town_settings(smtp.dsn), private).build()
    await listen(town)
    await town.incident()
    await town.tell("A disk is full.")
    await town.mail()
    row = (await town.deliveries())[0]
    assert (row.state, host.connections) == ("failed", 0)
    assert row.reason == "The address is not one of the public Internet."
    assert (await hook(town)).failing_since is not None
    await town.close()
