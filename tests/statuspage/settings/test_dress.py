"""Is a dress in which the page could not be read or trusted refused, with what to change?"""

from __future__ import annotations

import re
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.settings import Mistakes, Settings, load
from statuspage.settings.colours import BY_DAY, BY_NIGHT, ENOUGH, contrast, shade
from tests.statuspage.settings.files import SHOP, SITE, mistakes, settings

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 30">{}</svg>'
DRAWN = SVG.format(
    '<style>.a{fill:#06c}</style><path class="a" d="M0 0h120v30z" style="stroke:red"/>'
)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 64, 32) + b"\x08\x06\0\0\0"
STYLE = Path(__file__).parents[3] / "statuspage" / "pages" / "style.css"


def with_logo(tmp_path: Path, name: str, body: bytes | str, more: str = "") -> Settings:
    (tmp_path / name).write_bytes(body if isinstance(body, bytes) else body.encode())
    file = tmp_path / "avviso.toml"
    file.write_text(f'{SITE}logo = "{name}"\n{more}{SHOP}')
    return load(file, {})


def refused(tmp_path: Path, name: str, body: bytes | str) -> str:
    with pytest.raises(Mistakes) as wrong:
        with_logo(tmp_path, name, body)
    [only] = wrong.value.mistakes
    assert only.key == "site.logo"
    return f"{only.what}; {only.allowed}"


def test_a_logo_lies_beside_the_file(tmp_path: Path) -> None:
    drawn = with_logo(tmp_path, "logo.svg", DRAWN).site.logo
    assert drawn is not None
    assert (drawn.media_type, drawn.ratio, drawn.body) == ("image/svg+xml", 4.0, DRAWN.encode())
    painted = with_logo(tmp_path, "logo.png", PNG).site.logo
    assert painted is not None
    assert (painted.media_type, painted.ratio) == ("image/png", 2.0)
    assert painted.digest != drawn.digest


def test_its_size_may_stand_in_pixels_and_behind_what_drawing_programs_write(
    tmp_path: Path,
) -> None:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn --><!DOCTYPE svg PUBLIC '
        '"-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'width="90px" height="30"><!-- a --><defs><path id="a" d="M0 0"/></defs>'
        '<use xlink:href="#a" fill="url(#g)"/><image href="data:image/png;base64,AAAA"/></svg>'
    )
    logo = with_logo(tmp_path, "logo.svg", body).site.logo
    assert logo is not None
    assert logo.ratio == 3.0


@pytest.mark.parametrize(
    ("inside", "fault"),
    [
        ("<script>alert(1)</script>", "<script>"),
        ('<g onload="alert(1)"/>', "a script in onload"),
        ("<foreignObject><p/></foreignObject>", "<foreignobject>"),
        ('<a href="javascript:alert(1)"><path/></a>', "a link to elsewhere in <a>"),
        ('<image href="https://evil.example/x.png"/>', "a link to elsewhere in <image>"),
        ("<style>@import 'https://evil.example/x.css';</style>", "something elsewhere in <style>"),
        ('<path fill="url(https://evil.example/x#a)"/>', "something elsewhere in <path>"),
        ("<style>a{background:url( '//evil.example' )}</style>", "something elsewhere in <style>"),
    ],
)
def test_an_svg_is_a_picture_and_nothing_else(tmp_path: Path, inside: str, fault: str) -> None:
    assert fault in refused(tmp_path, "logo.svg", SVG.format(inside))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("GIF89a", "is neither PNG nor SVG that can be read"),
        ("<svg>", "is neither PNG nor SVG that can be read"),
        ("<html/>", "is neither PNG nor SVG that can be read"),
        (
            '<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("&a;"),
            "is neither PNG nor SVG that can be read",
        ),
        ('<svg xmlns="http://www.w3.org/2000/svg"/>', "does not say how large it is"),
        (PNG[:12], "is no whole PNG"),
        (PNG + bytes(70_000), "is too large; an SVG or PNG of at most 64 kB"),
    ],
)
def test_what_cannot_be_shown_is_refused(tmp_path: Path, body: bytes | str, says: str) -> None:
    assert says in refused(tmp_path, "logo.svg", body)


