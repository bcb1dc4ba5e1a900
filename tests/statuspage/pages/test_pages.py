"""Which pages are there, and what holds for each of them?"""

from __future__ import annotations

import base64
import gzip
import hashlib
import itertools
import re
from collections import Counter
from dataclasses import replace

import pytest

from notifications.language import load
from statuspage.answers import Policy
from statuspage.memory import Page
from statuspage.pages import policy, render
from statuspage.rules.board import Board
from statuspage.vocabulary import Phase
from tests.statuspage.pages.boards import CALM, CODES, EVERY, OUTAGE, PARTS, component
from tests.statuspage.pages.document import read
from tests.statuspage.pages.showing import document, page

ONE_TRIP = 14 * 1024
"""Bytes that arrive with the first answer of a cold connection (ten segments)."""


def html_of(board: Board) -> list[Page]:
    """All but the banner, which stands on other people's pages in a sheet of its own."""
    found = [one for one in render(board, CODES).pages if one.media_type == "text/html"]
    return [one for one in found if not one.path.endswith("/banner")]


def test_every_page_is_there_in_every_language() -> None:
    paths = {(one.path, one.language) for one in html_of(OUTAGE)}
    expected = {"/", "/history", "/how-we-do", "/subscribe"}
    expected |= {"/incidents/k3v9x2m1q7ab", "/incidents/w8n4c6z0p5ty"}
    for code in CODES:
        negotiated = {path for path, language in paths if language == code}
        assert expected | {f"/{code}{path}" for path in expected} <= negotiated
        assert {f"/notice/{part.id}" for part in OUTAGE.components} <= negotiated


def test_a_site_of_one_language_has_one() -> None:
    alone = replace(CALM, site=replace(CALM.site, languages=("it",)))
    pages = render(alone, ("it",)).pages
    assert {one.language for one in pages} == {"it", None}
    assert not read(next(one.body for one in pages if one.path == "/")).by_id("lead").all("a")


def test_no_page_stands_twice() -> None:
    told = Counter((one.path, one.language, one.media_type) for one in render(OUTAGE, CODES).pages)
    assert [key for key, times in told.items() if times > 1] == []


@pytest.mark.parametrize("name", EVERY)
def test_the_same_board_gives_the_same_bytes(name: str) -> None:
    rendered = render(EVERY[name], CODES)
    assert rendered.faults == ()
    assert rendered == render(EVERY[name], CODES)


def test_a_page_of_the_past_does_not_change_with_the_hour() -> None:
    """Else each look of a check would change fifty pages, and no visitor's copy would do."""
    later = replace(
        OUTAGE,
        revision=8,
        composed_at=OUTAGE.composed_at.replace(hour=20),
        looked_at=OUTAGE.composed_at.replace(hour=20),
    )
    path = "/incidents/w8n4c6z0p5ty"
    assert page(OUTAGE, path) == page(later, path)


@pytest.mark.parametrize("name", EVERY)
def test_no_link_leads_to_what_does_not_exist(name: str) -> None:
    known = {one.path for one in render(EVERY[name], CODES).pages}
    for one in html_of(EVERY[name]):
        root = read(one.body)
        asked = [
            element.attributes.get(attribute, "")
            for element in root.walk()
            for attribute in ("href", "src", "action")
        ]
        inside = {address for address in asked if address.startswith("/")}
        assert inside <= known, one.path


def test_whatever_a_page_lets_one_send_reaches_the_application() -> None:
    sent = {
        form.attributes["action"].removeprefix("https://status.acme.example")
        for name in EVERY
        for one in html_of(EVERY[name])
        for form in read(one.body).all("form")
    }
    assert sent == Policy(site_url="https://status.acme.example").forms


@pytest.mark.parametrize("name", EVERY)
def test_headings_stand_in_order_and_the_language_is_told(name: str) -> None:
    for one in html_of(EVERY[name]):
        root = read(one.body)
        assert root.one("html").attributes["lang"] == one.language
        levels = [
            int(element.name[1]) for element in root.walk() if element.name in {"h1", "h2", "h3"}
        ]
        assert levels.count(1) == 1, one.path
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_the_policy_allows_our_one_sheet_and_nothing_else() -> None:
    for one in html_of(OUTAGE):
        [told] = [value for name, value in one.headers if name == "Content-Security-Policy"]
        assert "unsafe" not in told
        [sheet] = re.findall(rb"<style>(.*?)</style>", one.body, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(sheet).digest()).decode()
        assert f"style-src 'sha256-{digest}';" in told
        if not one.path.startswith(("/notice/", "/banner")):
            assert told == policy(OUTAGE.site.dress)
        for element in read(one.body).walk():
            assert "style" not in element.attributes
            assert not [name for name in element.attributes if name.startswith("on")]


def test_a_page_arrives_in_one_trip() -> None:
    ten = tuple(component(f"part-{n}", f"Part {n}", n) for n in range(10))
    calm = page(replace(CALM, components=ten), "/")
    assert len(gzip.compress(calm.body)) < ONE_TRIP
    assert len(gzip.compress(page(OUTAGE, "/").body)) < ONE_TRIP
    assert len(gzip.compress(page(OUTAGE, "/notice/shop").body)) < ONE_TRIP


def test_languages_lead_to_each_other() -> None:
    links = document(OUTAGE, "/it/history", "it").one("nav").all("a")
    [english] = [link for link in links if link.attributes.get("hreflang") == "en"]
    assert (english.attributes["href"], english.text) == ("/en/history", "English")
    assert english.attributes["lang"] == "en"


def test_the_files_that_pages_ask_for_come_from_memory_too() -> None:
    assert b"data-live" in page(CALM, "/static/live.js", None, "text/javascript").body
    assert page(CALM, "/favicon.svg", None, "image/svg+xml").body.startswith(b"<svg")


@pytest.mark.parametrize("code", CODES)
def test_every_word_that_a_page_may_need_is_there(code: str) -> None:
    """Also those that no board of these tests comes to."""
    language = load(code)
    kinds = ("noticed", "acknowledged", "worse", "better", "recovered", "again", "resolved")
    needed = [f"page.{table}.{kind}" for table in ("label", "said") for kind in kinds]
    needed += ["page.said.words", *(f"page.phase.{phase}" for phase in Phase)]
    needed += [f"page.person.{key}" for key in ("now", "now_internal", "past", "past_internal")]
    needed += [f"page.status.{part.status}" for part in PARTS]
    assert [key for key in needed if not language.has(key)] == []
