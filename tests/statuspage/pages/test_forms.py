"""What do the small pages round the letters ask and say?"""

from __future__ import annotations

import pytest

from statuspage.pages.forms import FORMS, form_page
from tests.statuspage.pages.boards import CODES, SITE
from tests.statuspage.pages.document import Element, read

VALUES: dict[str, object] = {
    "action": "/subscriptions/abc",
    "manage_url": "/subscriptions/abc",
    "wishes": ("Shop", "Payments"),
    "address": "ada@@acme",
    "choices": (("shop", "Shop"), ("payments", "Payments")),
}


def shown(name: str, language: str = "en", **changed: object) -> Element:
    values = {key: (VALUES | changed)[key] for key in FORMS[name]}
    return read(form_page(name, language, SITE, **values))


@pytest.mark.parametrize("language", CODES)
@pytest.mark.parametrize("name", FORMS)
def test_each_page_is_there_in_each_language(name: str, language: str) -> None:
    root = shown(name, language)
    assert root.one("html").attributes["lang"] == language
    assert root.one("h1").text
    assert {"name": "robots", "content": "noindex"} in [one.attributes for one in root.all("meta")]


@pytest.mark.parametrize(
    ("name", "button"),
    [
        ("confirm", "Yes, write to me"),
        ("manage", "Stop these letters"),
        ("unsubscribe", "Stop these letters"),
    ],
)
def test_what_changes_something_is_a_button(name: str, button: str) -> None:
    """Mail scanners follow every link; none of them presses a button."""
    root = shown(name)
    form = root.one("form")
    assert (form.attributes["method"], form.attributes["action"]) == ("post", "/subscriptions/abc")
    assert form.one("button").text == button
    assert "/subscriptions/abc" not in [link.attributes["href"] for link in root.all("a")]


@pytest.mark.parametrize("name", [name for name in FORMS if "action" not in FORMS[name]])
def test_no_other_page_acts(name: str) -> None:
    forms = shown(name).all("form")
    assert [form.attributes["action"] for form in forms] == (
        ["/subscribe"] if name == "bad_address" else []
    )


def test_a_mistyped_address_can_be_mended() -> None:
    root = shown("bad_address")
    [field] = [one for one in root.all("input") if one.attributes["name"] == "address"]
    assert field.attributes["value"] == "ada@@acme"
    assert len([one for one in root.all("input") if one.attributes["name"] == "components"]) == 2


def test_nobody_learns_whether_an_address_is_known() -> None:
    assert FORMS["subscribe_sent"] == ()
    assert "If this address is not confirmed yet" in shown("subscribe_sent").text


def test_the_wishes_are_shown() -> None:
    assert [one.text for one in shown("manage").one("main").all("li")] == ["Shop", "Payments"]
    assert [one.text for one in shown("manage", wishes=()).one("main").all("li")] == ["All parts"]


def test_the_wishes_may_have_no_address_to_be_seen_at() -> None:
    assert len(shown("confirmed").one("main").all("a")) == 2
    assert len(shown("confirmed", manage_url=None).one("main").all("a")) == 1


def test_a_page_that_is_not_there_or_gets_the_wrong_values_is_our_mistake() -> None:
    with pytest.raises(LookupError):
        form_page("nonsense", "en", SITE)
    with pytest.raises(LookupError):
        form_page("bad_link", "xx", SITE)
    with pytest.raises(TypeError, match="action"):
        form_page("confirm", "en", SITE)
    with pytest.raises(TypeError):
        form_page("bad_link", "en", SITE, action="/x")
