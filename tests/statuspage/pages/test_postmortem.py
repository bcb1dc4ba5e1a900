"""Does the page say what was promised, what is done, and honestly what is late?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.statuspage.pages.boards import LEARNED, LEARNT, NOW, OWED, OWED_LATE, board
from tests.statuspage.pages.showing import document, page

TODAY = {"en": "Planned for 23 November 2026", "it": "Previsto: 23 novembre 2026"}


@pytest.mark.parametrize(
    ("language", "marks"),
    [
        (
            "en",
            ["Done, 8 October 2026", "Late, planned for 22 November 2026", TODAY["en"]],
        ),
        (
            "it",
            ["Fatto, 8 ottobre 2026", "In ritardo, previsto: 22 novembre 2026", TODAY["it"]],
        ),
    ],
)
def test_every_action_stands_with_its_day_and_its_mark(language: str, marks: list[str]) -> None:
    changes = document(LEARNT, f"/incidents/{LEARNED.id}", language).by_id("changes")
    assert [item.all("span")[0].text.strip() for item in changes.all("li")] == marks
    first = {"en": "Disks call us.", "it": "I dischi ci chiamano."}[language]
    assert changes.all("li")[0].text.startswith(first)


def test_words_that_are_not_the_readers_are_marked() -> None:
    changes = document(LEARNT, f"/incidents/{LEARNED.id}", "it").by_id("changes")
    second = changes.all("li")[1].all("div")[0]
    assert second.attributes["lang"] == "en"
    assert "lang" not in changes.all("li")[0].all("div")[0].attributes


def test_the_three_parts_are_told_as_of_what_is_over() -> None:
    told = document(LEARNT, f"/incidents/{LEARNED.id}")
    heads = [head.text for head in told.by_id("told").all("h2")]
    assert heads == ["What happened", "What we did", "How we will prevent a repeat"]
    assert "We moved the orders to a larger one." in told.by_id("told").text


def test_what_is_owed_is_promised_and_then_late() -> None:
    owed = document(LEARNT, f"/incidents/{OWED.id}").by_id("told").text
    assert "What we learned will stand here by 14:22 CET on 25 November 2026." in owed
    late = document(LEARNT, f"/incidents/{OWED_LATE.id}").by_id("told").text
    assert "what we learned by 14:22 CET on 21 November 2026, and are late with it" in late
    assert "late" not in document(LEARNT, f"/incidents/{LEARNED.id}").by_id("told").text


def test_it_is_late_from_the_very_moment() -> None:
    for due_at, words in ((NOW, "are late"), (NOW + timedelta(seconds=1), "will stand here")):
        incident = replace(OWED, postmortem_due_at=due_at)
        told = document(board(past_incidents=(incident,)), f"/incidents/{OWED.id}")
        assert words in told.by_id("told").text


def test_the_history_says_what_is_late_and_only_that() -> None:
    entries = document(LEARNT, "/history").by_id("past").all("li")
    late = [entry for entry in entries if "late with it" in entry.text]
    assert len(entries) == 3
    assert len(late) == 1
    assert late[0].all("a")[0].attributes["href"] == f"/en/incidents/{OWED_LATE.id}"


def test_programs_read_the_postmortem_and_its_actions() -> None:
    told = json.loads(page(LEARNT, "/api/v2/incidents.json", None, "application/json").body)
    incident = next(one for one in told["incidents"] if one["id"] == LEARNED.id)
    newest = incident["incident_updates"][0]
    assert (incident["status"], newest["status"]) == ("postmortem", "postmortem")
    assert newest["deliver_notifications"]
    assert newest["body"].endswith(
        "Done, 8 October 2026: Disks call us.\n\n"
        "Late, planned for 22 November 2026: A second database.\n\n"
        "Planned for 23 November 2026: A drill."
    )


@pytest.mark.parametrize(
    ("language", "said", "how"),
    [
        ("en", "Your next delivery costs nothing.", "gets a code of their own by letter"),
        ("it", "La prossima consegna non Le costa nulla.", "arriva per lettera un codice"),
    ],
)
def test_what_is_given_is_said_and_no_code_is(language: str, said: str, how: str) -> None:
    given = document(LEARNT, f"/incidents/{LEARNED.id}", language).by_id("given").text
    assert said in given
    assert how in given
    assert 'id="given"' not in page(LEARNT, f"/incidents/{OWED.id}").body.decode()
