"""Does the http probe say what failed, and end in time whatever the other side does?"""

import asyncio
import gzip
import time
import tracemalloc
import zlib
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from checks.network import Network
from checks.probes.http import Http
from checks.result import Fault, Grade
from tests.checks.chaos import (
    DRIP,
    Behaviour,
    answers,
    deafness,
    endless,
    goodbye,
    listening,
    says,
    silence,
)
from tests.checks.conftest import IMPATIENCE, PATIENCE

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
DOCUMENT = b'{"state": "ok", "n": 1, "on": true, "checks": [{"name": "db", "up": false}], "x.y": 2}'


@pytest.mark.parametrize(
    ("behaviour", "settings"),
    [
        (answers(), {}),
        (answers(status="204 No Content", body=b""), {"expect_status": [200, 204]}),
        (answers(status="500 Broken"), {"expect_status": [500]}),
        (answers(b"all is well"), {"expect_text": "is well"}),
        (answers("così".encode("latin-1"), headers="Content-Type: text/plain; charset=latin-1\r\n"),
         {"expect_text": "così"}),
        (answers(b"x", headers="Content-Type: text/plain; charset=nonsense\r\n"),
         {"expect_text": "x"}),
        (answers(DOCUMENT), {"expect_json": {"state": "ok", "n": 1, "on": True}}),
        (answers(DOCUMENT), {"expect_json": {"checks.0.name": "db", "checks.0.up": False}}),
        (answers(DOCUMENT), {"expect_json": {"checks.0": {"name": "db", "up": False}}}),
        (answers(gzip.compress(b"packed"), headers="Content-Encoding: gzip\r\n"),
         {"expect_text": "packed"}),
        (answers(), {"method": "HEAD"}),
        (says(OK, b"\r\nuntil the end"), {"expect_text": "the end"}),
        (says(CHUNKED, b"2\r\nab\r\n0\r\n\r\n"), {"expect_text": "ab"}),
        (endless(CHUNKED, b"4\r\nmore\r\n"), {"expect_text": "moremore"}),
        (answers(), {"max_time": "5s"}),
    ],
)  # fmt: skip
async def test_well(network: Network, behaviour: Behaviour, settings: dict[str, Any]) -> None:
    async with listening(behaviour) as target:
        result = await Http(url=target.url(), **settings).run(network, PATIENCE)
    assert (result.grade, result.fault) == (Grade.WELL, None), result.says
    assert result.reached
    assert result.address == "127.0.0.1"
    assert result.latency_ms is not None
    assert 0 < result.latency_ms < 5000


