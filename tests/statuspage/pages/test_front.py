"""What does a visitor of the page read?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from statuspage.rules.board import Board, CauseView, IncidentView, Words
from statuspage.vocabulary import By, Impact, Phase, Status
from tests.statuspage.pages.boards import (
    ACKNOWLEDGED,
    AUTOMATIC,
    BLIND,
    CALM,
    CODES,
    EMPTY,
    INTERNAL,
    LATE,
    MAINTAINED,
    MENDED,
    NOTICED,
    NOTICED_ONLY,
    NOW,
    OUTAGE,
    PARTS,
    SAID,
    SHOP,
    SHOP_DOWN,
    SPOKEN,
    STARTING,
    WORDS,
    board,
    component,
)
from tests.statuspage.pages.document import Element
from tests.statuspage.pages.showing import document

PAYMENTS_DOWN = replace(PARTS[1], status=Status.MAJOR_OUTAGE)
SEARCH_SLOW = replace(PARTS[2], status=Status.DEGRADED)
SEARCH_PARTLY = replace(PARTS[2], status=Status.PARTIAL_OUTAGE)

HEADLINES: dict[str, tuple[Board, str, str, str]] = {
    "all is well": (
        CALM,
        "All parts operational",
        "Everything we look at is answering.",
        "Tutto ciò che controlliamo risponde.",
    ),
    "what customers can't do": (
        OUTAGE,
        "Out of service · since 14:02 CET",
        "You cannot place orders at the moment.",
        "Al momento non è possibile fare ordini.",
    ),
    "a part without words of its own": (
        board(SHOP, PAYMENTS_DOWN),
        "Out of service · since 14:22 CET on 14 November",
        "Payments: not available at the moment.",
        "Payments: fuori servizio al momento.",
    ),
    "only some of it fails": (
        board(SHOP, SEARCH_PARTLY),
        "Partly out of service · since 14:22 CET on 14 November",
        "Search: partly not working at the moment.",
        "Search: al momento una parte non funziona.",
    ),
    "slow": (
        board(SHOP, SEARCH_SLOW),
        "Slow or unsteady · since 14:22 CET on 14 November",
        "Search: slow or unsteady at the moment.",
        "Search: risposte lente o instabili al momento.",
    ),
    "planned": (
        MAINTAINED,
        "Under maintenance · since 14:02 CET",
        "Shop: under maintenance.",
        "Shop: manutenzione in corso.",
    ),
    "over, and watched": (
        MENDED,
        "Working again, being watched",
        "Shop and Payments: working again. We are watching that it stays so.",
        "Shop e Payments: tutto funziona di nuovo. Controlliamo che resti così.",
    ),
    "only something inside": (
        board(open_incidents=(INTERNAL,)),
        "Trouble inside",
        "One of our internal systems is not working. What you use answers.",
        "Uno dei nostri sistemi interni non funziona. Ciò che Lei usa risponde.",
    ),
    "our own line is cut": (
        BLIND,
        "We cannot see at the moment",
        "At the moment we cannot see how things are.",
        "Al momento non possiamo vedere come stanno le cose.",
    ),
    "the first look is still to come": (
        STARTING,
        "Taking a first look",
        "We have just started, and are taking our first look.",
        "Abbiamo appena iniziato: è in corso il primo controllo.",
    ),
    "nothing is looked at": (
        EMPTY,
        "No trouble known",
        "We know of no trouble.",
        "Non ci risultano problemi.",
    ),
}


@pytest.mark.parametrize("case", HEADLINES)
def test_one_sentence_says_it_all(case: str) -> None:
    shown, state, english, italian = HEADLINES[case]
    lead = document(shown).by_id("lead")
    assert lead.attributes["role"] == "status"
    assert lead.all("span")[0].text == state
    assert lead.one("h1").text == english
    assert document(shown, "/it/", "it").one("h1").text == italian
    assert document(shown).one("title").text.startswith(state.split(" · ")[0])


def test_of_many_parts_that_are_down_the_headline_counts() -> None:
    parts = tuple(
        component(
            f"p{n}",
            f"Part {n}",
            n,
            status=Status.MAJOR_OUTAGE,
            when_down={"en": f"You cannot do {n}."},
        )
        for n in range(5)
    )
    lead = document(board(*parts)).by_id("lead")
    assert lead.one("h1").text == "5 parts are out of service at the moment."
    assert "You cannot do 3." in lead.text


def test_a_sentence_that_several_parts_share_is_told_once() -> None:
    twice = board(SHOP_DOWN, replace(SHOP_DOWN, id="till", name="Till"))
    assert document(twice).by_id("lead").text.count("You cannot place orders") == 1


def test_calm_tells_what_was_asked_and_when() -> None:
    asked = document(CALM).by_id("calm").text
    assert "4 parts, asked every 15 seconds; last looked 14:22:31 CET." in asked
    assert "The last outage was on 3 October 2026 and took 21 minutes." in asked


def test_calm_tells_of_each_part_when_it_last_had_trouble() -> None:
    assert "Last trouble on 3 October 2026, 21 minutes" in document(CALM).by_id("parts").text
    barless = replace(CALM, components=tuple(replace(part, fared=None) for part in PARTS))
    assert "No trouble noted since 25 August 2026" in document(barless).by_id("parts").text
    assert "No trouble noted" not in document(CALM).by_id("parts").text, "its days say so"


def test_a_board_that_may_have_forgotten_claims_nothing_of_the_past() -> None:
    barless = tuple(replace(part, fared=None) for part in PARTS)
    full = replace(CALM, past_incidents=CALM.past_incidents * 50, components=barless)
    assert "No trouble noted" not in document(full).by_id("parts").text


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (15, "every 15 seconds"),
        (1, "every second"),
        (60, "every 60 seconds"),
        (120, "every 2 minutes"),
    ],
)
def test_the_pace_is_told_in_the_unit_that_reads_best(seconds: int, told: str) -> None:
    shown = replace(CALM, interval=timedelta(seconds=seconds))
    assert told in document(shown).by_id("calm").text


def test_the_contact_stands_on_every_page() -> None:
    foot = document(OUTAGE).one("footer")
    assert foot.text.endswith(
        "Something wrong that is not listed? help@acme.example, +39 06 5550 1234, Mon-Fri 9-18"
    )
    assert [link.attributes["href"] for link in foot.all("a")] == [
        "/en/how-we-do",
        "/history.rss",
        "/history.atom",
        "/maintenance.ics",
        "mailto:help@acme.example",
        "tel:+390655501234",
    ]


def rows_of(shown: Element) -> list[Element]:
    """A part each, with its days."""
    lists = [one for one in shown.all("ul") if one.attributes.get("class") == "parts"]
    return [row for one in lists for row in one.children if isinstance(row, Element)]


def test_every_part_has_a_word_a_shape_and_a_reason() -> None:
    rows = rows_of(document(OUTAGE))
    assert [row.text.split(" There for ")[0] for row in rows] == [
        "Shop Out of service since 14:02 CET, because of Orders database",
        "Payments Operational",
        "Search Slow or unsteady since 14:02 CET",
        "Warehouse Under maintenance since 13:22 CET",
        "Orders database Out of service since 14:02 CET",
    ]
    assert all(row.all("svg") for row in rows)


def test_parts_stand_under_their_groups() -> None:
    grouped = board(
        component("a", "A", 0, group="Website"),
        component("b", "B", 1),
        component("c", "C", 2, group="Website"),
    )
    parts = document(grouped).by_id("parts")
    assert [heading.text for heading in parts.all("h2")] == ["Website", "Other parts"]
    assert [row.one("b").text for row in rows_of(parts)] == ["A", "C", "B"]


def test_a_part_in_doubt_is_said_to_be_asked_again() -> None:
    doubtful = board(replace(SHOP, in_doubt=True))
    assert "asking again before we believe it" in document(doubtful).by_id("parts").text


def test_a_blind_page_claims_nothing_in_green() -> None:
    shown = document(BLIND)
    assert "What stands here is from 14:22:31 CET" in shown.by_id("lead").text
    states = [one for one in shown.walk() if "state" in one.attributes.get("class", "").split()]
    assert all("ok" not in one.attributes["class"].split() for one in states)
    assert "Operational when last seen" in shown.by_id("parts").text


def test_the_machine_says_only_what_it_knows() -> None:
    told = document(NOTICED_ONLY).by_id("incidents").text
    assert "Orders database: disruption" in told
    assert "updated 14:02 CET by our systems" in told
    assert "The cause lies in Orders database. It affects Shop." in told
    assert "Since 14:02 CET our checks get no proper answer from Shop and Orders database." in told
    assert "Our systems have called our team." in told
    assert "on it" not in told
    assert "We do not know yet why it happened." in told
    assert "Next word by 15:02 CET" in told


def test_somebody_is_on_it_only_once_somebody_has_said_so() -> None:
    on_it = replace(
        AUTOMATIC, acknowledged_at=ACKNOWLEDGED.at, updates=(ACKNOWLEDGED, *AUTOMATIC.updates)
    )
    told = document(replace(NOTICED_ONLY, open_incidents=(on_it,))).by_id("incidents").text
    assert "Somebody of our team is on it, since 14:07 CET." in told
    assert "called our team" not in told


def _named_only(phase: Phase, **changed: object) -> IncidentView:
    """A person opened it by naming the shop, and said nothing."""
    bare = replace(SAID, n=1, phase=phase, words=None, changes=NOTICED.changes)
    by_hand = replace(SPOKEN, automatic=False, causes=(), name=None)
    named = replace(by_hand, status=phase, updates=(bare,))
    return replace(named, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("phase", [*Phase])
@pytest.mark.parametrize("inside", [False, True])
def test_what_a_person_only_named_is_told_on_every_page(
    code: str, phase: Phase, inside: bool
) -> None:
    bare = _named_only(phase, resolved_at=None if phase.is_open else NOW)
    bare = replace(bare, components=() if inside else bare.components)
    opened, past = ((bare,), ()) if phase.is_open else ((), (bare,))
    shown = replace(OUTAGE, open_incidents=opened, past_incidents=past)
    told = document(shown, f"/incidents/{bare.id}", code)
    sentence = {"en": "Reported by our team.", "it": "Segnalato dai nostri tecnici."}[code]
    assert sentence in told.by_id("said").text
    claims = ("our checks see", "our checks saw", "our checks get", "i nostri controlli")
    assert not [claim for claim in claims if claim in told.by_id("told").text]


def test_what_a_person_named_says_since_when_and_what_customers_notice() -> None:
    bare = _named_only(Phase.INVESTIGATING)
    told = document(replace(OUTAGE, open_incidents=(bare,))).by_id("incidents").text
    assert "Since 14:02 CET there is a disruption of Shop." in told
    assert "You cannot place orders at the moment." in told


def test_a_person_s_words_stand_as_written_under_the_reader_s_headings() -> None:
    shown = document(OUTAGE, "/it/", "it").by_id("incidents")
    assert [heading.text for heading in shown.all("h3")] == [
        "Che cosa è successo",
        "Che cosa stiamo facendo",
        "Come eviteremo che si ripeta",
    ]
    assert shown.text.count("I nostri tecnici lo hanno scritto in inglese.") == 1
    [happened, doing] = [one for one in shown.all("div") if one.attributes.get("lang") == "en"]
    assert happened.text.startswith("The database that keeps the orders")
    assert "Appena lo sapremo, lo leggerà qui." in shown.text
    assert doing.one("a").attributes["href"] == "https://acme.example/orders"


def test_a_translation_is_read_by_whom_it_was_made_for() -> None:
    translated = replace(
        WORDS,
        translations={"it": {"what_happened": "Il database.", "what_we_are_doing": "Ripariamo."}},
    )
    incident = replace(SPOKEN, updates=(replace(SAID, words=translated),))
    shown = replace(OUTAGE, open_incidents=(incident,))
    told = document(shown, "/it/", "it").by_id("incidents").text
    assert "Il database." in told
    assert "in inglese" not in told
    assert "The database that keeps" in document(shown).by_id("incidents").text


def test_words_in_a_language_that_we_do_not_know_are_marked_too() -> None:
    foreign = Words("sv", "Databasen svarar inte.", "Vi lagar den.", None, {})
    incident = replace(SPOKEN, updates=(replace(SAID, words=foreign),))
    shown = document(replace(OUTAGE, open_incidents=(incident,))).by_id("incidents")
    assert "Our team wrote this in another language." in shown.text
    assert [one.text for one in shown.all("div") if one.attributes.get("lang") == "sv"]


def test_a_promise_that_has_passed_is_owned_up_to() -> None:
    late = replace(SPOKEN, promise=replace(SPOKEN.promise, due_at=NOW - timedelta(minutes=1)))  # type: ignore[type-var]
    told = document(replace(OUTAGE, open_incidents=(late,))).by_id("incidents").text
    assert "We promised a word by 14:21 CET, and are late with it." in told
    assert "Next word" not in told


def test_a_word_that_did_not_come_is_owned_up_to_and_promised_anew() -> None:
    told = document(LATE).by_id("incidents").text
    assert "We promised a word by 14:21 CET, and it did not come. Next word by 18:22 CET" in told
    line = document(LATE).by_id("said").all("li")[0]
    assert line.one("b").text == "Our word is late"
    assert "Also sent by email" in line.text


def test_it_says_how_promises_were_kept() -> None:
    (incident,) = LATE.open_incidents
    told = document(LATE, f"/incidents/{incident.id}").text
    assert "We promised a next word 3 times, and kept it 2 of 3." in told
    for path in ("/", "/history"):
        shown = document(LATE, path, "it").text
        assert (
            "Negli ultimi 90 giorni abbiamo promesso una notizia 8 volte: nei tempi 7 su 8."
            in shown
        )
        assert "promised" not in document(OUTAGE, path).text


def test_it_says_that_nobody_has_answered_yet() -> None:
    alone = replace(AUTOMATIC, is_unanswered=True)
    told = document(replace(NOTICED_ONLY, open_incidents=(alone,))).by_id("incidents").text
    assert "Our systems keep calling our team until somebody answers." in told
    answered = replace(alone, acknowledged_at=NOW)
    told = document(replace(NOTICED_ONLY, open_incidents=(answered,))).by_id("incidents").text
    assert "keep calling" not in told


def test_a_whole_server_is_named_by_what_is_on_it() -> None:
    whole = replace(AUTOMATIC, whole_server=True, causes=(CauseView("Shop"), CauseView(None)))
    told = document(replace(NOTICED_ONLY, open_incidents=(whole,))).by_id("incidents").text
    assert "A whole server does not answer. On it: Shop and one of our internal systems." in told


def test_what_was_said_stands_newest_first_and_tells_what_was_mailed() -> None:
    lines = document(OUTAGE).by_id("said").all("li")
    assert [line.one("time").text for line in lines] == ["14:21 CET", "14:07 CET", "14:02 CET"]
    assert [line.one("b").text for line in lines] == ["Cause found", "Somebody is on it", "Noticed"]
    assert ["Also sent by email" in line.text for line in lines] == [True, False, False]
    assert lines[2].text.endswith("Shop: Out of service.")


def test_lines_of_several_incidents_are_titled() -> None:
    both = document(replace(OUTAGE, open_incidents=(SPOKEN, INTERNAL))).by_id("said")
    assert any("Noticed · A disruption" in line.text for line in both.all("li"))


def test_the_form_asks_for_an_address_and_offers_the_parts() -> None:
    form = document(OUTAGE, "/it/", "it").one("form")
    assert (form.attributes["action"], form.attributes["method"]) == ("/subscribe", "post")
    fields = [(one.attributes["name"], one.attributes.get("value")) for one in form.all("input")]
    assert fields[0] == ("language", "it")
    assert fields[1][0] == "address"
    assert [value for name, value in fields if name == "components"] == [
        part.id for part in OUTAGE.components
    ]


def test_history_lists_by_month_newest_first() -> None:
    past = document(OUTAGE, "/history").by_id("past")
    assert [month.text for month in past.all("h2")] == ["November 2026", "October 2026"]
    assert [entry.text for entry in past.all("li")] == [
        "Orders are not possible Cause found since 14:02 CET",
        "Orders are not possible Over from 15:22 CEST on 3 October 2026, for 21 minutes",
    ]
    assert "Nothing has happened yet." in document(STARTING, "/history").by_id("past").text


def test_one_incident_has_a_page_with_its_whole_record() -> None:
    shown = document(OUTAGE, "/en/incidents/k3v9x2m1q7ab")
    assert shown.one("h1").text == "Orders are not possible"
    assert "Next word by 14:45 CET" in shown.by_id("told").text
    assert len(shown.by_id("said").all("li")) == 3
    assert shown.all("form")


def test_what_is_over_is_told_in_the_past() -> None:
    shown = document(CALM, "/incidents/w8n4c6z0p5ty")
    told = shown.by_id("told").text
    assert "The cause lay in Orders database. It affected Shop." in told
    assert "What we did" in told
    assert "Next word" not in told
    assert not shown.all("form")


def test_a_false_alarm_is_called_one() -> None:
    wrong = replace(CALM.past_incidents[0], false_alarm=True)
    shown = document(replace(CALM, past_incidents=(wrong,)), "/incidents/w8n4c6z0p5ty")
    assert shown.by_id("lead").all("span")[0].text == "False alarm"


def test_an_incident_of_degraded_parts_does_not_claim_an_outage() -> None:
    slow = replace(
        AUTOMATIC,
        impact=Impact.MINOR,
        components=(replace(AUTOMATIC.components[0], status=Status.DEGRADED),),
    )
    told = document(board(SEARCH_SLOW, open_incidents=(slow,))).by_id("incidents").text
    assert "our checks get slow or unsteady answers from Shop" in told
    assert "You cannot place orders" not in told


def test_a_promise_of_a_mended_incident_may_be_none() -> None:
    told = document(MENDED).by_id("incidents").text
    assert "Our checks get answers again since 14:20 CET." in told
    assert "We are watching that it stays so." in told
    assert MENDED.open_incidents[0].status is Phase.MONITORING
    assert MENDED.open_incidents[0].updates[0].by is By.MACHINE


def test_without_a_relay_no_form_promises_a_letter() -> None:
    silent = replace(CALM, site=replace(CALM.site, writes_letters=False))
    assert not document(silent).all("form")
    assert document(CALM).all("form")
    assert document(silent, "/subscribe").one("h1").text == "We write no letters from here."
    assert "We write to you" not in document(silent, "/subscribe").text


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        (Status.MAJOR_OUTAGE, "Be told by email"),
        (Status.UNDER_MAINTENANCE, "Be told of the next one"),
        (Status.OPERATIONAL, "Be told of the next one"),
    ],
)
def test_while_something_is_held_in_an_outage_nobody_is_offered_the_next_one(
    status: Status, heading: str
) -> None:
    held = board(replace(PARTS[0], status=status, held=True), *PARTS[1:])
    assert heading in [head.text for head in document(held).all("h2")]
