"""What does a visitor get in place of what is down?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from statuspage.rules.board import Board, ComponentView
from statuspage.vocabulary import NoticeMode, Phase, Status
from tests.statuspage.pages.boards import (
    ACKNOWLEDGED,
    AUTOMATIC,
    BEGAN,
    CALM,
    MENDED,
    NOTICED_ONLY,
    NOW,
    ORDERS_DB,
    OUTAGE,
    PARTS,
    SAID,
    SHOP,
    SHOP_DOWN,
    SITE,
    SPOKEN,
    board,
)
from tests.statuspage.pages.showing import document, page

KNOWN = "We know, and we are fixing it."
CALLED = "We have noticed, and called our team."
NOTICING = "We have just noticed."
WELL = "Our checks get good answers from Shop."
CLOSED = "Shop: closed for the moment."

ACKNOWLEDGED_ONLY = replace(
    AUTOMATIC, acknowledged_at=ACKNOWLEDGED.at, updates=(ACKNOWLEDGED, *AUTOMATIC.updates)
)
WORDS_ONLY = replace(AUTOMATIC, updates=(SAID, *AUTOMATIC.updates))
WATCHED = MENDED.open_incidents[0]


def shop(board_: Board = CALM, **changed: object) -> Board:
    changed_shop: ComponentView = replace(SHOP, **changed)  # type: ignore[arg-type]
    return replace(board_, components=(changed_shop, *PARTS[1:]))


CASES: dict[str, tuple[Board, str]] = {
    "a person has acknowledged": (board(SHOP_DOWN, open_incidents=(ACKNOWLEDGED_ONLY,)), KNOWN),
    "a person has spoken": (board(SHOP_DOWN, open_incidents=(WORDS_ONLY,)), KNOWN),
    "only the checks know": (NOTICED_ONLY, CALLED),
    "in doubt": (shop(in_doubt=True), NOTICING),
    "never looked at": (shop(looked_at=None), NOTICING),
    "down, and no incident yet": (shop(status=Status.MAJOR_OUTAGE, gate_shut=True), NOTICING),
    "well": (CALM, WELL),
    "mended, and watched": (MENDED, "Shop: working again."),
    "maintenance": (shop(status=Status.UNDER_MAINTENANCE), "Shop: under maintenance."),
    "held shut": (shop(notice=NoticeMode.ON, gate_shut=True), CLOSED),
    "mended, but held shut": (shop(MENDED, notice=NoticeMode.ON, gate_shut=True), CLOSED),
    "held shut in an outage": (
        board(replace(SHOP_DOWN, notice=NoticeMode.ON), open_incidents=(SPOKEN,)),
        KNOWN,
    ),
    "shut by a tier below": (
        replace(shop(gate_shut=True), open_incidents=(ACKNOWLEDGED_ONLY,)),
        KNOWN,
    ),
    "held in an outage by hand": (
        shop(status=Status.MAJOR_OUTAGE, gate_shut=True, held=True),
        "We know: our team has reported it.",
    ),
    "held to be well": (shop(held=True, in_doubt=True), "Our team says that Shop works."),
    "a person has ended it, and the checks see it": (
        replace(
            shop(status=Status.MAJOR_OUTAGE, gate_shut=True, since=BEGAN),
            past_incidents=(replace(SPOKEN, status=Phase.RESOLVED, resolved_at=NOW),),
        ),
        "Our checks see it too.",
    ),
    "shut by an internal tier below": (shop(gate_shut=True), "We have noticed."),
    "shut by a tier below that is told of": (
        replace(
            shop(gate_shut=True, shut_by=frozenset({ACKNOWLEDGED_ONLY.id})),
            open_incidents=(replace(ACKNOWLEDGED_ONLY, components=()),),
        ),
        KNOWN,
    ),
    "cut off": (replace(CALM, blind=True), "At the moment we cannot see Shop ourselves."),
}


@pytest.mark.parametrize("case", CASES)
def test_it_says_what_is_true_at_that_moment(case: str) -> None:
    shown, heading = CASES[case]
    assert document(shown, "/notice/shop").one("h1").text == heading


@pytest.mark.parametrize(
    ("language", "word"), [("en", "called"), ("it", "hanno chiamato"), ("it", "abbiamo chiamato")]
)
def test_nobody_is_said_to_be_called_where_there_is_nobody(language: str, word: str) -> None:
    nobody = replace(OUTAGE, site=replace(SITE, calls_team=False))
    for path in ("/", "/notice/shop", f"/incidents/{OUTAGE.open_incidents[0].id}"):
        assert word not in document(nobody, path, language).text


@pytest.mark.parametrize("case", CASES)
def test_it_says_that_people_are_on_it_only_when_they_are(case: str) -> None:
    shown, heading = CASES[case]
    told = document(shown, "/notice/shop").text
    assert ("we are fixing it" in told) == (heading == KNOWN)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["text/html", "application/problem+json", "text/plain"])
def test_it_is_always_503_and_never_stored(case: str, kind: str) -> None:
    shown, _ = CASES[case]
    told = page(shown, "/notice/shop", kind=kind)
    assert (told.status, told.max_age) == (503, None)
    due = shown.open_incidents[0].promise if shown.open_incidents else None
    assert told.retry_until in (None, due.due_at if due else None)


def test_it_tells_all_that_is_known() -> None:
    told = document(OUTAGE, "/notice/shop").text
    assert "Out of service · since 14:02 CET" in told
    assert "You cannot place orders at the moment. You can look at everything in the shop." in told
    assert "Two engineers are bringing up its standby." in told
    assert "Next word by 14:45 CET" in told
    assert page(OUTAGE, "/notice/shop").retry_until == SPOKEN.promise.due_at  # type: ignore[union-attr]


def test_a_part_without_words_of_its_own_is_named() -> None:
    assert "Orders database: not available at the moment." in (
        document(OUTAGE, "/notice/orders-db").text
    )
    assert ORDERS_DB in OUTAGE.components


def test_italian_readers_get_italian_and_are_told_what_is_not() -> None:
    shown = document(OUTAGE, "/notice/shop", "it")
    assert shown.one("h1").text == "Lo sappiamo, e lo stiamo riparando."
    assert "Al momento non è possibile fare ordini. Può guardare tutto il negozio." in shown.text
    assert "I nostri tecnici lo hanno scritto in inglese." in shown.text
    [words] = [one for one in shown.all("div") if one.attributes.get("lang") == "en"]
    assert words.text.startswith("Two engineers")


@pytest.mark.parametrize("case", CASES)
def test_it_asks_for_nothing_else(case: str) -> None:
    """It stands in for a dead site under that site's name: nothing relative would be found."""
    shown = document(CASES[case][0], "/notice/shop")
    assert not shown.all("script")
    assert not shown.all("img")
    assert [link.attributes["href"] for link in shown.all("link")] == ["data:,"]
    for one in shown.walk():
        for attribute in ("href", "action"):
            address = one.attributes.get(attribute, "https://")
            assert address.startswith(("https://", "mailto:", "tel:", "data:,")) or address == ""


