"""How does an ASGI application show the notice in its own place?

Only requests (scope ``http``) are looked at: what opens a websocket or the application itself
is passed on as it came.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from pathlib import Path
from typing import Any

from statuspage.middleware.gate import WISHES, Gate
from statuspage.middleware.notice import Notice
from statuspage.middleware.remembered import log

# as the ASGI specification has them; Starlette's own names are not imported
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class AsgiGate:
    """An ASGI application that is ``app`` while the gate is open.

    :param gate: ``https://status.acme.example/gate/ID``
    :param spare: paths that are always ``app``'s, with all that lies below them: at least those
        that Avviso's own checks ask, or a gate once shut would never open
    :param shut_while: a file; while it is there the gate is shut, whatever Avviso says
    :raises ValueError: if one of these cannot be meant
    """

    def __init__(
        self, app: App, *, gate: str, spare: Iterable[str], shut_while: str | Path | None = None
    ) -> None:
        self._app, self._gate = app, Gate(gate, spare, shut_while)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        notice = await self._notice(scope) if scope["type"] == "http" else None
        if notice is None:
            return await self._app(scope, receive, send)
        return await _answer(notice, scope["method"], send)

    async def _notice(self, scope: Scope) -> Notice | None:
        try:
            return await self._gate.soon(scope["path"], _wishes(scope["headers"]))
        except Exception:  # noqa: BLE001  the application must not suffer by a mistake of ours
            log.exception("the gate counts as open")
            return None


def _wishes(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    named = ((name.decode("latin-1").lower(), value) for name, value in headers)
    return {name: value.decode("latin-1") for name, value in named if name in WISHES}


async def _answer(notice: Notice, method: str, send: Send) -> None:
    fields = [(name.encode(), value.encode("latin-1")) for name, value in notice.fields]
    await send({"type": "http.response.start", "status": 503, "headers": fields})
    body = b"" if method == "HEAD" else notice.body
    await send({"type": "http.response.body", "body": body})
