"""What do visitors read of work that is planned, under way, over or cancelled?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from statuspage.vocabulary import Status
from tests.statuspage.pages.boards import (
    AHEAD,
    CALM,
    CANCELLED,
    MAINTENANCE_OVER,
    PARTS,
    PLANNED,
    UNDER_WAY,
    board,
)
from tests.statuspage.pages.showing import document, page


def test_what_is_under_way_stands_in_the_headline_with_its_end() -> None:
    lead = document(PLANNED).by_id("lead").text
    assert "Shop: under maintenance." in lead
    assert "Planned until 14:42 CET." in lead
    card = document(PLANNED).by_id("works").text
    assert "Since 14:02 CET, until 14:42 CET as planned" in card
    assert "We deploy." in card


def test_what_is_announced_stands_on_the_page_with_its_day_and_its_parts() -> None:
    planned = document(PLANNED).by_id("planned").text
    assert "A new home for the orders" in planned
    assert "From 01:00 CET on 29 November to 04:00 CET" in planned
    assert "Shop and Payments" in planned
    assert "Repeats every week (Sunday)" in planned


def test_an_italian_reads_the_translation_where_there_is_one() -> None:
    planned = document(PLANNED, "/it/", "it").by_id("planned").text
    assert "Una nuova casa per gli ordini" in planned
    assert "Spostiamo gli ordini." in planned
    assert "Dalle 01:00 (CET) del 29 novembre alle 04:00 (CET)" in planned
    assert "Si ripete ogni settimana (domenica)" in planned
    card = document(PLANNED, "/it/", "it").by_id("works").text
    assert "I nostri tecnici lo hanno scritto in inglese." in card


@pytest.mark.parametrize(
    ("view", "state", "when"),
    [
        (AHEAD, "Planned", "From 01:00 CET on 29 November to 04:00 CET"),
        (UNDER_WAY, "Under way", "Since 14:02 CET, until 14:42 CET as planned"),
        (MAINTENANCE_OVER, "Over", "from 14:22 CET on 20 November 2026, for 1 hour"),
        (
            CANCELLED,
            "Cancelled",
            "It was planned from 01:00 CET on 29 November 2026 to 04:00 CET",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_has_a_page_that_letters_lead_to(view: object, state: str, when: str) -> None:
    id = view.id  # type: ignore[attr-defined]
    lead = document(PLANNED, f"/maintenances/{id}").by_id("lead").text
    assert lead.startswith(state)
    assert when in lead


def test_what_is_over_or_cancelled_is_no_longer_announced() -> None:
    front = page(PLANNED, "/").body.decode()
    assert MAINTENANCE_OVER.id not in front
    assert CANCELLED.id not in front


def test_a_page_of_what_is_over_does_not_change_with_the_hour() -> None:
    later = replace(PLANNED, composed_at=PLANNED.composed_at.replace(hour=20))
    for view in (MAINTENANCE_OVER, CANCELLED):
        path = f"/maintenances/{view.id}"
        assert page(PLANNED, path) == page(later, path)


def test_what_has_begun_stands_in_the_history_and_what_was_planned_does_not() -> None:
    past = document(PLANNED, "/history").by_id("past")
    links = [link.attributes["href"] for link in past.all("a")]
    maintenances = [link for link in links if "/maintenances/" in link]
    assert maintenances == [f"/en/maintenances/{one.id}" for one in (UNDER_WAY, MAINTENANCE_OVER)]


def test_a_calm_page_says_nothing_of_maintenance() -> None:
    assert document(CALM).by_id("planned").text == document(CALM).by_id("works").text == ""


def test_the_notice_says_until_when_and_a_proxy_may_ask_again_then() -> None:
    shop = replace(PLANNED.components[0], gate_shut=True)
    shown = page(replace(PLANNED, components=(shop, *PARTS[1:])), "/notice/shop")
    assert b"Shop: under maintenance." in shown.body
    assert b"Planned until" in shown.body
    assert shown.retry_until == UNDER_WAY.ends_at


def test_one_held_by_hand_has_no_end_that_anybody_promised() -> None:
    held = board(replace(PARTS[0], status=Status.UNDER_MAINTENANCE), *PARTS[1:])
    assert "Planned until" not in document(held).by_id("lead").text
    assert page(held, "/notice/shop").retry_until is None
