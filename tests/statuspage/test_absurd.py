"""However absurd a request is: does it get a proper answer, and never a trace of us?

The whole application answers, over a real server and a store of each engine, with the pages of an
outage in its memory. After each of these requests an honest one is asked.
"""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import AsyncIterator

import pytest

from statuspage.app import build
from statuspage.pages import render
from tests.statuspage.api.world import World, open_world
from tests.statuspage.pages.boards import CODES, OUTAGE
from tests.statuspage.serving import Serving, exchange, served

HOST, CLOSE = b"Host: status.acme.example\r\n", b"Connection: close\r\n"
HONEST = b"GET /en/ HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n"
OURS = re.compile(rb"Traceback|\.py\b|sqlalchemy|psycopg|sqlite|starlette|uvicorn|File \"", re.I)  # noqa: FURB167
"""What tells of how we are made."""


def get(target: bytes, more: bytes = b"", method: bytes = b"GET") -> bytes:
    return method + b" " + target + b" HTTP/1.1\r\n" + HOST + CLOSE + more + b"\r\n"


def hello() -> bytes:
    """The first bytes of a client that wants TLS."""
    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(into, out, server_hostname="status.acme.example")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return out.read()


NOWHERE = [
    *(b"/%00", b"/en/%00", b"/incidents/%00", b"/history/%00", b"/components/%00"),
    *(b"/badge/%00.svg", b"/subscriptions/%00", b"/subscriptions/a%00b", b"/unsubscribe/%00"),
    *(b"/gate/%00", b"/notice/%00", b"/static/%00", b"/hooks/%00", b"/heartbeats/%00"),
    *(b"/../../etc/passwd", b"/static/../../avviso.toml", b"/en/../../past.sqlite"),
    *(b"/%2e%2e/%2e%2e/etc/passwd", b"/static/%2e%2e%2fpyproject.toml", b"/..%5c..%5cavviso.toml"),
    *(b"/incidents/..%2f..%2fpast.sqlite", b"/incidents/%2e%2e", b"/history/..%2fmanifest.json"),
    *(b"/%c0%ae%c0%ae/", b"/%c0%af", b"/%e0%80%af", b"/%ed%a0%80", b"/%f5%80%80%80", b"/%ff%fe"),
    *(b"/%", b"/%zz", b"/%1", b"/%u0041", b"/\xff\xfe", b"/en%0d%0aX-Ours:%20no", b"/en%20/"),
    *(b"/en;a=b/", b"/\\evil.example\\", b"/index.php", b"/.git/config", b"/.env"),
    *(b"/incidents/" + b"a" * 5_000, b"/" + b"/" * 4_000, b"/" + b"%00" * 2_000),
]


