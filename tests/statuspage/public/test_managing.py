"""Whoever has the link in a letter changes all that they wished, sees what is kept, and is
forgotten when they say so.
"""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa
from sqlmodel import col

from statuspage.actions import subscribers
from statuspage.public import asking
from statuspage.rules.subscriptions import TEXT_VERSION
from statuspage.tables import Delivery, Subscriber
from tests.servers.smtp import Relay
from tests.statuspage.jobs.town import HOUR, MINUTE
from tests.statuspage.public.visitor import ANNA, Visitor, link_in

NEW = "anna@elsewhere.example"
BICE = "bice@example.org"


async def subscribed(visitor: Visitor, smtp: Relay, address: str = ANNA, **wishes: object) -> str:
    """From the form to the yes; answers the path of their page."""
    await visitor.ask(address, **wishes)
    await visitor.town.deliver()
    await visitor.http.post(await link_in(smtp, r"subscriptions/\S+/confirm", address))
    return f"/subscriptions/{(await visitor.town.subscriber(address)).code}"


async def test_all_wishes_of_the_form_are_kept(visitor: Visitor, smtp: Relay) -> None:
    await subscribed(
        visitor,
        smtp,
        groups=["Website"],
        components=["blog"],
        least_impact="major",
        ends_only="1",
    )
    row = await visitor.town.subscriber(ANNA)
    assert (row.groups, row.components) == (["Website"], ["blog"])
    assert (row.least_impact, row.ends_only) == ("major", True)
    assert row.proof["asked"]["text"] == TEXT_VERSION
    assert "Website" in smtp.to(ANNA)[0].text
    assert "Blog" in smtp.to(ANNA)[0].text


async def test_everything_can_be_changed_and_taken_back(visitor: Visitor, smtp: Relay) -> None:
    page = await subscribed(visitor, smtp, ends_only="1", components=["shop"])
    changed = {"language": "it", "groups": ["Website"], "least_impact": "critical"}
    answer = await visitor.http.post(page, data=changed)
    assert "Fatto. Da adesso vale così." in answer.text
    row = await visitor.town.subscriber(ANNA)
    assert (row.language, row.groups, row.components) == ("it", ["Website"], [])
    assert (row.least_impact, row.ends_only) == ("critical", False)
    await visitor.http.post(page, data={"language": "en", "least_impact": "none"})
    row = await visitor.town.subscriber(ANNA)
    assert (row.groups, row.components, row.least_impact) == ([], [], "none")


@pytest.mark.parametrize(
    "wrong",
    [{"groups": ["Cellar"]}, {"least_impact": "terrible"}, {"components": ["orders-db"]}],
)
async def test_what_is_not_on_offer_is_refused(
    visitor: Visitor, smtp: Relay, wrong: dict[str, object]
) -> None:
    page = await subscribed(visitor, smtp)
    before = await visitor.town.subscriber(ANNA)
    refused = await visitor.http.post(page, data=wrong)
    assert refused.status_code == 422
    assert "What you chose is not here any more. Nothing was changed." in refused.text
    asked = await visitor.ask(BICE, **wrong)
    assert asked.status_code == 422
    assert "Please choose once more." in asked.text
    assert f'value="{BICE}"' in asked.text
    assert (await visitor.town.subscriber(ANNA)).model_dump() == before.model_dump()


async def test_a_new_address_is_asked_and_the_old_one_stays_until_it_says_yes(
    visitor: Visitor, smtp: Relay
) -> None:
    page, town = await subscribed(visitor, smtp, components=["shop"], ends_only="1"), visitor.town
    old = await town.subscriber(ANNA)
    await town.incident()
    await town.tell("A disk is full.")
    await town.mail()
    asked = await visitor.http.post(f"{page}/address", data={"address": NEW})
    assert "Look into the new mailbox." in asked.text
    await town.deliver()
    assert NEW in (await visitor.http.get(page)).text, "what was asked for is seen there"
    town.at += HOUR
    await town.tell("Over.", over=True)
    await town.spread()
    confirmed = await visitor.http.post(await link_in(smtp, r"subscriptions/\S+/confirm", NEW))
    assert confirmed.status_code == 200
    await town.deliver()

    assert [len(smtp.to(who)) for who in (ANNA, NEW)] == [2, 2], "what waited goes there"
    row = await town.subscriber(NEW)
    assert (row.state, row.components, row.ends_only) == ("active", ["shop"], True)
    assert (await visitor.http.get(page)).status_code == 404, "the old links open nothing"
    async with town.store.read() as session:
        gone = await session.get_one(Subscriber, old.id)
        assert (gone.state, gone.address, gone.new_address) == ("erased", None, None)
        assert not await subscribers.is_suppressed(session, "email", ANNA)
        letters = await session.scalars(
            sa.select(Delivery).where(col(Delivery.subscriber_id) == row.id)
        )
        assert len(letters.all()) == 4, "what was told to them is told of the new row"


