"""What does a visitor of the shop get, whatever has become of the shop or of Avviso?"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from statuspage.demo.door import Door
from statuspage.demo.ports import free_port

SHOP, NOTICE, ORDINARY, LAST = b"goods", b"we know", b"the shop's own 500", b"We are away"
OPEN = {"/gate/shop?deny=403": (204, b""), "/notice/shop": (503, NOTICE)}
SHUT = {"/gate/shop?deny=403": (403, b""), "/notice/shop": (503, NOTICE)}

Answers = Mapping[str, tuple[int, bytes]]


@contextmanager
def served(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def answering(answers: Answers | None) -> Iterator[tuple[int, list[str]]]:
    """A server with these answers, and what it was asked; None: nobody listens."""
    asked: list[str] = []
    if answers is None:
        yield free_port(), asked
        return
    known = answers

    class Fixed(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            status, body = known.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("Retry-After", "7")
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with served(Fixed) as port:
        yield port, asked


@pytest.mark.parametrize(
    ("shop", "avviso", "status", "body", "shop_is_asked"),
    [
        ({"/": (200, SHOP)}, OPEN, 200, SHOP, True),
        ({"/": (500, ORDINARY)}, OPEN, 500, ORDINARY, True),
        ({"/": (503, b"busy")}, OPEN, 503, NOTICE, True),
        (None, OPEN, 503, NOTICE, False),
        ({"/": (200, SHOP)}, SHUT, 503, NOTICE, False),
        ({"/": (200, SHOP)}, None, 200, SHOP, True),
        ({"/": (200, SHOP)}, {"/gate/shop?deny=403": (500, b"")}, 200, SHOP, True),
        (None, None, 503, LAST, False),
    ],
    ids=[
        "all well",
        "an ordinary error is the shop's own",
        "the shop gives up",
        "the shop is gone",
        "the gate is shut",
        "without Avviso the door stands open",
        "an Avviso in trouble lets everybody in",
        "everything is gone",
    ],
)
def test_door(
    shop: Answers | None, avviso: Answers | None, status: int, body: bytes, shop_is_asked: bool
) -> None:
    with answering(shop) as (shop_port, asked), answering(avviso) as (avviso_port, _):
        ours = type("Ours", (Door,), {"shop": shop_port, "avviso": avviso_port})
        with served(ours) as port:
            answer = httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
    assert (answer.status_code, answer.content[: len(body)]) == (status, body)
    assert bool(asked) is shop_is_asked
    if status == 503:
        assert int(answer.headers["retry-after"]) > 0
