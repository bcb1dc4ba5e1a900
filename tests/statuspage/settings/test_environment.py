"""The environment overrides keys, and a name that is none is a mistake."""

from __future__ import annotations

from datetime import timedelta

import pytest

from statuspage.settings import Settings
from statuspage.settings.environment import variable
from statuspage.settings.schema import is_list, leaves
from tests.statuspage.settings.files import SHOP, SMALLEST, mistakes, settings

SINGLE = [path for path, field in leaves(Settings) if not is_list(field)]


def test_a_variable_overrides_a_key_and_makes_a_table() -> None:
    told = settings(
        SMALLEST + '[letters]\nundo = "1s"\n',
        AVVISO_LETTERS__UNDO="2s",
        AVVISO_MAIL__FROM="status@acme.example",
        AVVISO_MAIL__CONNECTIONS="3",
        AVVISO_SITE__CONTACT__EMAIL="help@acme.example",
        AVVISO_SITE__PUBLISH_COUNTS="true",
    )
    assert told.letters.undo == timedelta(seconds=2)
    assert (told.mail.sender, told.mail.connections) == ("status@acme.example", 3)
    assert told.site.contact.email == "help@acme.example"
    assert told.site.publish_counts


def test_what_is_needed_may_come_from_the_environment_alone() -> None:
    told = settings(SHOP, AVVISO_SITE__NAME="Acme", AVVISO_SITE__URL="https://s.acme.example")
    assert told.site.name == "Acme"


def test_a_value_of_the_environment_is_taken_as_it_is() -> None:
    told = settings(SMALLEST, AVVISO_MAIL__SERVER="smtp://u:${X}@mail")
    assert told.mail.server.get_secret_value() == "smtp://u:${X}@mail"


@pytest.mark.parametrize("path", SINGLE, ids=variable)
def test_every_key_has_a_variable(path: tuple[str | int, ...]) -> None:
    found = mistakes(SMALLEST, {variable(path): "\n"})
    assert [line for line in found if "is no key" in line or "a list can't" in line] == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("AVVISO_MIAL__SERVER", 'is no key, did you mean "AVVISO_MAIL__SERVER"?'),
        ("AVVISO_MAIL_SERVER", 'is no key, did you mean "AVVISO_MAIL__SERVER"?'),
        ("AVVISO_mail__server", "is no key"),
        ("AVVISO_MAIL", "is no key"),
        ("AVVISO_COMPONENTS", "a list can't be given by the environment"),
        ("AVVISO_SITE__LANGUAGES", "a list can't be given by the environment"),
        ("AVVISO_CHECKS__REFERENCE", "a list can't be given by the environment"),
        ("AVVISO_MAIL__CONNECTIONS", "the value is not a whole number"),
    ],
)
def test_a_mistake_names_the_variable(name: str, told: str) -> None:
    (found,) = mistakes(SMALLEST, {name: "x"})
    assert found.startswith(f"environment:{name}: {told}")


@pytest.mark.parametrize(
    "name",
    [
        "AVVISO_CONFIG",
        "AVVISO_URL",
        "AVVISO_TOKEN",
        "AVVISO_SERVICE_HOST",
        "AVVISO_SERVICE_PORT_HTTP",
        "AVVISO_PORT",
        "AVVISO_PORT_80_TCP_ADDR",
        "PATH",
        "avviso_mail__server",
    ],
)
def test_names_that_are_not_configuration_are_passed_over(name: str) -> None:
    assert mistakes(SMALLEST, {name: "x"}) == []
