"""Does the page of a part tell all of it, and change only with it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from statuspage.memory import Page
from statuspage.pages import component as family
from statuspage.pages import render
from statuspage.pages.again import Again
from statuspage.rules.board import Board
from statuspage.vocabulary import Status
from tests.statuspage.pages.boards import (
    AHEAD,
    BLIND,
    CALM,
    CODES,
    EVENTFUL,
    NOW,
    OUTAGE,
    PARTS,
    PLANNED,
    STARTING,
)
from tests.statuspage.pages.showing import document


def of_parts(shown: Board) -> dict[tuple[str, str | None], Page]:
    found = render(shown, CODES).pages
    return {
        (one.path, one.language): one
        for one in found
        if "/components/" in one.path and one.media_type == "text/html"
    }


def test_each_part_has_a_page_to_which_the_front_leads() -> None:
    for code in CODES:
        links = [link.attributes["href"] for link in document(CALM, f"/{code}/", code).all("a")]
        for part in CALM.components:
            assert f"/{code}/components/{part.id}" in links
            shown = document(CALM, f"/components/{part.id}", code)
            assert shown.one("h1").text == part.name
            assert shown.by_id("days").all("svg")


def test_it_says_how_the_part_fares_now() -> None:
    lead = document(OUTAGE, "/en/components/shop").by_id("lead").text
    assert "Out of service" in lead
    assert "since 14:02 CET, because of Orders database" in lead
    assert "we are asking again" not in lead
    assert "Operational when last seen" in document(BLIND, "/en/components/shop").text
    assert "Not looked at yet" in document(STARTING, "/en/components/shop").text
    doubted = replace(CALM, components=(replace(PARTS[0], in_doubt=True),))
    assert "we are asking again" in document(doubted, "/en/components/shop").by_id("lead").text


def test_it_lists_what_touched_the_part_and_nothing_else() -> None:
    shown = document(OUTAGE, "/en/components/shop").by_id("incidents")
    assert [link.attributes["href"] for link in shown.all("a")] == [
        "/en/incidents/k3v9x2m1q7ab",
        "/en/incidents/w8n4c6z0p5ty",
    ]
    assert not document(OUTAGE, "/en/components/payments").by_id("incidents").children[1:]
    works = document(PLANNED, "/it/components/payments", "it").by_id("works")
    assert [link.attributes["href"] for link in works.all("a")] == [f"/it/maintenances/{AHEAD.id}"]


def test_the_figures_are_explained() -> None:
    told = document(EVENTFUL, "/en/components/shop").by_id("days").text
    assert "This target leaves room for 43 minutes out of service in 30 days." in told
    assert "False alarms are not counted" in told
    assert "Maintenance that was announced is not counted." in told
    away = document(EVENTFUL, "/en/components/search").by_id("days").text
    assert "Of the time in which we did not look nothing is claimed." in away
    assert "False alarms" not in away


def test_how_fast_it_answered_is_drawn_and_told() -> None:
    shown = document(EVENTFUL, "/en/components/shop").by_id("speeds")
    assert [one.text for one in shown.all("h3")] == [
        "Response time, the last 24 hours",
        "Response time, the last 7 days",
        "Response time, the last 90 days",
    ]
    assert len(shown.all("svg")) == 3
    assert "Half of the answers came within 120 ms, 95 % within 360 ms." in shown.text
    once = document(EVENTFUL, "/en/components/search").by_id("speeds")
    assert once.text.count("Nothing was measured in this time.") == 2
    assert len(once.all("svg")) == 1
    for name in ("payments", "warehouse"):
        assert not document(EVENTFUL, f"/en/components/{name}").by_id("speeds").all("h2")


def test_no_look_and_no_hour_changes_it() -> None:
    later = replace(
        CALM,
        revision=8,
        composed_at=NOW + timedelta(hours=3),
        looked_at=NOW + timedelta(hours=3),
        components=tuple(replace(part, looked_at=NOW, updated_at=NOW) for part in CALM.components),
    )
    assert of_parts(CALM) == of_parts(later)


def test_one_part_s_change_makes_its_own_pages_anew_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[tuple[str, str]] = []

    def loud(told: family.PartPage) -> str:
        made.append((told.reader.code, told.part.id))
        return told.part.id

    monkeypatch.setattr(family, "_html", Again[tuple[str, str], family.PartPage, str](loud))
    render(CALM, CODES)
    assert len(made) == len(CODES) * len(CALM.components)
    made.clear()
    slow = replace(PARTS[1], status=Status.DEGRADED, since=NOW)
    later = replace(CALM, composed_at=NOW, components=(PARTS[0], slow, *PARTS[2:]))
    render(later, CODES)
    assert made == [(code, "payments") for code in CODES]
