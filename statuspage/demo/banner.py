"""How does a newcomer on the status page find the demo?

By one line at the top of the front page, which only the demo adds, on the way out. The
page's own bytes stay those of every installation. What was asked with a validator or a
coding is asked without, since the bytes change.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FRONT = frozenset({"/", "/en/", "/it/"})
_WORDS = {
    b"it": '<a href="/demo" lang="it">Questa è una dimostrazione: rompa il negozio e guardi</a>',
    b"en": '<a href="/demo" lang="en">This is a demo: break the shop, and watch</a>',
}
_PLACE = b"<main>"
_LEFT_OUT = frozenset({b"accept-encoding", b"if-none-match"})
_NO_LONGER_TRUE = frozenset({b"content-length", b"etag"})


class Banner:
    """The application with the line on its front page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in FRONT:
            return await self._app(scope, receive, send)
        asked = [field for field in scope["headers"] if field[0] not in _LEFT_OUT]
        return await self._app({**scope, "headers": asked}, receive, _Adding(send))


class _Adding:
    """Holds the answer back until it is whole, and adds the line to a page of HTML."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._send_all()

    async def _send_all(self) -> None:
        fields = dict(self._start["headers"])
        if fields.get(b"content-type", b"").startswith(b"text/html"):
            words = _WORDS.get(fields.get(b"content-language", b""), _WORDS[b"en"])
            line = f'<p class="again">{words}</p>'.encode()
            self._body = self._body.replace(_PLACE, _PLACE + line, 1)
        headers = [field for field in self._start["headers"] if field[0] not in _NO_LONGER_TRUE] + [
            (b"content-length", b"%d" % len(self._body))
        ]
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": self._body})
