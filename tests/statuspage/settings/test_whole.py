"""What is legal but hardly meant is told, and nothing else."""

from __future__ import annotations

import pytest

from checks.verdict import Policy
from tests.statuspage.settings.files import HTTP, SHOP, SITE, settings

NOTIFY = 'notify = ["mailto:a@acme.example", "https://hooks.acme.example"]'
SERVER = 'server = "smtp://mail"'
SENDER = 'from = "a@acme.example"'
REFERENCE = 'reference = ["tcp://192.0.2.1:53"]'
COMPLETE = (
    f"{SITE}{SHOP}{HTTP}[operators]\n{NOTIFY}\n[mail]\n{SERVER}\n{SENDER}\n[checks]\n{REFERENCE}\n"
)


def test_a_complete_configuration_gives_no_warning() -> None:
    assert settings(COMPLETE).warnings() == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("https://status", "http://status", ["site.url"]),
        (NOTIFY, "", ["operators.notify"]),
        (NOTIFY, 'notify = ["mailto:a@acme.example"]', ["operators.notify"]),
        (NOTIFY, 'notify = ["mailto:a@x.example"]\nmail_server = "smtp://other"', []),
        (NOTIFY, 'notify = ["https://hooks.acme.example"]', []),
        (SERVER, "", ["operators.notify", "mail.server"]),
        (SENDER, "", ["operators.notify", "mail.from"]),
        (f"{SERVER}\n{SENDER}", '[letters]\nautomatic = "never"', ["operators.notify"]),
        (REFERENCE, "", ["checks.reference"]),
        ("[mail]", "[letters]\nper_day = 3\n[mail]", ["letters.per_day"]),
        ("[mail]", '[server]\ntrusted_proxies = ["0.0.0.0/0"]\n[mail]', ["server.trusted_proxies"]),
        (SHOP, f"{SHOP}public = false\n", ["components"]),
        (HTTP, "", ["components[0].checks"]),
        (SHOP, f'{SHOP}when_down = {{ it = "x" }}\n', ["components[0].when_down"]),
    ],
)
def test_each_warning_names_its_key(old: str, new: str, told: list[str]) -> None:
    text = COMPLETE.replace(old, new)
    assert text != COMPLETE
    assert [line.partition(": ")[0] for line in settings(text).warnings()] == told


def test_a_language_that_lacks_is_told_as_one() -> None:
    """A bare "it" would read as a word of the sentence."""
    text = COMPLETE.replace(SHOP, f'{SHOP}when_down = {{ en = "x" }}\n')
    text = text.replace("[site]\n", '[site]\nlanguages = ["en", "it"]\n')
    (told,) = settings(text).warnings()
    assert told == 'components[0].when_down: shop has no text in the language "it"'


def test_operators_have_a_relay_of_their_own_or_the_customers() -> None:
    assert settings(COMPLETE).operators_relay.get_secret_value() == "smtp://mail"
    text = COMPLETE.replace(NOTIFY, 'mail_server = "smtp://other"')
    assert settings(text).operators_relay.get_secret_value() == "smtp://other"


def test_a_policy_without_settings_is_that_of_the_defaults() -> None:
    told = settings(COMPLETE)
    assert told.policy(told.components[0].checks[0]) == Policy()


def test_components_are_found_by_their_id() -> None:
    told = settings(COMPLETE)
    assert told.component("shop") is told.components[0]
    assert told.component("nothing") is None
