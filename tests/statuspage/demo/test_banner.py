"""Does the front page, and only it, lead to the demo?"""

from __future__ import annotations

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from statuspage.demo.banner import Banner

PAGE = "<html><body><main><h1>Tutto funziona.</h1></main></body></html>"


async def asked(path: str, accept_type: str = "text/html", method: str = "GET") -> httpx.Response:
    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        seen = Request(scope).headers
        headers = {
            "content-language": "it",
            "etag": '"1"',
            "x-coding": seen.get("accept-encoding", "none"),
        }
        await Response(PAGE, media_type=accept_type, headers=headers)(scope, receive, send)

    transport = httpx.ASGITransport(app=Banner(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.request(method, path)


async def test_the_front_page_has_the_link_in_its_language() -> None:
    answer = await asked("/it/")
    assert '<a href="/demo" lang="it">' in answer.text
    assert "<h1>Tutto funziona.</h1>" in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "etag" not in answer.headers, "the bytes are not those that it names"
    assert answer.headers["x-coding"] == "none", "nothing compressed can be added to"


@pytest.mark.parametrize(
    ("path", "media_type", "method"),
    [
        ("/history", "text/html", "GET"),
        ("/notice/shop", "text/html", "GET"),
        ("/", "text/plain", "GET"),
        ("/", "text/html", "POST"),
    ],
)
async def test_everything_else_is_as_it_was(path: str, media_type: str, method: str) -> None:
    assert (await asked(path, media_type, method)).text == PAGE
