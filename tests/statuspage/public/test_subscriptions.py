"""Visitors ask to be told and stop it, and nobody learns who else did."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa
from sqlmodel import col

from statuspage.database import Store
from statuspage.jobs.deliver import deliver
from statuspage.public import asking
from statuspage.tables import AuditEntry, Subscriber
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import HOUR, NOON, SECOND, Town, town_settings
from tests.statuspage.public.visitor import ANNA, Visitor, link_in


async def test_where_no_relay_is_nobody_is_promised_a_letter(store_url: str) -> None:
    town = await Town(Store(store_url), town_settings("")).build()
    visitor = Visitor(town)
    told = await visitor.ask()
    assert told.status_code == 404
    assert "We write no letters from here." in told.text
    program = await visitor.http.post("/subscribe", json={"address": ANNA})
    assert program.status_code == 404
    assert program.json()["detail"].startswith("This site writes no letters")
    await town.close()


async def test_from_the_form_to_the_first_letter_and_out_again(
    visitor: Visitor, smtp: Relay
) -> None:
    town = visitor.town
    asked = await visitor.ask(components=["shop"])
    assert asked.status_code == 200
    assert visitor.nudged == ["deliver"]
    await town.deliver()
    letter = smtp.to(ANNA)[0]
    assert "Shop" in letter.text
    assert letter.message["List-Unsubscribe"] is None
    confirm = await link_in(smtp, r"subscriptions/\S+/confirm")
    assert (await visitor.http.get(confirm)).status_code == 200
    assert (await town.subscriber(ANNA)).state == "pending", "looking does nothing"
    confirmed = await visitor.http.post(confirm)
    assert confirmed.status_code == 200
    subscriber = await town.subscriber(ANNA)
    assert (subscriber.state, subscriber.components) == ("active", ["shop"])
    assert subscriber.proof["asked"]["from"] == "192.0.2.1"
    await town.incident()
    await town.tell("A disk is full.")
    await town.mail()
    one_click = smtp.to(ANNA)[-1].message["List-Unsubscribe"].strip("<>")
    page = await visitor.http.get(one_click)
    assert "<button>" in page.text
    assert (await town.subscriber(ANNA)).state == "active", "looking does nothing"
    for _ in range(2):
        left = await visitor.http.post(one_click, content="List-Unsubscribe=One-Click")
        assert left.status_code == 200
        assert left.history == []
    await town.tell("More.")
    await town.mail()
    assert len(smtp.to(ANNA)) == 2


async def test_asking_twice_in_an_hour_sends_one_letter(visitor: Visitor, smtp: Relay) -> None:
    for wait in (0 * SECOND, 1800 * SECOND, 1799 * SECOND, SECOND):
        visitor.town.at += wait
        await visitor.ask()
        await visitor.town.deliver()
    assert len(smtp.to(ANNA)) == 2


async def test_known_and_unknown_addresses_get_the_same_answer(
    visitor: Visitor, smtp: Relay, in_earnest: None
) -> None:
    await visitor.town.add("known@example.org")
    answers, times = [], []
    for address in ("known@example.org", "unknown@example.org", "known@example.org"):
        began = time.monotonic()
        answers.append(await visitor.ask(address))
        times.append(time.monotonic() - began)
    first, *others = answers
    for other in others:
        assert (other.status_code, other.content) == (first.status_code, first.content)
        assert other.headers == first.headers
    assert max(times) - min(times) < 0.15, "all leave on the same grid"
    assert min(times) > asking.GRID_S / 2, "and nobody before it"
    await visitor.town.deliver()
    assert [letter.recipient for letter in smtp.letters] == ["unknown@example.org"]


async def test_asking_for_somebody_who_is_told_changes_nothing_of_theirs(
    visitor: Visitor,
) -> None:
    before = await visitor.town.add(ANNA, "it", ["blog"])
    await visitor.ask(components=["shop"])
    after = await visitor.town.subscriber(ANNA)
    assert after.model_dump() == before.model_dump()


@pytest.mark.parametrize(
    ("address", "language", "heading"),
    [
        ("nobody", "en", "This does not look like an email address."),
        ("a@b", "it", "indirizzo"),
        ("x@localhost", "en", "This does not look like an email address."),
        ("anna@example.org\r\nBcc: all@example.org", "en", "email address"),
        ("", "en", "email address"),
        ('"><script>alert(1)</script>@example.org', "en", "email address"),
    ],
)
async def test_what_is_no_address_is_asked_for_once_more(
    visitor: Visitor, address: str, language: str, heading: str
) -> None:
    answer = await visitor.ask(address, language=language)
    assert answer.status_code == 422
    assert heading in answer.text
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    "address", ["zoë@exämple.org", "anna+tag@example.org", "O'Neil@example.org"]
)
async def test_honest_addresses_are_kept_as_written(visitor: Visitor, address: str) -> None:
    assert (await visitor.ask(address)).status_code == 200
    assert (await visitor.town.subscriber(address)).state == "pending"


async def test_nobody_can_choose_what_is_not_public(visitor: Visitor) -> None:
    answer = await visitor.ask(components=["orders-db"])
    assert answer.status_code == 422
    assert "Orders database" not in answer.text


@pytest.mark.parametrize(
    "path", ["/subscriptions/{}", "/subscriptions/{}/confirm", "/unsubscribe/{}"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_code_that_nobody_has_is_always_the_same_page(
    visitor: Visitor, path: str, method: str
) -> None:
    known = (await visitor.town.add(ANNA)).code or ""
    pages = set()
    for code in ("A" * 22, known[:-1], known + "A", known.swapcase(), "%00", "a%20b", "ü" * 22):
        answer = await visitor.http.request(method, path.format(code))
        assert answer.status_code == 404
        pages.add(answer.text)
    assert len({page for page in pages if "<html" in page}) == 1


async def test_a_link_to_confirm_is_good_for_seven_days(visitor: Visitor, smtp: Relay) -> None:
    await visitor.ask()
    await visitor.town.deliver()
    confirm = await link_in(smtp, r"subscriptions/\S+/confirm")
    visitor.town.at += 7 * 24 * HOUR
    assert (await visitor.http.post(confirm)).status_code == 404
    assert (await visitor.town.subscriber(ANNA)).state == "pending"


async def test_an_old_link_does_not_bring_back_who_left(visitor: Visitor, smtp: Relay) -> None:
    await visitor.ask()
    await visitor.town.deliver()
    confirm = await link_in(smtp, r"subscriptions/\S+/confirm")
    await visitor.http.post(confirm)
    await visitor.town.leave(ANNA)
    assert (await visitor.http.post(confirm)).status_code == 404
    assert (await visitor.town.subscriber(ANNA)).state == "left"


async def test_wishes_can_be_seen_and_changed(visitor: Visitor) -> None:
    code = (await visitor.town.add(ANNA)).code
    answer = await visitor.http.post(
        f"/subscriptions/{code}", data={"components": ["blog"], "language": "it"}
    )
    assert answer.status_code == 200
    changed = await visitor.town.subscriber(ANNA)
    assert (changed.components, changed.language) == (["blog"], "it")
    assert "Blog" in (await visitor.http.get(f"/subscriptions/{code}")).text


async def test_five_an_hour_for_an_address_wherever_they_come_from(visitor: Visitor) -> None:
    statuses = []
    for n in range(7):
        async with visitor.from_address(f"198.51.100.{n}") as http:
            statuses.append((await http.post("/subscribe", data={"address": ANNA})).status_code)
    assert statuses == [200] * 5 + [429] * 2
    denied = await visitor.ask()
    assert 0 < int(denied.headers["retry-after"]) <= 3660
    visitor.town.at += HOUR + 60 * SECOND
    assert (await visitor.ask()).status_code == 200


async def test_programs_ask_in_json_and_are_answered_so(visitor: Visitor) -> None:
    answer = await visitor.http.post("/subscribe", json={"address": ANNA, "components": ["shop"]})
    assert (answer.status_code, answer.headers["content-type"]) == (202, "application/json")
    refused_bodies: list[object] = [
        {"address": "nobody"},
        {"address": ANNA, "components": ["moon"]},
        [],
        {"address": 7},
    ]
    for body in refused_bodies:
        refused = await visitor.http.post("/subscribe", json=body)
        assert refused.status_code == 422
        assert refused.headers["content-type"] == "application/problem+json"


async def test_multipart_is_a_form_too(visitor: Visitor) -> None:
    answer = await visitor.http.post("/subscribe", files={"address": (None, ANNA)})
    assert answer.status_code == 200
    assert (await visitor.town.subscriber(ANNA)).state == "pending"


async def test_a_body_that_is_too_large_is_refused(visitor: Visitor) -> None:
    answer = await visitor.ask("a" * 300_000)
    assert answer.status_code == 413


async def test_no_page_is_kept_by_a_cache_or_told_to_other_sites(visitor: Visitor) -> None:
    code = (await visitor.town.add(ANNA)).code
    for path in (f"/subscriptions/{code}", f"/unsubscribe/{code}", "/unsubscribe/nobodys"):
        headers = (await visitor.http.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in headers


async def test_without_the_store_a_page_says_so(visitor: Visitor) -> None:
    store = visitor.town.store
    await store.close()
    gone = Store("postgresql://127.0.0.1:1/gone")
    store.engine, store._reading = gone.engine, gone._reading
    for answer in (
        await visitor.ask(),
        await visitor.http.get("/unsubscribe/" + "A" * 22),
        await visitor.http.post("/unsubscribe/" + "A" * 22),
    ):
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "We cannot take this right now." in answer.text


async def test_no_address_is_logged(
    visitor: Visitor, smtp: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    smtp.reply("RCPT", "550 5.1.1 <anna+status@example.org> unknown")
    await visitor.ask()
    await deliver(visitor.town.room, NOON, visitor.town.who)
    await visitor.ask("nobody@nowhere")
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("statuspage")]
    assert not [line for line in ours if "@" in line]


async def test_nothing_of_a_visitor_is_in_the_audit(visitor: Visitor) -> None:
    await visitor.ask()
    async with visitor.town.store.read() as session:
        assert (await session.scalars(sa.select(AuditEntry))).all() == []
        assert (await session.scalars(sa.select(col(Subscriber.id)))).all() != []
