"""What does a program get that fetches a feed or the calendar again and again?"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from statuspage.answers import Policy
from statuspage.memory import Memory
from statuspage.metrics import new_metrics
from statuspage.pages import render
from statuspage.visitors import Visitors
from tests.servers.nginx import Nginx
from tests.servers.plain import TRUSTING_NOBODY
from tests.statuspage.pages.boards import CODES, NOW, PLANNED
from tests.statuspage.serving import served

KINDS = {
    "/history.atom": "application/atom+xml",
    "/history.rss": "application/rss+xml",
    "/maintenance.ics": "text/calendar; charset=utf-8",
    "/it/history.atom": "application/atom+xml",
    "/it/maintenance.ics": "text/calendar; charset=utf-8",
}


async def nothing_else(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError(f"the application was asked for {scope['path']}")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    memory = Memory()
    await memory.replace(
        render(PLANNED, CODES).pages, gates=frozenset(), shut_gates=frozenset(), revision=1
    )
    policy = Policy(site_url="https://status.acme.example")
    door = Visitors(memory, nothing_else, clock=lambda: NOW, policy=policy, metrics=new_metrics())
    async with (
        served(door) as serving,
        httpx.AsyncClient(base_url=serving.url, trust_env=False, verify=TRUSTING_NOBODY) as asking,
    ):
        yield asking


@pytest.mark.parametrize("path", KINDS)
async def test_it_comes_from_memory_like_a_page_and_a_good_copy_costs_nothing(
    client: httpx.AsyncClient, path: str
) -> None:
    got = await client.get(path)
    assert (got.status_code, got.headers["content-type"]) == (200, KINDS[path])
    assert got.headers["content-encoding"] in {"gzip", "br", "zstd"}
    assert got.headers["cache-control"].startswith("public, max-age=5,")
    assert got.headers["last-modified"].endswith(" GMT")
    assert got.headers["access-control-allow-origin"] == "*"
    assert got.headers["content-language"] == ("it" if path.startswith("/it/") else "en")
    same = await client.get(path, headers={"If-None-Match": got.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["last-modified"] == got.headers["last-modified"]
    head = await client.head(path)
    assert (head.content, head.headers["etag"]) == (b"", got.headers["etag"])
    assert head.headers["content-length"] == got.headers["content-length"]


@pytest.mark.parametrize("path", KINDS)
async def test_a_reader_that_knows_the_time_alone_is_spared_too(
    client: httpx.AsyncClient, path: str
) -> None:
    got = await client.get(path)
    last = {"If-Modified-Since": got.headers["last-modified"]}
    same = await client.get(path, headers=last)
    assert (same.status_code, same.content) == (304, b"")
    for since in ("Sun, 06 Nov 1994 08:49:37 GMT", "yesterday", "Mon, 99 Foo 2026 25:00:00"):
        assert (await client.get(path, headers={"If-Modified-Since": since})).status_code == 200
    other = last | {"If-None-Match": '"another"'}
    assert (await client.get(path, headers=other)).status_code == 200, "a tag says more"


@pytest.mark.parametrize("accept", ["text/html", "application/json", "image/png"])
async def test_whatever_a_program_says_it_likes_it_gets_the_feed(
    client: httpx.AsyncClient, accept: str
) -> None:
    got = await client.get("/history.atom", headers={"Accept": accept, "Accept-Language": "it"})
    assert (got.status_code, got.headers["content-type"]) == (200, "application/atom+xml")
    assert got.headers["content-language"] == "en"


def test_as_a_plain_file_a_feed_keeps_its_kind(nginx: Nginx) -> None:
    """Its address ends so that a web server knows it."""
    for page in render(PLANNED, CODES).pages:
        if page.path in ("/history.atom", "/history.rss"):
            nginx.write(page.path[1:], page.body.decode())
    nginx.configure(f"root {nginx.folder};", "include /etc/nginx/mime.types;")
    for path in ("/history.atom", "/history.rss"):
        got = httpx.get(nginx.dsn + path, trust_env=False, verify=TRUSTING_NOBODY)
        assert (got.status_code, got.headers["content-type"]) == (200, KINDS[path])
