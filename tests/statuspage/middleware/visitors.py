"""How does a visitor ask an application that no server runs?"""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

Ask = Callable[..., httpx.Response]
"""`ask("/basket", "POST", headers=…)`; without words, the front page."""


def by_asgi(app: Any) -> Ask:
    """Each request in a loop of its own."""
    transport = httpx.ASGITransport(app)

    def ask(path: str = "/", method: str = "GET", **more: Any) -> httpx.Response:
        async def go() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                return await client.request(method, path, **more)

        return asyncio.run(go())

    return ask


def by_wsgi(app: Any) -> Ask:
    """Each request in the test's own thread."""
    client = httpx.Client(transport=httpx.WSGITransport(app), base_url="http://shop")
    return lambda path="/", method="GET", **more: client.request(method, path, **more)
