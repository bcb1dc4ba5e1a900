"""Does a bar say what happened, to the eye, to the ear and to who can't tell colours?"""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from markupsafe import Markup

from statuspage.pages import index, render
from statuspage.pages.again import Again
from statuspage.rules.board import Board
from statuspage.rules.fared import Fared
from statuspage.rules.uptime import Span, Trouble
from statuspage.vocabulary import Status
from tests.statuspage.pages.boards import (
    CALENDAR,
    CALM,
    CODES,
    EVENTFUL,
    NOW,
    OVER,
    PARTS,
    ago,
    board,
    component,
    fared,
)
from tests.statuspage.pages.document import Element
from tests.statuspage.pages.showing import document, page

MAJOR, SLOW = Status.MAJOR_OUTAGE, Status.DEGRADED


def days(shown: Fared | None, language: str = "en", past: Board = CALM) -> Element:
    """What stands under the name of a part that fared so."""
    one = replace(past, components=(component("shop", "Shop", fared=shown),))
    return document(one, f"/{language}/", language).by_id("days-shop")


def words(shown: Fared, language: str = "en") -> list[str]:
    return [line.text for line in days(shown, language).all("li")]


def strokes(shown: Fared) -> dict[str, str]:
    return {one.attributes["class"]: one.attributes["d"] for one in days(shown).all("path")}


def test_a_calm_part_is_one_stroke_and_one_sentence() -> None:
    told = days(fared())
    assert strokes(fared()) == {"ok": "M0 23h898"}
    assert told.one("svg").attributes["aria-label"] == "The last 90 days: no trouble noted."
    assert words(fared()) == ["No trouble was noted on any of these days."]
    assert "There for 100 % of the last 90 days" in told.one("summary").text


def test_the_days_are_what_the_bar_opens() -> None:
    told = days(fared())
    assert told.name == "details"
    assert told.one("summary").all("svg")
    assert "open" not in told.attributes


def test_a_day_of_an_outage_is_taller_than_others_and_not_only_red() -> None:
    drawn = strokes(fared(Trouble("a", MAJOR, ago(3, 20)), Trouble("b", SLOW, ago(1, 20))))
    assert drawn["down"] == "M860 15h8"
    assert drawn["slow"] == "M880 20h8"
    assert drawn["ok"] == "M0 23h858M870 23h8M890 23h8"
    sheet = page(CALM, "/").body.decode()
    thick = {
        kind: int(found)
        for kind, found in re.findall(r"\.bar \.(\w+)\{stroke-width: ?(\d+)", sheet)
    }
    assert thick["ok"] < thick["slow"] < thick["part"] < thick["down"]


def test_each_day_of_note_says_in_words_what_happened() -> None:
    told = days(EVENTFUL.components[0].fared, past=EVENTFUL)
    assert [line.text for line in told.all("li")] == [
        "18 November 2026: a false alarm, 30 minutes. Orders database: disruption",
        "11 November 2026: partly out of service for 12 minutes. Orders are not possible",
        "10 November 2026: under maintenance for 1 hour.",
        "3 November 2026: under maintenance for 1 hour.",
        (
            "3 October 2026: out of service for 21 minutes; "
            "slow or unsteady for 1 hour and 30 minutes. Orders are not possible"
        ),
        "4 September 2026: out of service for 3 minutes. Orders are not possible",
        "No trouble was noted on any other day.",
    ]
    links = [link.attributes["href"] for link in told.one("ul").all("a")]
    assert links[2] == f"/en/incidents/{OVER.id}"


def test_what_the_board_has_forgotten_has_its_page_all_the_same() -> None:
    told = days(fared(Trouble("z1n2b3v4c5x6", MAJOR, ago(80, 3)))).all("li")[0]
    assert told.text == "4 September 2026: out of service for 3 minutes. What happened"
    assert told.one("a").attributes["href"] == "/en/incidents/z1n2b3v4c5x6"


def test_who_does_not_see_it_hears_how_many_days_were_how() -> None:
    told = days(EVENTFUL.components[0].fared).one("svg").attributes["aria-label"]
    assert told == (
        "The last 90 days: out of service on 2 days, partly out of service on 1 day, "
        "under maintenance on 2 days and a false alarm on 1 day."
    )
    italian = days(EVENTFUL.components[0].fared, "it").one("svg").attributes["aria-label"]
    assert italian.startswith("Ultimi 90 giorni: fuori servizio in 2 giorni, ")


def test_days_on_which_we_were_away_stand_together_and_are_hollow() -> None:
    shown = EVENTFUL.components[2].fared
    assert shown is not None
    assert words(shown) == [
        "17 November 2026: not looked at for 9 hours and 35 minutes.",
        "From 15 November 2026 to 16 November 2026: we did not look.",
        "14 November 2026: not looked at for 21 hours and 37 minutes.",
        "No trouble was noted on any other day.",
        "We have looked at it since 24 September 2026.",
    ]
    assert strokes(shown)["unknown"].count("M") == 2, "its upper and its lower edge"
    assert strokes(shown)["none"] == "M0 29h288", "before it was ours there is nothing"


