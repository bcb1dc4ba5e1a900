"""What do the operators' own systems hear? A hook that keeps what was posted to it, and when."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self

from tests.servers.ports import free_port


@dataclass(frozen=True)
class Heard:
    """One call: its body, and `time.monotonic()` when it came."""

    body: dict[str, Any]
    at: float

    @property
    def occasion(self) -> str:
        """`opened`, `again`, `recovered`, …"""
        return str(self.body["type"]).removeprefix("operators.")

    @property
    def text(self) -> str:
        return str(self.body["text"])

    def command(self, purpose: str) -> dict[str, str]:
        """The ready lines (`avviso`, `curl`) for what one wants to do."""
        lines: list[dict[str, str]] = self.body["data"]["commands"]
        return next(line for line in lines if purpose in line["purpose"])


@dataclass
class Hook:
    """An HTTP server in a thread; a context manager starts and ends it."""

    port: int = field(default_factory=free_port)
    heard: list[Heard] = field(default_factory=list)
    hears: threading.Event = field(default_factory=threading.Event)
    """Cleared, it takes calls in and answers none, until it is set again."""
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/avviso"

    def of(self, occasion: str) -> list[Heard]:
        """The calls for one occasion, oldest first."""
        return [one for one in self.heard if one.occasion == occasion]

    def __enter__(self) -> Self:
        self.hears.set()
        caller = type("_Caller", (_Caller,), {"heard": self.heard, "hears": self.hears})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), caller)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self.hears.set()
        self._server.shutdown()
        self._server.server_close()


class _Caller(BaseHTTPRequestHandler):
    heard: ClassVar[list[Heard]]
    hears: ClassVar[threading.Event]

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        if not self.hears.is_set():
            self.hears.wait(60)
            return
        self.heard.append(Heard(json.loads(self.rfile.read(length)), time.monotonic()))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Nothing is logged."""
