"""What does somebody get who follows us in a feed reader?

Read by a parser that is not ours, and taken apart by the pattern that programs of the field
use for the content of an entry.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statuspage.memory import Page
from statuspage.pages.feed import pages
from statuspage.pages.reader import Reader
from statuspage.rules.board import Board, PromiseView, Words
from statuspage.rules.taken_back import TakenBackView
from statuspage.vocabulary import By
from tests.statuspage.pages.boards import (
    AHEAD,
    CALM,
    EVERY,
    LATE,
    LEARNED,
    LEARNT,
    NOTICED_ONLY,
    NOW,
    OUTAGE,
    OVER,
    PLANNED,
    SAID,
    SPOKEN,
    STARTING,
    WORDS,
    board,
)
from tests.statuspage.pages.document import Element, read

PATHS = ("/history.atom", "/history.rss", "/it/history.atom", "/it/history.rss")
SAID_OF = re.compile(
    r"<p><small>(?P<month>[A-Za-z]{3}) <var data-var='date'>(?P<day>\d+)</var>, "
    r"<var data-var='time'>(?P<time>\d\d:\d\d)</var> (?P<zone>\S+)</small><br>"
    r"<strong>(?P<status>[^<]+)</strong> - (?P<text>.*?)</p>"
)


def shown(board: Board, path: str) -> Page:
    readers = tuple(Reader.of(code, board) for code in board.site.languages)
    [found] = [page for page in pages(board, readers) if page.path == path]
    return found


def followed(board: Board, path: str = "/history.atom") -> Any:
    """What a feed reader understands, and nothing it had to guess."""
    body = shown(board, path).body
    told = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    assert not told.bozo, told.get("bozo_exception")
    return told


def content(board: Board, path: str = "/history.atom", n: int = 0) -> str:
    entry = followed(board, path).entries[n]
    return str(entry.content[0].value if path.endswith("atom") else entry.summary)


def text(html: str) -> str:
    return " ".join(read(html.encode()).text.split())


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", EVERY)
def test_every_feed_can_be_read_by_others(name: str, path: str) -> None:
    told, known = followed(EVERY[name], path), EVERY[name]
    assert told.version == ("atom10" if path.endswith("atom") else "rss20")
    assert told.feed.title
    assert told.feed.updated_parsed
    count = len((*known.open_incidents, *known.past_incidents, *known.maintenances))
    assert len({entry.id for entry in told.entries}) == len(told.entries) == count
    for entry in told.entries:
        assert entry.title
        assert entry.link.startswith("https://status.acme.example/")


def test_ids_and_addresses_are_those_of_the_convention() -> None:
    told = followed(OUTAGE)
    assert told.feed.id == "tag:status.acme.example,2005:/history"
    assert told.feed.title == "Acme Status - Incident History"
    assert told.feed.author == "Acme"
    assert {(link.rel, link.href) for link in told.feed.links} == {
        ("alternate", "https://status.acme.example/"),
        ("self", "https://status.acme.example/history.atom"),
    }
    entry = told.entries[0]
    assert entry.id == "tag:status.acme.example,2005:Incident/k3v9x2m1q7ab"
    assert entry.link == "https://status.acme.example/incidents/k3v9x2m1q7ab"
    assert entry.title == "Orders are not possible"
    assert entry.content[0].type == "text/html"
    assert (entry.published, entry.updated) == ("2026-11-23T13:02:21Z", "2026-11-23T13:21:10Z")


def test_in_rss_the_same_stands_under_an_id_that_is_no_address() -> None:
    told = followed(OUTAGE, "/history.rss")
    assert {(link.rel, link.href) for link in told.feed.links} == {
        ("alternate", "https://status.acme.example/"),
        ("self", "https://status.acme.example/history.rss"),
    }
    entry = told.entries[0]
    assert (entry.id, entry.guidislink) == (
        "tag:status.acme.example,2005:Incident/k3v9x2m1q7ab",
        False,
    )
    assert entry.published == "Mon, 23 Nov 2026 13:21:10 +0000"
    assert entry.summary == content(OUTAGE)


def test_programs_find_what_was_said_newest_first() -> None:
    lines = list(SAID_OF.finditer(content(OUTAGE)))
    assert [line["status"] for line in lines] == ["Identified", "Investigating", "Investigating"]
    assert [(line["month"], line["day"], line["time"], line["zone"]) for line in lines] == [
        ("Nov", "23", "14:21", "CET"),
        ("Nov", "23", "14:07", "CET"),
        ("Nov", "23", "14:02", "CET"),
    ]
    assert text(lines[0]["text"]).startswith("What happened. The database that keeps the orders")
    assert "The shop cannot take an order without it." in lines[0]["text"]
    assert "What we are doing. Two engineers" in text(lines[0]["text"])


def test_when_we_write_next_stands_first_with_its_day() -> None:
    assert text(content(OUTAGE)).startswith("Next word by 14:45 CET on 23 November 2026.")
    assert text(content(OUTAGE, "/it/history.atom")).startswith(
        "Prossima notizia entro le 14:45 (CET) del 23 novembre 2026."
    )
    missed = text(content(LATE))
    assert missed.startswith("We promised a word by 14:21 CET on 23 November 2026, and it did not")


def test_a_renewed_promise_is_read_and_calls_nobody_back() -> None:
    promised = PromiseView(NOW + timedelta(hours=1), By.MACHINE)
    later = board(open_incidents=(replace(SPOKEN, promise=promised),), past_incidents=(OVER,))
    before = board(open_incidents=(SPOKEN,), past_incidents=(OVER,))
    assert "Next word by 15:22" in text(content(later))
    assert followed(later).entries[0].updated == followed(before).entries[0].updated
    assert followed(later).feed.updated == followed(before).feed.updated


def test_a_word_moves_the_entry_up_and_keeps_its_id() -> None:
    lately = replace(OVER, updated_at=NOW)
    told = followed(replace(OUTAGE, past_incidents=(lately,)))
    assert [entry.id[-12:] for entry in told.entries] == [OVER.id, SPOKEN.id]
    assert told.feed.updated == told.entries[0].updated == "2026-11-23T13:22:40Z"
    assert told.entries[0].published == followed(OUTAGE).entries[1].published


def test_where_nobody_has_spoken_the_machine_says_its_three_parts() -> None:
    told = text(content(NOTICED_ONLY))
    for part in (
        "The cause lies in Orders database. It affects Shop.",
        "What happened. Since 14:02 CET our checks get no proper answer from Shop",
        "You cannot place orders at the moment.",
        "What we are doing. Our systems have called our team.",
        "How we will prevent a repeat. We do not know yet why it happened.",
    ):
        assert part in told


def test_what_a_page_marks_is_marked_here_too() -> None:
    false_alarm = replace(OVER, false_alarm=True)
    corrected = replace(
        SAID, words=replace(WORDS, what_happened="Only half.", corrected_at=NOW), was=(WORDS, None)
    )
    removed = replace(SAID, words=None, erased=True)
    past = (false_alarm, replace(OVER, id="x1n2b3v4c5x6", updates=(corrected, removed)))
    told = [content(replace(CALM, past_incidents=past), n=n) for n in (0, 1)]
    both = "".join(told)
    assert "<p>False alarm.</p>" in both
    assert "Corrected at 14:22 CET on 23 November 2026. It said before:" in text(both)
    assert "<del>The database that keeps the orders stopped answering" in both
    assert "Our team has removed what it had written here." in both


def test_what_we_learned_stands_there_with_what_we_change() -> None:
    line = SAID_OF.search(content(board(past_incidents=(LEARNED,))))
    assert line is not None
    assert line["status"] == "Postmortem"
    told = text(line["text"])
    assert "What we did. We moved the orders to a larger one." in told
    assert "How we will prevent a repeat. A disk that fills up calls our team." in told
    assert "What we change, and by when. Done, 8 October 2026: Disks call us." in told
    owed = " ".join(content(LEARNT, n=n) for n in range(3))
    assert "What we learned will stand here by" in owed
    assert "are late with it" in owed


@pytest.mark.parametrize("path", PATHS)
def test_what_was_taken_back_is_said_to_be_and_stands_at_the_top(path: str) -> None:
    began, gone = NOW - timedelta(minutes=9), NOW - timedelta(minutes=2)
    mistaken = TakenBackView("t1n2b3v4c5x6", began, gone)
    told = followed(replace(CALM, taken_back=(mistaken,)), path)
    assert [entry.id[-12:] for entry in told.entries] == [mistaken.id, OVER.id]
    entry = told.entries[0]
    assert entry.title == ("Ritirato" if path.startswith("/it/") else "Taken back")
    assert entry.link.endswith("/history"), "it has no page of its own any more"
    words = content(replace(CALM, taken_back=(mistaken,)), path)
    assert "14:20</var> CET</small>" in words
    assert ("Risolto" if path.startswith("/it/") else "Resolved") in words
    if not path.startswith("/it/"):
        assert SAID_OF.fullmatch(words), "programs read it like any other"
    moved = entry.updated if path.endswith("atom") else entry.published
    assert moved in ("2026-11-23T13:20:40Z", "Mon, 23 Nov 2026 13:20:40 +0000")


def test_words_in_another_language_are_marked_as_that() -> None:
    told = content(OUTAGE, "/it/history.atom")
    assert "I nostri tecnici lo hanno scritto in inglese." in told
    assert '<span lang="en" dir="auto">The database' in told
    assert "<strong>Causa trovata</strong>" in told


def test_a_maintenance_says_that_it_is_one_and_when() -> None:
    told = {entry.id[-12:]: entry for entry in followed(PLANNED).entries}
    ahead = told[AHEAD.id]
    assert ahead.title == "Maintenance: A new home for the orders"
    assert ahead.tags[0].term == "maintenance"
    assert ahead.link == f"https://status.acme.example/maintenances/{AHEAD.id}"
    said = text(ahead.content[0].value)
    assert said.startswith("From 01:00 CET on 29 November 2026 to 04:00 CET.")
    assert "Parts affected. Shop and Payments." in said
    assert "Scheduled - We move the orders to a faster database." in said
    assert "<strong>Cancelled</strong>" in told["c1n2b3v4c5x6"].content[0].value
    assert "<strong>In progress</strong>" in told["u1n2b3v4c5x6"].content[0].value
    assert "Repeats every week (Sunday)." in told["w1n2b3v4c5x6"].content[0].value


def test_each_further_language_has_a_feed_and_the_same_entry_in_it() -> None:
    english, italian = followed(OUTAGE), followed(OUTAGE, "/it/history.atom")
    assert (english.feed.language, italian.feed.language) == ("en", "it")
    assert italian.feed.id != english.feed.id
    assert [one.id for one in italian.entries] == [one.id for one in english.entries]
    assert italian.entries[0].link == "https://status.acme.example/it/incidents/k3v9x2m1q7ab"
    turned = replace(OUTAGE, site=replace(OUTAGE.site, languages=("it", "en")))
    assert followed(turned).feed.language == "it"
    assert followed(turned, "/en/history.atom").feed.language == "en"


def test_the_fifty_with_the_newest_word_are_told() -> None:
    many = tuple(
        replace(OVER, id=f"{n:012d}", updated_at=NOW - timedelta(days=n)) for n in range(49)
    )
    planned = tuple(
        replace(AHEAD, id=f"m{n:011d}", updated_at=NOW - timedelta(days=n)) for n in range(30)
    )
    told = followed(replace(OUTAGE, past_incidents=many, maintenances=planned))
    assert len(told.entries) == 50
    times = [entry.updated for entry in told.entries]
    assert times == sorted(times, reverse=True)
    assert {one.id for one in planned[:20]} < {entry.id[-12:] for entry in told.entries}


@pytest.mark.parametrize("calm", [CALM, STARTING, PLANNED])
def test_a_reader_s_copy_stays_good_while_nothing_is_said(calm: Board) -> None:
    at = NOW + timedelta(seconds=50)
    later = replace(calm, revision=9, composed_at=at, looked_at=at)
    assert [shown(later, path) for path in PATHS] == [shown(calm, path) for path in PATHS]


def test_caches_and_other_sites_are_told_what_they_need() -> None:
    headers = dict(shown(OUTAGE, "/history.atom").headers)
    assert headers["Last-Modified"] == "Mon, 23 Nov 2026 13:21:10 GMT"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert shown(OUTAGE, "/history.atom").media_type == "application/atom+xml"
    assert shown(OUTAGE, "/history.rss").media_type == "application/rss+xml"


OURS = {*("document", "p", "br", "a", "small", "var", "strong", "em", "span", "del", "time")}


def check(html: str) -> Element:
    root = read(html.encode("utf-8", "replace"))
    for element in root.walk():
        assert element.name in OURS
        assert not [name for name in element.attributes if name.startswith("on")]
        assert element.attributes.get("href", "https:").lower().startswith(("https:", "http:"))
    return root


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", EVERY)
def test_no_text_breaks_out_of_a_feed(name: str, path: str) -> None:
    for n in range(len(followed(EVERY[name], path).entries)):
        check(content(EVERY[name], path, n))


NASTY = st.text(
    alphabet=st.one_of(
        st.sampled_from("<>&\"'\n\r;:/?.)(hpts]]>\u202e\x00\x0b\x1f\ufffe\uffff\ud800\u2028{}%"),
        st.characters(),
    ),
    max_size=60,
)


@settings(deadline=None, max_examples=150)
@given(NASTY, NASTY, NASTY)
def test_whatever_was_written_a_feed_is_whole(name: str, happened: str, prevent: str) -> None:
    words = Words("en", happened, "", prevent, {"it": {"what_happened": prevent}})
    incident = replace(SPOKEN, name=name, updates=(replace(SAID, words=words, was=(words,)),))
    work = replace(AHEAD, name=name, body=happened)
    nasty = board(
        open_incidents=(incident,),
        maintenances=(work,),
        site=replace(OUTAGE.site, name=name or "Acme"),
    )
    for path in PATHS:
        assert len(followed(nasty, path).entries) == 2
        assert len(SAID_OF.findall(content(nasty, "/history.atom", 0))) >= 1
        check(content(nasty, path, 0))
        check(content(nasty, path, 1))
