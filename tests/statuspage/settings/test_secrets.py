"""No password shows where people read: not in a repr, not in a mistake, not in a warning."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from tests.statuspage.settings.files import HTTP, SHOP, SITE, SMALLEST, mistakes, settings


def test_no_password_shows_in_settings_or_mistakes() -> None:
    text = (
        SITE
        + '[mail]\nserver = "smtp://u:geheim@mail"\n'
        + '[operators]\nmail_server = "smtp://u:geheim@mail"\nnotify = ["https://h/geheim"]\n'
        + '[database]\nurl = "postgresql://u:geheim@db/x"\n'
        + SHOP
        + '[[components.checks]]\nkind = "postgresql"\ndsn = "postgresql://u:geheim@db/x"\n'
        + HTTP
        + 'basic_auth = "u:geheim"\nheaders = { A = "geheim" }\n'
    )
    told = settings(text)
    assert told.mail.server == SecretStr("smtp://u:geheim@mail")
    assert "geheim" not in f"{told!r} {told} {told.model_dump()} {told.warnings()}"


@pytest.mark.parametrize(
    "text",
    [
        SMALLEST + '[mail]\nserver = "smtp://u:geheim@mail/path"\n',
        SMALLEST + '[mail]\nserver = "smtp://u:geheim@mail:99999"\n',
        SMALLEST + '[mail]\nserver = "smtp://u:1?geheim@mail"\n',
        SMALLEST + '[operators]\nnotify = ["slck://hooks/geheim"]\n',
        SMALLEST + '[database]\nurl = "postgres://u:geheim@db/x"\n',
        SMALLEST + 'basic_auth = "geheim"\n',
        SMALLEST + 'headers = { A = ["geheim"] }\n',
        SITE + SHOP + HTTP.replace("https://", "https://u:geheim@"),
        SITE
        + SHOP
        + '[[components.checks]]\nkind = "postgresql"\ndsn = "postgrs://u:geheim@db/x"\n',
        SITE + SHOP + '[[components.checks]]\nkind = "mysql"\ndsn = "geheim"\n',
        SITE + SHOP + '[[components.checks]]\nkind = "redis"\ndsn = "http://:geheim@x"\n',
        SITE + SHOP + '[[components.checks]]\nkind = "redis"\npasswrod = "geheim"\n',
        SMALLEST + '[checks]\ninterval = "${SECRET}"\n',
        SMALLEST + 'method = "${SECRET}"\n',
        SMALLEST + 'expect_status = ["${SECRET}"]\n',
        SITE + SHOP + '[[components.checks]]\nkind = "${SECRET}"\n',
        SITE + 'time_zone = "${SECRET}"\n' + SHOP,
    ],
)
def test_no_mistake_quotes_a_secret(text: str) -> None:
    found = mistakes(text, {"SECRET": "geheim"})
    assert found
    assert "geheim" not in "\n".join(found)