async def test_a_known_new_address_is_answered_the_same_and_as_quickly(
    visitor: Visitor, smtp: Relay, in_earnest: None
) -> None:
    await visitor.town.add(BICE)
    page = await subscribed(visitor, smtp)
    answers, times = [], []
    for address in (BICE, NEW, ANNA, BICE):
        began = time.monotonic()
        answers.append(await visitor.http.post(f"{page}/address", data={"address": address}))
        times.append(time.monotonic() - began)
    first, *others = answers
    assert first.status_code == 200
    for other in others:
        assert (other.status_code, other.content) == (first.status_code, first.content)
        assert other.headers == first.headers
    assert max(times) - min(times) < 0.2, "all leave on the same grid"
    assert min(times) > asking.GRID_S / 2, "and nobody before it"
    await visitor.town.deliver()
    assert smtp.to(BICE) == [], "who is told already is asked nothing"
    assert (await visitor.town.subscriber(BICE)).state == "active"


async def test_nobody_takes_over_an_address_that_asks_by_itself(
    visitor: Visitor, smtp: Relay
) -> None:
    """A stranger wants their letters sent to Bice, who is about to subscribe on her own."""
    page = await subscribed(visitor, smtp)
    await visitor.http.post(f"{page}/address", data={"address": BICE})
    await visitor.ask(BICE, components=["blog"])
    await visitor.town.deliver()
    await visitor.http.post(await link_in(smtp, r"subscriptions/\S+/confirm", BICE))
    row = await visitor.town.subscriber(BICE)
    assert (row.state, row.components) == ("active", ["blog"])
    assert (await visitor.town.subscriber(ANNA)).state == "active", "they stay two"
    assert BICE not in (await visitor.http.get(f"{page}/export")).text.replace(
        f'"new_address":"{BICE}"', ""
    )


async def test_what_is_no_address_changes_nothing(visitor: Visitor, smtp: Relay) -> None:
    page = await subscribed(visitor, smtp)
    answer = await visitor.http.post(f"{page}/address", data={"address": "nobody"})
    assert answer.status_code == 422
    assert "This does not look like an email address." in answer.text
    assert (await visitor.town.subscriber(ANNA)).new_address is None


async def test_a_change_that_nobody_confirms_is_forgotten(visitor: Visitor, smtp: Relay) -> None:
    page = await subscribed(visitor, smtp)
    await visitor.http.post(f"{page}/address", data={"address": NEW})
    visitor.town.at += 8 * 24 * HOUR
    await visitor.town.sweep()
    assert NEW not in (await visitor.http.get(page)).text
    assert (await visitor.town.subscriber(ANNA)).state == "active"


async def test_all_that_is_kept_can_be_taken_along(visitor: Visitor, smtp: Relay) -> None:
    page = await subscribed(visitor, smtp, components=["shop"])
    await visitor.town.incident()
    await visitor.town.tell("A disk is full.")
    await visitor.town.mail()
    answer = await visitor.http.get(f"{page}/export")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"].startswith("attachment")
    kept = answer.json()
    assert kept["subscriber"]["address"] == ANNA
    assert kept["subscriber"]["proof"]["confirmed"]["from"] == "192.0.2.1"
    assert [(one["occasion"], one["state"]) for one in kept["deliveries"]] == [
        ("confirm", "accepted"),
        ("worded", "accepted"),
    ]
    row = await visitor.town.subscriber(ANNA)
    for secret in (row.code, row.confirm_code):
        assert secret
        assert secret not in answer.text


