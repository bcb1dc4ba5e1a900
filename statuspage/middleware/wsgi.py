"""How does a WSGI application (PEP 3333) show the notice in its own place?"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from statuspage.middleware.gate import WISHES, Gate
from statuspage.middleware.notice import Notice
from statuspage.middleware.remembered import log

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class WsgiGate:
    """A WSGI application that is ``app`` while the gate is open; parameters as of ``AsgiGate``."""

    def __init__(
        self,
        app: WSGIApplication,
        *,
        gate: str,
        spare: Iterable[str],
        shut_while: str | Path | None = None,
    ) -> None:
        self._app, self._gate = app, Gate(gate, spare, shut_while)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        notice = self._notice(environ)
        if notice is None:
            return self._app(environ, start_response)
        start_response("503 Service Unavailable", list(notice.fields))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [notice.body]

    def _notice(self, environ: WSGIEnvironment) -> Notice | None:
        try:
            return self._gate.now(environ.get("PATH_INFO", ""), _wishes(environ))
        except Exception:  # noqa: BLE001  the application must not suffer by a mistake of ours
            log.exception("the gate counts as open")
            return None


def _wishes(environ: WSGIEnvironment) -> dict[str, str]:
    keys = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in WISHES}
    return {name: environ[key] for name, key in keys.items() if key in environ}