def test_its_form_goes_to_the_status_page_wherever_it_is_shown() -> None:
    told = page(OUTAGE, "/notice/shop")
    form = document(OUTAGE, "/notice/shop").one("form")
    assert form.attributes["action"] == "https://status.acme.example/subscribe"
    [policy] = [value for name, value in told.headers if name == "Content-Security-Policy"]
    assert "form-action https://status.acme.example;" in policy
    assert "script-src" not in policy


@pytest.mark.parametrize("case", ["well", "in doubt", "mended, and watched", "held shut"])
def test_whoever_may_come_in_again_is_offered_to_try(case: str) -> None:
    shown = document(CASES[case][0], "/notice/shop")
    assert [link.text for link in shown.all("a") if link.attributes["href"] == ""] == ["Try again"]


def test_programs_get_a_problem() -> None:
    told = page(OUTAGE, "/notice/shop", kind="application/problem+json")
    assert json.loads(told.body) == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": f"{KNOWN} You cannot place orders at the moment. "
        "You can look at everything in the shop.",
        "component": "shop",
        "component_status": "major_outage",
        "since": "2026-11-23T13:02:10Z",
        "next_update_by": "2026-11-23T13:45:40Z",
        "url": "https://status.acme.example/en/",
    }


def test_programs_are_told_null_for_what_nobody_knows() -> None:
    told = json.loads(page(CALM, "/notice/shop", kind="application/problem+json").body)
    assert (told["since"], told["next_update_by"]) == (None, None)


def test_terminals_get_a_few_plain_lines() -> None:
    told = page(OUTAGE, "/notice/shop", kind="text/plain").body.decode()
    assert told.splitlines() == [
        "Acme: Out of service (since 14:02 CET)",
        "",
        KNOWN,
        "You cannot place orders at the moment.",
        "You can look at everything in the shop.",
        "",
        (
            "Two engineers are bringing up its standby. We check every order of the last "
            "hour before we open again: https://acme.example/orders."
        ),
        "",
        "Next word by 14:45 CET.",
        "",
        "https://status.acme.example/en/",
    ]


def test_news_is_shown_although_notices_are_remembered() -> None:
    """Equal notices are rendered once; a notice that changed must not be the old one."""
    before = page(NOTICED_ONLY, "/notice/shop").body
    after = page(OUTAGE, "/notice/shop").body
    assert before != after
    assert page(NOTICED_ONLY, "/notice/shop").body == before
    assert WATCHED.status is Phase.MONITORING