@pytest.mark.parametrize("first_leave", [False, True])
async def test_to_be_forgotten_is_a_button_away(
    visitor: Visitor, smtp: Relay, *, first_leave: bool
) -> None:
    page = await subscribed(visitor, smtp)
    if first_leave:
        left = await visitor.http.post(page.replace("subscriptions", "unsubscribe"))
        assert f'action="{page}/forget"' in left.text
    assert f'action="{page}/forget"' in (await visitor.http.get(page)).text
    assert "Done. You are forgotten." in (await visitor.http.post(f"{page}/forget")).text
    for method, path in (("GET", page), ("POST", page), ("POST", f"{page}/forget")):
        assert (await visitor.http.request(method, path)).status_code == 404
    visitor.town.at += HOUR
    assert (await subscribed(visitor, smtp)) != page, "who asks again is welcome"


async def test_no_personal_page_is_kept_or_told_to_other_sites(
    visitor: Visitor, smtp: Relay
) -> None:
    page = await subscribed(visitor, smtp)
    answers = [await visitor.http.get(path) for path in (page, f"{page}/export")]
    answers.append(await visitor.http.post(page, data={}))
    answers.append(await visitor.http.post(f"{page}/address", data={"address": NEW}))
    answers.append(await visitor.http.post(f"{page}/forget"))
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers


# ---- tokens


async def test_every_token_opens_only_its_own_door(visitor: Visitor, smtp: Relay) -> None:
    """Guessed, cut, lengthened, in other letters, or that of another door: one answer."""
    page = await subscribed(visitor, smtp)
    await visitor.ask(BICE)
    await visitor.town.deliver()
    manage, waiting = await visitor.town.subscriber(ANNA), await visitor.town.subscriber(BICE)
    doors = {
        "": (manage.code, ("GET", "POST")),
        "/export": (manage.code, ("GET",)),
        "/forget": (manage.code, ("POST",)),
        "/address": (manage.code, ("POST",)),
        "/confirm": (waiting.confirm_code, ("GET", "POST")),
    }
    seen, tried = set(), 0
    for door, (right, methods) in doors.items():
        other = manage.code if door == "/confirm" else waiting.confirm_code
        assert right
        for code in (*wrong(right), other, waiting.code if door != "/confirm" else manage.code):
            for method in methods:
                answer = await visitor.http.request(
                    method, f"/subscriptions/{code}{door}", data=None if method == "GET" else {}
                )
                tried += 1
                assert answer.status_code == 404, (method, door, code)
                seen.add((answer.content, answer.headers["content-type"]))
    assert tried > 40
    assert len(seen) == 1, "all answers are alike"
    assert (await visitor.town.subscriber(ANNA)).model_dump() == manage.model_dump()
    assert (await visitor.town.subscriber(BICE)).model_dump() == waiting.model_dump()
    assert (await visitor.http.get(page)).status_code == 200


def wrong(code: str) -> list[str]:
    turned = code.swapcase() if code.swapcase() != code else code[::-1]
    return ["A" * 22, code[:-1], code[1:], f"{code}A", f"A{code}", turned, code[::-1] + "=", "%00"]


async def test_used_and_stale_tokens_do_nothing_more(visitor: Visitor, smtp: Relay) -> None:
    page = await subscribed(visitor, smtp)
    confirm = await link_in(smtp, r"subscriptions/\S+/confirm")
    stop = page.replace("subscriptions", "unsubscribe")
    assert (await visitor.http.post(confirm)).status_code == 200, "twice is harmless"
    await visitor.http.post(stop)
    for path in (confirm, page, f"{page}/address"):
        assert (await visitor.http.post(path, data={"address": NEW})).status_code == 404
    assert (await visitor.http.post(stop)).status_code == 200
    await visitor.http.post(f"{page}/forget")
    for path in (confirm, page, stop, f"{page}/forget", f"{page}/address"):
        assert (await visitor.http.post(path, data={"address": NEW})).status_code == 404


# ---- only this time


