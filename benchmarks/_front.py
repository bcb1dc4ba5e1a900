"""Who answers in the benchmark of pages? Avviso's front door, or nothing but the same bytes.

    python -m benchmarks._front avviso|bare PORT CORE

Both run under uvicorn as `avviso serve` has it. ``bare`` knows one answer.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Server

from benchmarks._machine import run, stay_on
from statuspage.app import build
from statuspage.database import Store
from statuspage.listening import serve_config
from statuspage.memory import Memory
from statuspage.metrics import new_metrics
from statuspage.nudges import Nudges
from statuspage.pages import render
from statuspage.premises import Premises
from statuspage.room import raise_file_limit
from statuspage.settings import loads
from tests.statuspage.pages.boards import CODES, OUTAGE

CONFIGURATION = """
[site]
name = "Acme"
url = "https://status.acme.example"
[[components]]
id = "shop"
name = "Shop"
"""


class Bare:
    """The page's bytes and headers, whatever is asked."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


async def avviso() -> tuple[ASGIApp, bytes]:
    """The whole application, with the pages of an outage in its memory; and ``/`` as it is."""
    folder = Path(tempfile.gettempdir())
    premises = Premises(
        settings=loads(CONFIGURATION, {}, folder / "avviso.toml"),
        store=Store(f"sqlite:///{folder / 'never-opened.db'}"),
        clock=lambda: datetime.now(UTC),
        nudges=Nudges(),
        memory=Memory(),
        metrics=new_metrics(),
    )
    pages = render(OUTAGE, CODES).pages
    shut: frozenset[str] = frozenset()
    await premises.memory.replace(pages, gates=shut, shut_gates=shut, revision=1)
    return build(premises), next(page.body for page in pages if page.path == "/")


async def serve(which: str, listener: socket.socket) -> None:
    app, body = await avviso()
    chosen = app if which == "avviso" else Bare(body)
    raise_file_limit()
    server = Server(serve_config(chosen, "127.0.0.1", 0))
    await server.serve(sockets=[listener])


def start(which: str, port: int, core: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "benchmarks._front", which, str(port), str(core)]
    return subprocess.Popen(command)


if __name__ == "__main__":
    stay_on(int(sys.argv[3]))
    with socket.create_server(("127.0.0.1", int(sys.argv[2])), backlog=1024) as bound:
        run(serve(sys.argv[1], bound))
