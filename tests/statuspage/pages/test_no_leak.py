"""Can a name or an operator's text break out, and can anything internal get in?

Every page of every board, the hostile one above all, is read strictly: what breaks out
would show as an element, an attribute or a control character that no page of ours has.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from statuspage.memory import Page
from statuspage.pages import render
from statuspage.pages.forms import FORMS, form_page
from statuspage.pages.hooks import HookView
from statuspage.pages.offer import Offer
from statuspage.rules.subscriptions import Wishes
from tests.statuspage.pages.boards import (
    CODES,
    EVERY,
    HEBREW,
    HOSTILE,
    LONG,
    WILD,
    WILD_PARTS,
    board,
)
from tests.statuspage.pages.document import Element, read
from tests.statuspage.pages.showing import document, page

OURS = {
    *("document", "html", "head", "body", "meta", "title", "style", "link", "script", "header"),
    *("main", "footer", "nav", "section", "div", "span", "p", "a", "b", "bdi", "br", "h1", "h2"),
    *("h3", "ul", "ol", "li", "time", "svg", "path", "circle", "rect", "form", "input", "button"),
    *("details", "summary", "fieldset", "legend", "label", "select", "option", "code"),
    *("dl", "dt", "dd", "text", "desc"),
}
UNWELCOME = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]")

Told = tuple[str, bytes]


def rendered(name: str) -> list[Page]:
    return list(render(EVERY[name], CODES).pages)


def check(body: bytes) -> Element:
    root = read(body)
    assert not UNWELCOME.search(body.decode())
    for element in root.walk():
        assert element.name in OURS
        assert not [one for one in element.attributes if one.startswith("on")], element
        for attribute in ("href", "src", "action"):
            address = element.attributes.get(attribute, "")
            assert address in {"", "data:,"} or address.startswith(
                ("/", "https://", "http://", "mailto:", "tel:")
            ), element
    assert [one.attributes for one in root.all("script")] in (
        [],
        [{"src": "/static/live.js", "defer": ""}],
        [{"src": "/banner-frame.js", "defer": ""}],
    )
    return root


@pytest.mark.parametrize("name", EVERY)
def test_no_text_breaks_out_of_a_page(name: str) -> None:
    for one in rendered(name):
        if one.media_type == "text/html":
            check(one.body)


@pytest.mark.parametrize("name", EVERY)
def test_programs_get_whole_json_and_terminals_plain_lines(name: str) -> None:
    for one in rendered(name):
        if one.media_type.endswith("json"):
            json.loads(one.body)
        if one.media_type == "text/plain":
            assert not UNWELCOME.search(one.body.decode())


@pytest.mark.parametrize("language", CODES)
@pytest.mark.parametrize("name", FORMS)
def test_no_text_breaks_out_of_a_form(name: str, language: str) -> None:
    values = {
        "action": f"/x?{HOSTILE}",
        "manage_url": "/subscriptions/x",
        "forget_url": "/subscriptions/x/forget",
        "code": "x",
        "wishes": Wishes(components=(HOSTILE,), groups=(HEBREW,), only_incident_id=HOSTILE),
        "address": HOSTILE,
        "new_address": LONG,
        "note": "saved",
        "channel": HOSTILE,
        "owner": HOSTILE,
        "secret": HOSTILE,
        "hook": HookView("webhook", HOSTILE, is_failing=True, is_signed=True),
        "offer": Offer(((HOSTILE, ((HOSTILE, HOSTILE),)), (None, (("b", HEBREW), ("c", LONG))))),
    }
    given = {key: values[key] for key in FORMS[name]}
    check(form_page(name, language, WILD.site, **given))


def test_what_is_hostile_is_still_told_as_it_was_written() -> None:
    """Nothing is cut out of a name: it is shown for what it is."""
    parts = document(WILD).by_id("parts").text
    assert HOSTILE in parts
    assert LONG in parts
    assert "Two lines" in parts


def test_a_name_can_not_read_backwards() -> None:
    body = page(WILD, "/").body.decode()
    assert "moc.live" in body
    assert "\u202e" not in body
    assert "<bdi>\u05d7\u05e0\u05d5\u05ea moc.live</bdi>" in body


def test_a_name_from_right_to_left_does_not_turn_the_sentence_it_stands_in() -> None:
    unworded = replace(WILD_PARTS[2], when_down={})
    told = page(board(unworded), "/").body.decode()
    assert "<h1>\u2068\u05d7\u05e0\u05d5\u05ea moc.live\u2069: not available" in told


@pytest.mark.parametrize("language", CODES)
def test_an_internal_cause_is_told_as_internal_and_no_more(language: str) -> None:
    told = {"en": "one of our internal systems", "it": "uno dei nostri sistemi interni"}
    root = document(WILD, "/", language)
    assert told[language] in root.by_id("incidents").text
    assert told[language] in root.by_id("parts").text
    assert "None" not in root.text


def test_half_a_surrogate_pair_does_not_stop_the_presses() -> None:
    """JSON lets one in; UTF-8 has no place for it."""
    assert "\u05de\u05ea\u05e7\u05e0\u05d9\u05dd ?" in document(WILD).by_id("incidents").text
