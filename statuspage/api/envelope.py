"""What holds for every request and every answer, whichever door it is for?

No body is larger than 256 KiB, whether its length is told or it comes in chunks, but where a
door takes more and counts for itself; and no answer goes out without the security headers, or
into a cache, unless a door says so itself. Raw ASGI, so that it holds for errors of the
framework too.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from statuspage.answers import NOTHING_CSP, Policy, security_headers
from statuspage.api import problems

MOST_BYTES = 256 * 1024


class Envelope:
    """An ASGI middleware. ``large``: paths that take more, and how many bytes."""

    def __init__(
        self,
        app: ASGIApp,
        policy: Policy,
        most_bytes: int = MOST_BYTES,
        large: Mapping[str, int] | None = None,
    ) -> None:
        self.app, self.most_bytes, self.large = app, most_bytes, large or {}
        fields = {"cache-control": "no-store", **security_headers(NOTHING_CSP, policy)}
        self.headers = [(name.encode(), value.encode()) for name, value in fields.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        told = self._telling(send)
        most = self.large.get(scope["path"], self.most_bytes)
        if _told_length(scope) > most:
            refused = problems.answer(413, "Content Too Large", problems.too_large(most))
            await refused(scope, receive, told)
            return
        counted = receive if scope["path"] in self.large else self._counting(receive)
        await self.app(scope, counted, told)

    def _counting(self, receive: Receive) -> Receive:
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self.most_bytes:
                raise HTTPException(413)
            return message

        return counted

    def _telling(self, send: Send) -> Send:
        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                more = [pair for pair in self.headers if pair[0] not in present]
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        return told


def _told_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value[:20])
    return 0
