"""What do the small pages round the letters ask and say?"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from notifications.language import load
from statuspage.pages.forms import FORMS, form_page
from statuspage.pages.hooks import HookView
from statuspage.pages.offer import Offer
from statuspage.rules.subscriptions import TEXT_VERSION, Wishes
from tests.statuspage.pages.boards import CODES, SITE
from tests.statuspage.pages.document import Element, read

VALUES: dict[str, object] = {
    "action": "/subscriptions/abc",
    "manage_url": "/subscriptions/abc",
    "forget_url": "/subscriptions/abc/forget",
    "code": "abc",
    "wishes": Wishes(components=("payments",), groups=("Website",), ends_only=True),
    "address": "ada@@acme",
    "new_address": "ada@acme.example",
    "note": "saved",
    "channel": "slack",
    "owner": "ada@acme.example",
    "secret": "whsec_c2VjcmV0",
    "hook": HookView("webhook", "hooks.acme.example", is_resting=True, is_signed=True),
    "offer": Offer((("Website", (("shop", "Shop"),)), (None, (("payments", "Payments"),)))),
}
ACTING = {"action", "forget_url", "code"}


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
        ("confirm_once", "Yes, this once"),
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


@pytest.mark.parametrize("name", [name for name in FORMS if not ACTING & set(FORMS[name])])
def test_no_other_page_acts(name: str) -> None:
    again = {"bad_address": "/subscribe", "bad_choice": "/subscribe", "bad_hook": "/subscribe/hook"}
    forms = shown(name).all("form")
    assert [form.attributes["action"] for form in forms] == ([again[name]] if name in again else [])


def test_a_mistyped_address_can_be_mended() -> None:
    root = shown("bad_address")
    [field] = [one for one in root.all("input") if one.attributes["name"] == "address"]
    assert field.attributes["value"] == "ada@@acme"
    assert len([one for one in root.all("input") if one.attributes["name"] == "components"]) == 2


def test_nobody_learns_whether_an_address_is_known() -> None:
    assert FORMS["subscribe_sent"] == ()
    assert "If this address is not confirmed yet" in shown("subscribe_sent").text


def ticked(root: Element, field: str) -> list[str]:
    return [
        one.attributes["value"]
        for one in root.all("input")
        if one.attributes.get("name") == field and "checked" in one.attributes
    ]


def test_the_wishes_are_shown_as_they_are() -> None:
    root = shown("manage")
    assert ticked(root, "components") == ["payments"]
    assert ticked(root, "groups") == ["Website"]
    assert ticked(root, "least_impact") == ["none"]
    assert ticked(root, "ends_only") == ["1"]
    assert ticked(root, "language") == ["en"]
    assert ticked(root, "only_incident") == []
    assert "Letters go to ada@@acme." in root.text
    assert "They will go to ada@acme.example once" in root.text


@pytest.mark.parametrize(
    ("wished", "shown_as"), [("minor", "none"), ("major", "major"), ("critical", "critical")]
)
def test_what_a_program_wished_is_shown_as_the_nearest(wished: str, shown_as: str) -> None:
    root = shown("manage", wishes=Wishes(least_impact=wished, only_incident_id="inc1"))
    assert ticked(root, "least_impact") == [shown_as]
    assert ticked(root, "only_incident") == ["inc1"]


def test_everything_is_a_button_where_one_manages() -> None:
    forms = shown("manage").all("form")
    assert [(one.attributes["method"], one.attributes["action"]) for one in forms] == [
        ("post", "/subscriptions/abc"),
        ("post", "/subscriptions/abc/address"),
        ("post", "/unsubscribe/abc"),
        ("post", "/subscriptions/abc/forget"),
    ]
    assert "/subscriptions/abc/export" in [
        link.attributes["href"] for link in shown("manage").all("a")
    ]


def test_who_is_responsible_stands_beside_the_form() -> None:
    site = replace(SITE, controller="Acme S.p.A.", privacy_url="https://acme.example/privacy")
    values = {key: VALUES[key] for key in FORMS["bad_address"]}
    section = read(form_page("bad_address", "en", site, **values)).one("section")
    assert "Responsible for your data: Acme S.p.A." in section.text
    assert "https://acme.example/privacy" in [link.attributes["href"] for link in section.all("a")]


def test_what_people_say_yes_to_has_a_version() -> None:
    """Whoever changes the sentences beside the form gives them a new one: it goes into proofs."""
    keys = (
        *("page.subscribe.note", "page.form.confirm.body", "page.form.confirm_once.body"),
        *("page.wishes.once", "letters.confirm.wish_all", "letters.confirm.wish_some"),
        *("page.hook.note", "page.form.confirm_hook.body"),
        *("letters.hook.wish_all", "letters.hook.wish_some"),
    )
    told = [
        load(code).text(key, site="{site}", names="{names}", kind="{kind}")
        for code in ("en", "it")
        for key in keys
    ]
    seen = hashlib.sha256("\n".join(told).encode()).hexdigest()[:8]
    assert (TEXT_VERSION, seen) == ("2026-11b", "a1f54c59")


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
