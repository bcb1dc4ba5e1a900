"""Does the page say how we told, also where that was bad?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from statuspage.rules.board import Board, IncidentView, Kept
from statuspage.rules.how_told import Owed, ToldView
from statuspage.rules.lately import Lately, Spread
from tests.statuspage.pages.boards import (
    BADLY_TOLD,
    CALM,
    FAST,
    HOW,
    HOW_TOLD,
    LATELY,
    NOTICED_ONLY,
    NOW,
    OVER,
    board,
)
from tests.statuspage.pages.document import Element
from tests.statuspage.pages.showing import document


def said(root: Element) -> dict[str, str]:
    """What stands under which word."""
    [facts] = root.all("dl")
    return {line.one("dt").text: line.one("dd").text for line in facts.all("div")}


def of_one(incident: IncidentView, language: str = "en", *, counts: bool = False) -> dict[str, str]:
    shown = board(past_incidents=(incident,))
    shown = replace(shown, site=replace(shown.site, publishes_counts=counts))
    return said(document(shown, f"/incidents/{incident.id}", language).by_id("how"))


def lately(told: Board, language: str = "en") -> dict[str, str]:
    return said(document(told, "/how-we-do", language).by_id("all"))


def test_each_thing_that_was_measured_has_its_line() -> None:
    assert of_one(HOW_TOLD) == {
        "Noticed": "We noticed 12 seconds after the first failed look.",
        "On this page": "The page said so 1 second later.",
        "By letter": "The first letter left 5 minutes after we noticed. Half of those who asked "
        "were written to within 4 seconds, the last after 31 seconds. 95 in 100 had been written "
        "to within 12 seconds. 2 further words went out by letter; of the slowest, half within "
        "95 seconds, the last after 1 hour and 59 minutes.",
        "Promises": "We promised a next word 3 times, and kept it 2 of 3.",
        "What we learned": "We owed you what we learned by 15:22 CEST on 8 October 2026, and it "
        "stood here in time, at 15:22 CEST on 6 October 2026.",
    }


def test_in_italian_too() -> None:
    assert of_one(HOW_TOLD, "it")["Rilevato"] == (
        "Ce ne siamo accorti 12 secondi dopo il primo controllo fallito."
    )


def test_it_is_said_as_plainly_when_it_was_bad() -> None:
    assert of_one(BADLY_TOLD) == {
        "Noticed": "Our checks had not seen it: our team reported it 40 minutes after it began.",
        "On this page": "The page said so 12 minutes later.",
        "By letter": "No letter went out about it.",
        "Promises": "We promised a next word 2 times, and kept it 0 of 2.",
    }


def test_what_we_learned_may_have_come_late() -> None:
    due = NOW - timedelta(days=30)
    late = replace(HOW_TOLD, told=ToldView(learned=Owed(due, due + timedelta(hours=3))))
    assert of_one(late)["What we learned"].endswith("and it came 3 hours late.")


def test_what_was_not_measured_is_not_said() -> None:
    bare = replace(OVER, updates=(), noticed_at=OVER.started_at)
    told = of_one(replace(bare, told=ToldView(by_checks=False)))
    assert told == {
        "Noticed": "Our checks had not seen it: our team reported it.",
        "By letter": "No letter went out about it.",
    }


def test_of_a_letter_whose_speed_nobody_knows_any_more_nothing_is_said() -> None:
    assert any(one.mailed for one in OVER.updates)
    assert "By letter" not in of_one(OVER)


def test_a_false_alarm_is_no_success_of_our_noticing() -> None:
    told = of_one(replace(HOW_TOLD, false_alarm=True))
    assert told["Noticed"] == "There was nothing to notice: our checks were wrong."
    assert "On this page" not in told
    assert told["By letter"].startswith("Half of those who asked")


def test_while_it_is_open_no_letter_yet_is_no_silence() -> None:
    how = said(document(NOTICED_ONLY, "/incidents/k3v9x2m1q7ab").by_id("how"))
    assert how == {"Noticed": "We noticed 11 seconds after the first failed look."}


def test_the_number_of_people_only_where_it_is_published() -> None:
    assert "24,310 people" in of_one(HOW_TOLD, counts=True)["By letter"]
    assert "24,3" not in of_one(HOW_TOLD)["By letter"]
    open_about_it = replace(HOW, site=replace(HOW.site, publishes_counts=True))
    assert lately(open_about_it)["By letter"].endswith("340,200 letters in all.")
    assert "340" not in lately(HOW)["By letter"]


def test_ninety_days_are_told_by_their_middle_and_by_their_worst() -> None:
    assert lately(HOW) == {
        "Incidents": "There were 12 incidents. 1 of them was a false alarm. "
        "1 of them our checks did not see: our team reported it.",
        "Noticed": "Half of the time we noticed within 11 seconds of the first failed look; "
        "the longest it took was 3 minutes.",
        "On this page": "Half of the time the page said so within 1 second after that; "
        "the longest it took was 12 minutes.",
        "By letter": "14 words went out by letter. For half of these words, half of those who "
        "asked were written to within 4 seconds, 95 in 100 within 12 seconds, the last within "
        "31 seconds. At the worst it took 95 seconds for half of those who asked, and 1 hour and "
        "59 minutes for the last.",
        "Promises": "In the last 90 days we promised a next word 23 times, and kept it 19 of 23.",
        "What we learned": "We owed what we learned 4 times. 1 came in time. 1 came late. "
        "1 is late, and still owed. 1 is not due yet.",
    }


def test_one_of_a_kind_is_told_as_one() -> None:
    once = Spread(1, 9, 9)
    alone = Lately(NOW, 1, noticed=once, shown=once, half=once, most=once, last=once, letters=3)
    told = lately(board(lately=alone))
    assert told["Incidents"] == "There was 1 incident."
    assert told["Noticed"] == "We noticed 9 seconds after the first failed look."
    assert told["On this page"] == "The page said so 9 seconds after that."
    assert "half of those who asked were written to within 9 seconds" in told["By letter"]
    assert "At the worst" not in told["By letter"]
    assert told["Promises"] == "No promise of a next word has fallen due."


def test_where_nothing_has_happened_there_is_nothing_to_boast_of() -> None:
    root = document(board(lately=Lately(NOW - timedelta(days=3))), "/how-we-do")
    assert root.by_id("all").text == (
        "Nothing has happened in that time, so there is nothing to judge us by. "
        "Counted since 20 November 2026: before that we did not look."
    )


def test_ninety_whole_days_need_no_word_on_when_we_began() -> None:
    assert "Counted since" not in document(HOW, "/how-we-do").by_id("all").text


def test_one_by_one_with_what_is_still_owed() -> None:
    each = document(HOW, "/how-we-do").by_id("each")
    bad, good = each.all("li")
    assert bad.one("a").attributes["href"] == f"/en/incidents/{BADLY_TOLD.id}"
    assert "40 minutes after it began" in bad.text
    assert bad.text.endswith("and are late with it.")
    assert "We noticed 12 seconds after" in good.text
    assert each.all("a")[-1].attributes["href"] == "/en/history", "there were twelve"


def test_what_began_before_these_days_is_not_among_them() -> None:
    long_ago = replace(HOW_TOLD, created_at=NOW - timedelta(days=91))
    told = board(past_incidents=(long_ago,), lately=LATELY)
    assert document(told, "/how-we-do").by_id("each").text == ""


@pytest.mark.parametrize("language", ["en", "it"])
def test_every_page_leads_there(language: str) -> None:
    for path in ("/", "/history", f"/incidents/{OVER.id}"):
        links = document(CALM, path, language).one("footer").all("a")
        assert f"/{language}/how-we-do" in [link.attributes["href"] for link in links]


def test_promises_stand_once_on_the_page_of_an_incident() -> None:
    shown = board(past_incidents=(replace(HOW_TOLD, promises=Kept(kept=1)),))
    text = document(shown, f"/incidents/{HOW_TOLD.id}").text
    assert text.count("We promised a next word") == 1
    assert FAST.sent
