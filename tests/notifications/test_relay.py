"""Is a mail server's URL read as it was meant, and its secret kept?"""

import ssl

import pytest

from notifications.relay import Relay, parse


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp://mail.example", Relay(host="mail.example", port=25)),
        ("smtp://mail.example:2525/", Relay(host="mail.example", port=2525)),
        ("smtp://[::1]:25?starttls=never", Relay(host="::1", port=25, starttls=False)),
        ("smtp://mail.example?starttls=always", Relay(host="mail.example", port=25, starttls=True)),
        ("smtps://mail.example", Relay(host="mail.example", port=465, tls=True, starttls=False)),
        (
            "smtp://ann%40acme:p%3Aw@mail.example",
            Relay(host="mail.example", port=587, user="ann@acme", secret="p:w", starttls=True),
        ),
        (
            "smtp://ann:pw@127.0.0.1:1025",
            Relay(host="127.0.0.1", port=1025, user="ann", secret="pw", starttls=None),
        ),
        (
            "smtp://ann:pw@mail.example?starttls=never",
            Relay(host="mail.example", port=587, user="ann", secret="pw", starttls=False),
        ),
    ],
)
def test_urls(url: str, relay: Relay) -> None:
    assert parse(url) == relay


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://ann:s3cret@mail.example",
        "smtp://",
        "smtp://ann:s3cret@mail.example:port",
        "smtp://ann:s3cret@mail.example:99999",
        "smtp://ann:s3cret@mail.example?starttls=perhaps",
        "smtp://ann:s3cret@mail.example?startls=never",
        "smtp://ann:s3cret@mail.example/path",
        "smtp://ann:s3cret@[::1",
    ],
)
def test_a_mistake_says_what_is_allowed_and_never_the_secret(url: str) -> None:
    with pytest.raises(ValueError, match="starttls=never") as caught:
        parse(url)
    assert "s3cret" not in str(caught.value)


def test_a_relay_is_printed_without_its_secret() -> None:
    assert "s3cret" not in repr(parse("smtp://ann:s3cret@mail.example"))


@pytest.mark.parametrize(
    ("url", "verifies"),
    [
        ("smtps://mail.example", True),
        ("smtp://mail.example?starttls=always", True),
        ("smtp://ann:pw@mail.example", True),
        ("smtp://mail.example", False),
    ],
)
def test_certificates_are_verified_where_encryption_is_asked_for(url: str, verifies: bool) -> None:
    context = parse(url).options()["tls_context"]
    assert (context.verify_mode == ssl.CERT_REQUIRED) is verifies
    assert context.check_hostname is verifies
