"""Is a key that could not sign found out before a letter leaves?"""

from __future__ import annotations

from pathlib import Path

import pytest

from statuspage.settings import load
from tests.notifications.receiver import new_key, pem
from tests.statuspage.settings.files import SMALLEST, mistakes, settings

KEY = pem(new_key())


def mail(dkim: str, sender: str = "Acme <status@acme.example>") -> str:
    return SMALLEST + f'[mail]\nserver = "smtp://mail"\nfrom = "{sender}"\ndkim = {{ {dkim} }}\n'


def test_a_key_lies_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "dkim.pem").write_text(KEY)
    file = tmp_path / "avviso.toml"
    wired = 'domain = "acme.example", selector = "avviso", key = { file = "dkim.pem" }'
    file.write_text(mail(wired))
    signer = load(file, {}).mail.dkim.signer
    assert signer is not None
    assert (signer.domain, signer.selector, signer.key.key_size) == ("acme.example", "avviso", 2048)


def test_without_one_nothing_is_signed() -> None:
    assert settings().mail.dkim.signer is None


def test_the_environment_may_bring_it() -> None:
    told = settings(mail('domain = "acme.example", selector = "a"'), AVVISO_MAIL__DKIM__KEY=KEY)
    assert told.mail.dkim.signer is not None


@pytest.mark.parametrize(
    ("dkim", "says"),
    [
        (
            'domain = "acme.example", selector = "avviso"',
            "mail.dkim: has no key; allowed: domain, selector and key, or none",
        ),
        (
            'selector = "avviso"',
            "mail.dkim: has no domain and no key; allowed: domain, selector and key, or none",
        ),
        (
            'domain = "https://acme.example"',
            (
                'mail.dkim.domain: "https://acme.example" is not a host name; '
                "allowed: a name without scheme, port or path"
            ),
        ),
        (
            'selector = "the key"',
            (
                'mail.dkim.selector: "the key" is not a selector; '
                "allowed: a name of a-z, 0-9, - and dots, like avviso1"
            ),
        ),
        (
            'domain = "acme.example", selector = "avviso", key = "geheim"',
            (
                "mail.dkim.key: is not a private key in PEM; allowed: an RSA key of 2048 bits "
                'or more in PEM, like { file = "/run/secrets/dkim.pem" }'
            ),
        ),
        (
            'domain = "acme.example", selector = "avviso", key = { file = "/nowhere/dkim.pem" }',
            (
                "mail.dkim.key: can't be read from the file /nowhere/dkim.pem: "
                "No such file or directory"
            ),
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(dkim: str, says: str) -> None:
    assert mistakes(mail(dkim))[0] == says


def test_a_signature_that_would_not_count_is_warned_of() -> None:
    key = KEY.replace("\n", "\\n")
    dkim = f'domain = "other.example", selector = "avviso", key = "{key}"'
    warnings = settings(mail(dkim)).warnings()
    assert any(
        line.startswith("mail.dkim.domain: mail.from is of acme.example") for line in warnings
    )
    below = mail(dkim.replace("other", "acme"), "Acme <s@news.acme.example>")
    assert not any("dkim" in line for line in settings(below).warnings())


def test_no_key_shows_where_people_read() -> None:
    told = settings(mail('domain = "acme.example", selector = "a"'), AVVISO_MAIL__DKIM__KEY=KEY)
    assert "PRIVATE" not in f"{told!r} {told} {told.model_dump()}"
