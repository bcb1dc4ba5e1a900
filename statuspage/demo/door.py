"""What does a visitor of the shop see, whatever has become of the shop?

This stands for the nginx or the balancer of a real site, and does by hand what two lines
of its configuration do there: ask Avviso's gate before each request (``auth_request``),
and show Avviso's notice when the gate is shut, or when the shop is gone or gives up
(``error_page 502 503 504``). It fails open: without an answer from Avviso in a moment, the
shop is asked as if nothing were.

Run as ``python -m statuspage.demo.door PORT PORT_OF_THE_SHOP PORT_OF_AVVISO PARENT``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from statuspage.demo.lifeline import die_with

COMPONENT = "shop"
GATE_PATIENCE_S = 0.3
SHOP_PATIENCE_S = 2.0
NOTICE_PATIENCE_S = 1.0
LARGEST_BODY = 65_536
GIVEN_UP = (502, 503, 504)
ASKED = ("accept", "accept-language", "content-type", "cookie", "if-none-match")
TOLD = (
    *("content-type", "content-language", "content-security-policy", "cache-control", "vary"),
    *("location", "retry-after", "set-cookie"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody behind the door said; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


LAST_RESORT = Answer(
    HTTPStatus.SERVICE_UNAVAILABLE,
    {"content-type": "text/plain; charset=utf-8", "retry-after": "30", "cache-control": "no-store"},
    b"We are away for a moment. Please try again soon.\n",
)


class Door(BaseHTTPRequestHandler):
    """One request of a visitor."""

    shop: int
    avviso: int

    def do_GET(self) -> None:
        """Whatever is asked for is the shop's to answer, if it can."""
        body = self._body()
        answer = None if self._gate_is_shut() else self._asked_shop(body)
        if answer is None or answer.status in GIVEN_UP:
            answer = self._notice()
        self.send_response(answer.status)
        for name in TOLD:
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_POST = do_HEAD = do_GET  # noqa: N815

    def _gate_is_shut(self) -> bool:
        gate = _ask(self.avviso, "GET", f"/gate/{COMPONENT}?deny=403", GATE_PATIENCE_S)
        return gate is not None and gate.status == HTTPStatus.FORBIDDEN

    def _asked_shop(self, body: bytes) -> Answer | None:
        return _ask(self.shop, self.command, self.path, SHOP_PATIENCE_S, self._asked(), body)

    def _notice(self) -> Answer:
        notice = _ask(self.avviso, "GET", f"/notice/{COMPONENT}", NOTICE_PATIENCE_S, self._asked())
        return notice or LAST_RESORT

    def _asked(self) -> dict[str, str]:
        return {name: self.headers[name] for name in ASKED if name in self.headers}

    def _body(self) -> bytes:
        length = int(self.headers.get("content-length") or 0)
        return self.rfile.read(min(length, LARGEST_BODY))

    def log_message(self, *_: object) -> None:
        """The demo's terminal belongs to Avviso."""


def _ask(
    port: int,
    method: str,
    path: str,
    patience_s: float,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answer | None:
    """What a server on this machine answers; None when it does not, in time or at all."""
    connection = HTTPConnection("127.0.0.1", port, timeout=patience_s)
    try:
        connection.request(method, path, body or None, dict(headers or {}))
        response = connection.getresponse()
        told = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, told, response.read())
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def main(port: int, shop: int, avviso: int) -> None:
    """Serve on a port of 127.0.0.1 until killed."""
    Door.shop, Door.avviso = shop, avviso
    ThreadingHTTPServer(("127.0.0.1", port), Door).serve_forever()


if __name__ == "__main__":
    die_with(int(sys.argv[4]))
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
