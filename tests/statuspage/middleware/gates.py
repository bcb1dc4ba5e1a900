"""What can stand where a gate should: a real HTTP server that answers as a test says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, Mapping[str, str], bytes]
NOTICE = "We know, and are working on it."
NOTICE_FIELDS = {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Language": "en",
    "Cache-Control": "no-store",
    "Retry-After": "42",
    "Vary": "Accept, Accept-Language",
    "Content-Security-Policy": "default-src 'none'",
    "Strict-Transport-Security": "max-age=1",
    "Set-Cookie": "of=the-status-page",
}
DENIED: Answer = (403, {"Content-Length": "0"}, b"")
OPEN: Answer = (204, {}, b"")


@dataclass
class StandIn:
    """`gate` and `notice` are what is answered; `asked` is what came: path, and the headers."""

    gate: Answer = DENIED
    notice: Answer = (503, NOTICE_FIELDS, NOTICE.encode())
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    hold: threading.Event | None = None
    url: str = ""

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@contextmanager
def stand_in() -> Iterator[StandIn]:
    told = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append((self.path, dict(self.headers.items())))
            if told.hold is not None:
                told.hold.wait(30)
            status, fields, body = told.gate if "/gate/" in self.path else told.notice
            self.send_response(status)
            for name, value in fields.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        told.url = f"http://127.0.0.1:{server.server_port}/gate/shop"
        try:
            yield told
        finally:
            if told.hold is not None:
                told.hold.set()
            server.shutdown()
            thread.join()


def until(condition: Callable[[], bool], within: float = 20.0) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be so"
        time.sleep(0.02)
