"""Addresses are looked at for their shape, and nobody is asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import SecretStr

from statuspage.settings import addresses
from statuspage.settings.mistakes import Wrong

Rule = Callable[[str], object]


def relay(text: str) -> str:
    return addresses.relay(SecretStr(text)).get_secret_value()


def call(text: str) -> str:
    return addresses.call(SecretStr(text)).get_secret_value()


def network(text: str) -> str:
    return str(addresses.network(text))


@pytest.mark.parametrize(
    ("rule", "written", "meant"),
    [
        (addresses.site_url, "https://Status.Acme.example/", "https://status.acme.example"),
        (addresses.site_url, "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        (addresses.site_url, "http://[::1]:8000", "http://[::1]:8000"),
        (addresses.web_url, "https://a.example/p?q#f", "https://a.example/p?q#f"),
        (addresses.mailbox, "a+b@Acme.Example", "a+b@acme.example"),
        (addresses.mailbox, "jürgen@bücher.example", "jürgen@bücher.example"),
        (addresses.mailbox, "root@localhost", "root@localhost"),
        (addresses.mailbox, "ops@mail.acme.local", "ops@mail.acme.local"),
        (addresses.sender, "Acme <a@acme.example>", "Acme <a@acme.example>"),
        (addresses.sender, '"Acme, Inc." <a@acme.example>', '"Acme, Inc." <a@acme.example>'),
        (addresses.sender, " a@acme.example ", "a@acme.example"),
        (addresses.sender, "", ""),
        (relay, "", ""),
        (relay, "smtp://mail", "smtp://mail"),
        (
            relay,
            "smtp://u%40x:p@mail:587?starttls=always",
            "smtp://u%40x:p@mail:587?starttls=always",
        ),
        (relay, "smtps://[::1]:465", "smtps://[::1]:465"),
        (call, "mailto:oncall@Acme.example", "mailto:oncall@acme.example"),
        (call, "http://127.0.0.1:9/x", "http://127.0.0.1:9/x"),
        (addresses.target, "tcp://[2001:db8::1]:53", "tcp://[2001:db8::1]:53"),
        (addresses.host, "Shop.Acme.example.", "shop.acme.example"),
        (addresses.host, "bücher.example", "xn--bcher-kva.example"),
        (network, "10.0.0.7", "10.0.0.7/32"),
        (network, "2001:db8::/32", "2001:db8::/32"),
    ],
)
def test_addresses_that_are_well(rule: Rule, written: str, meant: str) -> None:
    assert rule(written) == meant


@pytest.mark.parametrize(
    ("rule", "written"),
    [
        (addresses.site_url, "status.acme.example"),
        (addresses.site_url, "//status.acme.example"),
        (addresses.site_url, "https://"),
        (addresses.site_url, "https://acme.example/status"),
        (addresses.site_url, "https://acme.example/?a"),
        (addresses.site_url, "https://u:p@acme.example"),
        (addresses.site_url, "https://acme.example\nX: y"),
        (addresses.web_url, "javascript:alert(1)"),
        (addresses.web_url, "https://a.example:99999"),
        (addresses.web_url, "https://a b.example"),
        (addresses.mailbox, "acme.example"),
        (addresses.mailbox, "a@b@c.example"),
        (addresses.mailbox, "a b@localhost"),
        (addresses.mailbox, "a@acme..local"),
        (addresses.sender, "Acme"),
        (addresses.sender, "Acme <>"),
        (addresses.sender, "Acme, Inc. <a@acme.example>"),
        (addresses.sender, "Acme <a@acme.example>\r\nBcc: b@acme.example"),
        (relay, "mail.acme.example"),
        (relay, "https://mail"),
        (relay, "smtp://"),
        (relay, "smtp://mail/inbox"),
        (relay, "smtp://mail?tls=1"),
        (relay, "smtp://mail?starttls=perhaps"),
        (relay, "smtps://mail?starttls=always"),
        (call, "mailto:"),
        (call, "mailto:nobody"),
        (call, "https://"),
        (call, "oncall@acme.example"),
        (call, "gopher://x"),
        (addresses.target, "tcp://192.0.2.1"),
        (addresses.target, "tcp://192.0.2.1:0"),
        (addresses.target, "udp://192.0.2.1:53"),
        (addresses.target, "tcp://192.0.2.1:53/x"),
        (addresses.host, "*.acme.example"),
        (addresses.host, "acme.example:80"),
        (addresses.host, "-a.example"),
        (addresses.host, ""),
        (network, "*"),
        (network, "10.0.0.7/8"),
        (network, "loopback"),
    ],
)
def test_addresses_that_are_not(rule: Rule, written: str) -> None:
    with pytest.raises(Wrong) as wrong:
        rule(written)
    assert wrong.value.allowed