FAILURES: dict[str, tuple[Behaviour, dict[str, Any], Fault, str]] = {
    "status": (
        answers(status="500 Broken"),
        {"expect_status": [200, 204]},
        Fault.WRONG_STATUS,
        "Answered 500, expected 200 or 204.",
    ),
    "redirect not followed": (
        answers(status="302 Found", headers="Location: /x\r\n"),
        {},
        Fault.WRONG_STATUS,
        "Answered 302, expected 200.",
    ),
    "text": (
        answers(b"oops"),
        {"expect_text": "well"},
        Fault.WRONG_CONTENT,
        "The expected text is not in the answer.",
    ),
    "text too far away": (
        endless(CHUNKED, b"400\r\n" + b"x" * 1024 + b"\r\n"),
        {"expect_text": "well"},
        Fault.WRONG_CONTENT,
        "The expected text is not in the first megabyte of the answer.",
    ),
    "no JSON": (
        answers(b"<html>"),
        {"expect_json": {"state": "ok"}},
        Fault.WRONG_CONTENT,
        "The answer is not JSON.",
    ),
    "deep JSON": (
        answers(b"[" * 200_000),
        {"expect_json": {"state": "ok"}},
        Fault.WRONG_CONTENT,
        "The answer is not JSON.",
    ),
    "long JSON": (
        endless(CHUNKED, b"400\r\n" + b"[" * 1024 + b"\r\n"),
        {"expect_json": {"state": "ok"}},
        Fault.WRONG_CONTENT,
        "The answer is longer than a megabyte, so no JSON could be read from it.",
    ),
    "JSON value": (
        answers(DOCUMENT),
        {"expect_json": {"state": "well"}},
        Fault.WRONG_CONTENT,
        'The JSON answer has "state": "ok", expected "well".',
    ),
    "JSON true is not 1": (
        answers(DOCUMENT),
        {"expect_json": {"n": True}},
        Fault.WRONG_CONTENT,
        'The JSON answer has "n": 1, expected true.',
    ),
    "JSON path": (
        answers(DOCUMENT),
        {"expect_json": {"checks.1.up": True}},
        Fault.WRONG_CONTENT,
        'The JSON answer has no "checks.1.up".',
    ),
    "compressed unasked": (
        answers(b"\x00", headers="Content-Encoding: br\r\n"),
        {"expect_text": "x"},
        Fault.WRONG_CONTENT,
        "The answer is compressed, though that was not asked for.",
    ),
    "badly compressed": (
        answers(b"\x00\x01", headers="Content-Encoding: gzip\r\n"),
        {"expect_text": "x"},
        Fault.PROTOCOL_ERROR,
        "The answer can't be unpacked.",
    ),
    "closed at once": (
        goodbye,
        {},
        Fault.CLOSED,
        "127.0.0.1:PORT closed the connection without an answer.",
    ),
    "closed in the middle": (
        says(OK, b"Content-Length: 10\r\n\r\nhalf"),
        {},
        Fault.CLOSED,
        "127.0.0.1:PORT closed the connection before the answer was whole.",
    ),
    "closed in a chunk": (
        says(CHUNKED, b"ff\r\nhalf"),
        {},
        Fault.CLOSED,
        "127.0.0.1:PORT closed the connection before the answer was whole.",
    ),
    "not HTTP": (
        says(b"220 mail.acme.example ESMTP\r\n" * 3),
        {},
        Fault.PROTOCOL_ERROR,
        "The answer is not valid HTTP.",
    ),
    "endless headers": (
        endless(OK, b"X-More: and more\r\n"),
        {},
        Fault.PROTOCOL_ERROR,
        "The answer is not valid HTTP.",
    ),
    "redirects in a circle": (
        answers(status="302 Found", headers="Location: /again\r\n"),
        {"follow_redirects": True},
        Fault.TOO_MANY_REDIRECTS,
        "Redirected more than 10 times.",
    ),
    "redirect to a file": (
        answers(status="302 Found", headers="Location: file:///etc/passwd\r\n"),
        {"follow_redirects": True},
        Fault.PROTOCOL_ERROR,
        "Redirected to an address that is neither http nor https.",
    ),
    "redirect to nonsense": (
        answers(status="302 Found", headers="Location: http://[::1\r\n"),
        {"follow_redirects": True},
        Fault.PROTOCOL_ERROR,
        "Redirected to what is no web address.",
    ),
    "plain where TLS is expected": (
        endless(b"", b"220 plain\r\n", DRIP),
        {"scheme": "https"},
        Fault.TLS,
        "TLS: the other side does not speak TLS on this port.",
    ),
}


@pytest.mark.parametrize(
    ("behaviour", "settings", "fault", "sentence"), FAILURES.values(), ids=list(FAILURES)
)
async def test_what_failed_is_a_plain_sentence(
    network: Network, behaviour: Behaviour, settings: dict[str, Any], fault: Fault, sentence: str
) -> None:
    settings = dict(settings)
    async with listening(behaviour) as target:
        url = target.url("/?token=geheim", settings.pop("scheme", "http"))
        result = await Http(url=url, **settings).run(network, PATIENCE)
    assert (result.grade, result.fault) == (Grade.FAILED, fault), result.says
    assert result.says == sentence.replace("PORT", str(target.port))
    assert result.reached, "somebody was there"


HANGS: dict[str, Behaviour] = {
    "accepts and is silent": silence,
    "accepts and reads nothing": deafness,
    "drips its headers": endless(OK, b"X-More: y\r\n", DRIP),
    "drips its body": endless(OK + b"Content-Length: 99999\r\n\r\n", b"x", DRIP),
    "says 100 for ever": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", DRIP),
}


@pytest.mark.parametrize("body", [None, "x" * 8_000_000], ids=["GET", "a body nobody takes"])
@pytest.mark.parametrize("behaviour", HANGS.values(), ids=list(HANGS))
async def test_a_look_never_outlives_its_timeout(
    network: Network, behaviour: Behaviour, body: str | None
) -> None:
    async with listening(behaviour) as target:
        began = time.monotonic()
        probe = Http(url=target.url(), body=body, method="POST" if body else "GET")
        result = await probe.run(network, IMPATIENCE)
        took = time.monotonic() - began
    assert (result.fault, result.says) == (Fault.TIMED_OUT, "Timed out after 0.3 s.")
    assert result.reached
    assert took < 0.3 + 0.5