def test_a_logo_that_is_not_there_is_a_mistake() -> None:
    [told] = mistakes(f'{SITE}logo = "nowhere.svg"\n{SHOP}')
    assert told == (
        'site.logo: "nowhere.svg" can\'t be read: No such file or directory; '
        "allowed: an SVG or PNG of at most 64 kB"
    )


@pytest.mark.parametrize("written", ["#0B5FA5", "#0b5fa5", " #0b5fa5 "])
def test_a_colour_that_can_be_read_is_taken(written: str) -> None:
    assert settings(f'{SITE}accent = "{written}"\n{SHOP}').site.accent == "#0b5fa5"


def test_one_that_cannot_is_refused_with_the_nearest_that_can() -> None:
    [told] = mistakes(f'{SITE}accent = "#fc0"\n{SHOP}')
    found = re.fullmatch(
        r'site\.accent: "#fc0" is too light to be read on light paper \(1\.3 to 1, of 4\.5\); '
        r"allowed: a darker one, like (#[0-9a-f]{6})",
        told,
    )
    assert found, told
    assert settings(f'{SITE}accent = "{found[1]}"\n{SHOP}').site.accent == found[1]
    [dark] = mistakes(f'{SITE}accent_dark = "#0b5fa5"\n{SHOP}')
    assert dark.startswith('site.accent_dark: "#0b5fa5" is too dark to be read on dark paper (2.')


@pytest.mark.parametrize("written", ["blue", "#12345", "#gggggg", "#0b5fa5;}*{display:none"])
def test_nothing_but_a_colour_is_a_colour(written: str) -> None:
    [told] = mistakes(f'{SITE}accent = "{written}"\n{SHOP}')
    assert told.endswith("is not a colour; allowed: six hexadecimal digits, like #0b5fa5")


@given(st.integers(0, 0xFFFFFF))
def test_every_colour_has_a_shade_that_can_be_read(colour: int) -> None:
    for papers in (BY_DAY, BY_NIGHT):
        found = shade(f"#{colour:06x}", papers)
        assert min(contrast(found, paper) for paper in papers) >= ENOUGH


def test_contrast_is_that_of_the_standard() -> None:
    assert (
        round(contrast("#000000", "#ffffff"), 6) == round(contrast("#ffffff", "#000000"), 6) == 21
    )
    # figures that every checker gives
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54
    assert round(contrast("#ff0000", "#ffffff"), 2) == 4.0


def test_the_papers_are_those_of_the_sheet() -> None:
    day, night = re.findall(r":root \{.*?\}", STYLE.read_text(), re.DOTALL)[:2]
    for root, papers in ((day, BY_DAY), (night, BY_NIGHT)):
        named = dict(re.findall(r"--(paper|card|tint): (#[0-9a-f]+)", root))
        assert tuple(_six(named[name]) for name in ("paper", "card", "tint")) == papers


def _six(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(digit * 2 for digit in colour[1:])


def test_a_link_says_what_it_is_called_and_where_it_lacks_a_language() -> None:
    both = '{ text = { en = "Shop", it = "Negozio" }, url = "https://acme.example" }'
    plain = '{ text = "Help", url = "https://acme.example/help", header = true }'
    two = SITE.replace("[site]", '[site]\nlanguages = ["it", "en"]')
    told = settings(f"{two}links = [{both}, {plain}]\n{SHOP}")
    assert told.site.links[0].text == {"en": "Shop", "it": "Negozio"}
    assert told.site.links[1].text == {"it": "Help"}
    assert 'site.links[1].text: has no text in the language "en"' in told.warnings()
    assert not any(line.startswith("site.links[0]") for line in told.warnings())


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ('{ text = "A", url = "javascript:alert(1)" }', "site.links[0].url: "),
        ('{ url = "https://acme.example" }', "site.links[0].text: is missing"),
        ('{ text = {}, url = "https://acme.example" }', "site.links[0].text: is empty"),
        ('{ text = { xx = "A" }, url = "https://acme.example" }', 'site.links[0].text: "xx"'),
    ],
)
def test_a_link_that_leads_nowhere_is_a_mistake(link: str, says: str) -> None:
    [told] = mistakes(f"{SITE}links = [{link}]\n{SHOP}")
    assert told.startswith(says)