async def test_only_this_time_is_one_letter_and_then_nothing_is_known(
    visitor: Visitor, smtp: Relay
) -> None:
    town = visitor.town
    await town.incident()
    await visitor.ask(only_incident="inc1")
    await town.deliver()
    assert "once" in smtp.to(ANNA)[0].text
    confirm = await link_in(smtp, r"subscriptions/\S+/confirm")
    assert "Yes, this once" in (await visitor.http.get(confirm)).text
    assert "one letter, when it is over" in (await visitor.http.post(confirm)).text
    await town.tell("We know more.")
    await town.mail()
    await town.look_after()
    assert len(smtp.to(ANNA)) == 1
    town.at += MINUTE
    await town.resolve()
    await town.tell("It is over.", over=True)
    await town.look_after()
    assert (await town.subscriber(ANNA)).state == "active", "the last word is to come"
    await town.spread()
    await town.look_after()
    assert (await town.subscriber(ANNA)).state == "active", "it is on its way"
    await town.deliver()
    await town.look_after()
    assert "It is over." in smtp.to(ANNA)[1].text
    async with town.store.read() as session:
        (row,) = (await session.scalars(sa.select(Subscriber))).all()
        assert (row.state, row.address) == ("erased", None)


async def test_who_confirms_after_the_end_is_told_at_once_and_forgotten(
    visitor: Visitor, smtp: Relay
) -> None:
    town = visitor.town
    await town.incident()
    await visitor.ask(only_incident="inc1")
    await town.deliver()
    await town.resolve()
    answer = await visitor.http.post(await link_in(smtp, r"subscriptions/\S+/confirm"))
    assert "It is over already." in answer.text
    async with town.store.read() as session:
        (row,) = (await session.scalars(sa.select(Subscriber))).all()
        assert (row.state, row.address) == ("erased", None)


async def test_of_what_is_over_or_unknown_nobody_waits_for_the_end(visitor: Visitor) -> None:
    await visitor.town.incident()
    await visitor.town.resolve()
    assert "It is over already." in (await visitor.ask(only_incident="inc1")).text
    assert (await visitor.ask(only_incident="inc9")).status_code == 422
    program = {"address": ANNA, "only_incident": "inc1"}
    assert (await visitor.http.post("/subscribe", json=program)).json() == {"status": "over"}
    async with visitor.town.store.read() as session:
        assert (await session.scalars(sa.select(Subscriber))).all() == []


async def test_whoever_would_rather_hear_every_time_says_so(visitor: Visitor, smtp: Relay) -> None:
    await visitor.town.incident()
    page = await subscribed(visitor, smtp, only_incident="inc1")
    assert 'name="only_incident" value="inc1" checked' in (await visitor.http.get(page)).text
    await visitor.http.post(page, data={"language": "en"})
    await visitor.town.resolve()
    await visitor.town.look_after()
    row = await visitor.town.subscriber(ANNA)
    assert (row.state, row.only_incident_id) == ("active", None)


async def test_nobody_who_is_told_is_forgotten_with_the_end_of_what_a_form_names(
    visitor: Visitor, smtp: Relay
) -> None:
    await visitor.town.incident()
    page = await subscribed(visitor, smtp)
    for named in ("inc1", "inc9"):
        await visitor.http.post(page, data={"language": "en", "only_incident": named})
    await visitor.town.resolve()
    await visitor.town.look_after()
    row = await visitor.town.subscriber(ANNA)
    assert (row.state, row.only_incident_id) == ("active", None)


async def test_known_addresses_are_answered_alike_also_for_only_this_time(
    visitor: Visitor, smtp: Relay
) -> None:
    await visitor.town.incident()
    await visitor.town.add(BICE)
    known, unknown = [await visitor.ask(address, only_incident="inc1") for address in (BICE, ANNA)]
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert (await visitor.town.subscriber(BICE)).only_incident_id is None


# ---- addresses as their owners write them


@pytest.mark.parametrize(
    "address", ["anna+x@example.org", "anna@müller.example", "jürgen+süß@müller.example"]
)
async def test_every_honest_address_gets_its_letters(
    visitor: Visitor, smtp: Relay, address: str
) -> None:
    await visitor.ask(address)
    assert (await visitor.town.subscriber(address)).address == address
    await visitor.town.deliver()
    (letter,) = smtp.letters
    local, _, domain = letter.recipient.partition("@")
    assert local == address.partition("@")[0]
    assert domain.encode("idna") == address.partition("@")[2].encode("idna")