ABSURD: dict[str, tuple[bytes, set[int]]] = {
    "absolute form": (get(b"http://status.acme.example/en/"), {200, 400, 404}),
    "another's absolute": (get(b"https://evil.example/en/"), {200, 400, 404}),
    "two slashes": (get(b"//evil.example/en/"), {400, 404}),
    "asterisk": (get(b"*", method=b"OPTIONS"), {204, 400, 404, 405}),
    "connect": (get(b"evil.example:443", method=b"CONNECT"), {400, 404, 405}),
    "trace": (get(b"/en/", method=b"TRACE"), {400, 405}),
    "a method nobody knows": (get(b"/en/", method=b"BREW"), {400, 405}),
    "a small method": (get(b"/en/", method=b"get"), {400, 405}),
    "a long method": (get(b"/en/", method=b"G" * 5_000), {400, 405, 431}),
    "HTTP/1.0": (b"GET /en/ HTTP/1.0\r\n\r\n", {200}),
    "HTTP/1.0, an empty host": (b"GET /en/ HTTP/1.0\r\nHost:\r\n\r\n", {200}),
    "no host": (b"GET /en/ HTTP/1.1\r\n" + CLOSE + b"\r\n", {400}),
    "two hosts": (get(b"/en/", HOST), {400}),
    "a range": (get(b"/en/", b"Range: bytes=0-99\r\n"), {200}),
    "a range beyond": (get(b"/en/", b"Range: bytes=9999999-\r\n"), {200}),
    "ranges": (get(b"/en/", b"Range: bytes=" + b"0-1," * 999 + b"\r\n"), {200}),
    "nothing plain": (get(b"/en/", b"Accept-Encoding: identity;q=0\r\n"), {200}),
    "no coding": (get(b"/en/", b"Accept-Encoding: *;q=0\r\n"), {200, 406}),
    "no media type": (get(b"/en/", b"Accept: \xff\xfe;;;q=\r\n"), {200}),
    "tags": (get(b"/en/", b"If-None-Match: " + b'"a",' * 4_000 + b"\r\n"), {200}),
    "no date": (get(b"/en/", b"If-Modified-Since: 99/99/99\r\n"), {200}),
    "a large cookie": (get(b"/en/", b"Cookie: " + b"a" * 40_000 + b"\r\n"), {431}),
    "many headers": (get(b"/en/", b"A: 1\r\n" * 9_000), {431}),
    "expects": (get(b"/en/", b"Expect: a miracle\r\n"), {200, 400, 417}),
    "a websocket": (get(b"/en/", b"Upgrade: websocket\r\n"), {200, 400}),
    "a space before the colon": (get(b"/en/", b"X : y\r\n"), {400}),
    "NUL in a header": (get(b"/en/", b"X: a\0b\r\n"), {400}),
    "no colon": (get(b"/en/", b"no colon\r\n"), {400}),
    "a folded header": (get(b"/en/", b"X: a\r\n folded\r\n"), {200, 400}),
    "no name": (get(b"/en/", b": no name\r\n"), {400}),
    "less than nothing": (get(b"/en/", b"Content-Length: -1\r\n"), {400}),
    "a hexadecimal length": (get(b"/en/", b"Content-Length: 0x10\r\n"), {400}),
    "two lengths": (get(b"/en/", b"Content-Length: 1\r\nContent-Length: 2\r\n") + b"ab", {400}),
    "a length and chunks": (
        get(b"/en/", b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n") + b"0\r\n\r\nG",
        {400},
    ),
    "no coding either": (get(b"/en/", b"Transfer-Encoding: gzip, chunked, identity\r\n"), {400}),
    "no chunk": (
        get(b"/subscribe", b"Transfer-Encoding: chunked\r\n", b"POST") + b"zz\r\n",
        {400, 415, 422},
    ),
    "HTTP/2.0": (b"GET /en/ HTTP/2.0\r\n" + HOST + CLOSE + b"\r\n", {200, 400}),
    "HTTP/0.9": (b"GET /en/\r\n\r\n", {200, 400}),
    "two spaces": (b"GET /en/ HTTP/1.1\r\n\r\n", {400}),
    "the preface of h2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), {400}),
    "TLS on the plain port": (hello(), {400}),
    "nothing at all": (b"\0" * 500, {400}),
    "empty lines before it": (b"\r\n\r\n\r\n" + HONEST, {200}),
    "bare line feeds": (b"GET /en/ HTTP/1.1\n" + HOST + CLOSE + b"\n", {200, 400}),
}
"""What is sent, and the statuses that are proper."""


@pytest.fixture
async def world(store_url: str) -> AsyncIterator[World]:
    async with open_world(store_url) as opened:
        pages = render(OUTAGE, CODES).pages
        gates = frozenset(part.id for part in OUTAGE.components)
        await opened.premises.memory.replace(pages, gates=gates, shut_gates=gates, revision=1)
        yield opened


@pytest.fixture
async def serving(world: World) -> AsyncIterator[Serving]:
    door = build(world.premises)
    async with served(door, at_once=door.ready, header_s=2.0) as serving:
        yield serving


async def statuses(serving: Serving, sent: bytes, caplog: pytest.LogCaptureFixture) -> list[int]:
    """Of all that comes back; nothing of it, and nothing in the log, tells of our insides, and
    whoever comes next is served.
    """
    with caplog.at_level(logging.DEBUG):
        answer = await exchange(serving.port, sent)
        honest = await exchange(serving.port, HONEST)
    assert honest.startswith(b"HTTP/1.1 200 ")
    assert not OURS.search(answer.partition(b"content-encoding")[0]), answer[:500]
    assert b"x-ours" not in answer.lower()
    assert not [record.getMessage() for record in caplog.records if record.exc_info]
    found = [int(status) for status in re.findall(rb"^HTTP/1\.1 (\d{3}) ", answer, re.MULTILINE)]
    assert found or answer == b"", answer[:500]
    return found


async def test_what_is_nowhere_is_not_found(
    serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    for target in NOWHERE:
        for method in (b"GET", b"POST", b"DELETE"):
            sent = get(target, b"Content-Length: 0\r\n", method)
            [status] = await statuses(serving, sent, caplog)
            assert status in {400, 404, 405, 414}, (method, target[:40])


async def test_whatever_is_sent_gets_a_proper_answer(
    serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    for name, (sent, proper) in ABSURD.items():
        [status] = await statuses(serving, sent, caplog)
        assert status in proper, name


@pytest.mark.parametrize("end", [b" HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n", b""])
async def test_ten_megabytes_of_a_path_are_not_read(
    serving: Serving, end: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    found = await statuses(serving, b"GET /" + b"a" * 10_000_000 + end, caplog)
    assert found in ([], [414], [431]), "a reset may overtake the answer while the client sends"


async def test_who_trusts_a_length_gets_no_second_answer(
    serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    """What looks like a second request in a body is none (CWE-444)."""
    inner = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    chunked = b"Transfer-Encoding: chunked\r\n"
    for more in (chunked + b"Content-Length: 5\r\n", b"Content-Length: 5\r\n" + chunked):
        sent = get(b"/en/", more, b"POST") + b"0\r\n\r\n" + inner
        assert len(await statuses(serving, sent, caplog)) == 1