async def test_tls_that_never_shakes_hands_times_out(network: Network) -> None:
    async with listening(silence) as target:
        result = await Http(url=target.url(scheme="https")).run(network, IMPATIENCE)
    assert (result.fault, result.reached) == (Fault.TIMED_OUT, True)


@pytest.mark.parametrize(
    ("certificate", "sentence"),
    [
        ("expired", "TLS: the certificate has expired."),
        ("not_yet", "TLS: the certificate is not yet valid."),
        ("another_name", "TLS: the certificate is for another name."),
        ("self_signed", "TLS: the certificate is self-signed."),
    ],
)
async def test_a_bad_certificate_says_why(
    network: Network, certificate: str, sentence: str
) -> None:
    async with listening(answers(), tls=certificate) as target:
        url = target.url(scheme="https").replace("127.0.0.1", "localhost")
        strict = await Http(url=url).run(network, PATIENCE)
        lax = await Http(url=url, verify_tls=False).run(network, PATIENCE)
    assert (strict.fault, strict.says, strict.reached) == (Fault.TLS, sentence, True)
    assert lax.grade == Grade.WELL, lax.says


async def test_a_good_certificate_is_well(network: Network) -> None:
    async with listening(answers(), tls="trusted") as target:
        result = await Http(url=target.url(scheme="https")).run(network, PATIENCE)
    assert result.grade == Grade.WELL, result.says


async def test_an_unknown_authority_is_told(network: Network) -> None:
    del network.verifying
    async with listening(answers(), tls="trusted") as target:
        result = await Http(url=target.url(scheme="https")).run(network, PATIENCE)
    assert result.says == "TLS: the issuer of the certificate is not known."


async def test_slower_than_allowed_is_slow(network: Network) -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        await answers()(reader, writer)

    async with listening(behave) as target:
        result = await Http(url=target.url(), max_time="20ms").run(network, PATIENCE)
    assert (result.grade, result.fault) == (Grade.SLOW, None)
    assert result.says.endswith("ms, allowed are 20ms.")


async def test_nobody_there(network: Network) -> None:
    async with listening(answers()) as target:
        pass
    result = await Http(url=target.url()).run(network, PATIENCE)
    assert result.says == f"Connection refused by 127.0.0.1:{target.port}."
    assert (result.fault, result.reached, result.latency_ms) == (Fault.REFUSED, False, None)


