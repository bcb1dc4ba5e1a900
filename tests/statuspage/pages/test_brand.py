"""Does a company see its own page: logo, colour and links, and nothing that weakens it?"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from dataclasses import replace

import pytest

from statuspage.answers import Policy, page_answer
from statuspage.memory import prepare
from statuspage.pages import policy, render
from statuspage.pages.forms import form_page
from statuspage.rules.board import Board
from statuspage.rules.dress import Dress, dress
from statuspage.settings.colours import BY_NIGHT, ENOUGH, contrast
from tests.statuspage.pages.boards import CALM, CODES, OUTAGE
from tests.statuspage.pages.document import Element, read
from tests.statuspage.pages.dresses import (
    CALM_TWO,
    CALM_WIDE,
    DRESSED,
    OUTAGE_WIDE,
    TWO,
    WIDE,
    logo,
)
from tests.statuspage.pages.showing import document, page
from tests.statuspage.settings.files import SHOP, SITE, settings


def header(board: Board, path: str = "/", code: str = "en") -> Element:
    return document(board, path, code).one("header")


def test_a_wide_logo_stands_for_the_name_and_says_it() -> None:
    told = header(CALM_WIDE)
    picture = told.one("img").attributes
    assert picture["src"] == "/logo-aaaaaaaaaaaa.svg"
    assert picture["alt"] == "Acme status"
    assert (picture["width"], picture["height"]) == ("128", "34"), "so that nothing moves"
    assert "Acme status" not in told.text
    assert header(CALM_WIDE, code="it").one("img").attributes["alt"] == "Stato di Acme"


def test_a_square_logo_stands_beside_the_name_and_is_the_icon() -> None:
    told = header(CALM_TWO)
    assert told.one("img").attributes["alt"] == "", "the name stands beside it"
    assert "Acme status" in told.text
    assert told.one("source").attributes == {
        "srcset": "/logo-cccccccccccc.svg",
        "media": "(prefers-color-scheme: dark)",
    }
    icons = {
        board.site.dress.logo: link.attributes["href"]
        for board in (CALM, CALM_TWO, CALM_WIDE)
        for link in document(board, "/").all("link")
        if link.attributes["rel"] == "icon"
    }
    assert list(icons.values()) == ["/favicon.svg", "/logo-bbbbbbbbbbbb.svg", "/favicon.svg"]


def test_without_one_our_sign_and_the_name_stand_there() -> None:
    told = header(CALM)
    assert "Acme status" in told.text
    assert told.all("svg")
    assert not told.all("img")
    assert not [one.path for one in render(CALM, CODES).pages if one.path.startswith("/logo")]


def test_the_logo_comes_from_memory_and_runs_nothing_even_opened_by_itself() -> None:
    shown = page(CALM_WIDE, "/logo-aaaaaaaaaaaa.svg", None, "image/svg+xml")
    assert shown.body == WIDE.logo.body if WIDE.logo else False
    answer = page_answer(prepare(shown), "identity", (), Policy("https://status.acme.example"))
    told = dict(answer.head.headers)
    assert told[b"content-type"] == b"image/svg+xml"
    assert told[b"x-content-type-options"] == b"nosniff"
    rules = told[b"content-security-policy"].decode().split("; ")
    assert {"default-src 'none'", "sandbox"} <= set(rules)
    assert not [rule for rule in rules if rule.startswith("script-src")]
    assert b"max-age=31536000" in told[b"cache-control"]


@pytest.mark.parametrize("name", DRESSED)
def test_the_policy_counts_the_colours_and_stays_strict(name: str) -> None:
    board = DRESSED[name]
    assert board.site.dress.accent
    for one in render(board, CODES).pages:
        if one.media_type != "text/html" or one.path.endswith("/banner"):
            continue
        [told] = [value for key, value in one.headers if key == "Content-Security-Policy"]
        [sheet] = re.findall(rb"<style>(.*?)</style>", one.body, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(sheet).digest()).decode()
        assert f"style-src 'sha256-{digest}';" in told, one.path
        assert "unsafe" not in told
        for colour in board.site.dress.accent:
            assert colour.encode() in sheet
        for element in read(one.body).walk():
            assert "style" not in element.attributes


def test_the_small_pages_wear_it_too() -> None:
    told = read(form_page("unsubscribed", "en", CALM_TWO.site, forget_url="/x"))
    assert told.one("header").one("img").attributes["src"] == "/logo-bbbbbbbbbbbb.svg"
    sheet = "".join(str(one) for one in told.one("style").children)
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    assert f"sha256-{digest}" in policy(TWO)


def test_a_notice_has_a_small_logo_inside_and_asks_for_no_large_one() -> None:
    inside = header(OUTAGE_WIDE, "/notice/shop").one("img").attributes["src"]
    assert inside.startswith("data:image/svg+xml;base64,")
    assert WIDE.logo
    assert base64.b64decode(inside.partition(",")[2]) == WIDE.logo.body
    large = replace(WIDE, logo=logo("<svg>" + "x" * 6000, 3.0, "d" * 12))
    board = replace(OUTAGE, site=replace(OUTAGE.site, dress=large))
    assert not header(board, "/notice/shop").all("img")
    assert "Acme status" in header(board, "/notice/shop").text


def test_links_stand_where_they_were_asked_for_in_the_reader_s_language() -> None:
    links = {link.text: link.attributes["href"] for link in header(CALM_WIDE).all("a")}
    assert links["Shop"] == "https://acme.example/"
    assert "Negozio" in header(CALM_WIDE, code="it").text
    for code in CODES:
        foot = document(CALM_WIDE, "/", code).one("footer")
        [link] = [one for one in foot.all("a") if one.text == "Help"]
        assert link.attributes["href"] == "https://acme.example/help?a=1&b=2"
        assert bool(link.all("span")) == (code == "it"), "marked with the language that it is in"


def test_no_text_of_a_link_breaks_out() -> None:
    nasty = replace(WIDE.links[1], texts=(("en", '</a><script>"'),))
    board = replace(CALM, site=replace(CALM.site, dress=Dress(links=(nasty,))))
    assert '</a><script>"' in document(board, "/").one("footer").text


def test_of_two_colours_one_is_enough() -> None:
    for key in ("accent", "accent_dark"):
        colour = {"accent": "#0b5fa5", "accent_dark": "#8cc4f5"}[key]
        made = dress(settings(f'{SITE}{key} = "{colour}"\n{SHOP}').site).accent
        assert made is not None
        assert colour in made
        assert all(contrast(made[1], paper) >= ENOUGH for paper in BY_NIGHT)
    assert dress(settings().site) == Dress()


def test_it_costs_few_bytes() -> None:
    plain, dressed = (len(gzip.compress(page(one, "/").body)) for one in (CALM, CALM_WIDE))
    assert dressed - plain < 600
