"""What does a visitor see at this address, right now?

Raw ASGI in front of the application: every GET and HEAD of a page that lies in memory,
and ``/notice/…`` and ``/gate/…`` by any method, are answered here. No database, no
template and no framework is asked, so they are answered also when all of those are in
trouble. Everything else is the application's, whose answers get the security headers
that they do not set themselves.

What most visitors ask, a page by GET or HEAD, does not even need ASGI: the connection asks
``ready`` and writes the bytes itself (``shortcut``).

A gate of which nothing is known yet stands open: not knowing is no reason to take
somebody's site down.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from statuspage.answers import (
    Answer,
    Policy,
    empty_answer,
    encoded,
    json_answer,
    problem_answer,
    security_headers,
)
from statuspage.archive import Archive
from statuspage.choices import Choices, wishes_in
from statuspage.memory import Memory
from statuspage.metrics import Metrics
from statuspage.ready import Ready, chosen

READING = frozenset({"GET", "HEAD"})
RETRY_S = 30
"""Where no promise stands, or it is overdue: then a second would only be a stampede."""
LONGEST_RETRY_S = 120

NEVER_PAGES = ("/api/v1/", "/subscriptions/", "/unsubscribe/")
"""Below these the application knows by itself what there is."""


class Visitors:
    """The outermost ASGI application; ``clock`` answers the time in UTC."""

    def __init__(
        self,
        memory: Memory,
        app: ASGIApp,
        *,
        clock: Callable[[], datetime],
        policy: Policy,
        metrics: Metrics,
        archive: Archive | None = None,
    ) -> None:
        self._memory, self._app, self._clock = memory, app, clock
        self._policy, self._metrics, self._archive = policy, metrics, archive
        self.ready = Ready(memory, policy, metrics)
        self._fixed = _Fixed(policy)
        self._security = encoded(security_headers(policy.page_csp, policy))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        answer = self._answer(scope)
        if answer is None and self._archive is not None:
            answer = await self._of_the_past(scope, self._archive)
        if answer is None:
            return await self._app(scope, receive, self._with_security(self._not_yet(scope, send)))
        return await self._send(scope, answer, send)

    def _answer(self, scope: Scope) -> Answer | None:
        path, method = scope["path"], scope["method"]
        if path.startswith("/gate/"):
            return self._gate(path[6:], scope)
        if path.startswith("/notice/"):
            return self._notice(path[8:], scope)
        variants = self._memory.pages.get(path)
        if variants is None:
            return self._beside(path, method)
        if method in READING:
            return self.ready.answer(path, variants, scope["headers"])
        return None if path in self._policy.forms else self._not_read(path, method)

    async def _of_the_past(self, scope: Scope, archive: Archive) -> Answer | None:
        """A page that lies in the archive; waiting for the disk is a thread's."""
        path = scope["path"]
        variants = archive.at_hand(path.removesuffix("/"))
        if variants is None:
            variants = await asyncio.to_thread(archive.find, path.removesuffix("/"))
        if not variants:
            return None
        if scope["method"] not in READING:
            return self._not_read(path, scope["method"])
        if path.endswith("/"):
            return empty_answer(308, self._policy, {"location": quote(path[:-1])})
        return Choices(variants, self._policy).choose(wishes_in(scope["headers"]))

    def _gate(self, component: str, scope: Scope) -> Answer:
        memory = self._memory
        if component not in memory.gates and memory.pages:
            return self._fixed.unknown
        if component not in memory.shut_gates:
            return self._fixed.open
        if b"deny=403" in scope["query_string"].split(b"&"):
            return self._fixed.denied
        return self._notice(component, scope)

    def _notice(self, component: str, scope: Scope) -> Answer:
        path = f"/notice/{component}"
        variants = self._memory.pages.get(path)
        if variants is not None and component in self._memory.gates:
            return self.ready.answer(path, variants, scope["headers"])
        # before the first pages, or for a component as new as that: at least a true status
        nothing_yet = not self._memory.pages or component in self._memory.gates
        return self._fixed.wordless if nothing_yet else self._fixed.unknown

    def _beside(self, path: str, method: str) -> Answer | None:
        """What is no page and yet not the application's."""
        if path == "/healthz":
            return self._fixed.alive if method in READING else self._fixed.only_read
        if method == "OPTIONS" and path.startswith("/api/v2/"):
            return self._fixed.preflight
        turned = path[:-1] if path.endswith("/") else f"{path}/"
        if method in READING and turned in self._memory.pages:
            return empty_answer(308, self._policy, {"location": quote(turned)})
        return None

    def _not_read(self, path: str, method: str) -> Answer:
        if method != "OPTIONS":
            return self._fixed.only_read
        return self._fixed.preflight if path.startswith("/api/v2/") else self._fixed.options

    async def _send(self, scope: Scope, answer: Answer, send: Send) -> None:
        status, headers, body = answer.status, answer.head.headers, answer.body
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers = (*headers, (b"retry-after", self._retry_after(answer.retry_until)))
        elif answer.unchanged is not None:
            head, body = chosen(answer, answer.unchanged, scope["headers"])
            status, headers = head.status, head.headers
        if scope["method"] == "HEAD":
            body = b""
        self._metrics.page_requested(status)
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _retry_after(self, until: datetime | None) -> bytes:
        left_s = 0 if until is None else math.ceil((until - self._clock()).total_seconds())
        return b"%d" % min(left_s if left_s > 0 else RETRY_S, LONGEST_RETRY_S)

    def _not_yet(self, scope: Scope, send: Send) -> Send:
        """Before the first pages are there nobody knows which there will be: a 404 would be taken
        for the truth, and be kept by caches and crawlers.
        """
        is_page = scope["method"] in READING and not scope["path"].startswith(NEVER_PAGES)
        if self._memory.pages or not is_page:
            return send
        is_absent = False

        async def sending(message: Message) -> None:
            nonlocal is_absent
            if message.get("status") == HTTPStatus.NOT_FOUND:
                is_absent = True
                await self._send(scope, self._fixed.wordless, send)
            elif not is_absent:
                await send(message)

        return sending

    def _with_security(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                told = {name.lower() for name, _ in headers}
                headers += [field for field in self._security if field[0] not in told]
                message = {**message, "headers": headers}
            await send(message)

        return sending


class _Fixed:
    """Answers that never change."""

    def __init__(self, policy: Policy) -> None:
        allow = {"allow": "GET, HEAD, OPTIONS"}
        cors = {
            "access-control-allow-origin": "*",
            "access-control-allow-methods": "GET, HEAD, OPTIONS",
            "access-control-allow-headers": "*",
            "access-control-max-age": "86400",
        }
        self.alive = json_answer(200, {"status": "ok"}, policy)
        self.open = empty_answer(204, policy)
        self.denied = empty_answer(403, policy)
        self.options = empty_answer(204, policy, allow)
        self.preflight = empty_answer(204, policy, allow | cors)
        self.unknown = problem_answer(
            HTTPStatus.NOT_FOUND, "There is no such component here.", policy
        )
        self.only_read = problem_answer(
            HTTPStatus.METHOD_NOT_ALLOWED, "This page can only be read.", policy, allow
        )
        self.wordless = problem_answer(
            HTTPStatus.SERVICE_UNAVAILABLE, "Please try again in a moment.", policy
        )
