"""Does a letter use only what the mail programs show that people have?

By rule, for none of them is here: Outlook lays out by Word's engine (no padding but in table
cells, no greatest width, no flex or grid), Gmail drops a style sheet over 8 kB or with a rule
that it cannot read, some apps of it drop every one, and none fetches what a letter names.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.notifications.examples import CASES, letter

ELEMENTS = frozenset(
    {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "table",
        "tbody",
        "tr",
        "td",
        "p",
        "h1",
        "h2",
        "div",
        "span",
        "a",
        "b",
        "br",
    }
)
EVERYWHERE = frozenset(
    {
        "background",
        "border",
        "border-left-color",
        "border-left-width",
        "border-top",
        "color",
        "font",
        "font-size",
        "font-weight",
        "letter-spacing",
        "line-height",
        "margin",
        "margin-bottom",
        "margin-top",
        "padding",
        "text-align",
        "text-decoration",
        "width",
        "border-collapse",
    }
)
NICER = frozenset(
    {
        "border-radius",
        "max-width",
        "overflow-wrap",
        "text-underline-offset",
        "text-wrap",
        "word-break",
        "mso-padding-alt",
        "-webkit-text-size-adjust",
        "display",
    }
)
"""Where a program knows these the letter is finer; where it does not, nothing is lost."""
PADDED = frozenset({"td", "body"})
LARGEST_SHEET = 8192
CLIPPED = 102_000
"""Gmail shows no more bytes of a letter."""


class Markup(HTMLParser):
    """Every element with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def declared(style: str) -> list[tuple[str, str]]:
    parts = (one.partition(":") for one in style.split(";") if one.strip())
    return [(name.strip(), value.strip()) for name, _, value in parts]


@pytest.fixture(params=CASES, ids="-".join)
def html(request: pytest.FixtureRequest) -> str:
    return letter(*request.param).html


def test_its_elements_and_styles_are_known_to_all(html: str) -> None:
    found = Markup(html).found
    assert {tag for tag, _ in found} <= ELEMENTS
    for tag, attributes in found:
        for name, value in declared(attributes.get("style", "")):
            assert name in EVERYWHERE | NICER, (tag, name)
            if name == "padding" and tag not in PADDED:
                assert "inline-block" in attributes["style"], f"{tag}: Outlook pads cells alone"
            if name == "font-weight":
                assert int(value) % 100 == 0, "an old program drops any other"
            if name == "display":
                assert value == "inline-block"
            assert "url(" not in value
            assert "var(" not in value


def test_a_button_is_padded_in_outlook_too(html: str) -> None:
    cells = [attributes for tag, attributes in Markup(html).found if tag == "td"]
    buttons = [one for one in cells if "button" in one.get("class", "")]
    pushes = [one for _, one in Markup(html).found if "push" in one.get("class", "").split()]
    assert len(buttons) == len(pushes)
    assert all("mso-padding-alt" in one["style"] for one in buttons)


def test_its_tables_are_for_the_eye_alone_and_outlook_knows_how_wide(html: str) -> None:
    tables = [attributes for tag, attributes in Markup(html).found if tag == "table"]
    assert tables
    for one in tables:
        assert (one["role"], one["cellpadding"], one["cellspacing"], one["border"]) == (
            *("presentation", "0", "0"),
            "0",
        )
    (ghost,) = re.findall(r"<!--\[if mso\]><table [^>]*width=\"(\d+)\"", html)
    assert ghost == "600"
    assert html.count("<!--[if mso]>") == html.count("<![endif]-->") == 3


def test_its_one_style_sheet_is_small_and_holds_the_dark_colours_alone(html: str) -> None:
    shown = re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL)
    (sheet,) = re.findall(r"<style>(.*?)</style>", shown, flags=re.DOTALL)
    assert len(sheet) < LARGEST_SHEET
    assert sheet.strip().startswith("@media (prefers-color-scheme:dark){")
    assert sheet.count("@media") == 1
    assert len(html.encode()) < CLIPPED


def test_it_reads_as_well_where_every_style_sheet_is_dropped(html: str) -> None:
    """What is light stands on the elements themselves."""
    bare = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    cells = [one for tag, one in Markup(bare).found if tag == "td" and "style" in one]
    assert any("color" in dict(declared(one["style"])) for one in cells)
    for tag, attributes in Markup(bare).found:
        if tag in ("p", "h1", "h2", "a"):
            assert attributes.get("style"), f"{tag} has no style of its own"
