"""Who visits the page in a real browser, and what are they shown?

Served as in production, by ``Visitors`` with the policy that the pages state.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page
from starlette.responses import HTMLResponse
from starlette.types import Message, Receive, Scope, Send

from statuspage.answers import Policy
from statuspage.memory import Memory
from statuspage.metrics import new_metrics
from statuspage.pages import policy, render
from statuspage.pages.forms import FORMS, form_page
from statuspage.rules.board import Board
from statuspage.visitors import Visitors
from tests.statuspage.pages.boards import CODES, NOW, SITE
from tests.statuspage.pages.test_forms import VALUES
from tests.statuspage.serving import Serving, served


class Site:
    """A status page on loopback that shows a board; its forms say that they were taken."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.serving: Serving | None = None
        self.asked: list[str] = []
        self.answered: list[tuple[str, int]] = []
        self.visitors = Visitors(
            self.memory,
            self.take,
            clock=lambda: NOW,
            policy=Policy(site_url=SITE.url, page_csp=policy(SITE.dress)),
            metrics=new_metrics(),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.answered.append((scope["path"], message["status"]))
            await send(message)

        if scope["type"] == "http":
            self.asked.append(scope["path"])
        await self.visitors(scope, receive, noting)

    async def take(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            name = scope["path"].rpartition("/")[2]
            values = {key: VALUES[key] for key in FORMS.get(name, ())}
            body = form_page(name if name in FORMS else "subscribe_sent", "en", SITE, **values)
            await HTMLResponse(body)(scope, receive, send)

    @property
    def url(self) -> str:
        assert self.serving
        return self.serving.url

    async def show(self, board: Board) -> None:
        revision = self.memory.revision + 1
        await self.memory.replace(
            render(board, CODES).pages,
            gates=frozenset(part.id for part in board.components),
            shut_gates=frozenset(),
            revision=revision,
        )


@asynccontextmanager
async def open_site() -> AsyncIterator[Site]:
    made = Site()
    async with served(made) as serving:
        made.serving = serving
        yield made


@asynccontextmanager
async def visitor(browser: Browser, **context: Any) -> AsyncIterator[Page]:
    """A visitor's window; whatever its console has to complain of fails the test."""
    own = await browser.new_context(**context)
    # a board is shown in place of another at once: routing switches the browser's cache off
    await own.route("**/*", lambda route: route.continue_())
    window, complaints = await own.new_page(), list[str]()
    window.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
    window.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield window
    finally:
        await own.close()
    # the notice's own 503 is what it is there for
    assert [one for one in complaints if "503" not in one] == []