@pytest.mark.parametrize(
    ("shown", "english", "italian"),
    [
        (
            fared(Trouble("a", MAJOR, ago(3, 1))),
            "There for 99.99 % of the last 90 days",
            "In funzione: 99,99 % degli ultimi 90 giorni",
        ),
        (
            fared(since=ago(7, 0).begins, watched=(ago(7, 7 * 24 * 60),)),
            "There for 100 % of the time since 16 November 2026",
            "In funzione: 100 % del tempo (primo giorno: 16 novembre 2026)",
        ),
        (
            fared(since=ago(0.1, 0).begins, watched=(ago(0.1, 144),)),
            "There for 100 % of the time since 11:58 CET",
            "In funzione: 100 % del tempo, dalle 11:58 (CET)",
        ),
    ],
)
def test_how_much_of_the_time_it_was_there(shown: Fared, english: str, italian: str) -> None:
    for language, told in (("en", english), ("it", italian)):
        assert told in days(shown, language).one("summary").text


def test_a_phone_is_told_of_the_thirty_days_that_it_shows() -> None:
    shown = fared(Trouble("a", MAJOR, ago(40, 600)))
    wide, narrow = (
        one.text
        for one in days(shown).one("summary").all("span")
        if one.attributes.get("class") in {"wide", "narrow"}
    )
    assert wide == "There for 99.53 % of the last 90 days"
    assert narrow == "There for 100 % of the last 30 days"


@pytest.mark.parametrize(
    ("minutes", "target", "english"),
    [
        (12, 99.9, "We aim at 99.9 % over 30 days: 31 minutes to spare"),
        (60, 99.9, "We aim at 99.9 % over 30 days: missed by 17 minutes"),
        (0, 100.0, "We aim at 100 % over 30 days"),
        (2, 100.0, "We aim at 100 % over 30 days: missed by 2 minutes"),
    ],
)
def test_beside_it_stand_its_target_and_what_is_left(
    minutes: int, target: float, english: str
) -> None:
    shown = fared(Trouble("a", MAJOR, ago(3, minutes)), target=target)
    assert days(shown).one("summary").text.endswith(english)


def test_of_what_nothing_looks_at_no_share_is_told() -> None:
    told = days(fared(is_measured=False, watched=())).one("summary").text
    assert told == "Day by day"


def test_the_front_has_the_newest_days_and_the_way_to_all() -> None:
    troubles = [Trouble("a", SLOW, ago(n, 7)) for n in range(1, 60, 2)]
    told = days(fared(*troubles))
    assert len(told.all("li")) == 9
    assert told.all("li")[0].text.startswith("22 November 2026")
    assert told.all("a")[-1].attributes["href"] == "/en/components/shop"
    own = document(board(component("shop", "Shop", fared=fared(*troubles))), "/en/components/shop")
    assert len(own.by_id("days").all("li")) == 31


def test_a_hundred_parts_and_all_that_happened_stay_small() -> None:
    """What one trip, and the fourth, have room for (ten segments, then twice as many each)."""

    def size(count: int, *pasts: Fared) -> int:
        parts = tuple(
            component(f"part-{n}", f"Part {n}", n, fared=pasts[n % len(pasts)])
            for n in range(count)
        )
        return len(gzip.compress(page(replace(CALM, components=parts), "/").body))

    assert size(10, fared(target=99.9)) < 14_000
    assert size(100, fared(target=99.9)) < 45_000
    pasts = [one.fared for one in EVENTFUL.components]
    assert size(100, *[one for one in pasts if one is not None]) < 45_000


def test_the_last_day_is_the_reader_s_today() -> None:
    assert CALENDAR.on(89) == NOW.date()
    (line, *_) = words(fared(Trouble("a", MAJOR, Span(NOW - timedelta(minutes=5), NOW))))
    assert line.startswith("23 November 2026: out of service for 5 minutes.")
    assert PARTS[0].fared is not None


def test_only_the_rows_that_changed_are_written_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """The front page is made every few seconds, and its parts are most of it."""
    written: list[tuple[str, str]] = []

    def loud(told: index.Row) -> Markup:
        written.append((told.reader.code, told.part.id))
        return Markup("row")

    monkeypatch.setattr(index, "_html", Again[tuple[str, str], index.Row, Markup](loud))
    render(CALM, CODES)
    assert len(written) == len(CODES) * len(CALM.components)
    written.clear()
    worse = replace(PARTS[1], fared=fared(Trouble("a", MAJOR, ago(0.1, 5))))
    render(replace(CALM, composed_at=NOW, components=(PARTS[0], worse, *PARTS[2:])), CODES)
    assert written == [(code, "payments") for code in CODES]
