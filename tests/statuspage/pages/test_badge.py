"""What do badges say, to whom who looks, who hears and who is a program?"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from statuspage.answers import Policy, page_answer
from statuspage.memory import Page, prepare
from statuspage.pages import render
from statuspage.pages.badge import COLOURS
from statuspage.pages.lettering import width
from statuspage.rules.board import Board
from tests.statuspage.pages.boards import (
    BLIND,
    CALM,
    CODES,
    EVERY,
    LONG,
    NOTICED_ONLY,
    OUTAGE,
    STARTING,
    WILD,
)
from tests.statuspage.pages.showing import page

SVG = "{http://www.w3.org/2000/svg}"
SHIELDS = {
    *("schemaVersion", "label", "message", "color", "labelColor", "isError", "namedLogo"),
    *("logoSvg", "logoColor", "logoWidth", "logoPosition", "style", "cacheSeconds"),
}
"""All keys that shields.io knows: for one more it shows "invalid properties"."""


def badges(board: Board, ending: str) -> list[Page]:
    found = [one for one in render(board, CODES).pages if "/badge" in one.path]
    return [one for one in found if one.path.endswith(ending)]


def picture(board: Board, path: str) -> Element:
    return fromstring(page(board, path, None, "image/svg+xml").body)  # noqa: S314  our own


def told(board: Board, path: str) -> Any:
    return json.loads(page(board, path, None, "application/json").body)


def named(drawn: Element) -> str | None:
    return drawn.findtext(f"{SVG}title")


def test_the_site_and_each_component_have_one_in_each_language() -> None:
    paths = {one.path for one in badges(OUTAGE, "")}
    names = ["badge", *(f"badge/{part.id}" for part in OUTAGE.components)]
    kinds = ("svg", "json")
    assert paths == {
        f"{prefix}/{name}.{kind}" for prefix in ("", "/it") for name in names for kind in kinds
    }


@pytest.mark.parametrize(
    ("board", "path", "says"),
    [
        (CALM, "/badge.svg", "Acme status: All parts operational"),
        (CALM, "/it/badge.svg", "Stato di Acme: Tutto funziona"),
        (OUTAGE, "/badge.svg", "Acme status: Out of service"),
        (OUTAGE, "/badge/shop.svg", "Shop: Out of service"),
        (OUTAGE, "/badge/payments.svg", "Payments: Operational"),
        (OUTAGE, "/it/badge/search.svg", "Search: Lento o instabile"),
        (BLIND, "/badge/shop.svg", "Shop: Operational when last seen"),
        (STARTING, "/badge/shop.svg", "Shop: Not looked at yet"),
    ],
)
def test_a_badge_says_what_the_page_says(board: Board, path: str, says: str) -> None:
    drawn = picture(board, path)
    assert (named(drawn), drawn.get("aria-label"), drawn.get("role")) == (says, says, "img")
    label, state = (text.text for text in drawn.iter(f"{SVG}text"))
    assert f"{label}: {state}" == says


@pytest.mark.parametrize("name", EVERY)
def test_every_badge_is_a_whole_picture_of_nothing_else(name: str) -> None:
    """No script, no style and no address: a README shows it as an image, a browser by itself."""
    for one in badges(EVERY[name], ".svg"):
        drawn = fromstring(one.body)  # noqa: S314  our own
        assert {element.tag.removeprefix(SVG) for element in drawn.iter()} <= {
            *("svg", "title", "g", "rect", "path", "circle", "text"),
        }
        attributes = {key for element in drawn.iter() for key in element.attrib}
        assert not [key for key in attributes if key.startswith("on") or key in {"style", "href"}]
        assert len(one.body) < 2000


def test_states_differ_in_shape_and_not_by_colour_alone() -> None:
    def shapes(path: str) -> list[tuple[str | None, ...]]:
        group = picture(OUTAGE, path).find(f"{SVG}g")
        assert group is not None
        return [(one.tag, one.get("d"), one.get("r")) for one in group]

    drawn = [shapes(f"/badge/{name}.svg") for name in ("shop", "payments", "search", "warehouse")]
    assert len({str(one) for one in drawn}) == 4


def test_white_letters_stand_out() -> None:
    """1.05 / (luminance + 0.05), WCAG 2.2 1.4.3."""
    for colour in (*COLOURS.values(), "#1d2327"):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [
            one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
        ]
        luminance = sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
        assert 1.05 / (luminance + 0.05) >= 4.5, colour


def test_shields_io_takes_it() -> None:
    assert told(OUTAGE, "/badge/shop.json") == {
        "schemaVersion": 1,
        "label": "Shop",
        "message": "Out of service",
        "color": "#b3261e",
    }
    assert told(CALM, "/it/badge.json")["message"] == "Tutto funziona"


@pytest.mark.parametrize("name", EVERY)
def test_shields_io_finds_no_key_that_it_does_not_know(name: str) -> None:
    for one in badges(EVERY[name], ".json"):
        endpoint = json.loads(one.body)
        assert endpoint.keys() <= SHIELDS, one.path
        assert endpoint["schemaVersion"] == 1
        assert endpoint["message"], "an empty message is refused"
        assert isinstance(endpoint["label"], str)


def test_a_long_name_is_cut_in_the_picture_only() -> None:
    drawn = picture(WILD, "/badge/long.svg")
    assert named(drawn) == f"{LONG}: Partly out of service"
    assert int(drawn.get("width", "0")) < 600
    [label, _] = drawn.iter(f"{SVG}text")
    assert (label.text or "").endswith("…")


def test_a_picture_leaves_room_for_its_letters() -> None:
    """What a browser with DejaVu Sans needs, in pixels: fitted by a tenth nobody sees it."""
    for text, pixels in (("Acme status", 68), ("Orders database", 91), ("wwwwWWWW", 79)):
        assert abs(width(text) - pixels) <= 0.12 * pixels, text
    assert width("注文") == 22
    assert width("e\u0301") == width("e")


def test_every_badge_is_served_as_pages_are_and_may_be_shown_elsewhere() -> None:
    for path, kind in (("/badge/shop.svg", "image/svg+xml"), ("/badge.json", "application/json")):
        one = prepare(page(OUTAGE, path, None, kind))
        answer = page_answer(one, "identity", [], Policy(site_url="https://status.acme.example"))
        fields = dict(answer.head.headers)
        assert answer.etag
        assert fields[b"cache-control"].startswith(b"public, max-age=5")
        assert fields[b"access-control-allow-origin"] == b"*"
        assert fields[b"cross-origin-resource-policy"] == b"cross-origin"
        assert b"default-src 'none'" in fields[b"content-security-policy"]


def test_what_did_not_change_gives_the_same_bytes() -> None:
    later = replace(NOTICED_ONLY, revision=8, looked_at=NOTICED_ONLY.composed_at)
    assert badges(NOTICED_ONLY, "") == badges(later, "")