async def test_a_name_that_does_not_exist(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = await Http(url="http://db.acme.invalid/?k=v").run(network, PATIENCE)
    assert (result.fault, result.reached, result.address) == (Fault.NAME_NOT_FOUND, False, None)
    assert result.says.startswith("The name db.acme.invalid ")


async def test_what_is_asked_is_what_was_configured(network: Network) -> None:
    asked: list[str] = []
    async with listening(answers(requests=asked)) as target:
        probe = Http(
            url=target.url("/health?full=1"),
            method="POST",
            headers={"X-Key": "geheim", "user-agent": "mine"},
            body="ping",
            basic_auth="user:pass:word",
        )
        await probe.run(network, PATIENCE)
        await probe.run(network, PATIENCE)
    assert asked[0] == asked[1]
    lines = asked[0].split("\r\n")
    assert lines[0] == "POST /health?full=1 HTTP/1.1"
    assert {line.lower() for line in lines[1:-2]} == {
        f"host: 127.0.0.1:{target.port}",
        "user-agent: mine",
        "accept: */*",
        "accept-encoding: identity",
        "connection: close",
        "x-key: geheim",
        "authorization: basic dxnlcjpwyxnzondvcmq=",
        "content-length: 4",
    }


async def test_keys_do_not_follow_a_redirect_to_another_origin(network: Network) -> None:
    first: list[str] = []
    second: list[str] = []
    async with listening(answers(requests=second)) as other:
        moved = answers(
            status="307 Moved", headers=f"Location: {other.url('/b')}\r\n", requests=first
        )
        async with listening(moved) as target:
            result = await Http(
                url=target.url("/a"),
                headers={"X-Key": "geheim"},
                basic_auth="user:password",
                follow_redirects=True,
            ).run(network, PATIENCE)
    assert result.grade == Grade.WELL, result.says
    assert "geheim" in first[0]
    assert second[0].startswith("GET /b HTTP/1.1\r\n")
    assert "geheim" not in second[0]
    assert "uthorization" not in second[0]
    assert f"Host: 127.0.0.1:{other.port}" in second[0]


async def test_a_redirect_within_the_origin_keeps_them(network: Network) -> None:
    asked: list[str] = []

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        moved = answers(status="302 Found", headers="Location: /b\r\n", requests=asked)
        await (answers(requests=asked) if asked else moved)(reader, writer)

    async with listening(behave) as target:
        probe = Http(url=target.url("/a"), headers={"X-Key": "k"}, follow_redirects=True)
        assert (await probe.run(network, PATIENCE)).grade == Grade.WELL
    assert asked[1].startswith("GET /b ")
    assert "x-key: k" in asked[1].lower()


async def test_no_proxy_of_the_environment_stands_between(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with listening(answers()) as target:
        assert (await Http(url=target.url()).run(network, PATIENCE)).grade == Grade.WELL


def bomb(size: int) -> bytes:
    """That many zeros, packed a thousandfold, without ever holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(1 << 20)
    packed = [packer.compress(piece) for _ in range(size // len(piece))]
    return b"".join([*packed, packer.flush()])


@pytest.mark.parametrize("settings", [{}, {"expect_text": "x"}], ids=["unread", "read"])
async def test_a_packed_hundred_megabytes_do_not_fill_our_memory(
    network: Network, settings: dict[str, Any]
) -> None:
    async with listening(answers(bomb(100 << 20), headers="Content-Encoding: gzip\r\n")) as target:
        probe = Http(url=target.url(), **settings)
        tracemalloc.start()
        try:
            result = await probe.run(network, PATIENCE)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert result.fault == (Fault.WRONG_CONTENT if settings else None), result.says
    assert peak < 10 << 20


async def test_an_endless_body_is_read_to_its_first_megabyte(network: Network) -> None:
    sent = 0

    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(OK + b"\r\n")
        while True:
            writer.write(bytes(1 << 16))
            await writer.drain()
            sent += 1 << 16

    async with listening(behave) as target:
        result = await Http(url=target.url()).run(network, PATIENCE)
    assert result.grade == Grade.WELL, "much is no failure"
    assert sent < 32 << 20, "what the kernel's buffers hold, and no more"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"url": "shop.acme.example"}, "http://host/path"),
        ({"url": "ftp://shop.acme.example"}, "http://host/path"),
        ({"url": "https://user:geheim@shop.acme.example"}, "basic_auth"),
        ({"url": "http://[::1"}, "web address"),
        ({"basic_auth": "geheim"}, "user:password"),
        ({"headers": {"X Y": "geheim"}}, "name of a header"),
        ({"headers": {"X": "geheim\r\nY: z"}}, "printable"),
        ({"method": "get it"}, "method"),
        ({"expect_status": []}, "expect_status"),
        ({"expect_status": [42]}, "expect_status"),
        ({"expect_text": ""}, "expect_text"),
        ({"max_time": "2"}, "ms, s, m, h or d"),
        ({"interval": "5s"}, "interval"),
    ],
)
def test_wrong_settings_are_told_without_their_secrets(
    settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError) as mistake:
        Http.model_validate({"url": "https://shop.acme.example/", **settings})
    assert message in str(mistake.value)
    assert "geheim" not in str(mistake.value)


def test_no_repr_shows_a_secret() -> None:
    probe = Http(
        url="https://shop.acme.example/?key=geheim",
        headers={"X-Key": "geheim"},
        body="geheim",
        basic_auth="geheim:geheim",
    )
    assert "geheim" not in repr(probe) + str(probe)


async def test_a_connection_is_closed_after_each_look(network: Network) -> None:
    gone = asyncio.Event()

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"Content-Length: 2\r\nConnection: keep-alive\r\n\r\nok")
        await reader.read()
        gone.set()

    async with listening(behave) as target:
        assert (await Http(url=target.url()).run(network, PATIENCE)).grade == Grade.WELL
        async with asyncio.timeout(2):
            await gone.wait()


def test_durations_are_read() -> None:
    assert Http(url="http://a/", max_time="1.5s").max_time == timedelta(seconds=1.5)
